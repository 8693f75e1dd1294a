"""Pages for stickers: their sizes, margins and gaps, checked once, here, with the field's name in the error."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

from stickers.printing.errors import OptionsError
from stickers.printing.geometry.lengths import MAX_LENGTH_MM, MM_PER_INCH, parse_length
from stickers.printing.options import MIN_CUT_MM

DEFAULT_MARGIN_MM: Final = 10.0
DEFAULT_GAP_MM: Final = 3.0
MAX_GAP_MM: Final = 100.0
MAX_PAGES: Final = 50

_SIZES_MM: Final = {
    "A4": (210.0, 297.0),
    "Letter": (8.5 * MM_PER_INCH, 11 * MM_PER_INCH),
    "A5": (148.0, 210.0),
    "4x6in": (4 * MM_PER_INCH, 6 * MM_PER_INCH),
}
_NUMBER: Final = r"[0-9.,/⁄¼-¾⅐-⅞\s]+"
_BY_SIDES: Final = re.compile(r"(.+?)\s*[x×*]\s*(.+)")


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle on a page, mm from the page's top left corner."""

    left_mm: float
    top_mm: float
    right_mm: float
    bottom_mm: float

    @property
    def width_mm(self) -> float:
        return self.right_mm - self.left_mm

    @property
    def height_mm(self) -> float:
        return self.bottom_mm - self.top_mm

    def grown(self, by_mm: float) -> Box:
        """The box with each side moved outward."""
        return Box(
            left_mm=self.left_mm - by_mm,
            top_mm=self.top_mm - by_mm,
            right_mm=self.right_mm + by_mm,
            bottom_mm=self.bottom_mm + by_mm,
        )


@dataclass(frozen=True)
class PageSize:
    """A page's name and sides. Raises OptionsError for impossible sides."""

    name: str
    width_mm: float
    height_mm: float

    def __post_init__(self) -> None:
        for side_mm in (self.width_mm, self.height_mm):
            if not math.isfinite(side_mm) or side_mm < 2 * MIN_CUT_MM:
                raise OptionsError("page", f"A page's sides must be {2 * MIN_CUT_MM:g} mm or more.")
            if side_mm > MAX_LENGTH_MM:
                raise OptionsError("page", f"A page's sides may be at most {MAX_LENGTH_MM:g} mm.")

    @property
    def area_mm2(self) -> float:
        return self.width_mm * self.height_mm

    def turned(self) -> PageSize:
        """The same page lying on its side."""
        return PageSize(f"{self.name} landscape", self.height_mm, self.width_mm)


PAGE_SIZES: Final = {name.lower(): PageSize(name, *sides) for name, sides in _SIZES_MM.items()}


def parse_page(text: str) -> PageSize:
    """The page that `text` names: `A4`, `letter`, `A5`, `4x6in`, `A4 landscape`, or its own sides, `100x150mm`.

    Raises OptionsError (field `page`) with words for the person who typed.
    """
    cleaned = " ".join(text.lower().replace("-", " ").split())  # which reads A4-landscape, and 8-1/2 as 8 1/2
    named = PAGE_SIZES.get(cleaned.removesuffix(" landscape"))
    if named is not None:
        return named.turned() if cleaned.endswith(" landscape") else named
    sides = _BY_SIDES.fullmatch(cleaned)
    known = ", ".join(size.name for size in PAGE_SIZES.values())
    if sides is None:
        raise OptionsError("page", f"“{text[:24]}” is no page known here: use {known}, or sides such as 100x150mm.")
    width, height = sides.groups()
    unit = re.sub(_NUMBER, "", height)
    if re.fullmatch(_NUMBER, width):
        width += unit  # in 4x6in both sides are inches
    try:
        return PageSize(text.strip(), parse_length(width), parse_length(height))
    except OptionsError:
        raise
    except ValueError as error:
        raise OptionsError("page", str(error)) from None


@dataclass(frozen=True, kw_only=True)
class PageOptions:
    """How pages are filled. Raises OptionsError if nothing could be placed this way.

    `margin_mm` stays free on every side, and `gap_mm` between any two cut lines. `blocked`: places of printed marks,
    from which cut lines stay `gap_mm` away. `keep_upright` forbids turning.
    """

    size: PageSize = PAGE_SIZES["a4"]
    margin_mm: float = DEFAULT_MARGIN_MM
    gap_mm: float = DEFAULT_GAP_MM
    keep_upright: bool = False
    blocked: tuple[Box, ...] = ()
    max_pages: int = MAX_PAGES

    def __post_init__(self) -> None:
        if not math.isfinite(self.margin_mm) or self.margin_mm < 0:
            raise OptionsError("margin_mm", "The page's margin must be 0 or above it.")
        if not math.isfinite(self.gap_mm) or not 0 <= self.gap_mm <= MAX_GAP_MM:
            raise OptionsError("gap_mm", f"The gap must be from 0 to {MAX_GAP_MM:g} mm.")
        if not 1 <= self.max_pages <= MAX_PAGES:
            raise OptionsError("max_pages", f"There can be 1 to {MAX_PAGES} pages.")
        shorter_mm = min(self.size.width_mm, self.size.height_mm)
        if shorter_mm - 2 * self.margin_mm < MIN_CUT_MM:
            raise OptionsError(
                "margin_mm",
                f"Margins of {self.margin_mm:.4g} mm leave no room on a page {shorter_mm:.4g} mm wide.",
            )

    @property
    def live(self) -> Box:
        """The part of the page where cut lines may lie."""
        return Box(
            left_mm=self.margin_mm,
            top_mm=self.margin_mm,
            right_mm=self.size.width_mm - self.margin_mm,
            bottom_mm=self.size.height_mm - self.margin_mm,
        )
