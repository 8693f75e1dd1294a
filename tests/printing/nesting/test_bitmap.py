"""Shapes on a page's grid: each gets the best free place, none touch, and what has no room is left out."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import shapely
from shapely import Polygon
from shapely.affinity import rotate, translate

from stickers.printing.nesting.bitmap import MANNERS, Board, Manner, Placement

WIDE_MM, HIGH_MM, GAP_MM = 60.0, 80.0, 2.0


def blob(seed: int) -> Polygon:
    """A random star-shaped polygon around (0, 0), 8 to 24 mm across."""
    random = np.random.default_rng(seed)
    angles = np.linspace(0, 2 * math.pi, 24, endpoint=False)
    reach = random.uniform(4, 9) * random.uniform(0.6, 1.3, len(angles))
    return Polygon(np.stack([reach * np.cos(angles), reach * np.sin(angles)], axis=1))


def lying(shape: Polygon, place: Placement) -> Polygon:
    return translate(rotate(shape, place.rotation_deg, origin=(0, 0)), place.x_mm, place.y_mm)


@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize("upright", [True, False])
def test_nothing_is_nearer_than_the_gap(manner: Manner, *, upright: bool) -> None:
    shapes = [(seed, blob(seed)) for seed in range(12)]
    found = Board(WIDE_MM, HIGH_MM, GAP_MM, upright=upright).fill(shapes, [], manner)
    placed = [lying(shapes[index][1], place) for index, place in found]
    assert len(placed) > 5
    assert min(one.distance(other) for one, other in itertools.combinations(placed, 2)) >= GAP_MM
    assert all(shapely.box(-0.01, -0.01, WIDE_MM + 0.01, HIGH_MM + 0.01).contains(one) for one in placed)
    assert not upright or {place.rotation_deg for _, place in found} == {0}


def test_large_shapes_keep_the_gap_too() -> None:
    """Larger than the distance that a page knows of."""
    disc = shapely.Point(0, 0).buffer(30)
    board = Board(200, 280, GAP_MM, upright=False)
    for manner in MANNERS:
        placed = [lying(disc, place) for _, place in board.fill([(0, disc)] * 12, [], manner)]
        assert len(placed) == 12
        assert min(one.distance(other) for one, other in itertools.combinations(placed, 2)) >= GAP_MM


@pytest.mark.parametrize("seed", range(4))
def test_no_free_place_lies_higher(seed: int) -> None:
    """Another search, cell by cell and with true polygons: nowhere above the found place is there room."""
    taken = [translate(blob(seed + 50 + step), 12 + 15 * step, 10 + 9 * (step % 2)) for step in range(4)]
    shape = blob(seed)
    board = Board(WIDE_MM, HIGH_MM, GAP_MM, upright=True)
    ((_, place),) = board.fill([(0, shape)], taken, Manner("area", 0.001, "bottom"))
    assert min(lying(shape, place).distance(one) for one in taken) >= GAP_MM
    left, top, right, _ = shape.bounds
    coarse = 2 * board.cell_mm  # what touches a cell takes the whole of it, on both sides of a gap
    columns = np.arange(-left, WIDE_MM - right, board.cell_mm)
    rows = np.arange(-top, place.y_mm - coarse, board.cell_mm)
    barred = shapely.union_all([shapely.buffer(one, GAP_MM + 2 * coarse) for one in taken])
    assert all(barred.intersects(translate(shape, x_mm, y_mm)) for x_mm in columns for y_mm in rows)


def test_a_locked_shape_keeps_the_whole_gap() -> None:
    """Whatever part of a cell it begins in."""
    for off_mm in np.linspace(0, 0.4, 5):
        locked = shapely.box(20 + off_mm, 0, 24 + off_mm, HIGH_MM)
        shapes = [(seed, blob(seed)) for seed in range(8)]
        found = Board(WIDE_MM, HIGH_MM, GAP_MM, upright=False).fill(shapes, [locked], MANNERS[0])
        assert min(lying(shapes[index][1], place).distance(locked) for index, place in found) >= GAP_MM


def test_copies_share_a_key_and_fill_the_page() -> None:
    square = shapely.box(-8, -8, 8, 8)
    found = Board(WIDE_MM, HIGH_MM, GAP_MM, upright=True).fill([(0, square)] * 40, [], MANNERS[0])
    assert len(found) == 12  # four rows of three


def test_what_is_larger_than_the_page_has_no_place() -> None:
    shapes = [(0, shapely.box(-39, -5, 39, 5)), (1, blob(1))]
    upright = Board(WIDE_MM, HIGH_MM, GAP_MM, upright=True).fill(shapes, [], MANNERS[0])
    assert [index for index, _ in upright] == [1]
    turned = Board(WIDE_MM, HIGH_MM, GAP_MM, upright=False).fill(shapes, [], MANNERS[0])
    assert dict(turned)[0].rotation_deg in {90, 270}


def test_a_full_page_takes_nothing() -> None:
    whole = shapely.box(0, 0, WIDE_MM, HIGH_MM)
    assert Board(WIDE_MM, HIGH_MM, GAP_MM, upright=False).fill([(0, blob(0))], [whole], MANNERS[0]) == []


def test_what_is_taken_outside_the_page_takes_no_room() -> None:
    outside = [
        shapely.box(-90, 0, -80, 10),
        shapely.box(0, HIGH_MM + 50, 10, HIGH_MM + 60),
        shapely.box(300, 0, 310, 9),
    ]
    board = Board(WIDE_MM, HIGH_MM, GAP_MM, upright=False)
    assert board.fill([(0, blob(0))], outside, MANNERS[0]) == board.fill([(0, blob(0))], [], MANNERS[0])
