"""Addresses of a sheet or a sticker in templates: its pictures and what can be done with it.

A picture's address carries its content's name, so that browsers may keep it for good.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from django import template
from django.urls import reverse

from stickers.models import Sheet, Sticker

register = template.Library()


@register.filter
def kind(row: Sheet | Sticker) -> str:
    """`sheet` or `sticker`: the name under which forms and addresses know such a row."""
    return row._meta.model_name or ""  # noqa: SLF001  (Django's documented Meta interface)


@register.simple_tag
def action_url(row: Sheet | Sticker, action: str) -> str:
    """Where to star, title, delete or restore a row."""
    return reverse(f"{kind(row)}_{action}", args=[row.pk])


@register.simple_tag
def thumb_url(row: Sheet | Sticker, side_px: int) -> str:
    """Where a row's thumbnail is; while there is none, the whole picture answers there."""
    return _versioned(reverse(f"{kind(row)}_thumb", args=[row.pk, side_px]), getattr(row, f"thumb_{side_px}"))


@register.simple_tag
def file_url(row: Sheet | Sticker) -> str:
    """Where a row's whole picture is."""
    return _versioned(reverse(f"{kind(row)}_file", args=[row.pk]), row.file.name or "")


def _versioned(url: str, file: str) -> str:
    return f"{url}?v={PurePosixPath(file).stem}" if file else url
