"""The form of a print profile: lengths with units, and the printing package's own verdict at each field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django import forms
from django.forms.boundfield import BoundField

from stickers.models import PrintProfile
from stickers.printing.errors import OptionsError
from stickers.printing.geometry.lengths import parse_length
from stickers.printing.imposition.marks import RegistrationMarks
from stickers.printing.options import DPI_CHOICES
from stickers.printing.profiles import DEFAULT_PROFILE, KINDS, MOST_NAME, RANGES_MM, Profile
from stickers.printing.writers import formats
from stickers.prints import colours
from stickers.prints.profiles import data_of, taken_names

KIND_LABELS: Final = {
    "shop": "Print shop",
    "cutter": "Home cutter",
    "home": "Printer and scissors",
    "messenger": "Messenger",
}
_NUMBERS: Final = ("least_ppi", "spot_tint", "stroke_pt")  # with units of their own
_MARKS: Final = tuple(RegistrationMarks.RANGES_MM)
# The form's own labels, with hints for filling in.
LENGTHS: Final = {
    "size_mm": ("Size", "longest side of a usual sticker's cut line"),
    "least_cut_mm": ("Least dimension", "shorter side of the cut line"),
    "least_line_mm": ("Thinnest line", "of the art"),
    "least_radius_mm": ("Corner radius", "at least, along the cut line"),
    "border_mm": ("Border", "proposed"),
    "least_border_mm": ("Least border", "demanded"),
    "small_border_mm": ("Least border under an inch", "demanded of small stickers"),
    "bleed_mm": ("Bleed", "colour past the cut line"),
    "safe_mm": ("Safe area", "inside the cut line"),
    "gap_mm": ("Gap", "between two cut lines"),
    "edge_mm": ("Distance from the edge", "at least, of a cut line from the page's edge"),
    "margin_mm": ("Margin", "of the page, proposed"),
    "marks_square_mm": ("Square", "at the top left"),
    "marks_inset_mm": ("Inset", "from the page's edge"),
    "marks_arm_mm": ("Arm", "length of the L's"),
    "marks_line_mm": ("Line width", "of the L's"),
    "marks_clearance_mm": ("Clearance", "free of art, in each mark's corner"),
}
_GROUPS: Final = (
    ("Sticker", ("size_mm", "least_cut_mm", "least_line_mm", "least_radius_mm")),
    ("Around the art", ("border_mm", "least_border_mm", "small_border_mm", "bleed_mm", "safe_mm")),
    ("Page", ("gap_mm", "edge_mm", "margin_mm")),
)


class LengthField(forms.CharField):
    """A length as people type it: 3.2, 3,2 or 0.125 in. Its value is millimetres."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return text
        try:
            return parse_length(text, zero_ok=True)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def prepare_value(self, value: Any) -> Any:
        return f"{value:.6g}" if isinstance(value, int | float) else value


