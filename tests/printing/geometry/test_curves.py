"""Closed Bézier paths: measures against circles and polygons, which stay the same when the path moves."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stickers.printing.geometry.curves import CutPath, Loop, turn
from stickers.printing.geometry.fitting import fit_loop
from stickers.printing.imposition.marks import rounded
from stickers.printing.imposition.pages import Box

SQUARE = rounded(Box(left_mm=10, top_mm=20, right_mm=40, bottom_mm=60), 5)


def circle(radius_mm: float = 20, points: int = 800) -> Loop:
    around = np.linspace(0, 2 * np.pi, points, endpoint=False)
    dense = np.stack([np.cos(around), np.sin(around)], axis=1) * radius_mm
    return fit_loop(dense, tolerance_mm=0.03, least_radius_mm=1.0)


def test_it_works() -> None:
    loop = circle()
    assert 3 <= loop.nodes <= 8
    assert loop.area_mm2 == pytest.approx(math.pi * 400, rel=2e-3)
    assert loop.bounds == pytest.approx((-20, -20, 20, 20), abs=0.03)
    assert loop.radius_mm() == pytest.approx(20, rel=0.1)
    flat = loop.flattened(0.01)
    assert np.abs(np.hypot(*flat.T) - 20).max() < 0.045


def test_a_rounded_rectangle_has_its_measures() -> None:
    assert SQUARE.bounds == pytest.approx((10, 20, 40, 60))
    assert SQUARE.area_mm2 == pytest.approx(30 * 40 - (4 - math.pi) * 25, abs=0.05)
    assert SQUARE.outer.radius_mm() == pytest.approx(5, abs=0.1)
    assert SQUARE.polygon(0.005).area == pytest.approx(SQUARE.area_mm2, rel=1e-3)


def test_each_curve_starts_where_the_last_one_ends() -> None:
    curves = circle().curves
    assert np.array_equal(curves[:, 3], np.roll(curves, -1, axis=0)[:, 0])


@settings(max_examples=40, deadline=None)
@given(rotation=st.floats(-720, 720), x=st.floats(-500, 500), y=st.floats(-500, 500))
def test_moving_keeps_area_and_shape(rotation: float, x: float, y: float) -> None:
    there = SQUARE.moved(rotation_deg=rotation, x_mm=x, y_mm=y)
    assert there.area_mm2 == pytest.approx(SQUARE.area_mm2, rel=1e-9)
    left, top, right, bottom = there.bounds
    flat = there.outer.flattened(0.001)
    assert flat.min(axis=0) == pytest.approx([left, top], abs=0.01)
    assert flat.max(axis=0) == pytest.approx([right, bottom], abs=0.01)


def test_quarter_turns_are_exact_and_clockwise() -> None:
    assert turn(90).tolist() == [[0, -1], [1, 0]]  # what pointed right now points down
    assert np.array_equal(turn(-90), turn(270))
    assert turn(450) @ (1, 0) == pytest.approx([0, 1])


def test_holes_count_against_the_area() -> None:
    hole = rounded(Box(left_mm=20, top_mm=30, right_mm=30, bottom_mm=40), 2)
    path = CutPath(SQUARE.outer, (hole.outer,))
    assert path.area_mm2 == pytest.approx(SQUARE.area_mm2 - hole.area_mm2)
    assert path.nodes == SQUARE.nodes + hole.nodes
    assert path.polygon().area == pytest.approx(path.area_mm2, rel=1e-3)
