"""Say in templates how well a sticker was cut, and where its number stands on its sheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django import template

from stickers.models import Sheet, Sticker

register = template.Library()

SURE_FROM: Final = 0.9
# What helps against each doubt of the segmentation, in the words of the form for cutting again.
REMEDIES: Final = {
    "cut off by the sheet's edge": "Leave it out: the rest is not in the picture",
    "touches the edge": "Leave it out: the rest is not in the picture",  # the name in older cuts
    "may be two stickers": "Cut again with the number of stickers",
    "shares a border with its neighbour": "Look at the side where they meet",
    "faint border": "Cut again with a lower tolerance",
    "loose parts joined": "Cut again and join only what is nearer",
    "very small": "No sticker? Cut again with a smallest size",
    "unusual size": "Cut again with the number of stickers",
    "ragged outline": "Cut again with another tolerance",
    "unsure outline": "Cut again with another tolerance",
}


@dataclass(frozen=True)
class Badge:
    """The disc with a sticker's number on its sheet, in sheet pixels."""

    x: float
    y: float
    radius: float
    font: float


@register.filter
def badge_at(sticker: Sticker, sheet: Sheet) -> Badge:
    """The number's disc: on the outline at the top left, inside the sheet, the same share of every sheet's size.

    It does not stand at the crop's corner, because that of a slanted sticker lies on its neighbour.
    """
    radius = max(sheet.width_px, sheet.height_px) / 58
    x, y = min(sticker.contour, key=sum, default=(sticker.x, sticker.y))
    return Badge(
        x=round(min(max(x, radius), sheet.width_px - radius), 1),
        y=round(min(max(y, radius), sheet.height_px - radius), 1),
        radius=round(radius, 1),
        font=round(radius * 1.15, 1),
    )


@register.filter
def sureness(sticker: Sticker) -> str:
    """The confidence of the cut, in words."""
    if sticker.confidence >= SURE_FROM:
        return "Cut is sure"
    return "Cut looks right" if sticker.confidence >= 0.7 else "Please check the cut"


@register.filter
def likelihood(sticker: Sticker) -> str:
    """What those words mean. The confidence is a calibrated probability, and no cut is certain."""
    percent = min(99, int(100 * sticker.confidence))
    return f"{percent} % likely to be right; from {100 * SURE_FROM:g} % on, a cut is called sure"


@register.filter
def remedy(sticker: Sticker) -> str:
    """What helps against the doubt in the sticker's cut; empty if nothing is known."""
    return REMEDIES.get(sticker.reason, "")
