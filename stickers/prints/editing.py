"""What a designer does to a print sheet: each edit is a function from one plan to the next."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import replace

from stickers.printing.errors import OptionsError
from stickers.printing.geometry.lengths import MAX_LENGTH_MM
from stickers.printing.imposition.layout import MAX_COPIES, MAX_STICKERS
from stickers.printing.imposition.pages import MAX_PAGES
from stickers.printing.options import PrintOptions
from stickers.printing.profiles import Profile
from stickers.prints import colours
from stickers.prints.plan import Copy, Design, Plan


def added(plan: Plan, sizes_mm: Mapping[int, float]) -> Plan:
    """The plan with one more copy of each sticker, on no page yet. `sizes_mm` has their sizes by their keys.

    A sticker that is on the plan already gets the size that it has there. Raises OptionsError (field `copies`).
    """
    copies = list(plan.copies)
    first = plan.next_number
    for offset, (pk, size_mm) in enumerate(sizes_mm.items()):
        size = next((copy.size_mm for copy in plan.copies if copy.sticker_pk == pk), size_mm)
        fixups = next((copy.fixups for copy in plan.copies if copy.sticker_pk == pk), ())
        copies.append(Copy(number=first + offset, sticker_pk=pk, size_mm=size, fixups=fixups))
    return counted(replace(plan, copies=tuple(copies)))


def moved(
    plan: Plan, number: int, *, x_mm: float, y_mm: float, rotation_deg: float, page: int, locked: bool | None = None
) -> Plan:
    """The plan with one copy somewhere else. A wrong place is allowed: the page and the preflight say what is wrong.

    Raises OptionsError for numbers that name no place at all, KeyError if there is no such copy.
    """
    copy = _copy(plan, number)
    for field, value in (("x", x_mm), ("y", y_mm)):
        if not math.isfinite(value) or abs(value) > MAX_LENGTH_MM:
            raise OptionsError(field, f"A place is at most {MAX_LENGTH_MM:g} mm from the page's corner.")
    if not math.isfinite(rotation_deg) or abs(rotation_deg) > 3600:
        raise OptionsError("rotation", "A rotation is a number of degrees, such as 45.")
    if not 1 <= page <= MAX_PAGES:
        raise OptionsError("page", f"There can be 1 to {MAX_PAGES} pages.")
    there = replace(
        copy,
        x_mm=round(x_mm, 3),
        y_mm=round(y_mm, 3),
        rotation_deg=round(rotation_deg % 360, 3) % 360,
        page=page,
        locked=copy.locked if locked is None else locked,
    )
    return replace(plan.with_copies([there]), by_hand=True)


def locked(plan: Plan, number: int, *, is_locked: bool) -> Plan:
    return plan.with_copies([replace(_copy(plan, number), locked=is_locked)])


def removed(plan: Plan, number: int) -> Plan:
    _copy(plan, number)
    return replace(plan, copies=tuple(copy for copy in plan.copies if copy.number != number))


def resized(plan: Plan, sizes_mm: Mapping[Design, float], counts: Mapping[Design, int]) -> Plan:
    """Other sizes and numbers of copies. Raises OptionsError (fields `size_mm`, `border_mm`, `copies`)."""
    for size_mm in sizes_mm.values():
        PrintOptions(size_mm=size_mm, border_mm=plan.border_mm)
    copies = list(plan.copies)
    for design, count in counts.items():
        if not 0 <= count <= MAX_COPIES:
            raise OptionsError("copies", f"There can be 1 to {MAX_COPIES} copies of a sticker; 0 takes it off.")
        # the unlocked ones and the last ones go first
        there = sorted(
            (copy for copy in copies if copy.design == design), key=lambda copy: (not copy.locked, copy.number)
        )
        gone = {copy.number for copy in there[count:]}
        copies = [copy for copy in copies if copy.number not in gone]
        first = max(plan.next_number, max((copy.number for copy in copies), default=0) + 1)
        copies += [
            Copy(number=first + more, sticker_pk=design.sticker_pk, size_mm=design.size_mm, fixups=design.fixups)
            for more in range(count - len(there))
        ]
    larger = [replace(copy, size_mm=sizes_mm.get(copy.design, copy.size_mm)) for copy in copies]
    return counted(replace(plan, copies=tuple(larger)))


def counted(plan: Plan) -> Plan:
    """The same plan. Raises OptionsError (field `copies`) if it holds more copies than can be placed."""
    if len(plan.copies) > MAX_STICKERS:
        raise OptionsError("copies", f"{len(plan.copies)} stickers are too many: at most {MAX_STICKERS} fit one job.")
    return plan


def with_profile(plan: Plan, profile: Profile) -> Plan:
    """The plan with the profile's own settings in place of what was set.

    Each picture of a messenger pack is filled by its sticker: there they get one size, and so borders of one width.
    """
    if profile.kind == "messenger":
        plan = replace(plan, copies=tuple(replace(copy, size_mm=profile.size_mm) for copy in plan.copies))
    smallest_mm = min((copy.size_mm for copy in plan.copies), default=profile.size_mm)
    return replace(
        plan,
        profile=profile.name,
        margin_mm=profile.margin_mm,
        gap_mm=profile.gap_mm,
        border_mm=profile.border_for(smallest_mm),
        bleed_mm=profile.bleed_mm,
        dpi=profile.dpi,
        as_drawn=profile.as_drawn,
        formats=colours.makeable(profile.formats, profile) + (("zip",) if profile.kind == "shop" else ()),
    )


def with_newest_art(plan: Plan, arts: Mapping[int, str]) -> Plan:
    """The plan with the stickers as they are now. `arts`: the files of stickers by their keys."""
    newest = [replace(copy, art=arts.get(copy.sticker_pk, copy.art)) for copy in plan.copies]
    return replace(plan, copies=tuple(newest))


def cleared(plan: Plan, designs: Collection[Design]) -> Plan:
    """The plan without any copy of these designs."""
    return replace(plan, copies=tuple(copy for copy in plan.copies if copy.design not in designs))


def _copy(plan: Plan, number: int) -> Copy:
    copy = plan.copy(number)
    if copy is None:
        raise KeyError(number)
    return copy
