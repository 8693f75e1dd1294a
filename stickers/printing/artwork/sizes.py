"""Propose sizes that fit the art: all stickers of a sheet at one scale, or each one as large as it is sharp.

All sizes are lengths of the longest side of the cut line, border included, in millimetres.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from stickers.printing.artwork.ppi import GOOD_PPI, effective_ppi, sharp_up_to_mm
from stickers.printing.geometry.lengths import MAX_LENGTH_MM, px_to_mm
from stickers.printing.options import MIN_ART_MM, MIN_CUT_MM

Fit = Literal["same-scale", "sharp"]

SAME_SCALE: Final[Fit] = "same-scale"
SHARP: Final[Fit] = "sharp"
FITS: Final[tuple[Fit, ...]] = (SAME_SCALE, SHARP)  # the first one is proposed


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What sizes have to keep to.

    `usual_mm`: the size of a usual sticker. `border_mm`: the border around the art. `least_mm` and `most_mm`: the
    smallest size that can be cut and the largest one that has room.
    """

    usual_mm: float
    border_mm: float
    least_mm: float = MIN_CUT_MM
    most_mm: float = MAX_LENGTH_MM

    def art_mm(self, size_mm: float) -> float:
        """What a sticker of `size_mm` leaves to its art."""
        return max(size_mm - 2 * self.border_mm, MIN_ART_MM)

    def clamped(self, size_mm: float) -> float:
        """The nearest size that keeps to the bounds. That it can be cut goes before that it has room."""
        # `PrintOptions` compares borders in steps of a tenth: 0.2 mm more leave room for that
        return max(min(size_mm, self.most_mm), self.least_mm, MIN_ART_MM + 2 * self.border_mm + 0.2)


def common_ppi(art_px: Sequence[float], bounds: Bounds) -> float:
    """The one effective ppi for all stickers of a sheet, so that they keep their relation.

    `art_px`: the longest side of each sticker's art in pixels of the sheet (see `die_cut.art_px`); the median is the
    usual sticker and gets `usual_mm`. The scale is smaller if the preflight would warn of few pixels at it, or if the
    largest sticker would be longer than `most_mm`. Raises ValueError for an empty `art_px`, and unless each is above 0.
    """
    if not art_px:
        raise ValueError("A scale needs at least one sticker.")
    usual = effective_ppi(statistics.median(art_px), bounds.art_mm(bounds.usual_mm))
    room = effective_ppi(max(art_px), bounds.art_mm(bounds.most_mm))
    return max(usual, room, GOOD_PPI)


def fitted_mm(fit: Fit, art_px: float, bounds: Bounds, *, ppi: float) -> float:
    """The size of one sticker. `ppi` is its sheet's `common_ppi`, which only the same scale uses.

    Sizes at the same scale are rounded down to a tenth, sharp ones to a whole millimetre.
    """
    if fit == SHARP:
        return bounds.clamped(sharp_up_to_mm(art_px, bounds.border_mm))
    return bounds.clamped(math.floor((px_to_mm(art_px, ppi) + 2 * bounds.border_mm) * 10 + 1e-6) / 10)
