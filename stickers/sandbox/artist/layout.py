"""Where the stickers go: irregular shapes packed onto a sheet, then spread out evenly and grown into the gaps.

Three steps. Each shape, large ones first, takes the free place where it touches most of what is there already
(a correlation on a coarse grid). Then each in turn moves a little to where its nearest neighbour is farthest
away. At last each grows as long as the wanted gap stays.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from stickers.sandbox.artist.paths import Points

Grid = npt.NDArray[np.uint8]

_COARSE: Final = 128  # cells along the longer side while placing
_FINE: Final = 256  # … while spreading
_ROUNDS: Final = 3
_TRIES: Final = (1.0, 0.92, 0.84, 0.76, 0.68)  # scales of all pieces, until every one but the fillers fits


@dataclass(frozen=True)
class Piece:
    """One shape to place: its closed rim in figure units around the origin, shape (n, 2), and its wanted scale.

    A filler is placed after all others, wherever it still finds room.
    """

    rim: Points
    unit_px: float
    least_px: float
    most_px: float
    filler: bool = False


@dataclass(frozen=True)
class Place:
    """Where a piece's origin lies on the sheet, and its scale."""

    x: float
    y: float
    unit_px: float


@dataclass(frozen=True)
class Ground:
    """The sheet, and the distances that are to be kept on it."""

    width_px: int
    height_px: int
    outline_px: float
    gap_px: float

    def cell(self, count: int) -> float:
        """The side in pixels of one of `count` grid cells along the longer side."""
        return max(self.width_px, self.height_px) / count


def arrange(pieces: Sequence[Piece], ground: Ground, rng: random.Random) -> list[Place | None]:
    """A place for each piece, None where it did not fit even at its least scale.

    Rims stay `2 · outline_px + gap_px` apart and a little more than `outline_px + gap_px` from the sheet's edge.
    """
    places: list[Place | None] = []
    for share in _TRIES:
        places = _pack(pieces, share, ground, rng)
        if all(place or piece.filler for place, piece in zip(places, pieces, strict=True)):
            break
    _spread(pieces, places, ground)
    return places


def _pack(pieces: Sequence[Piece], share: float, ground: Ground, rng: random.Random) -> list[Place | None]:
    """Places for all pieces at that share of their scale; the last entries may be None, fillers often are."""
    places: list[Place | None] = [None] * len(pieces)
    cell = ground.cell(_COARSE)
    taken: Grid = np.zeros((int(ground.height_px / cell), int(ground.width_px / cell)), np.uint8)
    order = sorted(range(len(pieces)), key=lambda k: (pieces[k].filler, -_area(pieces[k].rim) * pieces[k].unit_px ** 2))
    for k in order:
        unit = pieces[k].unit_px * share
        while places[k] is None and unit >= pieces[k].least_px * share:
            places[k] = _drop(pieces[k].rim, unit, taken, ground, rng)
            unit *= 0.9
        if places[k] is None and not pieces[k].filler and share > _TRIES[-1]:
            break  # the next try will be smaller
    return places


def _area(rim: Points) -> float:
    return float(cv2.contourArea(rim.astype(np.float32)))


def _on_grid(rim_px: Points, cell: float) -> npt.NDArray[np.int32]:
    """A rim given in pixels, in sixteenths of a cell, for OpenCV's `shift=4`."""
    points: npt.NDArray[np.int32] = np.round(rim_px / cell * 16 - 8).astype(np.int32)
    return points


def _stamp(grid: Grid, rim_px: Points, cell: float, reach_px: float) -> None:
    """Fill a rim, widened by `reach_px`, into a grid; rounded up, so that two stamps apart are two shapes apart."""
    points = [_on_grid(rim_px, cell)]
    cv2.fillPoly(grid, points, 1, cv2.LINE_8, 4)
    thick = max(1, int(np.ceil(2 * reach_px / cell)) + 1)
    cv2.polylines(grid, points, isClosed=True, color=1, thickness=thick, lineType=cv2.LINE_8, shift=4)


