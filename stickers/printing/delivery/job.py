"""A print job: the formats wanted of a layout, with resolution, bleed, inks and marks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from stickers.printing.artwork.cmyk import PrintingCondition
from stickers.printing.errors import OptionsError
from stickers.printing.imposition.marks import RegistrationMarks
from stickers.printing.imposition.pages import PageOptions
from stickers.printing.options import DPI_CHOICES
from stickers.printing.profiles import DEFAULT_PROFILE, Profile
from stickers.printing.writers import formats
from stickers.printing.writers.formats import ZIP, Format
from stickers.printing.writers.pack_details import PackDetails
from stickers.printing.writers.spots import WHITE, Spots


@dataclass(frozen=True, kw_only=True)
class PrintJob:
    """What to make of a layout. Raises OptionsError for unknown formats.

    `condition`: the press that CMYK files are made for; without one, no such file can be made. `recipes`: for each
    sticker's name, how it was made, as JSON values for the manifest.
    """

    formats: tuple[str, ...]
    stem: str = "stickers"
    dpi: int = 300
    bleed_mm: float = 0.0
    profile: Profile = DEFAULT_PROFILE
    white_underlay: bool = False
    condition: PrintingCondition | None = None
    pack: PackDetails = field(default_factory=PackDetails)
    recipes: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        known = [kind.name for kind in formats.offered()]
        unknown = [name for name in self.formats if name not in known]
        if unknown or not self.formats:
            wrong = f"“{unknown[0][:24]}” is no format known here" if unknown else "A format is missing"
            raise OptionsError("format", f"{wrong}: use {', '.join(known)}.")
        if self.dpi not in DPI_CHOICES:
            raise OptionsError("dpi", f"The resolution must be {DPI_CHOICES[0]} or {DPI_CHOICES[1]} DPI.")
        if not 0 <= self.bleed_mm <= 3.2:
            raise OptionsError("bleed_mm", "The bleed must be from 0 to 3.2 mm.")

    @property
    def spots(self) -> Spots:
        return self.profile.spots(white=WHITE if self.white_underlay else None)

    @property
    def marks(self) -> RegistrationMarks | None:
        """The registration marks for which its pages leave room: the profile's, or those that a format needs."""
        if self.profile.marks is None and any(wanted.needs_marks for wanted in self.written):
            return RegistrationMarks()
        return self.profile.marks

    @property
    def written(self) -> tuple[Format, ...]:
        """The ordered formats, without the ZIP."""
        return tuple(formats.named(name) for name in self.formats if name != ZIP.name)

    @property
    def needs_condition(self) -> bool:
        """Whether a file of it holds the inks of a press."""
        return any(wanted.in_cmyk for wanted in self.written)

    @property
    def zipped(self) -> tuple[Format, ...]:
        """The formats in its ZIP: those of every ZIP, then the other ordered ones."""
        always = [wanted.name for wanted in formats.FORMATS if wanted.in_every_zip]
        return tuple(formats.named(name) for name in dict.fromkeys((*always, *(one.name for one in self.written))))

    def pages(self, options: PageOptions) -> PageOptions:
        """`options` with the needs of the formats: their margins, and room for registration marks."""
        margin_mm = max(options.margin_mm, *(wanted.margin(options.size) for wanted in self.written), 0.0)
        blocked = options.blocked
        if self.marks is not None:
            margin_mm = max(margin_mm, self.marks.least_margin_mm())
            # Cut lines keep the gap from what is blocked. A bleed that is wider than the gap needs more.
            over_mm = max(self.bleed_mm - options.gap_mm, 0.0)
            blocked = (*blocked, *(box.grown(over_mm) for box in self.marks.clear(options.size)))
        return replace(options, margin_mm=margin_mm, blocked=blocked)
