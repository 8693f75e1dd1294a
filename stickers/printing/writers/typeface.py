"""The typeface of the notes on print files: Pillow's own Aileron (public domain), which each PDF embeds."""

from __future__ import annotations

from functools import cache
from typing import Final

from PIL import ImageFont

NAME: Final = "Aileron-Regular"
PER_EM: Final = 1000  # units in which PDF states widths and heights
# What the typeface has of the Windows alphabet (cp1252), by code
FIRST_CODE, LAST_CODE = 32, 187


@cache
def _font() -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(PER_EM)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("This Pillow has no FreeType, which print files need for their notes.")
    return font


def file() -> bytes:
    """The TrueType file: 13 KB."""
    return _font().font_bytes


def ascent_and_descent() -> tuple[int, int]:
    """How far letters reach above and below their line, in thousandths of their height."""
    ascent, descent = _font().getmetrics()
    return ascent, -descent


def width(text: str) -> float:
    """The width of `text` in thousandths of its height; PDF knows no kerning."""
    return sum(_font().getlength(letter) for letter in text)
