"""Lengths in forms: as people type them, in the unit of the form, and the fields of an option's errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from django import forms

from stickers.printing.errors import OptionsError
from stickers.printing.geometry.lengths import parse_length

# The forms' fields for options of the printing package. An empty one means the form as a whole.
FIELD_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "size_mm": "size",
        "page": "page",
        "margin_mm": "margin",
        "gap_mm": "gap",
        "border_mm": "border",
        "bleed_mm": "bleed",
        "dpi": "dpi",
        "format": "formats",
        "cmyk": "formats",
        "pack_author": "pack_author",
        "pack_emoji": "pack_emoji",
    }
)
_BARE_NUMBER: Final = re.compile(r"[\s+−-]*[\d.,/⁄¼-¾⅐-⅞][\d.,/⁄¼-¾⅐-⅞\s-]*")


def is_bare(text: str) -> bool:
    """Whether `text` is a number without a unit."""
    return _BARE_NUMBER.fullmatch(text) is not None


def length_mm(text: str, unit: str, *, zero_ok: bool = False) -> float:
    """A typed length in millimetres; one without a unit is in `unit`. Raises ValidationError."""
    try:
        return parse_length(f"{text}{unit}" if is_bare(text) else text, zero_ok=zero_ok)
    except ValueError as error:
        raise forms.ValidationError(str(error)) from None


class LengthsForm(forms.Form):
    """A form with a field `unit`, whose lengths are text until `clean` reads them."""

    def length_of(self, name: str, *, unit: str | None = None, zero_ok: bool = False) -> float | None:
        """The field's length in mm, in `unit` or the form's own; None, with the error at the field, if it has none."""
        said: dict[str, Any] = self.cleaned_data
        if name not in said or "unit" not in said:
            return None
        try:
            return length_mm(said[name], unit or said["unit"], zero_ok=zero_ok)
        except forms.ValidationError as error:
            self.add_error(name, error)
            return None

    def refuse(self, error: OptionsError) -> None:
        """Show what the printing package refuses at its field, or above the form if there is no such field."""
        field = FIELD_OF.get(error.field)
        self.add_error(field if field in self.fields else None, error.message)
