"""Imposes a plan: its pages with every cut line in its place, and new places for copies by the nesting engines."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from stickers.printing.artwork.die_cut import DieCut
from stickers.printing.delivery.job import PrintJob
from stickers.printing.errors import OptionsError
from stickers.printing.imposition.layout import MAX_STICKERS, Clash, Item, Layout, Page, PlacedSticker, clashes, lay_out
from stickers.printing.imposition.pages import MAX_PAGES, PageOptions, parse_page
from stickers.printing.imposition.spyrrow_nesting import lay_out_tighter
from stickers.printing.options import PrintOptions
from stickers.printing.profiles import Profile
from stickers.printing.writers.pack_details import DEFAULT_AUTHOR, DEFAULT_EMOJI, PackDetails
from stickers.prints.cut_lines import Cuts
from stickers.prints.plan import Copy, Plan

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Imposition:
    """A plan's pages. `numbers` gives for each page the copies' numbers, in the order of its placed stickers."""

    job: PrintJob
    layout: Layout
    numbers: dict[int, tuple[int, ...]]
    unplaced: tuple[Copy, ...]

    @property
    def clashes(self) -> list[Clash]:
        return clashes(self.layout)

    def clashing(self) -> dict[int, list[str]]:
        """What is wrong with a copy's place, in words, by its number. Of two that are too near, both are here."""
        found: dict[int, list[str]] = {}
        for clash in self.clashes:
            for index in {clash.index, clash.index if clash.other is None else clash.other}:
                said = found.setdefault(self.numbers[clash.page][index], [])
                if clash.words not in said:
                    said.append(clash.words)
        return found


def job_of(plan: Plan, profile: Profile) -> PrintJob:
    """What is to be made of the plan. Raises OptionsError."""
    return PrintJob(
        formats=plan.formats,
        dpi=plan.dpi,
        bleed_mm=plan.bleed_mm,
        profile=profile,
        white_underlay=plan.white_underlay,
        pack=PackDetails(author=plan.pack_author or DEFAULT_AUTHOR, emoji=plan.pack_emoji or DEFAULT_EMOJI),
    )


def checked(plan: Plan, profile: Profile) -> Plan:
    """The same plan. Raises OptionsError if its settings make no page, or leave no room for some sticker's art."""
    for size_mm in {copy.size_mm for copy in plan.copies}:
        PrintOptions(size_mm=size_mm, border_mm=plan.border_mm)
    page_options(plan, job_of(plan, profile))
    return plan


def page_options(plan: Plan, job: PrintJob) -> PageOptions:
    """How the pages are filled, with what the job's formats need besides. Raises OptionsError."""
    own = PageOptions(
        size=parse_page(plan.page),
        margin_mm=plan.margin_mm,
        gap_mm=plan.gap_mm,
        keep_upright=plan.keep_upright,
    )
    return job.pages(own)


def imposed(plan: Plan, cuts: Cuts) -> Imposition:
    """The pages as the plan says, right or wrong. Raises OptionsError for settings that make no page."""
    pages: dict[int, list[tuple[int, PlacedSticker]]] = {}
    unplaced = []
    for copy in plan.copies:
        cut = cuts.by_number.get(copy.number)
        if cut is None:
            continue
        if copy.page < 1:
            unplaced.append(copy)
        else:
            pages.setdefault(copy.page, []).append((copy.number, _placed(copy, cut)))
    last = max(pages, default=0)
    every = tuple(Page(number, tuple(one for _, one in pages.get(number, ()))) for number in range(1, last + 1))
    numbers = {number: tuple(name for name, _ in found) for number, found in pages.items()}
    job = job_of(plan, cuts.profile)
    layout = Layout(options=page_options(plan, job), pages=every, order=tuple(cuts.made.values()))
    return Imposition(job, layout, numbers, tuple(unplaced))


def nested_beside(plan: Plan, cuts: Cuts) -> Plan:
    """The plan with a place for what lies on no page yet. Everything else stays where it lies."""
    return _nested_again(plan, cuts, keep={copy.number for copy in plan.copies if copy.page})


