"""The forms of the print page: the settings, the sizes and copies of stickers, and one copy's place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from django import forms

from stickers.forms.lengths import LengthsForm, is_bare, length_mm
from stickers.forms.merging import merged, words_for
from stickers.models import Unit
from stickers.printing.errors import OptionsError
from stickers.printing.geometry.lengths import MM_PER_INCH
from stickers.printing.imposition.pages import PAGE_SIZES, parse_page
from stickers.printing.options import DPI_CHOICES
from stickers.printing.profiles import Profile
from stickers.printing.writers import formats
from stickers.printing.writers.pack_details import MOST_TEXT
from stickers.prints import colours, editing
from stickers.prints.imposing import checked
from stickers.prints.plan import Design, Plan

CUSTOM: Final = "custom"
PAGES: Final = [*((size.name, size.name) for size in PAGE_SIZES.values()), (CUSTOM, "Custom")]
_PLAIN: Final = (
    *("unit", "keep_upright", "keep_holes", "dpi", "file_name", "white_underlay", "as_drawn", "profile"),
    *("pack_author", "pack_emoji"),
)
_LENGTHS: Final = ("margin", "gap", "border", "bleed")


def shown_in(plan: Plan, data: Mapping[str, Any] | None) -> str:
    """The unit of the numbers in a sent form. Another window may have switched the print sheet's unit since."""
    said = (data or {}).get("shown_in", "")
    return str(said) if said in Unit.values else plan.unit


def in_unit(length_mm: float, unit: str) -> str:
    """A length as the designer reads and types it, without the unit."""
    said = f"{length_mm / MM_PER_INCH:.3f}" if unit == "in" else f"{length_mm:.2f}"
    return said.rstrip("0").rstrip(".")


