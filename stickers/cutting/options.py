"""What a designer may say about a cut: frozen options with ranges in plain words."""

from __future__ import annotations

import math
from dataclasses import dataclass

Box = tuple[int, int, int, int]
Point = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class CutOptions:
    """How a sheet is cut. The defaults suit most sheets; each field is one question to the designer.

    `tolerance` 0..1: how different from the background a pixel must be to count; 0.5 is measured from the sheet,
    less keeps fainter things, more drops them. `join_px`: satellites nearer than this join their figure, in
    pixels of a sheet of 1024²; None lets the sheet decide. `min_size_px`: a sticker's longest side at least, in
    sheet pixels. `keep_border`: with its white border, or trimmed to the artwork. `keep_captions`: free words,
    page numbers and titles too. `keep_furniture`: grid lines, cards and frames too. `background`: the sheet's
    colour picked by hand, RGB. `expected_count`: how many stickers the sheet holds; parting and joining then
    aim at it. `seeds`: one point (x, y) inside each sticker; `boxes`: one (x, y, width, height) round each:
    what neither names is dropped.
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
        if not (math.isfinite(self.tolerance) and 0 <= self.tolerance <= 1):
            raise ValueError("The tolerance must be between 0 and 1.")
        if self.join_px is not None and not (math.isfinite(self.join_px) and 0 <= self.join_px <= 200):
            raise ValueError("The join distance must be between 0 and 200 pixels.")
        if not 0 <= self.min_size_px <= 4096:
            raise ValueError("The minimum size must be between 0 and 4096 pixels.")
        if self.background is not None and (
            len(self.background) != 3 or any(not 0 <= channel <= 255 for channel in self.background)
        ):
            raise ValueError("The background colour needs red, green and blue between 0 and 255.")
        if self.expected_count is not None and not 1 <= self.expected_count <= 500:
            raise ValueError("The expected number of stickers must be between 1 and 500.")
        if self.seeds and self.boxes:
            raise ValueError("Give seeds or boxes, not both.")
        if any(len(seed) != 2 for seed in self.seeds):
            raise ValueError("A seed is a point x, y.")
        if any(len(box) != 4 or box[2] <= 0 or box[3] <= 0 for box in self.boxes):
            raise ValueError("A box is x, y, width, height with a width and height above 0.")
