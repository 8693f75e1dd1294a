"""Finds how far each sticker's bleed reaches on a page: never past the half-way line to its neighbour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely import MultiPoint, Polygon

from stickers.printing.imposition.layout import NEAR_SLACK_MM, Page

_STEP_MM: Final = 0.15  # between the points that stand for a cut line; the half-way line is then right to 0.01 mm
_ROUGH_STEP_MM: Final = 0.8
_ROUGH_MM: Final = 0.1
_INSIDE_MM: Final = 0.05  # the points lie this far inside their cut lines, so that lines that touch have none in common
_OVERLAP_MM: Final = 0.05  # two bleeds overlap by this much, so that no viewer shows a gap between them
_ROUND: Final = 16  # segments of a quarter circle


@dataclass(frozen=True)
class ShortBleed:
    """Two stickers of a page, by their index, that lie too near for their bleed: only `left_mm` of it is printed."""

    index: int
    other: int
    left_mm: float


def bleed_areas(page: Page, bleed_mm: float, *, is_rough: bool = False) -> tuple[Polygon, ...]:
    """What each sticker of `page` prints, in mm on the page: inside its cut line, and `bleed_mm` around it.

    Where two bleeds meet, each ends at the half-way line between the cut lines, which the cells of a Voronoi diagram of
    points on both lines draw. Nothing reaches into another sticker's cut line unless the cut lines overlap themselves.
    With `is_rough` all lines are right to 0.2 mm only, as is enough for a screen; it takes a third of the time.
    """
    shapes = [one.polygon for one in page.placed]
    if is_rough:
        shapes = [shapely.simplify(shape, _ROUGH_MM) for shape in shapes]
    step_mm = _ROUGH_STEP_MM if is_rough else _STEP_MM
    grown = [shapely.buffer(shape, bleed_mm, quad_segs=_ROUND) for shape in shapes]
    near: list[list[int]] = [[] for _ in shapes]
    for one, other in _pairs(shapes, bleed_mm):
        near[one].append(other)
        near[other].append(one)
    return tuple(
        _own(index, others, shapes, grown, bleed_mm=bleed_mm, step_mm=step_mm) if others else grown[index]
        for index, others in enumerate(near)
    )


def short_bleeds(page: Page, bleed_mm: float) -> list[ShortBleed]:
    """The neighbours on `page` that are nearer to each other than two bleeds."""
    shapes = [one.polygon for one in page.placed]
    return [
        ShortBleed(one, other, float(shapes[one].distance(shapes[other])) / 2)
        for one, other in _pairs(shapes, bleed_mm - NEAR_SLACK_MM)
    ]


def _pairs(shapes: Sequence[Polygon], bleed_mm: float) -> list[tuple[int, int]]:
    if not shapes or bleed_mm <= 0:
        return []
    ones, others = shapely.STRtree(shapes).query(np.array(shapes), predicate="dwithin", distance=2 * bleed_mm)
    return sorted((one, other) for one, other in zip(ones.tolist(), others.tolist(), strict=True) if one < other)


def _own(
    index: int,
    others: Sequence[int],
    shapes: Sequence[Polygon],
    grown: Sequence[Polygon],
    *,
    bleed_mm: float,
    step_mm: float,
) -> Polygon:
    shape = shapes[index]
    theirs = shapely.unary_union([shapes[other] for other in others])
    # A place in two bleeds is at most one bleed from either line, so its nearest points are among these.
    reach_mm = 2 * bleed_mm + step_mm
    own_points = _points([shape], shapely.buffer(theirs, reach_mm), step_mm)
    their_points = _points([shapes[other] for other in others], shapely.buffer(shape, reach_mm), step_mm)
    points = MultiPoint(np.concatenate([own_points, their_points]))
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=grown[index], ordered=True))
    mine = shapely.buffer(shapely.unary_union(cells[: len(own_points)]), _OVERLAP_MM)
    not_mine = shapely.difference(shapely.unary_union([grown[other] for other in others]), mine)
    area = shapely.difference(grown[index], not_mine)
    parts = shapely.get_parts(shapely.union(shapely.difference(area, theirs), shape))
    return max(parts, key=lambda part: float(part.area))  # slivers of the difference are no part of the sticker


def _points(
    shapes: Sequence[Polygon], within: Polygon, step_mm: float
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    lines = [shapely.segmentize(shapely.buffer(shape, -_INSIDE_MM).boundary, step_mm) for shape in shapes]
    points = np.unique(np.concatenate([shapely.get_coordinates(line) for line in lines]), axis=0)
    found: np.ndarray[tuple[int, int], np.dtype[np.float64]] = points[shapely.contains_xy(within, points)]
    return found