class SettingsForm(LengthsForm):
    """The settings of page, cut and files. When it is valid, `plan` is the next plan."""

    unit = forms.ChoiceField(choices=Unit.choices)
    page = forms.ChoiceField(choices=PAGES)
    custom = forms.CharField(max_length=40, required=False)
    landscape = forms.BooleanField(required=False)
    profile = forms.ChoiceField()
    margin = forms.CharField(max_length=30, required=False)
    gap = forms.CharField(max_length=30, required=False)
    border = forms.CharField(max_length=30, required=False)
    bleed = forms.CharField(max_length=30, required=False)
    keep_upright = forms.BooleanField(required=False)
    keep_holes = forms.BooleanField(required=False)
    dpi = forms.TypedChoiceField(coerce=int, choices=[(dpi, f"{dpi} DPI") for dpi in DPI_CHOICES])
    formats = forms.MultipleChoiceField(
        choices=lambda: [(kind.name, kind.label) for kind in formats.offered()],
        error_messages={"required": "Choose at least one kind of file."},
    )
    file_name = forms.CharField(max_length=80, required=False)
    white_underlay = forms.BooleanField(required=False)
    as_drawn = forms.BooleanField(required=False)
    cover = forms.IntegerField(required=False, min_value=0)
    pack_author = forms.CharField(max_length=MOST_TEXT, required=False)
    pack_emoji = forms.CharField(max_length=60, required=False)

    def __init__(self, plan: Plan, profiles: Mapping[str, Profile], data: Any = None) -> None:
        self.shown_in = shown_in(plan, data)
        now = _shown(plan, self.shown_in)
        data, self.clashes = merged(data, now)
        super().__init__(data, initial=_initial(plan))
        self._before = plan
        self._profiles = profiles
        self.was = json.dumps(now)
        self.plan: Plan | None = None
        """The plan with these settings, once the form is valid."""
        choices = [(name, profile.label) for name, profile in profiles.items()]
        if plan.profile not in profiles:
            choices.append((plan.profile, "A profile that is gone"))
        self.fields["profile"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        for name, theirs in self.clashes.items():
            self.add_error(name, words_for(theirs))
        page = self._page()
        lengths = {f"{name}_mm": self._length(name) for name in _LENGTHS}
        if self.errors or page is None:
            return said
        changes: dict[str, Any] = {name: said[name] for name in _PLAIN} | lengths
        if said["cover"] in {0, *(copy.sticker_pk for copy in self._before.copies)}:
            changes["cover"] = said["cover"]
        plan = replace(self._before, page=page, formats=tuple(said["formats"]), **changes)
        profile = self._profiles.get(plan.profile)
        if profile is None:
            self.add_error("profile", "This profile is gone: choose another one.")
            return said
        if plan.profile != self._before.profile:
            plan = editing.with_profile(plan, profile)
        try:
            self.plan = checked(plan, profile)
            colours.check(plan.formats, profile)
        except OptionsError as error:
            self.refuse(error)
        return said

    def _length(self, name: str) -> float | None:
        # If this form switches the unit, its numbers are still in the old one.
        return self.length_of(name, unit=self.shown_in, zero_ok=True)

    def _page(self) -> str | None:
        said = self.cleaned_data
        if "page" not in said:
            return None
        wanted = said["page"]
        if wanted == CUSTOM:
            wanted = said.get("custom", "").strip() or self._before.page
            if is_bare(wanted.split("x")[-1].split("×")[-1]):
                wanted += self.shown_in
        elif said.get("landscape"):
            wanted += " landscape"
        try:
            parse_page(wanted)
        except OptionsError as error:
            self.add_error("custom" if said["page"] == CUSTOM else "page", error.message)
            return None
        return str(wanted)


class StickersForm(forms.Form):
    """Size and copies of each design, in fields named by the number of its first copy: `size-3`, `copies-3`."""

    def __init__(self, plan: Plan, data: Any = None) -> None:
        self.shown_in = shown_in(plan, data)
        self._designs: dict[str, Design] = {str(copies[0].number): design for design, copies in plan.designs.items()}
        now = {f"size-{key}": [in_unit(design.size_mm, self.shown_in)] for key, design in self._designs.items()}
        now |= {f"copies-{key}": [str(len(plan.designs[design]))] for key, design in self._designs.items()}
        data, self.clashes = merged(data, now)
        super().__init__(data)
        self._plan = plan
        self.was = json.dumps(now)
        self.plan: Plan | None = None
        for key, design in self._designs.items():
            count = len(plan.designs[design])
            self.fields[f"size-{key}"] = forms.CharField(
                max_length=30, initial=in_unit(design.size_mm, plan.unit), error_messages={"required": "Say how large."}
            )
            self.fields[f"copies-{key}"] = forms.IntegerField(
                initial=count,
                error_messages={"invalid": "A whole number of copies.", "required": "Say how many."},
            )
        self.fields["all_sizes"] = forms.CharField(max_length=30, required=False)

    def clean(self) -> dict[str, Any]:
        """Each mistake is shown at its own field. That the whole job is too large is said last."""
        plan = self._plan
        for name, theirs in self.clashes.items():
            self.add_error(name if name in self.fields else None, words_for(theirs))
        for key, design in self._designs.items():
            if f"size-{key}" in self.cleaned_data:
                self._try(f"size-{key}", lambda design=design, key=key: self._size(design, key))
            if f"copies-{key}" in self.cleaned_data:
                count = {design: self.cleaned_data[f"copies-{key}"]}
                self._try(f"copies-{key}", lambda count=count: editing.resized(self._plan, {}, count))
        if self.cleaned_data.get("all_sizes"):
            self._try("all_sizes", self._all_sizes)
        if not self.errors:
            sizes = {design: self._size(design, key) for key, design in self._designs.items()}
            if self.cleaned_data.get("all_sizes"):
                sizes = dict.fromkeys(self._designs.values(), self._all_sizes())
            counts = {design: self.cleaned_data[f"copies-{key}"] for key, design in self._designs.items()}
            self._try(None, lambda: setattr(self, "plan", editing.resized(plan, sizes, counts)))
        return self.cleaned_data

    def _size(self, design: Design, key: str) -> float:
        typed = self.cleaned_data[f"size-{key}"]
        if typed == in_unit(design.size_mm, self.shown_in):
            return design.size_mm  # not edited: to show an inch with three places must not round the size
        size_mm = length_mm(typed, self.shown_in)
        editing.resized(self._plan, {design: size_mm}, {})
        return size_mm

    def _all_sizes(self) -> float:
        size_mm = length_mm(self.cleaned_data["all_sizes"], self.shown_in)
        editing.resized(self._plan, dict.fromkeys(self._designs.values(), size_mm), {})
        return size_mm

    def _try(self, field: str | None, act: Any) -> None:
        try:
            act()
        except forms.ValidationError as error:
            self.add_error(field, error)
        except OptionsError as error:
            self.add_error(field, error.message)


class MoveForm(forms.Form):
    """One copy's place in the print sheet's unit, as the fields beside the page give it."""

    number = forms.IntegerField(min_value=1)
    x = forms.CharField(max_length=30)
    y = forms.CharField(max_length=30)
    rotation = forms.FloatField(error_messages={"invalid": "A rotation is a number of degrees, such as 45."})
    page = forms.IntegerField(min_value=1)

    def __init__(self, plan: Plan, data: Any) -> None:
        super().__init__(data)
        self._unit = shown_in(plan, data)

    def clean_x(self) -> float:
        return self._place("x")

    def clean_y(self) -> float:
        return self._place("y")

    def _place(self, name: str) -> float:
        """A place below zero is beyond the page's edge: it is accepted, and shown as wrong."""
        text = self.cleaned_data[name].strip()
        sign = -1 if text.startswith(("-", "−")) else 1
        return sign * length_mm(text.lstrip("-− "), self._unit, zero_ok=True)


def _shown(plan: Plan, unit: str) -> dict[str, list[str]]:
    """What the form of the settings shows for a plan, with the numbers in this unit, as it would be sent."""
    values = _initial(plan) | {name: in_unit(getattr(plan, f"{name}_mm"), unit) for name in _LENGTHS}
    return {name: _sent(value) for name, value in values.items()}


def _sent(value: object) -> list[str]:
    if isinstance(value, bool):
        return ["on"] if value else []
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _initial(plan: Plan) -> dict[str, Any]:
    name, _, turned = plan.page.partition(" ")
    known = name.lower() in PAGE_SIZES
    return {
        "unit": plan.unit,
        "page": PAGE_SIZES[name.lower()].name if known else CUSTOM,
        "custom": "" if known else plan.page,
        "landscape": known and turned == "landscape",
        "profile": plan.profile,
        "margin": in_unit(plan.margin_mm, plan.unit),
        "gap": in_unit(plan.gap_mm, plan.unit),
        "border": in_unit(plan.border_mm, plan.unit),
        "bleed": in_unit(plan.bleed_mm, plan.unit),
        "keep_upright": plan.keep_upright,
        "keep_holes": plan.keep_holes,
        "dpi": plan.dpi,
        "formats": list(plan.formats),
        "file_name": plan.file_name,
        "white_underlay": plan.white_underlay,
        "as_drawn": plan.as_drawn,
        "cover": plan.cover,
        "pack_author": plan.pack_author,
        "pack_emoji": plan.pack_emoji,
    }
