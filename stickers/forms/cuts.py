"""The few things a designer can say about a cut; what differs from the scissors' own defaults is kept in the row."""

from __future__ import annotations

from typing import Any, Final

from django import forms

from stickers.cutting import CutOptions

_DEFAULTS: Final = CutOptions()
MOST_STICKERS: Final = 200


class CutForm(forms.Form):
    tolerance = forms.FloatField(min_value=0, max_value=1, label="Background tolerance")
    join_px = forms.FloatField(min_value=0, max_value=200, required=False, label="Join what is nearer than")
    min_size_px = forms.IntegerField(min_value=0, max_value=4096, required=False, label="Smallest sticker")
    expected_count = forms.IntegerField(
        min_value=1, max_value=MOST_STICKERS, required=False, label="Stickers on the sheet"
    )
    keep_border = forms.BooleanField(required=False, label="Keep the drawn white border")
    keep_captions = forms.BooleanField(required=False, label="Cut out words and captions, too")
    keep_furniture = forms.BooleanField(required=False, label="Cut out frames and lines, too")

    @classmethod
    def of(cls, options: dict[str, Any]) -> CutForm:
        """The form as it was when these options were given."""
        return cls(initial={name: options.get(name, getattr(_DEFAULTS, name)) for name in cls.base_fields})

    @property
    def options(self) -> dict[str, Any]:
        """What differs from the defaults, as values of JSON; call it on a valid form."""
        said = self.cleaned_data
        given = {name: value if value is not None else getattr(_DEFAULTS, name) for name, value in said.items()}
        return {name: value for name, value in given.items() if value != getattr(_DEFAULTS, name)}