def nested(plan: Plan, cuts: Cuts, *, progress: Progress | None = None) -> Plan:
    """The plan with all copies placed again, except the locked ones."""
    return replace(_nested_again(plan, cuts, keep=_locked(plan), progress=progress), by_hand=False)


def settled(plan: Plan, cuts: Cuts) -> Plan:
    """The plan after a change of settings, with a place for what has none.

    If a copy lies wrong then, all but the locked ones are placed again. A layout by hand stays as it is: the page says
    what lies wrong, and the designer decides.
    """
    kept = nested_beside(plan, cuts)
    return nested(plan, cuts) if not plan.by_hand and imposed(kept, cuts).clashes else kept


def nested_tighter(plan: Plan, cuts: Cuts, *, seconds: float, progress: Progress | None = None) -> Plan:
    """The plan with all copies placed again by the optional engine. Raises OptionsError if a copy is locked."""
    if _locked(plan):
        raise OptionsError("tighter", "Nesting tighter begins with empty pages: unlock the locked stickers first.")
    waiting = _waiting(plan.copies, cuts)
    items = [Item(cut, len(copies)) for cut, copies in waiting.items()]
    if not items:
        return plan
    layout = lay_out_tighter(items, page_options(plan, job_of(plan, cuts.profile)), seconds=seconds, progress=progress)
    return replace(_read(plan, layout, cuts, {}), by_hand=False)


def _nested_again(plan: Plan, cuts: Cuts, *, keep: Collection[int], progress: Progress | None = None) -> Plan:
    # The engine keeps what is locked. Here, copies that only stay this time are locked for it.
    staying: dict[int, Copy] = {}
    pages: dict[int, list[PlacedSticker]] = {}
    for copy in plan.copies:
        cut = cuts.by_number.get(copy.number)
        if cut is not None and copy.number in keep and 1 <= copy.page <= MAX_PAGES:
            one = replace(_placed(copy, cut), locked=True)
            pages.setdefault(copy.page, []).append(one)
            staying[id(one)] = copy
    rest = [copy for copy in plan.copies if copy.number not in {kept.number for kept in staying.values()}]
    if len(plan.copies) > MAX_STICKERS:
        raise OptionsError("copies", f"{len(plan.copies)} stickers are too many: at most {MAX_STICKERS} can be placed.")
    items = [Item(cut, len(copies)) for cut, copies in _waiting(rest, cuts).items()]
    layout = lay_out(
        items,
        page_options(plan, job_of(plan, cuts.profile)),
        locked=[Page(number, tuple(found)) for number, found in sorted(pages.items())],
        progress=progress,
    )
    return _read(plan, layout, cuts, staying)


def _read(plan: Plan, layout: Layout, cuts: Cuts, staying: dict[int, Copy]) -> Plan:
    """The plan with every copy where `layout` puts it. A copy that found no room lies on no page."""
    kept = {copy.number for copy in staying.values()}
    waiting = _waiting([copy for copy in plan.copies if copy.number not in kept], cuts)
    changed: dict[int, Copy] = {copy.number: replace(copy, page=0) for copies in waiting.values() for copy in copies}
    for page in layout.pages:
        for one in page.placed:
            if id(one) in staying:
                continue
            copy = waiting[one.sticker].pop(0)
            changed[copy.number] = replace(
                copy,
                page=page.number,
                x_mm=round(one.x_mm, 3),
                y_mm=round(one.y_mm, 3),
                rotation_deg=one.rotation_deg,
            )
    return plan.with_copies(changed.values())


def _waiting(copies: Iterable[Copy], cuts: Cuts) -> dict[DieCut, list[Copy]]:
    """The copies that can be placed, by their cut line. Each design has a cut line of its own."""
    found: dict[DieCut, list[Copy]] = {}
    for copy in copies:
        cut = cuts.by_number.get(copy.number)
        if cut is not None:
            found.setdefault(cut, []).append(copy)
    return found


def _placed(copy: Copy, cut: DieCut) -> PlacedSticker:
    return PlacedSticker(
        sticker=cut,
        x_mm=copy.x_mm,
        y_mm=copy.y_mm,
        rotation_deg=copy.rotation_deg,
        locked=copy.locked,
    )


def _locked(plan: Plan) -> set[int]:
    return {copy.number for copy in plan.copies if copy.locked and copy.page}
