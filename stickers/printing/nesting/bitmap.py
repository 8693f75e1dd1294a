"""Place shapes on one page without overlap: true shapes on a fine grid, lowest and leftmost first. Deterministic.

Every shape is grown by half the gap and drawn on the grid; each cell that it touches counts. The page knows of each
cell how far the nearest taken cell is. A few discs fill most of a shape. Where a disc's middle is nearer to a taken
cell than to the disc's edge, the shape has no room. The few places that pass all discs are compared cell by cell, the
best one first.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import cv2
import numpy as np
import numpy.typing as npt
import shapely
from shapely import Polygon

Cells = npt.NDArray[np.uint8]
Whole = npt.NDArray[np.intp]

_LEAST_CELL_MM: Final = 0.4
_MOST_CELLS: Final = 260_000  # of a page: about half a millimetre on A4
_FINER: Final = 4  # cells are drawn on a grid this much finer
_GROWTH_MM: Final = 0.02  # added to half the gap, for the rounding of corners and cells
_STEPS: Final = 6  # distances are kept in bytes, in sixths of a cell
_FAR: Final = 40  # cells; a greater distance counts as this one
_MOST_DISCS: Final = 16
_LEAST_DISC: Final = 2.0  # cells; a smaller disc says no more than the cells themselves
_LEAST_GAIN: Final = 1e-9  # of a score; less is rounding
_AT_ONCE: Final = 30_000  # cells compared in one step, which bounds the memory


@dataclass(frozen=True)
class Placement:
    """The place of a shape's (0, 0), mm from the top left of the live area, and its clockwise turn."""

    x_mm: float
    y_mm: float
    rotation_deg: int


@dataclass(frozen=True)
class Manner:
    """One way to fill a page.

    It says which shapes come first, how much left counts against top, and which point of a shape gives its height.
    """

    first: Literal["area", "hull", "longest"]
    leftward: float
    by: Literal["bottom", "middle"]


# The best of these is taken, because no single one wins on every set. Found by trial on sets of 24 and 40.
MANNERS: Final = (
    Manner("area", 0.1, "bottom"),
    Manner("area", 0.12, "middle"),
    Manner("hull", 0.001, "bottom"),
    Manner("longest", 0.12, "middle"),
    Manner("hull", 0.12, "middle"),
    Manner("area", 0.3, "bottom"),
)


