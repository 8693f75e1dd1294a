"""The cut line: an exact, rounded offset in one piece without holes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stickers.printing.artwork.border import CutLine, cut_line
from stickers.printing.geometry.silhouette import Plane


def field_of(distance: Plane) -> Plane:
    """A field whose 0.5 line is where `distance` (negative inside) is 0."""
    return np.clip(0.5 - distance, 0, 1).astype(np.float32)


def circle(shape: tuple[int, int], x: float, y: float, radius: float) -> Plane:
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]]
    return (np.hypot(columns - x, rows - y) - radius).astype(np.float32)


def parts_of(cut: CutLine) -> int:
    return cv2.connectedComponents((cut.distance_px <= 0).astype(np.uint8), connectivity=4)[0] - 1


def holes_of(cut: CutLine) -> int:
    return cv2.connectedComponents(np.pad(cut.distance_px > 0, 1, constant_values=True).astype(np.uint8))[0] - 2


def test_it_works() -> None:
    art = circle((200, 200), 99.3, 100.6, 50)
    cut = cut_line(field_of(art), 20, 10)
    near = np.abs(cut.distance_px) < 2
    assert np.abs(cut.distance_px - (art - 20))[near].max() < 0.1
    assert cut.bridges_px == ()


@pytest.mark.parametrize("slope", [0.0, 0.02, 0.1, 0.37, 1.0])
def test_a_straight_edge_stays_straight(slope: float) -> None:
    rows, columns = np.mgrid[0:200, 0:300].astype(np.float32)
    edge = ((columns - 150) * slope + 80 - rows) / np.hypot(1, slope)
    art = np.maximum(np.maximum(edge, rows - 150), np.maximum(110 - columns, columns - 190))
    cut = cut_line(field_of(art), 24, 12)
    middle = (columns >= 130) & (columns < 170)
    near = middle & (np.abs(edge - 24) < 2)
    assert np.abs(cut.distance_px - (edge - 24))[near].max() < 0.1


def test_holes_are_filled_without_a_trace() -> None:
    ring = np.maximum(circle((200, 200), 100, 100, 70), -circle((200, 200), 100, 100, 40))
    cut = cut_line(field_of(ring), 10, 5)
    assert holes_of(cut) == 0
    assert (cut.distance_px[circle((200, 200), 100, 100, 75) < 0] < -0.5).all()


def test_loose_parts_are_joined_by_one_wide_bridge() -> None:
    shape = (200, 400)
    apart = np.minimum(circle(shape, 80, 100, 40), circle(shape, 320, 100, 30))
    cut = cut_line(field_of(apart), 12, 6)
    assert parts_of(cut) == 1
    assert cut.bridges_px == (pytest.approx(170, abs=1),)
    across = np.count_nonzero(cut.distance_px[:, 200] <= 0)
    assert across == pytest.approx(24, abs=1)


def test_near_parts_meet_without_a_bridge() -> None:
    shape = (160, 240)
    near = np.minimum(circle(shape, 80, 80, 30), circle(shape, 150, 80, 30))
    cut = cut_line(field_of(near), 12, 6)
    assert parts_of(cut) == 1
    assert cut.bridges_px == ()


def test_confetti_becomes_one_piece() -> None:
    shape = (400, 400)
    dots = np.full(shape, 1e3, np.float32)
    for x in range(60, 360, 40):
        for y in range(60, 360, 40):
            dots = np.minimum(dots, circle(shape, x, y, 3))
    cut = cut_line(field_of(dots), 4, 3)
    assert parts_of(cut) == 1
    assert len(cut.bridges_px) == 63


def test_inward_corners_are_rounded() -> None:
    rows, columns = np.mgrid[0:200, 0:200].astype(np.float32)
    corner = np.minimum(
        np.maximum(columns - 100, np.abs(rows - 100) - 60), np.maximum(rows - 100, np.abs(columns - 100) - 60)
    )
    art = np.maximum(corner, np.maximum(40 - columns, 40 - rows))
    sharp, rounded = (cut_line(field_of(art), 10, rounding) for rounding in (0, 10))
    assert sharp.distance_px[115, 115] > 0
    assert rounded.distance_px[113, 113] < 0  # (√2 - 1) · 10 px deeper than the sharp corner at 110
    assert rounded.distance_px[114, 114] > 0


@settings(max_examples=25, deadline=None)
@given(
    dots=st.lists(st.tuples(st.floats(55, 145), st.floats(55, 145), st.floats(0.8, 15)), min_size=1, max_size=6),
    border_px=st.floats(3, 20),
)
def test_every_shape_gets_its_whole_border_in_one_piece(
    dots: list[tuple[float, float, float]], border_px: float
) -> None:
    shape = (200, 200)
    art = np.min([circle(shape, *dot) for dot in dots], axis=0).astype(np.float32)
    cut = cut_line(field_of(art), border_px, 12)
    assert parts_of(cut) == 1
    assert holes_of(cut) == 0
    # nowhere nearer than the border; beyond the hull of art and border nothing is added
    assert (cut.distance_px[art < border_px - 0.6] < 0.5).all()
    grown = np.argwhere(art <= border_px + 0.6)
    kept = np.argwhere(cut.distance_px <= 0)
    assert (kept.min(axis=0) >= grown.min(axis=0)).all()
    assert (kept.max(axis=0) <= grown.max(axis=0)).all()