class ProfileForm(forms.Form):
    name = forms.CharField(max_length=MOST_NAME, error_messages={"required": "Give the profile a name."})
    kind = forms.ChoiceField(choices=[(kind, KIND_LABELS[kind]) for kind in KINDS])
    dpi = forms.TypedChoiceField(coerce=int, choices=[(dpi, f"{dpi} DPI") for dpi in DPI_CHOICES])
    least_ppi = forms.FloatField(label="Least source resolution")
    formats = forms.MultipleChoiceField(
        choices=lambda: [(wanted.name, wanted.label) for wanted in formats.FORMATS],
        error_messages={"required": "Choose a format at least."},
    )
    spot_name = forms.CharField(
        label="Kiss cut", max_length=64, strip=False, error_messages={"required": "The cut line's ink needs a name."}
    )
    through_name = forms.CharField(label="Through cut", max_length=64, strip=False, required=False)
    spot_tint = forms.FloatField(label="Tint")  # percent here, a share in the profile
    stroke_pt = forms.FloatField(label="Stroke")
    cmyk = forms.ChoiceField(label="CMYK profile", required=False)
    has_marks = forms.BooleanField(required=False)
    marks_count = forms.TypedChoiceField(
        coerce=int,
        required=False,
        choices=[(3, "A square and two L's"), (4, "Four L's")],
    )
    marks_centred = forms.BooleanField(required=False)
    as_drawn = forms.BooleanField(required=False)

    def __init__(self, data: Any = None, *, row: PrintProfile) -> None:
        super().__init__(data, initial=_typed(row))
        self._row = row
        self._kept_formats = _known(row).get("formats", [])
        self.fields["cmyk"].choices = _presses(str(self.initial["cmyk"]))  # type: ignore[attr-defined]
        self.profile: Profile | None = None
        """The profile, once the form is valid."""
        has_marks = data is None or "has_marks" in data
        for name, (label, hint) in LENGTHS.items():
            self.fields[name] = LengthField(
                label=label,
                help_text=f"{hint}; {_range(name)}",
                required=has_marks or not name.startswith("marks_"),
                error_messages={"required": "A length is missing: write for example 2 mm."},
            )

    def groups(self) -> Iterator[tuple[str, list[BoundField]]]:
        """The lengths as the page shows them; the marks have a place of their own."""
        for title, names in _GROUPS:
            yield title, [self[name] for name in names]

    def marks(self) -> list[BoundField]:
        return [self[f"marks_{name}"] for name in _MARKS]

    def clean_name(self) -> str:
        name: str = " ".join(self.cleaned_data["name"].split())
        if name.casefold() in taken_names(self._row.owner_id, but=self._row.pk):
            raise forms.ValidationError("Another profile has this name.")
        return name

    def clean(self) -> dict[str, Any]:
        """Every field that the printing package refuses gets its own message, not only the first one."""
        wanted = self._wanted()
        while True:
            try:
                profile = DEFAULT_PROFILE.edited(wanted)
            except OptionsError as error:
                field = {"label": "name", "marks": "has_marks"}.get(error.field, error.field.replace(".", "_"))
                self.add_error(field if field in self.fields else None, error.message)
                left = error.field.partition(".")[0]
                if left not in wanted:
                    return self.cleaned_data
                del wanted[left]
            else:
                break
        if not self.errors:
            self.profile = profile
        return self.cleaned_data

    def save(self) -> PrintProfile:
        """Call it on a valid form."""
        if self.profile is None:
            raise ValueError("The form is not valid.")
        self._row.name, self._row.data = self.profile.label, data_of(self.profile)
        self._row.save(update_fields=["name", "data"])
        return self._row

    def _wanted(self) -> dict[str, Any]:
        """The profile's fields that could be read."""
        said = dict(self.cleaned_data)
        marks = {name: said.pop(f"marks_{name}", None) for name in (*_MARKS, "count", "centred")}
        wanted: dict[str, Any] = {"name": self._row.key}
        if "name" in said:
            wanted["label"] = said.pop("name")
        if "spot_tint" in said:
            said["spot_tint"] /= 100
        if "formats" in said:  # old formats keep their order, with the best first
            said["formats"] = sorted(said["formats"], key=lambda kind: _place(kind, self._kept_formats))
        if said.pop("has_marks", False):
            # What could not be read has its message already. The rest is still judged.
            wanted["marks"] = {name: value for name, value in marks.items() if value not in (None, "")}
        return wanted | said


def _typed(row: PrintProfile) -> dict[str, Any]:
    """The values of a row as the form shows them. Damaged ones are shown too, so that they can be corrected."""
    known = DEFAULT_PROFILE.as_json() | _known(row)
    marks = known.pop("marks") or {}
    proposed = RegistrationMarks()
    typed = {f"marks_{name}": marks.get(name, getattr(proposed, name)) for name in (*_MARKS, "count", "centred")}
    if isinstance(known["spot_tint"], int | float):
        known["spot_tint"] *= 100
    numbers = {name: f"{known[name]:g}" for name in _NUMBERS if isinstance(known[name], int | float)}
    return known | typed | numbers | {"name": row.name, "has_marks": bool(marks)}


def _presses(kept: str) -> list[tuple[str, str]]:
    """The CMYK profiles to choose from. The kept one is there even if it is not installed (any more)."""
    try:
        studios = colours.studios().description
    except OptionsError:
        studios = "none is installed"
    listed = [(one.name, f"{one.description} ({one.name})") for one in colours.installed()]
    if kept and kept not in dict(listed):
        listed.append((kept, f"{kept} (not installed here)"))
    return [("", f"The studio's: {studios}"), *listed]


def _known(row: PrintProfile) -> dict[str, Any]:
    if not isinstance(row.data, Mapping):
        return {}
    fields = DEFAULT_PROFILE.as_json()
    return {name: value for name, value in row.data.items() if name in fields}


def _range(name: str) -> str:
    if name in RANGES_MM:
        least, most = RANGES_MM[name]
    else:
        least, most = RegistrationMarks.RANGES_MM[name.removeprefix("marks_")]
    return f"{least:g} to {most:g} mm"


def _place(kind: str, kept: list[str]) -> tuple[int, int]:
    known = [wanted.name for wanted in formats.FORMATS].index(kind)
    return (kept.index(kind), known) if kind in kept else (len(kept), known)
