"""The demands of shops and cutters, as data: sizes, bleed, gap, border, formats. A designer can copy and edit one.

Each profile says where its numbers come from and when they were last looked up. If a shop changes them, one edit is
enough.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from types import MappingProxyType
from typing import Any, Final, Literal

from stickers.printing.errors import OptionsError
from stickers.printing.imposition.marks import RegistrationMarks
from stickers.printing.options import DEFAULT_BORDER_MM, DPI_CHOICES, MIN_ART_MM, MIN_BORDER_MM, MIN_CUT_MM
from stickers.printing.writers import formats
from stickers.printing.writers.messengers import MESSENGERS
from stickers.printing.writers.spots import KISS_NAME, THROUGH, Spot, Spots

ProfileKind = Literal["shop", "cutter", "home", "messenger"]

KINDS: Final[tuple[ProfileKind, ...]] = ("shop", "cutter", "home", "messenger")
MOST_NAME: Final = 40  # characters
MOST_SOURCE: Final = 300  # characters
MOST_CMYK: Final = 80  # characters
# A designer's own profile has no source: its numbers are the designer's.
UNSOURCED: Final[Mapping[str, str]] = MappingProxyType({"source": "", "as_of": ""})

# The least and the most of each length, in mm
RANGES_MM: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {
        "size_mm": (MIN_CUT_MM, 500.0),
        "bleed_mm": (0.0, 3.2),
        "safe_mm": (0.0, 20.0),
        "border_mm": (0.0, 20.0),
        "least_border_mm": (0.0, 20.0),
        "small_border_mm": (0.0, 20.0),
        "gap_mm": (0.0, 100.0),
        "edge_mm": (0.0, 100.0),
        "least_radius_mm": (0.0, 20.0),
        "least_cut_mm": (1.0, 500.0),
        "margin_mm": (0.0, 200.0),
        "least_line_mm": (0.0, 5.0),
    }
)


@dataclass(frozen=True, kw_only=True)
class Profile:
    """The requirements of one shop or cutter. Raises OptionsError, with the field, for impossible numbers.

    `size_mm`: the longest side of a usual sticker's cut, if its art has the pixels (see `artwork/sizes.py`).
    `border_mm`: the proposed border; `least_border_mm`: the demanded one; `small_border_mm`: the demanded one under an
    inch. `edge_mm`: the least distance of a cut from the page's edge; `margin_mm`: the proposed one. `least_line_mm`:
    the thinnest part of the art that prints. `as_drawn`: art with few pixels is enlarged evenly, not redrawn.
    `formats`: what it takes, best first. `cmyk`: the name of its press's ICC profile, empty for the studio's.
    `source`: where the numbers come from (addresses or plain words). `as_of`: when they were last looked up (year and
    month, 2026-11). Both are empty in a designer's own profile.
    """

    name: str
    label: str
    kind: ProfileKind = "shop"
    size_mm: float = 50.0
    dpi: int = 300
    least_ppi: float = 150.0
    bleed_mm: float = 0.0
    safe_mm: float = 2.0
    border_mm: float = DEFAULT_BORDER_MM
    least_border_mm: float = MIN_BORDER_MM
    small_border_mm: float = MIN_BORDER_MM
    gap_mm: float = 3.0
    edge_mm: float = 2.0
    margin_mm: float = 10.0
    least_radius_mm: float = 1.0
    least_cut_mm: float = MIN_CUT_MM
    least_line_mm: float = 0.35
    as_drawn: bool = False
    formats: tuple[str, ...] = ("pdf", "png")
    spot_name: str = KISS_NAME
    spot_tint: float = 1.0
    stroke_pt: float = 0.25
    through_name: str = ""
    marks: RegistrationMarks | None = None
    cmyk: str = ""
    source: str = ""
    as_of: str = ""

    def __post_init__(self) -> None:
        for field in ("name", "label"):
            text = getattr(self, field)
            if not isinstance(text, str) or not 1 <= len(text.strip()) <= MOST_NAME or not text.isprintable():
                raise OptionsError(field, f"A profile's {field} needs 1 to {MOST_NAME} characters.")
        if not isinstance(self.source, str) or len(self.source) > MOST_SOURCE or not self.source.isprintable():
            raise OptionsError("source", f"A profile's source has at most {MOST_SOURCE} characters.")
        if not isinstance(self.as_of, str) or not re.fullmatch(r"([0-9]{4}-(0[1-9]|1[0-2]))?", self.as_of):
            raise OptionsError("as_of", "A profile's date is a year and a month, as in 2026-11.")
        # A name, no path: a designer must not be able to look at other files of the machine.
        if (
            not isinstance(self.cmyk, str)
            or len(self.cmyk) > MOST_CMYK
            or not re.fullmatch(r"[^/\\\0-\x1f]*", self.cmyk)
        ):
            words = f"A CMYK profile is the name of its file, without a folder: {MOST_CMYK} characters at most."
            raise OptionsError("cmyk", words)
        if self.kind not in KINDS:
            raise OptionsError("kind", f"A profile is for a {', a '.join(KINDS)}.")
        for field, (least, most) in RANGES_MM.items():
            value = _number(field, getattr(self, field))
            if not least <= value <= most:
                raise OptionsError(field, f"{_words(field)} must be from {least:g} to {most:g} mm.")
        self._agree()
        if self.dpi not in DPI_CHOICES:
            raise OptionsError("dpi", f"The resolution must be {DPI_CHOICES[0]} or {DPI_CHOICES[1]} DPI.")
        if not 0 <= _number("least_ppi", self.least_ppi) <= 1200:
            raise OptionsError("least_ppi", "The least source resolution must be from 0 to 1200 ppi.")
        known = [wanted.name for wanted in formats.FORMATS]
        if not self.formats or any(name not in known for name in self.formats):
            raise _wrong_formats()
        self.spots()

    def _agree(self) -> None:
        """The proposals must satisfy the demands, or the profile would object to its own proposals."""
        for field, least in (
            ("border_mm", "least_border_mm"),
            ("margin_mm", "edge_mm"),
            ("size_mm", "least_cut_mm"),
        ):
            if getattr(self, field) < getattr(self, least):
                raise OptionsError(
                    field, f"{_words(field)} must not be under the least of {getattr(self, least):g} mm set here."
                )
        if self.size_mm - 2 * self.border_for(self.size_mm) < MIN_ART_MM:
            raise OptionsError("border_mm", f"The border leaves no room for the art on {self.size_mm:g} mm.")

    def spots(self, *, white: Spot | None = None) -> Spots:
        """The inks of its files. Raises OptionsError for names that no RIP would know."""
        kiss = Spot(self.spot_name, _number("spot_tint", self.spot_tint), _number("stroke_pt", self.stroke_pt))
        try:
            through = replace(THROUGH, name=self.through_name) if self.through_name else None
        except OptionsError as error:
            raise OptionsError("through_name", error.message) from None
        return Spots(kiss=kiss, through=through, white=white)

    def border_for(self, size_mm: float) -> float:
        """The border to propose for a cut of `size_mm`. It is wider under an inch if the profile asks for that."""
        return max(self.border_mm, self.small_border_mm) if size_mm < 25.4 else self.border_mm

    def edited(self, changes: Mapping[str, Any]) -> Profile:
        """A copy with other values, from a form or a file. Raises OptionsError at the wrong field."""
        known = {field.name for field in fields(Profile)}
        for field in changes:
            if field not in known:
                raise OptionsError(field, f"A profile has no “{field}”.")
        wanted = dict(changes)
        if wanted.get("marks") is not None and not isinstance(wanted["marks"], RegistrationMarks):
            wanted["marks"] = _marks(wanted["marks"])
        if "formats" in wanted:
            if isinstance(wanted["formats"], str) or not all(isinstance(kind, str) for kind in wanted["formats"]):
                raise _wrong_formats()
            wanted["formats"] = tuple(wanted["formats"])
        if not isinstance(wanted.get("as_drawn", False), bool):
            raise OptionsError("as_drawn", "Art is printed as drawn or not: true or false.")
        for field in ("spot_name", "through_name", "kind"):
            if field in wanted and not isinstance(wanted[field], str):
                raise OptionsError(field, f"{_words(field)} must be a word.")
        return replace(self, **wanted)

    def as_json(self) -> dict[str, Any]:
        """JSON values, which `edited` reads back."""
        return asdict(self) | {"formats": list(self.formats)}


def _wrong_formats() -> OptionsError:
    return OptionsError("formats", f"Formats are some of {', '.join(wanted.name for wanted in formats.FORMATS)}.")


def _marks(values: Any) -> RegistrationMarks:
    if not isinstance(values, Mapping):
        raise OptionsError("marks", "Registration marks are lengths by their names, such as arm_mm.")
    known = {field.name for field in fields(RegistrationMarks)}
    for field in values:
        if field not in known:
            raise OptionsError(f"marks.{field}", f"Registration marks have no “{field}”.")
    lengths = {name: _number(f"marks.{name}", value) for name, value in values.items() if name.endswith("_mm")}
    centred = values.get("centred", False)
    if not isinstance(centred, bool):
        raise OptionsError("marks.centred", "Lines are centred or not: true or false.")
    count = _number("marks.count", values.get("count", 3))
    return RegistrationMarks(**lengths, count=int(count) if count.is_integer() else 0, centred=centred)


def _number(field: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise OptionsError(field, f"{_words(field)} must be a number.")
    return float(value)


# Labels of fields whose own names would not be understood.
_TITLES: Final = {
    "safe": "safe area",
    "edge": "distance from the edge",
    "small border": "least border under an inch",
    "least cut": "least dimension",
    "least line": "thinnest line",
    "spot tint": "tint",
}


def _words(field: str) -> str:
    name = field.rpartition(".")[2].removesuffix("_mm").removesuffix("_pt").replace("_", " ")
    return f"The {_TITLES.get(name, name)}"


_CUSTOMARY: Final = "Customary in the trade; no published source found"
_LOOKED_UP: Final = "2026-11"

_BUILT_IN: Final = (
    Profile(
        name="home",
        label="Home printer and scissors",
        kind="home",
        margin_mm=10.0,
        formats=("pdf", "png"),
        source="The studio's own proposal for paper and scissors",
        as_of=_LOOKED_UP,
    ),
    Profile(
        name="stickerapp",
        label="StickerApp",
        bleed_mm=2.0,
        gap_mm=2.0,
        edge_mm=2.0,
        formats=("pdfx", "pdf", "png", "svg"),
        source="https://stickerapp.com/support/stickers/products/sticker-sheet-size (bleed, gap, edge, least "
        "dimension); https://stickerapp.co.uk/support/stickers/products/sticker-sheet/file-setup-for-sticker-sheets "
        "(CMYK); the rest is customary in the trade",
        as_of=_LOOKED_UP,
    ),
    Profile(
        name="stickermule",
        label="Sticker Mule",
        bleed_mm=1.6,
        border_mm=2.5,
        least_border_mm=1.6,
        formats=("png", "pdf"),
        source=_CUSTOMARY,
        as_of=_LOOKED_UP,
    ),
    Profile(
        name="stickergiant",
        label="StickerGiant",
        bleed_mm=3.2,
        border_mm=3.2,
        least_border_mm=1.6,
        small_border_mm=3.2,
        gap_mm=6.4,
        least_radius_mm=3.175,
        formats=("pdf", "png"),
        source="https://www.stickergiant.com/how-to-setup-artwork (bleed, borders, corner radius); the rest is "
        "customary in the trade",
        as_of=_LOOKED_UP,
    ),
    Profile(
        name="stickerninja",
        label="StickerNinja sheets",
        safe_mm=3.2,
        gap_mm=6.35,
        edge_mm=3.2,
        formats=("pdf", "png"),
        through_name=THROUGH.name,
        source="https://stickerninja.com/blog/sticker-sheets (resolution, safe area, gap, edge); the rest is "
        "customary in the trade",
        as_of=_LOOKED_UP,
    ),
    Profile(
        name="cricut",
        label="Cricut Print Then Cut",
        kind="cutter",
        gap_mm=3.0,
        margin_mm=13.6,
        formats=("cricut",),
        source=_CUSTOMARY,
        as_of=_LOOKED_UP,
    ),
    Profile(
        name="silhouette",
        label="Silhouette Print & Cut",
        kind="cutter",
        gap_mm=3.0,
        margin_mm=12.0,
        formats=("silhouette", "dxf", "svg"),
        marks=RegistrationMarks(),
        source="https://github.com/kclipsto/proxies-at-home/issues/165 (square, inset); the rest is customary in the "
        "trade",
        as_of=_LOOKED_UP,
    ),
    Profile(
        name="silhouette-extension",
        label="Silhouette, Inkscape extension",
        kind="cutter",
        gap_mm=3.0,
        margin_mm=12.0,
        formats=("silhouette", "svg", "dxf"),
        marks=RegistrationMarks(arm_mm=20.0, line_mm=0.3, centred=True),
        source="https://github.com/fablabnbg/inkscape-silhouette render_silhouette_regmarks.py (square, inset, lines, "
        "clearance); the rest is customary in the trade",
        as_of=_LOOKED_UP,
    ),
    Profile(
        name="silhouette-four",
        label="Silhouette Alpha, four marks",
        kind="cutter",
        gap_mm=3.0,
        margin_mm=12.0,
        formats=("silhouette", "svg", "dxf"),
        marks=RegistrationMarks(arm_mm=20.0, line_mm=0.3, count=4, centred=True),
        source="https://github.com/fablabnbg/inkscape-silhouette/pull/380 (four L's, inset, lines); the rest is "
        "customary in the trade",
        as_of=_LOOKED_UP,
    ),
    Profile(
        name="silhouette-feeder",
        label="Silhouette, sheet feeder",
        kind="cutter",
        gap_mm=3.0,
        margin_mm=18.0,
        formats=("silhouette", "dxf", "svg"),
        marks=RegistrationMarks(inset_mm=15.9),
        source="https://github.com/Alan-Cha/silhouette-card-maker/issues/173 (inset of 0.625 in); the rest is "
        "customary in the trade",
        as_of=_LOOKED_UP,
    ),
    Profile(
        name="messenger",
        label="Messenger packs",
        kind="messenger",
        least_ppi=0.0,
        safe_mm=0.0,
        least_border_mm=0.0,
        small_border_mm=0.0,
        least_line_mm=0.0,
        formats=tuple(MESSENGERS),
        source="Telegram: https://core.telegram.org/stickers ; WhatsApp: https://github.com/WhatsApp/stickers (pixels "
        "and file size); the rest is customary in the trade",
        as_of=_LOOKED_UP,
    ),
)
PROFILES: Final[Mapping[str, Profile]] = MappingProxyType({profile.name: profile for profile in _BUILT_IN})
DEFAULT_PROFILE: Final = PROFILES["home"]


def find_profile(name: str, known: Mapping[str, Profile] = PROFILES) -> Profile:
    """The profile of that name or label among `known`, the built-in ones. Raises OptionsError (field `profile`)."""
    plain = _plain(name)
    by_name = [profile for key, profile in known.items() if _plain(key) == plain]
    found = by_name or [profile for profile in known.values() if _plain(profile.label) == plain]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(profile.name for profile in found)
        raise OptionsError("profile", f"Several profiles are called “{name[:MOST_NAME]}”: say which of {names}.")
    raise OptionsError("profile", f"“{name[:MOST_NAME]}” is no profile known here: use {', '.join(known)}.")


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter not in " -_")
