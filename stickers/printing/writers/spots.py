"""Spot colours: inks that a shop's RIP takes for a knife's path or for white, by their exact names."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

from stickers.printing.errors import OptionsError

KISS_NAME: Final = "CutContour"  # Roland's; Caldera, Wasatch and most shops know it, too
THROUGH_NAME: Final = "PerfCutContour"
WHITE_NAME: Final = "White"

# Names with a meaning of their own in PDF. Such a "spot" would be process ink, or every plate at once.
_TAKEN: Final = frozenset({"all", "none", "cyan", "magenta", "yellow", "black", "default"})
_MOST_BYTES: Final = 64
_LEAST_STROKE_PT: Final = 0.05
_MOST_STROKE_PT: Final = 1.0


@dataclass(frozen=True)
class Spot:
    """One spot colour. `cmyk` (0–1 each) is its colour on screens. Raises OptionsError for what no RIP would know.

    `tint`: 0–1. `stroke_pt`: the line's width in points, without meaning for an ink that fills.
    """

    name: str = KISS_NAME
    tint: float = 1.0
    stroke_pt: float = 0.25
    cmyk: tuple[float, float, float, float] = (0.0, 1.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        cleaned = self.name.strip()
        if not cleaned or cleaned != self.name or len(cleaned.encode()) > _MOST_BYTES:
            raise OptionsError("spot_name", f"A spot's name needs 1 to {_MOST_BYTES} characters without outer spaces.")
        if not (cleaned.isascii() and cleaned.isprintable()):
            raise OptionsError("spot_name", "A spot's name may hold plain letters, digits and signs only.")
        if cleaned.lower() in _TAKEN:
            raise OptionsError(
                "spot_name", f"“{cleaned}” is no spot: the name has a meaning of its own in print files."
            )
        if not math.isfinite(self.tint) or not 0 < self.tint <= 1:
            raise OptionsError("spot_tint", "The tint must be above 0 and at most 100 %.")
        if not math.isfinite(self.stroke_pt) or not _LEAST_STROKE_PT <= self.stroke_pt <= _MOST_STROKE_PT:
            raise OptionsError(
                "stroke_pt", f"The stroke must be from {_LEAST_STROKE_PT:g} to {_MOST_STROKE_PT:g} points."
            )
        if len(self.cmyk) != 4 or not all(math.isfinite(part) and 0 <= part <= 1 for part in self.cmyk):
            raise OptionsError("spot_cmyk", "The shown colour must be four numbers from 0 to 1.")


@dataclass(frozen=True, kw_only=True)
class Spots:
    """The spot colours of one file: the kiss cut around each sticker and, if wanted, the through cut and the white.

    The through cut runs around the sheet, and white lies under the art. Raises OptionsError if two of them share a
    name.
    """

    kiss: Spot = field(default_factory=Spot)
    through: Spot | None = None
    white: Spot | None = None

    def __post_init__(self) -> None:
        names = [spot.name.lower() for spot in self.used]
        if len(set(names)) < len(names):
            raise OptionsError("spot_name", "Kiss cut, through cut and white need different names.")

    @property
    def used(self) -> tuple[Spot, ...]:
        return tuple(spot for spot in (self.kiss, self.through, self.white) if spot is not None)


KISS: Final = Spot()
THROUGH: Final = Spot(THROUGH_NAME, cmyk=(1.0, 0.0, 0.0, 0.0))
WHITE: Final = Spot(WHITE_NAME, cmyk=(0.2, 0.0, 0.0, 0.0))
