"""Draw rectangles on a page: the marks that a home cutter's camera looks for, and the cut around a whole sheet."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Final

import numpy as np

from stickers.printing.errors import OptionsError
from stickers.printing.geometry.curves import CutPath, Loop
from stickers.printing.imposition.pages import Box, PageOptions, PageSize

# The length of a handle with which four cubic curves are a circle to 0.03 %.
_KAPPA: Final = 0.5522847498
_SHEET_RADIUS_MM: Final = 3.0
_CLEARANCE_MM: Final = 1.0  # between a mark's inner side and the area for cut lines


@dataclass(frozen=True, kw_only=True)
class RegistrationMarks:
    """The marks that a Silhouette's camera looks for.

    Three are a filled square at the top left and an L at the top right and at the bottom left ("type 1"). Four are an L
    in each corner, as the Cameo 5 Alpha wants them. The lengths and the count are settings of the cutter's software and
    must equal the printed ones. `inset_mm` is from the page's edge to the outer edge of the lines, or to their middle
    if they are `centred`. `clearance_mm` is the side of the square in each mark's corner that stays free of art, since
    the camera may take a dark edge near a mark for the mark. Raises OptionsError outside `RANGES_MM`, the values that
    the software accepts.
    """

    RANGES_MM: ClassVar[Mapping[str, tuple[float, float]]] = MappingProxyType(
        {
            "square_mm": (3.0, 10.0),
            "inset_mm": (5.0, 50.0),
            "arm_mm": (8.0, 20.0),
            "line_mm": (0.3, 1.0),
            "clearance_mm": (5.0, 50.0),
        }
    )
    COUNTS: ClassVar[tuple[int, ...]] = (3, 4)

    square_mm: float = 5.0
    inset_mm: float = 10.0
    arm_mm: float = 15.0
    line_mm: float = 0.5
    clearance_mm: float = 20.0
    count: int = 3
    centred: bool = False

    def __post_init__(self) -> None:
        for field, (least, most) in self.RANGES_MM.items():
            value = getattr(self, field)
            if not math.isfinite(value) or not least <= value <= most:
                name = field.removesuffix("_mm")
                raise OptionsError(f"marks.{field}", f"The marks' {name} must be from {least:g} to {most:g} mm.")
        if self.count not in self.COUNTS:
            raise OptionsError("marks.count", "There are three or four marks.")

    def boxes(self, size: PageSize) -> tuple[Box, ...]:
        """The black rectangles on a page: the square, if there are three marks, then the two arms of each L."""
        drawn = []
        for right, low in ((False, False), (True, False), (False, True), (True, True))[: self.count]:
            if self.count == 3 and not right and not low:
                drawn.append(self._corner(size, self.square_mm, self.square_mm, right=right, low=low))
            else:
                out_mm = self.line_mm / 2 if self.centred else 0.0
                drawn.append(self._corner(size, self.arm_mm, self.line_mm, out_mm, right=right, low=low))
                drawn.append(self._corner(size, self.line_mm, self.arm_mm, out_mm, right=right, low=low))
        return tuple(drawn)

    def clear(self, size: PageSize) -> tuple[Box, ...]:
        """The corners of a page that stay free of art, one for each mark."""
        corners = ((False, False), (True, False), (False, True), (True, True))[: self.count]
        return tuple(
            self._corner(size, self.clearance_mm, self.clearance_mm, right=right, low=low) for right, low in corners
        )

    def _corner(
        self, size: PageSize, width_mm: float, height_mm: float, out_mm: float = 0.0, *, right: bool, low: bool
    ) -> Box:
        """A box in one corner of the frame at `inset_mm`, `out_mm` farther out."""
        near = self.inset_mm - out_mm
        left = size.width_mm - near - width_mm if right else near
        top = size.height_mm - near - height_mm if low else near
        return Box(left_mm=left, top_mm=top, right_mm=left + width_mm, bottom_mm=top + height_mm)

    def least_margin_mm(self) -> float:
        """The margin that keeps cut lines inside the marks' lines."""
        return self.inset_mm + self.line_mm + _CLEARANCE_MM

    def words(self) -> str:
        """The values that a designer has to set in the cutter's software."""
        kind = "Four registration marks:"
        if self.count == 3:
            kind = f"Registration marks type 1: square {self.square_mm:g} mm,"
        return f"{kind} inset {self.inset_mm:g} mm, length {self.arm_mm:g} mm, line {self.line_mm:g} mm"


def sheet_cut(options: PageOptions) -> CutPath:
    """The through cut around a whole sheet: a rounded rectangle half way into the page's margin.

    Raises OptionsError if the margin and the gap leave no room for it.
    """
    inset_mm = min(options.margin_mm / 2, options.margin_mm - options.gap_mm)
    if inset_mm <= 0:
        raise OptionsError("margin_mm", "A through cut around the sheet needs a margin wider than the gap.")
    size = options.size
    return rounded(
        Box(
            left_mm=inset_mm,
            top_mm=inset_mm,
            right_mm=size.width_mm - inset_mm,
            bottom_mm=size.height_mm - inset_mm,
        ),
        _SHEET_RADIUS_MM,
    )


def rounded(box: Box, radius_mm: float) -> CutPath:
    """A rectangle with round corners, clockwise as seen: 8 curves."""
    radius = min(radius_mm, box.width_mm / 2, box.height_mm / 2)
    left, top, right, bottom = box.left_mm, box.top_mm, box.right_mm, box.bottom_mm
    corners = (
        ((right - radius, top), (right, top), (right, top + radius)),
        ((right, bottom - radius), (right, bottom), (right - radius, bottom)),
        ((left + radius, bottom), (left, bottom), (left, bottom - radius)),
        ((left, top + radius), (left, top), (left + radius, top)),
    )
    curves = []
    at = np.array((left + radius, top))
    for points in corners:
        start, corner, end = map(np.array, points)
        curves.append((at, at + (start - at) / 3, at + (start - at) * 2 / 3, start))
        curves.append((start, start + (corner - start) * _KAPPA, end + (corner - end) * _KAPPA, end))
        at = end
    return CutPath(Loop(np.array(curves, np.float64)))
