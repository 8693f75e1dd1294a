"""Finds the cut line of every sticker on a plan, at its size."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, NamedTuple

from stickers.models import Sticker
from stickers.pictures.recent import Recent
from stickers.printing.artwork import redraw
from stickers.printing.artwork.die_cut import DieCut
from stickers.printing.errors import PrintError
from stickers.printing.filenames import UniqueNames
from stickers.printing.options import PrintOptions
from stickers.printing.preflight.rules import Finding, examine_sticker
from stickers.printing.profiles import Profile
from stickers.prints import artwork
from stickers.prints.plan import Design, Plan

KEPT_BYTES: Final = 48_000_000  # in one process: some fifty cut-outs of a generated sheet, or eight of a large import
KEPT_FINDINGS: Final = 2000
NOT_SHARED: Final = "It was deleted, or is no longer shared with you."


class _CutKey(NamedTuple):
    """Everything that a cut line, and the art within it, depends on."""

    file: str
    size_mm: float
    border_mm: float
    keep_holes: bool
    fixups: tuple[str, ...]
    least_line_mm: float  # how thick a fixup makes thin lines; 0 without fixups
    as_drawn: bool


def _bytes(cut: DieCut) -> int:
    return cut.source.nbytes + cut.art.rgb.nbytes + cut.field.nbytes + cut.path.outer.curves.nbytes


# One cut line takes 25 ms to find. With these two, a drag on a page of 16 stickers takes 50 ms of CPU time, without
# them 440 ms; the preflight takes 15 ms, without them 540 ms (an artist's sheets of 1024 pixels).
_cuts: Final = Recent[_CutKey, DieCut](KEPT_BYTES, _bytes)
_findings: Final = Recent[tuple[_CutKey, Profile, float], tuple[Finding, ...]](KEPT_FINDINGS)


@dataclass(frozen=True)
class Cuts:
    """The cut lines of one plan, each under a name of its own; for a design without one, the reason in words.

    `by_number` has the same cut lines by the numbers of the copies. `stickers` are those that the print sheet's owner
    may see. A design of any other sticker is `unshared` and refused.
    """

    made: Mapping[Design, DieCut]
    by_number: Mapping[int, DieCut]
    refused: Mapping[Design, str]
    stickers: Mapping[int, Sticker]
    plan: Plan
    profile: Profile

    @property
    def unshared(self) -> list[Design]:
        return [design for design in self.refused if design.sticker_pk not in self.stickers]

    @property
    def uncut(self) -> list[str]:
        """In words, which of the stickers that the owner may see have no cut line and why."""
        return [
            f"{sticker.name} of “{sticker.sheet.name[:60]}”: {reason}"
            for design, reason in self.refused.items()
            if (sticker := self.stickers.get(design.sticker_pk))
        ]

    @property
    def refusals(self) -> list[str]:
        """`uncut`, and how many copies are no longer shared: without names, which are their owner's secret again."""
        copies = sum(len(self.plan.designs[design]) for design in self.unshared)
        if not copies:
            return self.uncut
        one = copies == 1
        which = "1 copy is of a sticker that was" if one else f"{copies} copies are of stickers that were"
        still = "is no longer shared with you: it is" if one else "are no longer shared with you: they are"
        words = f"{which} deleted or {still} not drawn, and in no file."
        return [*self.uncut, words]

    def findings(self, design: Design, bleed_mm: float) -> list[Finding]:
        """What the preflight says of the sticker itself."""
        cut = self.made[design]
        key = (_key(self.stickers[design.sticker_pk], design, self.plan, self.profile), self.profile, bleed_mm)
        found = _findings.get(key, lambda: tuple(examine_sticker(cut, self.profile, bleed_mm=bleed_mm)))
        return [replace(finding, sticker=cut.name) for finding in found]


def forget() -> None:
    """Forget what is kept for the next request: cut lines and redrawn art. A worker seldom needs them a second time."""
    _cuts.clear()
    redraw.forget()


def cuts_of(
    plan: Plan,
    profile: Profile,
    stickers: Mapping[int, Sticker],
    *,
    each: Callable[[float], object] = lambda _: None,
) -> Cuts:
    """The cut line of every design on `plan` that is in `stickers` (see `desk.shown_to`).

    `each` is called after every design with the share of the work that is done, 0 to 1.
    """
    made: dict[Design, DieCut] = {}
    by_number: dict[int, DieCut] = {}
    refused: dict[Design, str] = {}
    names = UniqueNames()
    designs = plan.designs
    for count, (design, copies) in enumerate(designs.items(), 1):
        sticker = stickers.get(design.sticker_pk)
        if sticker is None:
            refused[design] = NOT_SHARED
            continue
        try:
            found = _cuts.get(_key(sticker, design, plan, profile), partial(_cut, sticker, design, plan, profile))
        except PrintError as error:
            refused[design] = error.message
        else:
            made[design] = replace(found, name=names.take(artwork.stem(sticker)))
            by_number |= {copy.number: made[design] for copy in copies}
        each(count / len(designs))
    return Cuts(made, by_number, refused, stickers, plan, profile)


def _key(sticker: Sticker, design: Design, plan: Plan, profile: Profile) -> _CutKey:
    line_mm = profile.least_line_mm if design.fixups else 0.0
    file = artwork.original(sticker).name
    return _CutKey(file, design.size_mm, plan.border_mm, plan.keep_holes, design.fixups, line_mm, plan.as_drawn)


def _cut(sticker: Sticker, design: Design, plan: Plan, profile: Profile) -> DieCut:
    return artwork.die_cut_of(
        sticker,
        PrintOptions(size_mm=design.size_mm, border_mm=plan.border_mm, as_drawn=plan.as_drawn),
        "sticker",
        keep_holes=plan.keep_holes,
        fixups=design.fixups,
        least_line_mm=profile.least_line_mm,
    )