def _drop(rim: Points, unit: float, taken: Grid, ground: Ground, rng: random.Random) -> Place | None:
    cell, reach = ground.cell(_COARSE), ground.outline_px + ground.gap_px / 2
    low, high = rim.min(axis=0) * unit - reach - cell, rim.max(axis=0) * unit + reach + cell
    wide, tall = (int(side) for side in np.ceil((high - low) / cell))
    edge = int(np.ceil(ground.gap_px * 0.8 / cell))
    inner = taken[edge : taken.shape[0] - edge, edge : taken.shape[1] - edge]
    if wide > inner.shape[1] or tall > inner.shape[0]:
        return None
    shape: Grid = np.zeros((tall, wide), np.uint8)
    _stamp(shape, rim * unit - low, cell, reach)
    hits = cv2.matchTemplate(inner, shape, cv2.TM_CCORR)
    rows, columns = np.nonzero(hits < 0.5)
    if not len(rows):
        return None
    walled = cv2.copyMakeBorder(taken, 4, 4, 4, 4, cv2.BORDER_CONSTANT, value=1).astype(np.float32)
    crowd = cv2.blur(walled, (9, 9))[4 + edge : -4 - edge, 4 + edge : -4 - edge]
    touch = cv2.matchTemplate(crowd, shape.astype(np.float32), cv2.TM_CCORR)[rows, columns]
    noise = np.random.default_rng(rng.randrange(2**32)).random(len(rows))
    score = touch / max(float(touch.max()), 1e-6) + 0.16 * noise
    # the first may lie anywhere: sheets differ by the places of their heroes
    best = int(np.argmax(score if taken.any() else noise))
    x, y = (int(columns[best]) + edge) * cell - low[0], (int(rows[best]) + edge) * cell - low[1]
    _stamp(taken, rim * unit + np.array([x, y]), cell, reach)
    return Place(float(x), float(y), unit)


def _spread(pieces: Sequence[Piece], places: list[Place | None], ground: Ground) -> None:
    cell = ground.cell(_FINE)
    least = (2 * ground.outline_px + ground.gap_px) / cell + 1.0  # one cell: what the grid may be wrong by
    reach = max(2, int(0.02 * _FINE))
    steps = np.array([(dx, dy) for dx in range(-reach, reach + 1) for dy in range(-reach, reach + 1)])
    steps = steps[np.argsort((steps**2).sum(axis=1), kind="stable")]  # a tie keeps the nearest
    rims = [piece.rim[:: max(1, len(piece.rim) // 48)] for piece in pieces]
    for turn in range(_ROUNDS):
        for k, place in enumerate(places):
            if place is None:
                continue
            room = _room(pieces, places, k, ground)
            spots = (rims[k] * place.unit_px + np.array([place.x, place.y])) / cell
            clear = _clearance(room, spots[None] + steps[:, None])
            best = int(np.argmax(clear))
            moved = replace(place, x=place.x + steps[best, 0] * cell, y=place.y + steps[best, 1] * cell)
            unit = place.unit_px
            while turn and unit * 1.05 <= pieces[k].most_px:
                spots = (rims[k] * unit * 1.05 + np.array([moved.x, moved.y])) / cell
                if _clearance(room, spots[None])[0] < least:
                    break
                unit *= 1.05
            if clear[best] > clear[0] or unit > place.unit_px:
                places[k] = replace(moved, unit_px=unit)


def _room(pieces: Sequence[Piece], places: Sequence[Place | None], but: int, ground: Ground) -> npt.NDArray[np.float32]:
    """Distance of every cell, in cells, to the nearest other piece or to the sheet's frame."""
    cell = ground.cell(_FINE)
    high, wide = int(ground.height_px / cell), int(ground.width_px / cell)
    empty: Grid = np.ones((high, wide), np.uint8)
    for j, place in enumerate(places):
        if place is not None and j != but:
            rim = _on_grid(pieces[j].rim * place.unit_px + np.array([place.x, place.y]), cell)
            cv2.fillPoly(empty, [rim], 0, cv2.LINE_8, 4)
    room = cv2.distanceTransform(empty, cv2.DIST_L2, 3)
    rows = np.minimum(np.arange(high), np.arange(high)[::-1])[:, None]
    columns = np.minimum(np.arange(wide), np.arange(wide)[::-1])[None]
    # the frame carries no outline of its own, as a neighbour does
    frame = round(0.6 * ground.gap_px / cell) + 1
    border = np.minimum(rows, columns) - frame + ground.outline_px / cell
    nearest: npt.NDArray[np.float32] = np.minimum(room, border).astype(np.float32)
    return nearest


def _clearance(room: npt.NDArray[np.float32], spots: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """The least distance along each rim of (m, n, 2) spots, in cells; below zero outside of the sheet."""
    columns, rows = np.floor(spots[..., 0]).astype(int), np.floor(spots[..., 1]).astype(int)
    inside = (rows >= 0) & (rows < room.shape[0]) & (columns >= 0) & (columns < room.shape[1])
    found = room[np.clip(rows, 0, room.shape[0] - 1), np.clip(columns, 0, room.shape[1] - 1)]
    least: npt.NDArray[np.float32] = np.where(inside, found, np.float32(-1)).min(axis=1)
    return least
