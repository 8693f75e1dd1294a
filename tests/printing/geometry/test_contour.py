"""The cut lines of 24 real stickers and of hard cases, measured independently of how they were made."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon, box
from shapely.affinity import rotate

from stickers.printing.errors import ArtError
from stickers.printing.geometry.contour import Contour, cut_contour, outline
from stickers.printing.geometry.curves import CutPath, Loop
from tests.support.print_art import BORDER_MM, SIZE_MM, die_cuts


def turning_radius_mm(loop: Loop) -> float:
    """The least radius, from finite differences of a dense polyline instead of the curves' formula."""
    flat = loop.flattened(0.0002)
    closed = np.vstack([flat, flat[:1]])
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    count = int(along[-1] / 0.1)
    places = np.linspace(0, along[-1], count, endpoint=False)
    even = np.stack([np.interp(places, along, closed[:, axis]) for axis in (0, 1)], axis=1)
    before, after = np.roll(even, 1, axis=0), np.roll(even, -1, axis=0)
    a, b, c = (np.hypot(*(one - other).T) for one, other in ((even, before), (after, even), (after, before)))
    step, next_step = even - before, after - even
    twice_area = np.abs(step[:, 0] * next_step[:, 1] - step[:, 1] * next_step[:, 0])
    return float((a * b * c / np.maximum(2 * twice_area, 1e-12)).min())


def faults(path: CutPath, art: shapely.Geometry, border_mm: float) -> list[str]:
    """What a sign shop would refuse; empty for a good line."""
    found = []
    flat = Polygon(path.outer.flattened(0.002))
    if not flat.is_valid:
        return ["crosses itself"]
    if not flat.contains(art):
        found.append("art outside")
    elif flat.exterior.distance(art) < border_mm - 0.01:
        found.append("border")
    if turning_radius_mm(path.outer) < 0.98:
        found.append("radius")
    if path.nodes > 150 or path.nodes > 8 * flat.length / 10:
        found.append("nodes")
    if np.abs(path.outer.curves[:, 3] - np.roll(path.outer.curves, -1, axis=0)[:, 0]).max() > 0:
        found.append("open")
    return found


@pytest.mark.parametrize("index", range(24))
def test_it_works(index: int) -> None:
    sticker = die_cuts()[index]
    assert faults(sticker.path, sticker.shape, BORDER_MM) == []
    assert max(sticker.width_mm, sticker.height_mm) == pytest.approx(SIZE_MM, abs=0.01)
    assert sticker.path.holes == ()


def test_mutants_are_caught() -> None:
    sticker = die_cuts()[0]
    curves = sticker.path.outer.curves
    kinked = curves.copy()
    kinked[2, 3] += (2.0, 0)
    kinked[3, 0] += (2.0, 0)
    torn = curves.copy()
    torn[0, 0] += 0.05
    many = Loop(fine := np.concatenate([_halves(curve) for curve in curves]))
    while many.nodes <= 8 * 14:
        many = Loop(fine := np.concatenate([_halves(curve) for curve in fine]))
    mutants = {
        "border": Loop(curves * 0.98),
        "art outside": Loop(curves * 0.8),
        "radius": Loop(kinked),
        "open": Loop(torn),
        "nodes": many,
    }
    for fault, loop in mutants.items():
        assert fault in faults(CutPath(loop), sticker.shape, BORDER_MM), fault


def _halves(curve: np.ndarray) -> np.ndarray:
    a, b, c, d = curve
    ab, bc, cd = (a + b) / 2, (b + c) / 2, (c + d) / 2
    abc, bcd = (ab + bc) / 2, (bc + cd) / 2
    middle = (abc + bcd) / 2
    return np.array([[a, ab, abc, middle], [middle, bcd, cd, d]])


def spiky(points: int = 7, inner_mm: float = 6, outer_mm: float = 20) -> MultiPolygon:
    around = np.arange(2 * points) * np.pi / points
    radius = np.where(np.arange(2 * points) % 2 == 0, outer_mm, inner_mm)
    return MultiPolygon([Polygon(np.stack([np.cos(around) * radius, np.sin(around) * radius], axis=1))])


@pytest.mark.parametrize("border_mm", [1.0, 1.6, 2.0, 3.2, 6.0])
def test_spikes_are_rounded_at_every_border(border_mm: float) -> None:
    contour = cut_contour(spiky(), border_mm)
    assert faults(contour.path, spiky(), border_mm) == []
    assert not contour.eats_into_art


@pytest.mark.parametrize("border_mm", [0.0, 0.5])
def test_without_a_border_the_blade_s_radius_wins(border_mm: float) -> None:
    contour = cut_contour(spiky(), border_mm)
    assert contour.eats_into_art
    assert turning_radius_mm(contour.path.outer) >= 0.98
    assert 0.85 <= contour.path.area_mm2 / spiky().buffer(border_mm).area <= 1.15


