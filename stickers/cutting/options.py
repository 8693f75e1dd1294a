"""Hold what a designer may say about a cut: frozen options, with their ranges in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

Box = tuple[int, int, int, int]
Point = tuple[int, int]

MOST_JOIN_PX: Final = 200
MOST_SIZE_PX: Final = 4096
MOST_STICKERS: Final = 500
FARTHEST_PX: Final = 10**6  # seeds and boxes may lie this far out; beyond the sheet they name nothing


@dataclass(frozen=True, kw_only=True)
class CutOptions:
    """How a sheet is cut. The defaults suit most sheets. Each field is one question to the designer.

    `tolerance` 0..1: how much a pixel must differ from the ground to count. 0.5 is measured from the sheet, less keeps
    fainter things, more drops them. `join_px`: satellites nearer than this join their figure, in pixels of a sheet of
    1024²; None lets the sheet decide. `min_size_px`: the least length of a sticker's longest side, in sheet pixels.
    `keep_border`: keep the white border, or trim to the artwork. `keep_captions`: keep free words, page numbers and
    titles. `keep_furniture`: keep grid lines, cards and frames. `background`: the ground's colour picked by hand, RGB.
    `expected_count`: how many stickers the sheet holds; parting and joining aim at it, and of more stickers the largest
    are kept. `seeds`: one point (x, y) inside each sticker. `boxes`: one (x, y, width, height) round each sticker, in
    whole sheet pixels. What seeds or boxes do not name is dropped. Lists become tuples. Raises ValueError, in words for
    the designer, for values out of range.
    """

    tolerance: float = 0.5
    join_px: float | None = None
    min_size_px: int = 0
    keep_border: bool = True
    keep_captions: bool = False
    keep_furniture: bool = False
    background: tuple[int, int, int] | None = None
    expected_count: int | None = None
    seeds: tuple[Point, ...] = ()
    boxes: tuple[Box, ...] = ()

    def __post_init__(self) -> None:
        if not _within(self.tolerance, 1):
            raise ValueError("The tolerance must be between 0 and 1.")
        if self.join_px is not None and not _within(self.join_px, MOST_JOIN_PX):
            raise ValueError(f"The join distance must be between 0 and {MOST_JOIN_PX} pixels.")
        if not _whole(self.min_size_px, least=0, most=MOST_SIZE_PX):
            raise ValueError(f"The minimum size must be a whole number of pixels between 0 and {MOST_SIZE_PX}.")
        if self.expected_count is not None and not _whole(self.expected_count, least=1, most=MOST_STICKERS):
            raise ValueError(f"The expected number of stickers must be a whole one between 1 and {MOST_STICKERS}.")
        # JSON gives lists; frozen options need tuples.
        if self.background is not None:
            object.__setattr__(self, "background", _tuple(self.background, 3, "A colour is red, green and blue."))
            if not all(_whole(channel, least=0, most=255) for channel in self.background):
                raise ValueError("The background colour needs red, green and blue between 0 and 255.")
        seeds = tuple(_tuple(seed, 2, "A seed is a point x, y in whole pixels.") for seed in self.seeds)
        boxes = tuple(_tuple(box, 4, "A box is x, y, width, height in whole pixels.") for box in self.boxes)
        object.__setattr__(self, "seeds", seeds)
        object.__setattr__(self, "boxes", boxes)
        if seeds and boxes:
            raise ValueError("Give seeds or boxes, not both.")
        if any(box[2] <= 0 or box[3] <= 0 for box in boxes):
            raise ValueError("A box needs a width and a height above 0.")


def _within(value: object, most: float) -> bool:
    """Whether `value` is a number between 0 and `most`; NaN is not."""
    return isinstance(value, int | float) and 0 <= value <= most


def _whole(value: object, *, least: int = -FARTHEST_PX, most: int = FARTHEST_PX) -> bool:
    """Whether `value` is a whole number between `least` and `most`."""
    return isinstance(value, int) and least <= value <= most


def _tuple(given: object, length: int, words: str) -> tuple[int, ...]:
    """A list or tuple of `length` whole numbers as a tuple. Raises ValueError with `words` for anything else."""
    if not isinstance(given, list | tuple) or len(given) != length or not all(_whole(one) for one in given):
        raise ValueError(words)
    return tuple(given)
