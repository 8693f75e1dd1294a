"""The preflight of a print sheet: a light for every sticker and for the pages, and what the *Fix* buttons do."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from stickers.models import Sticker
from stickers.printing.preflight.rules import LEVELS, Finding, examine_pages
from stickers.printing.words import counted
from stickers.prints import editing
from stickers.prints.desk import Desk
from stickers.prints.imposing import nested
from stickers.prints.plan import Design, Plan

_SIZES: Final = 1  # the turn of sizes in `all_fixed`

# The reason behind each rule, for a designer who asks.
WHY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ppi": "Effective ppi counts the picture's own pixels in one printed inch. More dots per inch in the file add"
        " none: only a smaller size, or a sheet made larger, prints sharper. “Largest sharp size” in the list of"
        " stickers gives every sticker the size of 300 ppi.",
        "cut-off": "The picture ended in the middle of this sticker. A straight edge of the art will be cut as it is.",
        "small": "Small cuts lift from the liner when the blade turns, and get lost when they are peeled.",
        "border": "Blades and paper shift by up to a millimetre. The border hides it.",
        "radius": "A blade is dragged behind its pivot: a corner sharper than it can turn is torn, not cut.",
        "thin": "Lines thinner than a printed dot break up, above all in light colours.",
        "stray": "Dots around the art get a border of their own, or print as dirt.",
        "halo": "A pale rim is what is left of the old background; on a coloured ground it shines.",
        "faint": "The cut line follows the alpha's half. What is more see-through than that is left out of the art.",
        "see-through": "Printers lay no half-transparent ink: what is see-through shows the paper.",
        "hole": "A hole shows the border's colour. Holes that are cut out tear when the sticker is peeled.",
        "bridge": "Loose parts are joined so that the sticker stays one piece.",
        "bleed": "Colour must reach past the cut line, or every shift of the blade leaves a white sliver.",
        "bleed-meets": "A bleed ends half-way to its neighbour: past that it would cover the neighbour's art.",
        "gap": "Cuts that are too near lift the vinyl between them.",
        "nested": "The same place would be cut twice, and one sticker be printed on the other.",
        "edge": "Printers cannot print up to the paper's edge, and cutters need room for their rollers.",
        "marks": "The cutter's camera looks for the marks on empty paper.",
        "overflow": "What lies on no page is in no file.",
    }
)


@dataclass(frozen=True)
class Check:
    """One finding and where it is: `number` is that of the copy, or 0 if the finding is of the whole job."""

    finding: Finding
    number: int = 0

    @property
    def why(self) -> str:
        return WHY[self.finding.rule]


@dataclass(frozen=True)
class Light:
    """All findings of one sticker, or of the pages if there is no sticker. `level` is that of the worst finding."""

    level: str
    checks: tuple[Check, ...]
    sticker: Sticker | None = None
    design: Design | None = None


@dataclass(frozen=True)
class Verdict:
    lights: tuple[Light, ...]
    fine: int  # stickers without a fault

    @property
    def checks(self) -> list[Check]:
        return [check for light in self.lights for check in light.checks]

    def count(self, level: str) -> int:
        return sum(check.finding.level == level for check in self.checks)

    @property
    def errors(self) -> int:
        return self.count("error")

    @property
    def warnings(self) -> int:
        return self.count("warn")

    @property
    def notes(self) -> int:
        return self.count("note")

    @property
    def fixable(self) -> int:
        return sum(check.finding.fix is not None for check in self.checks)


def examined(desk: Desk) -> Verdict:
    """Everything that speaks against printing the plan with its profile, the worst sticker first.

    Raises OptionsError for settings that make no page.
    """
    plan, cuts, pages = desk.plan, desk.cuts, desk.pages
    lights = []
    fine = 0
    for design, copies in plan.designs.items():
        if design not in cuts.made:
            continue
        number = copies[0].number
        checks = [Check(finding, number) for finding in cuts.findings(design, plan.bleed_mm)]
        if checks:
            lights.append(Light(_worst(checks), _sorted(checks), cuts.stickers[design.sticker_pk], design))
        else:
            fine += 1
    lights.sort(key=lambda light: -LEVELS.index(light.level))
    of_pages = [
        Check(found, pages.numbers[found.page][found.index] if found.page and found.index is not None else 0)
        for found in examine_pages(pages.layout, cuts.profile, bleed_mm=plan.bleed_mm)
    ]
    if pages.unplaced:
        words = f"{counted(len(pages.unplaced), 'sticker')} found no room on the pages: they will be in no file."
        of_pages.append(Check(Finding("overflow", "error", words)))
    if of_pages:
        lights.insert(0, Light(_worst(of_pages), _sorted(of_pages)))
    return Verdict(tuple(lights), fine)


def fixed(desk: Desk, rule: str, number: int) -> Plan:
    """The plan with one finding fixed: that of `rule` at copy `number`. KeyError if there is none with a fix.

    Raises OptionsError if the fix would make another sticker impossible.
    """
    for check in examined(desk).checks:
        if check.finding.rule == rule and check.number == number and check.finding.fix is not None:
            return _fixed(desk, check)
    raise KeyError(rule)


def all_fixed(desk: Desk) -> Plan:
    """The plan with everything fixed that has a fix: first the pictures, then sizes, then settings, then places.

    Nesting takes far longer than a fix does. So pictures and sizes are all fixed before the stickers are placed again.
    """
    tried: set[tuple[str, int]] = set()
    while (check := _next(desk, tried)) and _turn(check) <= _SIZES:
        tried.add((check.finding.rule, check.number))
        desk = desk.on(_edited(desk, check))
    if tried:
        desk = desk.on(desk.settled())
    while check := _next(desk, tried):
        tried.add((check.finding.rule, check.number))
        desk = desk.on(_fixed(desk, check))
    return desk.plan


def _next(desk: Desk, tried: Collection[tuple[str, int]]) -> Check | None:
    """What to fix next. A fix that did not help is not tried again."""
    return min(
        (
            check
            for check in examined(desk).checks
            if check.finding.fix is not None and (check.finding.rule, check.number) not in tried
        ),
        key=_turn,
        default=None,
    )


def _fixed(desk: Desk, check: Check) -> Plan:
    return desk.on(_edited(desk, check)).settled()


def _edited(desk: Desk, check: Check) -> Plan:
    """The plan with one finding fixed, before anything is placed again."""
    plan, fix = desk.plan, check.finding.fix
    if fix is None:
        raise KeyError(check.finding.rule)
    if fix.field == "again":
        return nested(plan, desk.cuts)
    if fix.field in {"border_mm", "gap_mm", "margin_mm", "bleed_mm"}:
        setting: dict[str, Any] = {fix.field: fix.value}
        return replace(plan, **setting)
    copy = plan.copy(check.number)
    if copy is None:
        raise KeyError(check.number)
    design = copy.design
    if fix.field == "size_mm":
        return editing.resized(plan, {design: fix.value}, {})
    changed = [replace(one, fixups=(*one.fixups, fix.fixup)) for one in plan.copies if one.design == design]
    return plan.with_copies(changed)


def _turn(check: Check) -> int:
    """Pictures come first, then sizes, then settings, then places."""
    fix = check.finding.fix
    if fix is None or fix.field == "again":
        return 3
    return 0 if fix.fixup else _SIZES if fix.field == "size_mm" else 2


def _worst(checks: list[Check]) -> str:
    return max((check.finding.level for check in checks), key=LEVELS.index)


def _sorted(checks: list[Check]) -> tuple[Check, ...]:
    return tuple(sorted(checks, key=lambda check: -LEVELS.index(check.finding.level)))
