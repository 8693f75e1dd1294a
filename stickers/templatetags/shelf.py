"""Addresses of the rows of the shelf in templates: their pictures, and what can be done with them.

A picture's address carries the name of its content, so that browsers may keep the picture for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from django import template
from django.contrib.auth.models import User
from django.db.models.fields.files import FieldFile
from django.urls import reverse

from stickers.models import PrintProfile, PrintSheet, Sheet, Sticker
from stickers.printing.artwork.ppi import sharp_up_to_mm
from stickers.printing.options import DEFAULT_BORDER_MM
from stickers.prints import artwork

register = template.Library()

# The models on the shelf, each with its folder in addresses.
KINDS: Final[dict[type[Sheet] | type[Sticker] | type[PrintSheet] | type[PrintProfile], str]] = {
    Sheet: "sheets",
    Sticker: "stickers",
    PrintSheet: "prints",
    PrintProfile: "profiles",
}


@register.filter
def kind(row: Sheet | Sticker | PrintSheet | PrintProfile) -> str:
    """`sheet`, `sticker`, `printsheet` or `printprofile`: what forms, pages and events call such a row."""
    return row._meta.model_name or ""


@register.filter
def belongs_to(row: Sheet | Sticker, user: User) -> bool:
    """Whether the row is the user's own, to be deleted. Members of a project see each other's rows."""
    return (row.owner_id if isinstance(row, Sheet) else row.sheet.owner_id) == user.pk


@register.simple_tag
def action_url(row: Sheet | Sticker | PrintSheet | PrintProfile, action: str) -> str:
    """The address that stars, titles, deletes or restores a row."""
    return reverse(action, args=[type(row), row.pk])


@register.simple_tag
def thumb_url(row: Sheet | Sticker, side_px: int) -> str:
    """The address of a row's thumbnail. While there is none, the whole picture is served there."""
    return _versioned(reverse(f"{kind(row)}_thumb", args=[row.pk, side_px]), getattr(row, f"thumb_{side_px}"))


@register.simple_tag
def file_url(row: Sheet | Sticker) -> str:
    """The address of a row's whole picture."""
    return _versioned(reverse(f"{kind(row)}_file", args=[row.pk]), row.file)


@register.filter
def sharp_mm(sticker: Sticker) -> int:
    """The longest side that prints sharply, with the border that the dialog and the print sheets begin with."""
    return sharp_up_to_mm(artwork.original(sticker).art_px, DEFAULT_BORDER_MM)


@register.filter
def at(values: Mapping[str, Any], name: str) -> Any:
    """The value of a name that only the including template knows."""
    return values.get(name)


def _versioned(url: str, file: FieldFile) -> str:
    return f"{url}?v={PurePosixPath(file.name).stem}" if file.name else url
