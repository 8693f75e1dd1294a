"""Cut lines of stickers at their sizes, kept in memory for a while: finding one takes a tenth of a second."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from stickers.models import Sticker
from stickers.printing.artwork.die_cut import DieCut, die_cut
from stickers.printing.errors import ArtError, PrintError
from stickers.printing.filenames import UniqueNames
from stickers.printing.geometry.lengths import MM_PER_INCH
from stickers.printing.options import PrintOptions
from stickers.printing.preflight.fixups import MENDS
from stickers.printing.preflight.rules import Finding, examine_sticker
from stickers.printing.profiles import Profile
from stickers.prints import artwork
from stickers.prints.plan import Kind, Plan

KEPT_BYTES: Final = 96_000_000  # of one process: some hundred cut-outs of a generated sheet
KEPT_FINDINGS: Final = 2000
NOT_SHARED: Final = "It is no longer shared with you."


class _Key(NamedTuple):
    """All that a cut line depends on."""

    file: str
    size_mm: float
    border_mm: float
    keep_holes: bool
    mends: tuple[str, ...]
    least_line_mm: float  # which thickening goes by; 0 where nothing is mended


class _Shelf:
    """The cuts and findings used last, up to a number of bytes. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cuts: OrderedDict[_Key, DieCut] = OrderedDict()
        self._findings: OrderedDict[tuple[_Key, Profile, float], tuple[Finding, ...]] = OrderedDict()
        self._bytes = 0

    def cut(self, key: _Key, make: Callable[[], DieCut]) -> DieCut:
        with self._lock:
            if key in self._cuts:
                self._cuts.move_to_end(key)
                return self._cuts[key]
        made = make()  # outside of the lock: two threads may both find the same line, which does no harm
        with self._lock:
            if key not in self._cuts:
                self._cuts[key] = made
                self._bytes += _size(made)
            while self._bytes > KEPT_BYTES and len(self._cuts) > 1:
                self._bytes -= _size(self._cuts.popitem(last=False)[1])
        return made

    def findings(
        self, key: tuple[_Key, Profile, float], make: Callable[[], tuple[Finding, ...]]
    ) -> tuple[Finding, ...]:
        with self._lock:
            if key in self._findings:
                self._findings.move_to_end(key)
                return self._findings[key]
        made = make()
        with self._lock:
            self._findings[key] = made
            if len(self._findings) > KEPT_FINDINGS:
                self._findings.popitem(last=False)
        return made


def _size(cut: DieCut) -> int:
    return cut.source.nbytes + cut.art.rgb.nbytes + cut.field.nbytes + cut.path.outer.curves.nbytes


_shelf = _Shelf()


@dataclass(frozen=True)
class Cuts:
    """The cuts of one plan, with names of their own, and in words why a kind has none.

    `stickers` are those that the print sheet's owner may see; a kind of another one is `unshared`, and refused.
    """

    made: Mapping[Kind, DieCut]
    refused: Mapping[Kind, str]
    stickers: Mapping[int, Sticker]
    plan: Plan
    profile: Profile

    @property
    def unshared(self) -> list[Kind]:
        return [kind for kind in self.refused if kind.sticker_pk not in self.stickers]

    def findings(self, kind: Kind, bleed_mm: float) -> list[Finding]:
        """What the print doctor says of the sticker itself."""
        cut = self.made[kind]
        key = _key(self.stickers[kind.sticker_pk], kind, self.plan, self.profile)
        found = _shelf.findings(
            (key, self.profile, bleed_mm), lambda: tuple(examine_sticker(cut, self.profile, bleed_mm=bleed_mm))
        )
        return [replace(finding, sticker=cut.name) for finding in found]


def cuts_of(plan: Plan, profile: Profile, owner_pk: int, *, each: Callable[[float], object] | None = None) -> Cuts:
    """The cut line of every kind in `plan` whose sticker its owner may see; `each` is told how much is done."""
    stickers = shown_to(owner_pk, plan)
    made: dict[Kind, DieCut] = {}
    refused: dict[Kind, str] = {}
    names = UniqueNames()
    for count, kind in enumerate(plan.kinds, 1):
        sticker = stickers.get(kind.sticker_pk)
        if sticker is None:
            refused[kind] = NOT_SHARED
            continue
        try:
            found = _shelf.cut(_key(sticker, kind, plan, profile), _maker(sticker, kind, plan, profile))
        except PrintError as error:
            refused[kind] = error.message
        else:
            made[kind] = replace(found, name=names.take(artwork.stem(sticker)))
        if each is not None:
            each(count / len(plan.kinds))
    return Cuts(made, refused, stickers, plan, profile)


def shown_to(owner_pk: int, plan: Plan) -> dict[int, Sticker]:
    """The plan's stickers by key: another's that is no longer shared with the owner stays on the plan, unseen."""
    wanted = {kind.sticker_pk for kind in plan.kinds}
    seen = Sticker.objects.visible_to(owner_pk).filter(pk__in=wanted)
    return seen.select_related("sheet__generation").in_bulk()


def refusals(cuts: Cuts) -> Iterator[str]:
    """What could not be cut, in words."""
    for kind, reason in cuts.refused.items():
        if sticker := cuts.stickers.get(kind.sticker_pk):
            yield f"{sticker.name} of “{sticker.sheet.name[:60]}”: {reason}"
    if cuts.unshared:
        yield unshared_words(sum(len(cuts.plan.kinds[kind]) for kind in cuts.unshared))


def unshared_words(copies: int) -> str:
    """Without the stickers' names: they are another's secret again."""
    if copies == 1:
        return "1 copy is of a sticker that is no longer shared with you: it is not drawn, and in no file."
    return f"{copies} copies are of stickers that are no longer shared with you: they are not drawn, and in no file."


def _key(sticker: Sticker, kind: Kind, plan: Plan, profile: Profile) -> _Key:
    line_mm = profile.least_line_mm if kind.mends else 0.0
    return _Key(sticker.file.name or "", kind.size_mm, plan.border_mm, plan.keep_holes, kind.mends, line_mm)


def _maker(sticker: Sticker, kind: Kind, plan: Plan, profile: Profile) -> Callable[[], DieCut]:
    def make() -> DieCut:
        order = PrintOptions(size_mm=kind.size_mm, border_mm=plan.border_mm)
        cut = artwork.die_cut_of(sticker, order, "sticker", keep_holes=plan.keep_holes)
        for mend in kind.mends:
            if mend not in MENDS:
                raise ArtError(f"“{mend}” is no mending known here.")
            picture = MENDS[mend](cut.source, MM_PER_INCH / cut.effective_ppi, profile.least_line_mm)
            cut = die_cut(picture, order, name="sticker", keep_holes=plan.keep_holes)
        return cut

    return make