@dataclass(frozen=True, eq=False)
class _Stamp:
    """A shape's cells at one turn, in a box of `high` rows and `wide` columns.

    (left, top): the column and row of the box's corner, counted from the shape's (0, 0). `near`: steps to the nearest
    cell of the shape, on the box grown by `_FAR` cells on each side. `discs` (Nx3): row, column and radius in steps of
    discs inside the shape. `rest` (Nx2): row and column of the cells outside all discs. `middle`: the mean row.
    """

    rotation_deg: int
    high: int
    wide: int
    left: int
    top: int
    near: Cells
    discs: Whole
    rest: Whole
    middle: float

    @classmethod
    def of(cls, cells: Cells, left: int, top: int) -> _Stamp:
        """The stamp of `cells` (HxW, 0 and 1), not turned."""
        high, wide = cells.shape
        around = cv2.distanceTransform(np.pad(1 - cells, _FAR, constant_values=1), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        discs, rest = _discs(cells)
        return cls(0, high, wide, left, top, _steps(around), discs, rest, _mean_row(cells.sum(axis=1)))

    def turned(self) -> _Stamp:
        """The stamp a quarter further, clockwise. Its cells lie on the same grid, because (0, 0) is a corner of it."""
        row, column, radius = self.discs.T
        last = self.high - 1
        across = self.near[_FAR:-_FAR, _FAR:-_FAR] == 0
        return _Stamp(
            rotation_deg=self.rotation_deg + 90,
            high=self.wide,
            wide=self.high,
            left=-(self.top + self.high),
            top=self.left,
            near=np.rot90(self.near, -1),  # a view, so that the four turns share the bytes
            discs=np.stack([column, last - row, radius], axis=1),
            rest=np.stack([self.rest[:, 1], last - self.rest[:, 0]], axis=1),
            middle=_mean_row(across.sum(axis=0)),
        )


def _steps(cells: npt.NDArray[Any]) -> Cells:
    steps: Cells = np.minimum(cells * _STEPS, 255).astype(np.uint8)
    return steps


def _mean_row(counts: npt.NDArray[np.integer]) -> float:
    return float(counts @ np.arange(len(counts)) / counts.sum())


def _discs(cells: Cells) -> tuple[Whole, Whole]:
    """Discs that fill most of `cells`, the largest first, and the cells outside all of them: see `_Stamp`."""
    inside = cv2.distanceTransform(np.pad(cells, 1), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    rows, columns = np.ogrid[: cells.shape[0], : cells.shape[1]]
    left = inside.copy()
    found: list[tuple[int, int, int]] = []
    while len(found) < _MOST_DISCS:
        row, column = divmod(int(left.argmax()), cells.shape[1])
        radius = min(float(left[row, column]), _FAR)  # no more is known of a page
        if found and radius < _LEAST_DISC:
            break
        found.append((row, column, math.floor(radius * _STEPS)))
        left[(rows - row) ** 2 + (columns - column) ** 2 < radius**2] = 0
    return np.array(found, np.intp), np.argwhere(left)


class Board:
    """The grid of a page's live area. Shapes are known by a key, so that copies are drawn only once."""

    def __init__(self, width_mm: float, height_mm: float, gap_mm: float, *, upright: bool) -> None:
        self._grown_mm = gap_mm / 2 + _GROWTH_MM
        wide_mm, high_mm = width_mm + 2 * self._grown_mm, height_mm + 2 * self._grown_mm
        self.cell_mm = max(_LEAST_CELL_MM, math.sqrt(wide_mm * high_mm / _MOST_CELLS))
        self._columns = math.floor(wide_mm / self.cell_mm)
        self._rows = math.floor(high_mm / self.cell_mm)
        self._turns = 1 if upright else 4
        self._stamps: dict[int, tuple[_Stamp, ...]] = {}

    def fill(
        self, shapes: Sequence[tuple[int, Polygon]], taken: Sequence[Polygon], manner: Manner
    ) -> list[tuple[int, Placement]]:
        """The places of as many of `shapes` (key and polygon around (0, 0)) as fit: pairs of index and placement.

        `taken`: polygons in the live area's millimetres that nothing may come near.
        """
        page = _Page(self._rows, self._columns)
        for polygon in taken:
            moved = shapely.transform(polygon, lambda points: points + self._grown_mm)
            stamp = self._drawn(moved)
            page.take(stamp, stamp.top, stamp.left)
        found = []
        full: set[int] = set()
        for index in sorted(range(len(shapes)), key=lambda index: (_rank(shapes[index][1], manner), index)):
            key, polygon = shapes[index]
            if key in full:
                continue
            best = page.best(self._stamps_of(key, polygon), manner)
            if best is None:
                full.add(key)
                continue
            stamp, row, column = best
            page.take(stamp, row, column)
            x_mm, y_mm = (cells * self.cell_mm - self._grown_mm for cells in (column - stamp.left, row - stamp.top))
            found.append((index, Placement(x_mm, y_mm, stamp.rotation_deg)))
        return found

    def _stamps_of(self, key: int, polygon: Polygon) -> tuple[_Stamp, ...]:
        if key not in self._stamps:
            made = [self._drawn(polygon)]
            while len(made) < self._turns:
                made.append(made[-1].turned())
            self._stamps[key] = tuple(made)
        return self._stamps[key]

    def _drawn(self, polygon: Polygon) -> _Stamp:
        """Every cell that the grown polygon touches."""
        grown = shapely.buffer(Polygon(polygon.exterior), self._grown_mm, quad_segs=8)
        left, top, right, bottom = grown.bounds
        first_column, first_row = math.floor(left / self.cell_mm), math.floor(top / self.cell_mm)
        wide = math.ceil(right / self.cell_mm) - first_column + 1
        high = math.ceil(bottom / self.cell_mm) - first_row + 1
        corner = np.array([first_column, first_row]) * self.cell_mm
        fine = np.zeros((high * _FINER, wide * _FINER), np.uint8)
        points = (shapely.get_coordinates(grown.exterior) - corner) / self.cell_mm * _FINER - 0.5
        cv2.fillPoly(fine, [np.round(points * 16).astype(np.int32)], 1, shift=4)
        # The largest of each block. `max` over two axes of four takes ten times as long.
        down = np.maximum.reduce([fine[row::_FINER] for row in range(_FINER)])
        cells = np.maximum.reduce([down[:, column::_FINER] for column in range(_FINER)])
        rows, columns = (np.flatnonzero(cells.any(axis=axis)) for axis in (1, 0))
        kept = np.ascontiguousarray(cells[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
        return _Stamp.of(kept, left=first_column + int(columns[0]), top=first_row + int(rows[0]))


class _Page:
    """What of a page is taken: for each cell the steps to the nearest taken one (HxW uint8, 0 for a taken cell)."""

    def __init__(self, rows: int, columns: int) -> None:
        self._room = np.full((rows, columns), 255, np.uint8)
        self._empty_from = 0  # the first row under everything taken

    def take(self, stamp: _Stamp, row: int, column: int) -> None:
        """Put `stamp` there. It may reach over the page's edges."""
        first_row, first_column = row - _FAR, column - _FAR
        high, wide = stamp.near.shape
        top, left = max(first_row, 0), max(first_column, 0)
        bottom, right = max(first_row + high, top), max(first_column + wide, left)
        room = self._room[top:bottom, left:right]
        near = stamp.near[top - first_row : bottom - first_row, left - first_column : right - first_column]
        np.minimum(room, near[: room.shape[0], : room.shape[1]], out=room)
        self._empty_from = max(self._empty_from, row + stamp.high)

    def best(self, stamps: Sequence[_Stamp], manner: Manner) -> tuple[_Stamp, int, int] | None:
        """The free place of the least score, over all turns: the stamp, and the row and column of its box."""
        found: tuple[_Stamp, int, int] | None = None
        least = math.inf
        for stamp in stamps:
            for row, column, score in self._free(stamp, manner, least):
                found, least = (stamp, row, column), score
        return found

    def _free(self, stamp: _Stamp, manner: Manner, below: float) -> Iterator[tuple[int, int, float]]:
        """Free places of `stamp`, each with a lower score than the one before and than `below`: row, column, score."""
        rows, columns = (
            whole - side + 1 for whole, side in zip(self._room.shape, (stamp.high, stamp.wide), strict=True)
        )
        if rows < 1 or columns < 1:
            return
        by_bottom = manner.by == "bottom"
        across = stamp.wide if by_bottom else stamp.wide / 2
        height = stamp.high if by_bottom else stamp.middle + stamp.high / 2
        at_corner = manner.leftward * across + height
        if self._empty_from < rows:
            rows = self._empty_from
            if at_corner + rows < below - _LEAST_GAIN:
                below = at_corner + rows
                yield rows, 0, below
        rows = math.ceil(min(rows, below - at_corner))
        if rows < 1:
            return
        room, stride = self._room.reshape(-1), self._room.shape[1]
        (row, column, radius), *more = stamp.discs.tolist()
        begin = row * stride + column
        at = np.flatnonzero(room[begin : begin + rows * stride] >= radius)
        for row, column, radius in more:
            if not at.size:
                return
            # Places that reach over the right edge are not sorted out yet, so an index may be too large.
            at = at[room.take(at + (row * stride + column), mode="clip") >= radius]
        row, column = np.divmod(at, stride)
        score = row + manner.leftward * (column + across) + height
        wanted = np.flatnonzero((column < columns) & (score < below - _LEAST_GAIN))
        wanted = wanted[np.argsort(score[wanted], kind="stable")]
        cells = stamp.rest @ (stride, 1)
        count = max(1, _AT_ONCE // max(len(cells), 1))
        for first in range(0, len(wanted), count):
            tried = wanted[first : first + count]
            free = room.take(at[tried][:, None] + cells).all(axis=1)
            if free.any():
                place = tried[free.argmax()]
                yield int(row[place]), int(column[place]), float(score[place])
                return


def _rank(polygon: Polygon, manner: Manner) -> float:
    if manner.first == "area":
        return -float(polygon.area)
    if manner.first == "hull":
        return -float(polygon.convex_hull.area)
    left, top, right, bottom = polygon.bounds
    return -float(max(right - left, bottom - top)) * 1000 - float(polygon.area)
