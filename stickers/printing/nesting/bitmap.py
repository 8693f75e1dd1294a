"""Place shapes on one page without overlap: true shapes on a fine grid, lowest and leftmost first. Deterministic.

Every shape is grown by half the gap and drawn on the grid; each cell that it touches counts. One correlation with the
taken cells (by Fourier transform) then tells for every cell at once whether a shape can lie there.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import cv2
import numpy as np
import numpy.typing as npt
import shapely
from scipy import fft
from shapely import Polygon
from shapely.affinity import rotate

Cells = npt.NDArray[np.float32]
Spectrum = npt.NDArray[np.complex64]

TURNS_DEG: Final = (0, 90, 180, 270)

_LEAST_CELL_MM: Final = 0.4
_MOST_CELLS: Final = 260_000  # of a page: about half a millimetre on A4
_FINER: Final = 4  # cells are drawn on a grid this much finer
_KEPT_SPECTRA: Final = 96  # for A4 about 1 MB each
_GROWTH_MM: Final = 0.02  # added to half the gap, for the rounding of corners and cells


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
    """A shape's cells at one turn. (left_mm, top_mm) is the corner of the cells, from the shape's (0, 0)."""

    cells: Cells
    left_mm: float
    top_mm: float
    rotation_deg: int
    middle: float  # of its cells, in rows from the top


class Board:
    """The grid of a page's live area. Shapes are known by a key, so that copies are drawn only once."""

    def __init__(self, width_mm: float, height_mm: float, gap_mm: float, *, upright: bool) -> None:
        self._grown_mm = gap_mm / 2 + _GROWTH_MM
        wide_mm, high_mm = width_mm + 2 * self._grown_mm, height_mm + 2 * self._grown_mm
        self.cell_mm = max(_LEAST_CELL_MM, math.sqrt(wide_mm * high_mm / _MOST_CELLS))
        self._columns = math.floor(wide_mm / self.cell_mm)
        self._rows = math.floor(high_mm / self.cell_mm)
        self._padded = (
            fft.next_fast_len(max(self._rows, 1), real=True),
            fft.next_fast_len(max(self._columns, 1), real=True),
        )
        self._turns = TURNS_DEG[:1] if upright else TURNS_DEG
        self._stamps: dict[int, tuple[_Stamp, ...]] = {}
        self._spectra: OrderedDict[tuple[int, int], Spectrum] = OrderedDict()

    def fill(
        self, shapes: Sequence[tuple[int, Polygon]], taken: Sequence[Polygon], manner: Manner
    ) -> list[tuple[int, Placement]]:
        """The places of as many of `shapes` (key and polygon around (0, 0)) as fit: pairs of index and placement.

        `taken`: polygons in the live area's millimetres that nothing may come near.
        """
        occupied = np.zeros(self._padded, np.float32)
        for polygon in taken:
            self._take(occupied, polygon)
        found = []
        full: set[int] = set()
        for index in sorted(range(len(shapes)), key=lambda index: (_rank(shapes[index][1], manner), index)):
            key, polygon = shapes[index]
            if key in full:
                continue
            spot = self._place(occupied, key, polygon, manner)
            if spot is None:
                full.add(key)
            else:
                found.append((index, spot))
        return found

    def _place(self, occupied: Cells, key: int, polygon: Polygon, manner: Manner) -> Placement | None:
        """The best free place, marked as taken."""
        best: tuple[float, int, int, _Stamp] | None = None
        spectrum = fft.rfft2(occupied)
        for stamp in self._stamps_of(key, polygon):
            high, wide = stamp.cells.shape
            if high > self._rows or wide > self._columns:
                continue
            overlap = fft.irfft2(spectrum * self._spectrum(key, stamp), s=self._padded)
            free = overlap[: self._rows - high + 1, : self._columns - wide + 1] < 0.5
            columns = free.argmax(axis=1)
            rows = np.flatnonzero(free[np.arange(len(columns)), columns])
            if not rows.size:
                continue
            # The leftmost place of each row is the best one, because the score grows with the column.
            across = columns[rows] + wide if manner.by == "bottom" else columns[rows] + wide / 2
            score = rows + manner.leftward * across
            score = score + (high if manner.by == "bottom" else stamp.middle + high / 2)
            at = int(np.argmin(score))
            if best is None or float(score[at]) < best[0] - 1e-9:
                best = float(score[at]), int(rows[at]), int(columns[rows[at]]), stamp
        if best is None:
            return None
        _, row, column, stamp = best
        high, wide = stamp.cells.shape
        occupied[row : row + high, column : column + wide] += stamp.cells
        return Placement(
            x_mm=column * self.cell_mm - stamp.left_mm - self._grown_mm,
            y_mm=row * self.cell_mm - stamp.top_mm - self._grown_mm,
            rotation_deg=stamp.rotation_deg,
        )

    def _take(self, occupied: Cells, polygon: Polygon) -> None:
        cells, left_mm, top_mm = self._drawn(polygon)
        column = round((left_mm + self._grown_mm) / self.cell_mm)
        row = round((top_mm + self._grown_mm) / self.cell_mm)
        high, wide = cells.shape
        rows = slice(min(max(row, 0), self._rows), min(max(row + high, 0), self._rows))
        columns = slice(min(max(column, 0), self._columns), min(max(column + wide, 0), self._columns))
        kept = cells[rows.start - row : rows.stop - row, columns.start - column : columns.stop - column]
        np.maximum(occupied[rows, columns], kept, out=occupied[rows, columns])

    def _stamps_of(self, key: int, polygon: Polygon) -> tuple[_Stamp, ...]:
        if key not in self._stamps:
            made = []
            for turn_deg in self._turns:
                cells, left_mm, top_mm = self._drawn(rotate(polygon, turn_deg, origin=(0, 0)))
                rows = cells.sum(axis=1)
                middle = float(rows @ np.arange(len(rows)) / rows.sum())
                made.append(_Stamp(cells, left_mm, top_mm, turn_deg, middle))
            self._stamps[key] = tuple(made)
        return self._stamps[key]

    def _spectrum(self, key: int, stamp: _Stamp) -> Spectrum:
        name = key, stamp.rotation_deg
        if name not in self._spectra:
            padded = np.zeros(self._padded, np.float32)
            padded[: stamp.cells.shape[0], : stamp.cells.shape[1]] = stamp.cells
            self._spectra[name] = np.conj(fft.rfft2(padded))
            if len(self._spectra) > _KEPT_SPECTRA:
                self._spectra.popitem(last=False)
        else:
            self._spectra.move_to_end(name)
        return self._spectra[name]

    def _drawn(self, polygon: Polygon) -> tuple[Cells, float, float]:
        """Every cell that the grown polygon touches, HxW float32 of 0 and 1, and the cells' corner in mm."""
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
        kept = cells[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32)
        return kept, float(corner[0] + columns[0] * self.cell_mm), float(corner[1] + rows[0] * self.cell_mm)


def _rank(polygon: Polygon, manner: Manner) -> float:
    if manner.first == "area":
        return -float(polygon.area)
    if manner.first == "hull":
        return -float(polygon.convex_hull.area)
    left, top, right, bottom = polygon.bounds
    return -float(max(right - left, bottom - top)) * 1000 - float(polygon.area)
