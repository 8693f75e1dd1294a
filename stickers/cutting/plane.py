"""The label plane of a sheet: which pixel belongs to which sticker, and in which order the stickers are numbered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, NamedTuple, Self

import cv2
import numpy as np

from stickers.cutting.raster import Labels, areas, around, boxes
from stickers.cutting.reading_order import reading_order

Window = tuple[slice, slice]  # rows, columns
MOST_LABELS: Final = 65535  # a 16-bit PNG holds no more
_WIDE: Final = 0.25  # of the plane: for a larger change it is faster to measure all of it again


class Piece(NamedTuple):
    """Where a label lies, as (rows, columns), and its area in pixels."""

    box: Window
    area: int


@dataclass(frozen=True, eq=False)
class LabelPlane:
    """Nobody writes into a plane: a change makes another one.

    `labels`: int32 HxW, 0 where there is no sticker. A label is a sticker's identity and never its number: it stays
    when others come and go, and need not follow the one before. `pieces`: every label of the plane. `fresh`: the label
    that the next new sticker gets; it was never used before. `moves`: what a person put elsewhere in the order, as
    (label, number), the oldest first.
    """

    labels: Labels
    pieces: Mapping[int, Piece]
    fresh: int
    moves: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, labels: Labels, *, fresh: int = 0, moves: tuple[tuple[int, int], ...] = ()) -> Self:
        """The plane of these labels. Without `fresh` the next label follows the greatest one."""
        count = int(labels.max(initial=0))
        size = areas(labels, count)
        found = enumerate(boxes(labels, count), 1)
        pieces = {label: Piece(box, int(size[label])) for label, box in found if box is not None}
        return cls(labels, pieces, fresh or count + 1, moves)

    @cached_property
    def order(self) -> list[int]:
        """The labels in the order of their numbers: reading order, then what a person moved."""
        order = reading_order([(label, piece.box) for label, piece in self.pieces.items()])
        for label, number in self.moves:
            if label in self.pieces:
                order.remove(label)
                order.insert(number - 1, label)
        return order

    @cached_property
    def usual(self) -> float:
        """The area in px of the median sticker; 1 for a plane without one."""
        return float(np.median([piece.area for piece in self.pieces.values()])) if self.pieces else 1.0

    def renumbered(self) -> LabelPlane:
        """The same plane with the labels 1..n in their order."""
        new = np.zeros(max(self.pieces, default=0) + 1, np.int32)
        for number, label in enumerate(self.order, 1):
            new[label] = number
        pieces = {int(new[label]): self.pieces[label] for label in self.order}
        moves = tuple((number, number) for number in range(1, len(pieces) + 1)) if self.moves else ()
        return LabelPlane(np.take(new, self.labels), pieces, len(pieces) + 1, moves)

    def written(self, labels: Labels, window: Window, touched: Iterable[int]) -> LabelPlane:
        """The plane of `labels`, which differ from these inside the `window` only, and only in `touched` labels."""
        rows, columns = window
        if (rows.stop - rows.start) * (columns.stop - columns.start) > _WIDE * labels.size:
            return LabelPlane.of(labels, fresh=self.fresh, moves=self.moves)
        pieces = dict(self.pieces)
        for label in touched:
            old = pieces.pop(label, None)
            search = window if old is None else around([old.box, window])
            there = labels[search] == label
            if (area := int(np.count_nonzero(there))) == 0:
                continue
            high, wide = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
            top, left = search[0].start, search[1].start
            box = (
                slice(top + int(high[0]), top + int(high[-1]) + 1),
                slice(left + int(wide[0]), left + int(wide[-1]) + 1),
            )
            pieces[label] = Piece(box, area)
        return replace(self, labels=labels, pieces=pieces)

    def as_png(self) -> bytes:
        """The labels as a grey PNG of 16 bits: lossless, and some ten kilobytes for a sheet of 1024².

        Raises ValueError for a label above `MOST_LABELS`.
        """
        return packed(self.labels)


def packed(labels: Labels) -> bytes:
    """An int32 HxW label plane as a grey PNG of 16 bits. Raises ValueError for a label above `MOST_LABELS`."""
    if labels.size and int(labels.max()) > MOST_LABELS:
        raise ValueError(f"A sheet can have {MOST_LABELS} stickers in its life. This one had them all.")
    fast = [cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_DEFAULT]
    return bytes(cv2.imencode(".png", labels.astype(np.uint16), fast)[1])


def unpacked(data: bytes) -> Labels:
    """The int32 HxW labels of such a PNG. Raises ValueError if it is no grey picture of 16 bits."""
    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if found is None or found.dtype != np.uint16 or found.ndim != 2:
        raise ValueError("This is no label plane.")
    return found.astype(np.int32)
