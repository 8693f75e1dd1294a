"""Addresses of a sheet or a sticker in templates: its pictures and what can be done with it.

A picture's address carries its content's name, so that browsers may keep it for good.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from django import template
from django.contrib.auth.models import User
from django.db.models.fields.files import FieldFile
from django.urls import reverse

from stickers.models import PrintProfile, PrintSheet, Sheet, Sticker
from stickers.printing.geometry.lengths import px_to_mm
from stickers.prints.artwork import SHARP_PPI

register = template.Library()

# The rows of the shelf, and the folder of each kind in addresses
KINDS: Final[dict[type[Sheet] | type[Sticker] | type[PrintSheet] | type[PrintProfile], str]] = {
    Sheet: "sheets",
    Sticker: "stickers",
    PrintSheet: "prints",
    PrintProfile: "profiles",
}

SURE_FROM: Final = 0.9
# What helps against each of the scissors' doubts, in the words of the form that cuts again.
REMEDIES: Final = {
    "cut off by the sheet's edge": "Leave it out: the rest is not in the picture",
    "touches the edge": "Leave it out: the rest is not in the picture",  # as cuts of before called it
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
    """Where a sticker's number stands on its sheet, in sheet pixels."""

    x: float
    y: float
    radius: float
    font: float


@register.filter
def kind(row: Sheet | Sticker | PrintSheet | PrintProfile) -> str:
    """`sheet`, `sticker`, `printsheet` or `printprofile`: what forms, pages and events call such a row."""
    return row._meta.model_name or ""


@register.filter
def belongs_to(row: Sheet | Sticker, user: User) -> bool:
    """Whether it is theirs, to delete it; a project's members see each other's."""
    return (row.owner_id if isinstance(row, Sheet) else row.sheet.owner_id) == user.pk


@register.simple_tag
def action_url(row: Sheet | Sticker | PrintSheet | PrintProfile, action: str) -> str:
    """Where to star, title, delete or restore a row."""
    return reverse(action, args=[type(row), row.pk])


@register.simple_tag
def thumb_url(row: Sheet | Sticker, side_px: int) -> str:
    """Where a row's thumbnail is; while there is none, the whole picture answers there."""
    return _versioned(reverse(f"{kind(row)}_thumb", args=[row.pk, side_px]), getattr(row, f"thumb_{side_px}"))


@register.simple_tag
def file_url(row: Sheet | Sticker) -> str:
    """Where a row's whole picture is."""
    return _versioned(reverse(f"{kind(row)}_file", args=[row.pk]), row.file)


@register.filter
def badge_at(sticker: Sticker, sheet: Sheet) -> Badge:
    """The sticker's number on its outline, top left, as large against every sheet and wholly inside it.

    A corner of the crop would not do: that of a slanted sticker lies on its neighbour.
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
def sharp_mm(sticker: Sticker) -> int:
    """How large the art can be printed with the 300 pixels per inch that shops ask for."""
    return int(px_to_mm(max(sticker.width_px, sticker.height_px), SHARP_PPI))


@register.filter
def sureness(sticker: Sticker) -> str:
    """The confidence of the cut, in words."""
    if sticker.confidence >= SURE_FROM:
        return "Cut is sure"
    return "Cut looks right" if sticker.confidence >= 0.7 else "Please check the cut"


@register.filter
def likelihood(sticker: Sticker) -> str:
    """What those words mean; the confidence is a calibrated probability, and none is certain."""
    percent = min(99, int(100 * sticker.confidence))
    return f"{percent} % likely to be right; from {100 * SURE_FROM:g} % on, a cut is called sure"


@register.filter
def remedy(sticker: Sticker) -> str:
    """What helps against the doubt in its cut."""
    return REMEDIES.get(sticker.reason, "")


@register.filter
def at(values: Mapping[str, Any], name: str) -> Any:
    """The value under a name that only the template's caller knows."""
    return values.get(name)


def _versioned(url: str, file: FieldFile) -> str:
    return f"{url}?v={PurePosixPath(file.name).stem}" if file.name else url
