"""Finds the cut line of every sticker on a plan, at its size."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, NamedTuple

from stickers.models import Sticker
from stickers.printing.artwork.die_cut import DieCut
from stickers.printing.errors import PrintError
from stickers.printing.filenames import UniqueNames
from stickers.printing.options import PrintOptions
from stickers.printing.preflight.rules import Finding, examine_sticker
from stickers.printing.profiles import Profile
from stickers.prints import artwork
from stickers.prints.plan import Kind, Plan
from stickers.prints.recent import Recent

KEPT_BYTES: Final = 96_000_000  # in one process: some hundred cut-outs of a generated sheet
KEPT_FINDINGS: Final = 2000
NOT_SHARED: Final = "It is no longer shared with you."


class _CutKey(NamedTuple):
    """Everything that a cut line depends on."""

    file: str
    size_mm: float
    border_mm: float
    keep_holes: bool
    fixups: tuple[str, ...]
    least_line_mm: float  # how thick a fixup makes thin lines; 0 without fixups


def _bytes(cut: DieCut) -> int:
    return cut.source.nbytes + cut.art.rgb.nbytes + cut.field.nbytes + cut.path.outer.curves.nbytes


# One cut line takes 25 ms to find. With these two, a drag on a page of 16 stickers takes 50 ms of CPU time, without
# them 440 ms; the preflight takes 15 ms, without them 540 ms (an artist's sheets of 1024 pixels).
_cuts: Final = Recent[_CutKey, DieCut](KEPT_BYTES, _bytes)
_findings: Final = Recent[tuple[_CutKey, Profile, float], tuple[Finding, ...]](KEPT_FINDINGS)


@dataclass(frozen=True)
class Cuts:
    """The cut lines of one plan, each under a name of its own; for a kind without one, the reason in words.

    `stickers` are those that the print sheet's owner may see. A kind of any other sticker is `unshared` and refused.
    """

    made: Mapping[Kind, DieCut]
    refused: Mapping[Kind, str]
    stickers: Mapping[int, Sticker]
    plan: Plan
    profile: Profile

    @property
    def unshared(self) -> list[Kind]:
        return [kind for kind in self.refused if kind.sticker_pk not in self.stickers]

    @property
    def uncut(self) -> list[str]:
        """In words, which of the stickers that the owner may see have no cut line and why."""
        return [
            f"{sticker.name} of “{sticker.sheet.name[:60]}”: {reason}"
            for kind, reason in self.refused.items()
            if (sticker := self.stickers.get(kind.sticker_pk))
        ]

    @property
    def refusals(self) -> list[str]:
        """`uncut`, and how many copies are no longer shared: without names, which are their owner's secret again."""
        copies = sum(len(self.plan.kinds[kind]) for kind in self.unshared)
        if not copies:
            return self.uncut
        if copies == 1:
            words = "1 copy is of a sticker that is no longer shared with you: it is not drawn, and in no file."
        else:
            words = (
                f"{copies} copies are of stickers that are no longer shared with you: "
                "they are not drawn, and in no file."
            )
        return [*self.uncut, words]

    def findings(self, kind: Kind, bleed_mm: float) -> list[Finding]:
        """What the preflight says of the sticker itself."""
        cut = self.made[kind]
        key = (_key(self.stickers[kind.sticker_pk], kind, self.plan, self.profile), self.profile, bleed_mm)
        found = _findings.get(key, lambda: tuple(examine_sticker(cut, self.profile, bleed_mm=bleed_mm)))
        return [replace(finding, sticker=cut.name) for finding in found]


def shown_to(owner_pk: int, plan: Plan) -> dict[int, Sticker]:
    """The plan's stickers by key. One that is no longer shared with the owner stays on the plan, but is not here."""
    wanted = {copy.sticker_pk for copy in plan.copies}
    seen = Sticker.objects.visible_to(owner_pk).filter(pk__in=wanted)
    return seen.select_related("sheet__generation").in_bulk()


def cuts_of(
    plan: Plan,
    profile: Profile,
    stickers: Mapping[int, Sticker],
    *,
    each: Callable[[float], object] = lambda _: None,
) -> Cuts:
    """The cut line of every kind on `plan` that is in `stickers` (see `shown_to`).

    `each` is called after every kind with the share of the work that is done, 0 to 1.
    """
    made: dict[Kind, DieCut] = {}
    refused: dict[Kind, str] = {}
    names = UniqueNames()
    for count, kind in enumerate(plan.kinds, 1):
        sticker = stickers.get(kind.sticker_pk)
        if sticker is None:
            refused[kind] = NOT_SHARED
            continue
        try:
            found = _cuts.get(_key(sticker, kind, plan, profile), partial(_cut, sticker, kind, plan, profile))
        except PrintError as error:
            refused[kind] = error.message
        else:
            made[kind] = replace(found, name=names.take(artwork.stem(sticker)))
        each(count / len(plan.kinds))
    return Cuts(made, refused, stickers, plan, profile)


def _key(sticker: Sticker, kind: Kind, plan: Plan, profile: Profile) -> _CutKey:
    line_mm = profile.least_line_mm if kind.fixups else 0.0
    file = artwork.original(sticker).name
    return _CutKey(file, kind.size_mm, plan.border_mm, plan.keep_holes, kind.fixups, line_mm)


def _cut(sticker: Sticker, kind: Kind, plan: Plan, profile: Profile) -> DieCut:
    return artwork.die_cut_of(
        sticker,
        PrintOptions(size_mm=kind.size_mm, border_mm=plan.border_mm),
        "sticker",
        keep_holes=plan.keep_holes,
        fixups=kind.fixups,
        least_line_mm=profile.least_line_mm,
    )
