"""The form of an export: size, resolution and border. What it accepts is one `PrintOptions`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django import forms

from stickers.forms.lengths import LengthsForm
from stickers.models import Sticker
from stickers.printing.artwork.drawing import MAX_PX
from stickers.printing.errors import OptionsError
from stickers.printing.geometry.lengths import mm_to_px
from stickers.printing.options import DEFAULT_BORDER_MM, DPI_CHOICES, PrintOptions

UNITS: Final = [("mm", "mm"), ("in", "inch")]
DEFAULTS: Final = {"size": "50", "unit": "mm", "dpi": "300", "bordered": "on", "border": f"{DEFAULT_BORDER_MM:g}"}


class ExportForm(LengthsForm):
    size = forms.CharField(max_length=30, error_messages={"required": "Say how large, for example 50 mm."})
    unit = forms.ChoiceField(choices=UNITS)
    dpi = forms.TypedChoiceField(coerce=int, choices=[(dpi, f"{dpi} DPI") for dpi in DPI_CHOICES])
    bordered = forms.BooleanField(required=False)
    border = forms.CharField(max_length=30, required=False)

    def __init__(self, data: Any, *, stickers: Sequence[Sticker]) -> None:
        super().__init__(data)
        self._stickers = stickers
        self.options: PrintOptions | None = None
        """The order, once the form is valid."""

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        size_mm = self.length_of("size")
        border_mm = self.length_of("border", zero_ok=True) if said.get("bordered") else 0.0
        if not self._stickers:
            raise forms.ValidationError("There are no stickers to export.")
        if size_mm is None or border_mm is None or "dpi" not in said:
            return said
        try:
            options = PrintOptions(size_mm=size_mm, dpi=said["dpi"], border_mm=border_mm)
        except OptionsError as error:
            self.refuse(error)
            return said
        if self._is_too_large(options):
            self.add_error(
                "size",
                f"Files of {options.dpi} DPI at this size would have more than {MAX_PX / 1e6:g} megapixels.",
            )
            return said
        self.options = options
        return said

    @property
    def typed(self) -> dict[str, str]:
        """The settings as they were typed. The next export and the preview begin with them."""
        return {name: self.data[name] for name in DEFAULTS if name in self.data}

    def _is_too_large(self, options: PrintOptions) -> bool:
        """Whether any file would have too many pixels, by the stickers' rows.

        It is said here, before a download begins.
        """
        longest_px = mm_to_px(options.size_mm, options.dpi)
        squarest = max(
            min(sticker.width_px, sticker.height_px) / max(sticker.width_px, sticker.height_px)
            for sticker in self._stickers
        )
        return longest_px**2 * squarest > MAX_PX
