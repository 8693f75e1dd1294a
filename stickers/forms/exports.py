"""The form of an export of single stickers: sizes, resolution and border."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django import forms

from stickers.forms.lengths import LengthsForm
from stickers.models import Sticker
from stickers.printing.artwork.drawing import MAX_PX
from stickers.printing.artwork.sizes import FITS, SAME_SCALE, SHARP, Bounds
from stickers.printing.errors import OptionsError
from stickers.printing.geometry.lengths import mm_to_px
from stickers.printing.options import DEFAULT_BORDER_MM, DPI_CHOICES, PrintOptions
from stickers.printing.profiles import DEFAULT_PROFILE
from stickers.prints import sizes

UNITS: Final = [("mm", "mm"), ("in", "inch")]
ONE_SIZE: Final = ""  # the choice of a size for all, beside those of `FITS`
_FITS: Final = [(SAME_SCALE, "Same scale"), (SHARP, "Largest sharp size"), (ONE_SIZE, "One size")]
DEFAULTS: Final = {
    "fit": SAME_SCALE,
    "size": f"{DEFAULT_PROFILE.size_mm:g}",
    "unit": "mm",
    "dpi": "300",
    "bordered": "on",
    "border": f"{DEFAULT_BORDER_MM:g}",
}


class ExportForm(LengthsForm):
    """Once it is valid, `orders` says what is ordered of each sticker, by its key."""

    fit = forms.ChoiceField(choices=_FITS, required=False)
    size = forms.CharField(max_length=30, required=False)
    unit = forms.ChoiceField(choices=UNITS)
    dpi = forms.TypedChoiceField(coerce=int, choices=[(dpi, f"{dpi} DPI") for dpi in DPI_CHOICES])
    bordered = forms.BooleanField(required=False)
    border = forms.CharField(max_length=30, required=False)
    as_drawn = forms.BooleanField(required=False)

    def __init__(self, data: Any, *, stickers: Sequence[Sticker]) -> None:
        super().__init__(data)
        self._stickers = stickers
        self.orders: dict[int, PrintOptions] = {}

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        border_mm = self.length_of("border", zero_ok=True) if said.get("bordered") else 0.0
        sizes_mm = self._sizes_mm(border_mm or 0.0)
        if not self._stickers:
            raise forms.ValidationError("There are no stickers to export.")
        if sizes_mm is None or border_mm is None or "dpi" not in said:
            return said
        try:
            shared = {"dpi": said["dpi"], "border_mm": border_mm, "as_drawn": said["as_drawn"]}
            orders = {pk: PrintOptions(size_mm=size_mm, **shared) for pk, size_mm in sizes_mm.items()}
        except OptionsError as error:
            self.refuse(error)
            return said
        if any(self._is_too_large(sticker, orders[sticker.pk]) for sticker in self._stickers):
            self.add_error(
                "size",
                f"Files of {said['dpi']} DPI at this size would have more than {MAX_PX / 1e6:g} megapixels.",
            )
            return said
        self.orders = orders
        return said

    def _sizes_mm(self, border_mm: float) -> dict[int, float] | None:
        """The size of each sticker by its key; None, with the error at its field, if it is none."""
        fit = next((fit for fit in FITS if fit == self.cleaned_data.get("fit")), None)
        if fit is not None:
            bounds = Bounds(usual_mm=DEFAULT_PROFILE.size_mm, border_mm=border_mm)
            return sizes.fitted(fit, self._stickers, bounds)
        if not self.cleaned_data.get("size"):
            self.add_error("size", "Say how large, for example 50 mm.")
            return None
        size_mm = self.length_of("size")
        return None if size_mm is None else dict.fromkeys((sticker.pk for sticker in self._stickers), size_mm)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What may not please. The smallest sticker stands for all."""
        smallest = min(self.orders.values(), key=lambda order: order.size_mm, default=None)
        return smallest.warnings() if smallest else ()

    @property
    def typed(self) -> dict[str, str]:
        """The settings as they were typed. The next export and the preview begin with them."""
        return {name: self.data[name] for name in self.fields if name in self.data}

    def _is_too_large(self, sticker: Sticker, order: PrintOptions) -> bool:
        """Whether the file would have too many pixels, by the sticker's row.

        It is said here, before a download begins.
        """
        squareness = min(sticker.width_px, sticker.height_px) / max(sticker.width_px, sticker.height_px)
        return mm_to_px(order.size_mm, order.dpi) ** 2 * squareness > MAX_PX
