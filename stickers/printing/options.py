"""What a designer orders: size, resolution, border. Checked once, here, with the field's name in the error."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from stickers.printing.errors import OptionsError
from stickers.printing.geometry.lengths import MAX_LENGTH_MM, MM_PER_INCH

DPI_CHOICES: Final = (300, 600)
# StickerApp's smallest dimension. A smaller sticker lifts from the liner when it is cut.
MIN_CUT_MM: Final = 6.0
# Below an inch, shops want wider borders, and small words are lost.
SMALL_CUT_MM: Final = 25.0
# The least border of Sticker Mule and Avery. A thinner one shows every shift of the blade as a white sliver.
MIN_BORDER_MM: Final = 1.6
DEFAULT_BORDER_MM: Final = 2.0
# StickerGiant asks for an eighth of an inch around anything under an inch.
SMALL_CUT_BORDER_MM: Final = 3.2
# Two printed dots at 600 DPI are 0.08 mm. Art under 2 mm cannot be told apart, so a border must leave as much.
MIN_ART_MM: Final = 2.0
WHITE: Final = (255, 255, 255)


@dataclass(frozen=True, kw_only=True)
class PrintOptions:
    """One order. Raises OptionsError if it cannot be printed.

    `size_mm`: the longest side of the cut line, that is of the art with its border; shops bill this size. `border_mm`:
    the width of the border around the art, 0 for none. `border_rgb`: sRGB, 0–255 each. `as_drawn`: the art's pixels
    are enlarged evenly, never redrawn.
    """

    size_mm: float
    dpi: int = 300
    border_mm: float = DEFAULT_BORDER_MM
    border_rgb: tuple[int, int, int] = WHITE
    as_drawn: bool = False

    def __post_init__(self) -> None:
        if not math.isfinite(self.size_mm) or self.size_mm <= 0:
            raise OptionsError("size_mm", "The size must be above zero.")
        if self.size_mm < MIN_CUT_MM:
            raise OptionsError(
                "size_mm",
                f"A sticker of {self.size_mm:.3g} mm is too small to cut: the least is {MIN_CUT_MM:g} mm.",
            )
        if self.size_mm > MAX_LENGTH_MM:
            raise OptionsError("size_mm", f"The size may be at most {MAX_LENGTH_MM:g} mm.")
        if self.dpi not in DPI_CHOICES:
            raise OptionsError("dpi", f"The resolution must be {DPI_CHOICES[0]} or {DPI_CHOICES[1]} DPI.")
        if not math.isfinite(self.border_mm) or self.border_mm < 0:
            raise OptionsError("border_mm", "The border must be 0 (none) or a width above zero.")
        widest_mm = math.floor((self.size_mm - MIN_ART_MM) / 2 * 10) / 10
        if self.border_mm > widest_mm:
            raise OptionsError(
                "border_mm",
                f"A border of {self.border_mm:.4g} mm leaves no room for the art on a sticker of"
                f" {self.size_mm:.4g} mm: at most {widest_mm:g} mm fit.",
            )
        if len(self.border_rgb) != 3 or not all(0 <= channel <= 255 for channel in self.border_rgb):
            raise OptionsError("border_rgb", "The border's colour must be three numbers from 0 to 255.")

    @property
    def art_mm(self) -> float:
        """The longest side of the art inside the border."""
        return self.size_mm - 2 * self.border_mm

    def warnings(self) -> tuple[str, ...]:
        """What can be printed but may not please, one sentence each."""
        said = []
        if self.size_mm < SMALL_CUT_MM:
            said.append(small_cut_words(self.size_mm))
        if 0 < self.border_mm < MIN_BORDER_MM:
            said.append(
                f"A border of {self.border_mm:.3g} mm is thinner than the {MIN_BORDER_MM:g} mm that shops ask"
                " for: a small shift of the blade will show."
            )
        return tuple(said)


def small_cut_words(longest_mm: float) -> str:
    """What a file's manifest and the preflight say about a cut shorter than `SMALL_CUT_MM`."""
    return f"A cut of {longest_mm:.3g} mm is small: words and thin lines may be lost."


def default_border_mm(size_mm: float) -> float:
    """The border to propose for a cut of `size_mm`. It is wider on stickers under an inch."""
    return SMALL_CUT_BORDER_MM if size_mm < MM_PER_INCH else DEFAULT_BORDER_MM
