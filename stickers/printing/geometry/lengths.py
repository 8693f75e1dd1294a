"""Read lengths as people write them, in millimetres: `50mm`, `2in`, `5 cm`, `1,5"`, `1 1/2 in`, `½″`."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MM_PER_INCH: Final = 25.4
# One metre. The most pixels of a file hold a strip of 1000 × 500 mm at 300 DPI. Anything longer is a banner, not a
# sticker, and mostly a wrong unit.
MAX_LENGTH_MM: Final = 1000.0

_UNITS_MM: Final = {
    "": 1.0,
    "mm": 1.0,
    "millimetre": 1.0,
    "millimeter": 1.0,
    "millimetres": 1.0,
    "millimeters": 1.0,
    "cm": 10.0,
    "in": MM_PER_INCH,
    "inch": MM_PER_INCH,
    "inches": MM_PER_INCH,
    '"': MM_PER_INCH,
    "″": MM_PER_INCH,
    "”": MM_PER_INCH,
}
_UNIT: Final = r"\s*([a-z\"″”]*)"
_LENGTH: Final = re.compile(rf"([+-]?)([0-9]{{0,12}})(?:[.,]([0-9]{{0,12}}))?{_UNIT}")
# Rulers with inches have fractions: 1/2, 2 3/8 or 2-3/8.
_FRACTION: Final = re.compile(rf"([+-]?)(?:([0-9]{{1,6}})[\s-]+)?([0-9]{{1,6}})\s*/\s*(0*[1-9][0-9]{{0,5}}){_UNIT}")
_FRACTION_SIGN: Final = re.compile("[¼-¾⅐-⅞]")
_EXAMPLE: Final = "write for example 50mm, 5cm or 2in"


def parse_length(text: str, *, zero_ok: bool = False) -> float:
    """The millimetres that `text` names. A bare number is millimetres; a comma is a decimal point; 1 1/2 is 1.5.

    Zero is allowed only with `zero_ok` (a border of 0 means none). Raises ValueError, in words for the person who
    typed, for anything that is no length, for lengths below zero and for those above `MAX_LENGTH_MM`.
    """
    cleaned = _plain(text.strip().lower())
    if not cleaned:
        raise ValueError(f"A length is missing: {_EXAMPLE}.")
    shown = text.strip()[:24]
    if in_parts := _FRACTION.fullmatch(cleaned):
        sign, whole, above, below, unit = in_parts.groups()
        number = int(whole or 0) + int(above) / int(below)
    elif (match := _LENGTH.fullmatch(cleaned)) and (match[2] or match[3]):
        sign, whole, decimals, unit = match.groups()
        if "," in cleaned and decimals is not None and len(decimals) == 3:
            raise ValueError(f"“{shown}” can be read in two ways: write it without the comma.")
        number = float(f"{whole or 0}.{decimals or 0}")
    else:
        raise ValueError(f"“{shown}” is not a length: {_EXAMPLE}.")
    if unit not in _UNITS_MM:
        raise ValueError(f"“{unit[:24]}” is not a unit known here: use mm, cm or in.")
    length_mm = number * _UNITS_MM[unit]
    if sign == "-" and length_mm > 0:
        raise ValueError(f"“{shown}” is below zero: a length must be above it.")
    if length_mm == 0 and not zero_ok:
        raise ValueError("A length of 0 prints nothing: it must be above zero.")
    if length_mm > MAX_LENGTH_MM:
        raise ValueError(f"“{shown}” is too long: at most {MAX_LENGTH_MM:g} mm can be printed.")
    return length_mm


def _plain(text: str) -> str:
    """`text` with the minus, the fraction bar and signs such as ½ that keyboards have, as `-`, `/` and `1/2`."""
    in_digits = _FRACTION_SIGN.sub(lambda sign: f" {unicodedata.normalize('NFKC', sign[0])}", text)
    return in_digits.replace("⁄", "/").replace("−", "-").strip()


def mm_to_px(length_mm: float, dpi: float) -> float:
    """The number of pixels, with a fraction, of `length_mm` at `dpi`."""
    return length_mm * dpi / MM_PER_INCH


def px_to_mm(length_px: float, dpi: float) -> float:
    """The number of millimetres of `length_px` at `dpi`."""
    return length_px * MM_PER_INCH / dpi
