"""The form for how a sheet is segmented. The row keeps only what differs from the engine's defaults."""

from __future__ import annotations

from typing import Any, Final

from django import forms

from stickers.cutting import CutOptions
from stickers.cutting.options import MOST_JOIN_PX, MOST_SIZE_PX, MOST_STICKERS

_DEFAULTS: Final = CutOptions()


def _words(called: str, kind: str = "a number") -> dict[str, str]:
    """The messages for a wrong number, in the words of the generation form."""
    return {
        "invalid": f"{called} must be {kind}.",
        "min_value": f"{called} must be at least %(limit_value)d.",
        "max_value": f"{called} must be at most %(limit_value)d.",
    }


class SegmentationForm(forms.Form):
    """An empty field means the engine's own default."""

    tolerance = forms.FloatField(
        min_value=0, max_value=1, required=False, label="Background tolerance", error_messages=_words("Tolerance")
    )
    join_px = forms.FloatField(
        min_value=0,
        max_value=MOST_JOIN_PX,
        required=False,
        label="Join what is nearer than",
        error_messages=_words("Distance"),
    )
    min_size_px = forms.IntegerField(
        min_value=0,
        max_value=MOST_SIZE_PX,
        required=False,
        label="Smallest sticker",
        error_messages=_words("Size", "a whole number"),
    )
    expected_count = forms.IntegerField(
        min_value=1,
        max_value=MOST_STICKERS,
        required=False,
        label="Stickers on the sheet",
        error_messages=_words("Number of stickers", "a whole number"),
    )
    keep_border = forms.BooleanField(required=False, label="Keep the drawn white border")
    keep_captions = forms.BooleanField(required=False, label="Cut out words and captions, too")
    keep_furniture = forms.BooleanField(required=False, label="Cut out frames and lines, too")

    @classmethod
    def of(cls, options: dict[str, Any]) -> SegmentationForm:
        """The form, filled with these options."""
        return cls(initial={name: options.get(name, getattr(_DEFAULTS, name)) for name in cls.base_fields})

    @property
    def options(self) -> dict[str, Any]:
        """What differs from the defaults, as JSON values. Call it on a valid form only."""
        said = self.cleaned_data
        given = {name: value if value is not None else getattr(_DEFAULTS, name) for name, value in said.items()}
        return {name: value for name, value in given.items() if value != getattr(_DEFAULTS, name)}