def parts(*discs: tuple[float, float, float]) -> MultiPolygon:
    joined = shapely.union_all([Point(x, y).buffer(radius) for x, y, radius in discs])
    return MultiPolygon(list(shapely.get_parts(joined)))


def test_loose_parts_are_joined_by_a_wide_bridge() -> None:
    art = parts((0, 0, 8), (30, 0, 6))
    contour = cut_contour(art, 2.0)
    assert faults(contour.path, art, 2.0) == []
    assert contour.bridges_mm == (pytest.approx(16, abs=0.1),)
    across = shapely.LineString([(16, -20), (16, 20)]).intersection(contour.path.polygon())
    assert across.length >= 4


def test_confetti_becomes_one_path() -> None:
    art = parts(*[(x, y, 1.0) for x in range(0, 40, 8) for y in range(0, 40, 8)])
    contour = cut_contour(art, 2.0)
    assert faults(contour.path, art, 2.0) == []


def ring() -> MultiPolygon:
    return MultiPolygon([Point(0, 0).buffer(20).difference(Point(0, 0).buffer(12))])


def test_thousands_of_overlapping_parts_are_grown_one_by_one() -> None:
    """All at once they took minutes and ten gigabytes."""
    grid = np.arange(0, 50, 0.5)
    dots = MultiPolygon([box(x, y, x + 0.25, y + 0.25) for x in grid for y in grid])
    contour = cut_contour(dots, 2)
    assert contour.bridges_mm == ()
    assert contour.path.width_mm == pytest.approx(53.75, abs=0.2)


def test_more_loose_parts_than_anyone_would_join_are_refused() -> None:
    grid = np.arange(0, 240, 10.0)
    dots = MultiPolygon([box(x, y, x + 1, y + 1) for x in grid for y in grid])
    with pytest.raises(ArtError, match="576 loose parts"):
        cut_contour(dots, 2)


def test_holes_are_filled_or_kept() -> None:
    filled, kept = cut_contour(ring(), 2.0), cut_contour(ring(), 2.0, keep_holes=True)
    assert filled.path.holes == ()
    [hole] = kept.path.holes
    assert hole.area_mm2 == pytest.approx(math.pi * 100, rel=0.03)  # the border takes 2 mm of the 12
    assert kept.least_distance_mm >= 1.99
    small = MultiPolygon([Point(0, 0).buffer(20).difference(Point(0, 0).buffer(3))])
    assert cut_contour(small, 2.0, keep_holes=True).path.holes == ()


def test_near_parts_meet_without_a_bridge() -> None:
    art = parts((0, 0, 8), (19, 0, 8))
    contour = cut_contour(art, 2.0)
    assert faults(contour.path, art, 2.0) == []
    assert contour.bridges_mm == ()


@pytest.mark.parametrize("border_mm", [0.0, 1.0, 2.0, 5.0])
@pytest.mark.parametrize("slope", [0.0, 0.02, 0.1, 0.37, 1.0])
def test_a_straight_edge_stays_straight(slope: float, border_mm: float) -> None:
    turn_deg = math.degrees(math.atan(slope))
    art = rotate(box(-20, -12, 20, 12), turn_deg, origin=(0, 0))
    line = Polygon(cut_contour(MultiPolygon([art]), border_mm).path.outer.flattened(0.002)).exterior
    edge = [rotate(Point(x, 12), turn_deg, origin=(0, 0)) for x in range(-12, 13)]
    away_mm = [line.distance(point) for point in edge]
    assert max(away_mm) - min(away_mm) <= 0.05
    assert border_mm - 0.01 <= min(away_mm) <= border_mm + 0.3


@settings(max_examples=25, deadline=None)
@given(
    discs=st.lists(st.tuples(st.floats(-18, 18), st.floats(-18, 18), st.floats(0.4, 9)), min_size=1, max_size=7),
    border_mm=st.floats(1.0, 5.0),
)
def test_every_shape_keeps_the_promises(discs: list[tuple[float, float, float]], border_mm: float) -> None:
    art = parts(*discs)
    contour: Contour = cut_contour(art, border_mm)
    assert faults(contour.path, art, border_mm) == []
    # Beyond the hull of art and border it adds only what rounding costs.
    hull = art.convex_hull.buffer(border_mm + 0.3)
    assert box(*hull.bounds).contains(contour.path.polygon())


def test_the_outline_lies_where_half_of_a_pixel_is_covered() -> None:
    field = np.zeros((20, 30), np.float32)
    field[5:15, 8:20] = 1
    box = outline(field, 0.5, (0, 0)).bounds
    assert box == pytest.approx((4, 2.5, 10, 7.5), abs=0.02)
    with pytest.raises(ArtError, match="empty"):
        outline(np.zeros((10, 10), np.float32), 1, (0, 0))
