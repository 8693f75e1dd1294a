"""The preflight: finds before printing what would go wrong at the printer or under the knife.

Each finding names its rule, how bad it is, its place, and its fix, if there is one: an option to set (`field` and
`value`) or pixels to change (`fixup`, a key of `fixups.FIXUPS`). Without a fix, the words explain what to do.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

from stickers.printing.artwork.die_cut import DieCut
from stickers.printing.artwork.ppi import counted_ppi, ppi_verdict, sharp_up_to_mm, shown_ppi
from stickers.printing.geometry.lengths import MM_PER_INCH
from stickers.printing.imposition.bleed import short_bleeds
from stickers.printing.imposition.layout import Layout, clashes
from stickers.printing.options import SMALL_CUT_MM, WHITE, small_cut_words
from stickers.printing.preflight.defects import (
    cut_off_sides,
    faint_share,
    halo_share,
    holes_mm2,
    see_through_mm2,
    strays,
    thin_parts,
)
from stickers.printing.preflight.fixups import HALO_SHARE
from stickers.printing.profiles import Profile
from stickers.printing.words import counted

Level = Literal["note", "warn", "error"]

LEVELS: Final[tuple[Level, ...]] = ("note", "warn", "error")
_HOLE_MM2: Final = 0.8  # a dot of 1 mm: smaller holes are pores, which the border's colour closes unseen
_SEE_THROUGH_MM2: Final = 1.0
_FAINT_SHARE: Final = 0.15  # of the visible picture; a soft shadow around a figure has less
_SHIFT_MM: Final = 1.0  # blades and paper shift by up to this much


@dataclass(frozen=True)
class Fix:
    """What removes a finding. `label` is the text of a button. Either `field` and `value`, or `fixup`, say how.

    `field` is `size_mm`, `border_mm`, `gap_mm`, `margin_mm`, `bleed_mm` or `again` (lay the pages out again).
    """

    label: str
    field: str = ""
    value: float = 0.0
    fixup: str = ""


@dataclass(frozen=True)
class Finding:
    """One thing found.

    `sticker` is its name, `page` (from 1) and `index` its place; empty if it concerns the whole job.
    """

    rule: str
    level: Level
    words: str
    sticker: str = ""
    page: int | None = None
    index: int | None = None
    fix: Fix | None = None


def examine(layout: Layout, profile: Profile, *, bleed_mm: float = 0.0) -> list[Finding]:
    """All reasons not to print `layout` at `profile`'s: the worst first, then in the order of the pages.

    Each sticker's own faults are told once, at its first copy.
    """
    found: list[Finding] = []
    seen: set[int] = set()
    for page in layout.pages:
        for index, one in enumerate(page.placed):
            if id(one.sticker) in seen:
                continue
            seen.add(id(one.sticker))
            own = examine_sticker(one.sticker, profile, bleed_mm=bleed_mm)
            found += [replace(finding, page=page.number, index=index) for finding in own]
    found += examine_pages(layout, profile, bleed_mm=bleed_mm)
    return sorted(found, key=lambda finding: -LEVELS.index(finding.level))


def examine_sticker(sticker: DieCut, profile: Profile, *, bleed_mm: float = 0.0) -> list[Finding]:
    """What is wrong with one sticker, wherever it lies."""
    found = [finding for rule in _RULES for finding in rule(sticker, profile)]
    found += _bleed(sticker, profile, bleed_mm)
    return [replace(finding, sticker=sticker.name) for finding in found]


def _ppi(sticker: DieCut, profile: Profile) -> Iterator[Finding]:
    ppi = sticker.effective_ppi
    verdict = ppi_verdict(ppi, redrawn=sticker.redrawn)
    if verdict.level == "fine":
        return
    level = _ppi_level(ppi, profile)
    if sticker.redrawn:
        softer = _ppi_level(counted_ppi(ppi, redrawn=True), profile)
        level = LEVELS[max(LEVELS.index(softer), LEVELS.index(level) - 1)]
    sharp_mm = sharp_up_to_mm(sticker.art_px, sticker.border_mm)
    fix = None
    if level != "note" and sharp_mm >= profile.least_cut_mm:
        fix = Fix(f"Make it {sharp_mm} mm", field="size_mm", value=float(sharp_mm))
    yield Finding("ppi", level, f"{verdict.label}, {shown_ppi(ppi)} ppi: {verdict.words}", fix=fix)


def _ppi_level(ppi: float, profile: Profile) -> Level:
    if not ppi_verdict(ppi).warns:
        return "note"
    return "warn" if shown_ppi(ppi) >= profile.least_ppi else "error"


def _cut_off(sticker: DieCut, profile: Profile) -> Iterator[Finding]:
    del profile
    sides = cut_off_sides(sticker.source)
    if sides:
        yield Finding(
            "cut-off",
            "warn",
            f"The art is cut off flat at the {' and the '.join(sides)}, where its sheet ended; cut it again from a"
            " sheet that shows all of it, or leave it out.",
        )


def _size(sticker: DieCut, profile: Profile) -> Iterator[Finding]:
    shorter_mm, longest_mm = sorted((sticker.width_mm, sticker.height_mm))
    if shorter_mm < profile.least_cut_mm - 0.005:
        # The border does not grow with the art, and a smooth line is a little wider around small art.
        around_mm = 2 * sticker.border_mm
        growth = 1.15 * max(profile.least_cut_mm + 0.1 - around_mm, 0.1) / max(shorter_mm - around_mm, 0.1)
        needed_mm = math.ceil(((longest_mm - around_mm) * growth + around_mm) * 10) / 10
        yield Finding(
            "small",
            "error",
            f"The cut is {shorter_mm:.1f} mm across; the least here is {profile.least_cut_mm:g} mm.",
            fix=Fix(f"Make it {needed_mm:g} mm", field="size_mm", value=needed_mm),
        )
    elif longest_mm < SMALL_CUT_MM:
        yield Finding("small", "note", small_cut_words(longest_mm))


def _border(sticker: DieCut, profile: Profile) -> Iterator[Finding]:
    longest_mm = max(sticker.width_mm, sticker.height_mm)
    least_mm = profile.least_border_mm
    if longest_mm < MM_PER_INCH:
        least_mm = max(least_mm, profile.small_border_mm)
    if sticker.contour.eats_into_art or sticker.border_mm < least_mm - 0.005:
        wanted_mm = max(profile.border_for(longest_mm), least_mm)
        words = (
            "The blade cuts fine tips of the art off: the border is too narrow to round them."
            if sticker.contour.eats_into_art
            else f"The border is {sticker.border_mm:g} mm; {profile.label} asks for {least_mm:g} mm or more."
        )
        fix = None
        if longest_mm - 2 * wanted_mm > 2:
            fix = Fix(f"Border of {wanted_mm:g} mm", field="border_mm", value=wanted_mm)
        yield Finding("border", "warn", words, fix=fix)
    if sticker.contour.least_radius_mm < profile.least_radius_mm - 0.005:
        yield Finding(
            "radius",
            "warn",
            f"A corner of the cut line has a radius of {sticker.contour.least_radius_mm:.1f} mm; {profile.label} asks"
            f" for {profile.least_radius_mm:g} mm. Ask whether it cuts them, or round off the art where it is jagged.",
        )


def _thin(sticker: DieCut, profile: Profile) -> Iterator[Finding]:
    parts = thin_parts(sticker, profile.least_line_mm)
    if parts:
        yield Finding(
            "thin",
            "warn",
            f"{counted(len(parts), 'part')} of the art thinner than {profile.least_line_mm:g} mm may vanish in print.",
            fix=Fix("Thicken", fixup="thin"),
        )


def _stray(sticker: DieCut, profile: Profile) -> Iterator[Finding]:
    del profile
    if strays(sticker.source, MM_PER_INCH / sticker.effective_ppi).any():
        yield Finding(
            "stray", "warn", "Loose dots lie around the art; they would print as dirt.", fix=Fix("Erase", fixup="stray")
        )


def _halo(sticker: DieCut, profile: Profile) -> Iterator[Finding]:
    del profile
    if halo_share(sticker.source) >= HALO_SHARE:
        yield Finding(
            "halo",
            "warn",
            "A thin pale line runs around the art, left over from its ground.",
            fix=Fix("Trim the line", fixup="halo"),
        )


def _faint(sticker: DieCut, profile: Profile) -> Iterator[Finding]:
    del profile
    share = faint_share(sticker.source)
    if share >= _FAINT_SHARE:
        yield Finding(
            "faint",
            "warn",
            f"{100 * share:.0f} % of the picture is so see-through that it lies outside the cut line: it will be in no"
            " file. Fill it with white, or make it more opaque.",
            fix=Fix("Fill with white", fixup="see-through"),
        )


def _see_through(sticker: DieCut, profile: Profile) -> Iterator[Finding]:
    del profile
    if see_through_mm2(sticker) >= _SEE_THROUGH_MM2:
        yield Finding(
            "see-through",
            "warn",
            "Parts of the art are see-through; on paper they print pale, on clear film not at all.",
            fix=Fix("Fill with white", fixup="see-through"),
        )


def _holes(sticker: DieCut, profile: Profile) -> Iterator[Finding]:
    del profile
    if sticker.path.holes:
        yield Finding(
            "hole", "note", f"{counted(len(sticker.path.holes), 'hole')} of this sticker will be cut out, too."
        )
    elif holes := holes_mm2(sticker, _HOLE_MM2):
        yield Finding(
            "hole",
            "warn",
            f"{counted(len(holes), 'hole')} in the art will show the border's colour.",
            fix=Fix("Fill", fixup="hole"),
        )


def _joined(sticker: DieCut, profile: Profile) -> Iterator[Finding]:
    del profile
    if sticker.contour.bridges_mm:
        longest_mm = max(sticker.contour.bridges_mm)
        yield Finding("bridge", "note", f"Loose parts are joined by a bridge of the border, {longest_mm:.0f} mm long.")


def _bleed(sticker: DieCut, profile: Profile, bleed_mm: float) -> Iterator[Finding]:
    if not _has_white_bleed(sticker) and bleed_mm < profile.bleed_mm - 0.005:
        yield Finding(
            "bleed",
            "warn",
            f"Colour that ends at the cut shows white slivers; {profile.label} asks for {profile.bleed_mm:g} mm of"
            " bleed.",
            fix=Fix(f"Bleed of {profile.bleed_mm:g} mm", field="bleed_mm", value=profile.bleed_mm),
        )


def _bleeds(layout: Layout, bleed_mm: float) -> Iterator[Finding]:
    """The narrowest place of the job where two bleeds that are seen meet: one finding for all of them."""
    meeting = [
        (short.left_mm, page, short.index)
        for page in layout.pages
        for short in short_bleeds(page, bleed_mm)
        if not all(_has_white_bleed(page.placed[index].sticker) for index in (short.index, short.other))
    ]
    if not meeting:
        return
    left_mm, page, index = min(meeting, key=lambda found: found[0])
    is_enough = left_mm >= _SHIFT_MM
    yield Finding(
        "bleed-meets",
        "note" if is_enough else "warn",
        f"The bleeds of {counted(len(meeting), 'pair')} of neighbours meet half-way, after {left_mm:.1f} mm where they"
        f" are nearest; for {bleed_mm:g} mm of bleed the gap must be {2 * bleed_mm:g} mm.",
        page.placed[index].sticker.name,
        page.number,
        index,
        None if is_enough else Fix(f"Gap of {2 * bleed_mm:g} mm", field="gap_mm", value=2 * bleed_mm),
    )


def _has_white_bleed(sticker: DieCut) -> bool:
    return sticker.border_mm > 0 and sticker.border_rgb == WHITE


Rule = Callable[[DieCut, Profile], Iterator[Finding]]
_RULES: Final[tuple[Rule, ...]] = (
    _ppi,
    _cut_off,
    _size,
    _border,
    _thin,
    _stray,
    _halo,
    _faint,
    _see_through,
    _holes,
    _joined,
)


def examine_pages(layout: Layout, profile: Profile, *, bleed_mm: float = 0.0) -> Iterator[Finding]:
    """What is wrong with the places of the stickers, whatever they show."""
    yield from _bleeds(layout, bleed_mm)
    options = layout.options
    # The profile may ask for more than the page was made with.
    demanded = replace(layout, options=replace(options, gap_mm=profile.gap_mm, margin_mm=options.margin_mm))
    pages = {page.number: page for page in layout.pages}
    for clash in clashes(demanded):
        name = pages[clash.page].placed[clash.index].sticker.name
        fix = Fix("Arrange again", field="again")
        level: Level = "error" if clash.rule in {"nested", "marks"} or clash.distance_mm <= 0 else "warn"
        if clash.rule == "gap" and options.gap_mm < profile.gap_mm:
            fix = Fix(f"Gap of {profile.gap_mm:g} mm", field="gap_mm", value=profile.gap_mm)
        yield Finding(clash.rule, level, clash.words, name, clash.page, clash.index, fix)
    for page in layout.pages:
        for index, one in enumerate(page.placed):
            left, top, right, bottom = one.polygon.bounds
            size = options.size
            near_mm = min(left, top, size.width_mm - right, size.height_mm - bottom)
            if near_mm < profile.edge_mm - 0.02:
                yield Finding(
                    "edge",
                    "error" if near_mm < 0 else "warn",
                    f"It lies {near_mm:.1f} mm from the page's edge; {profile.label} asks for {profile.edge_mm:g} mm.",
                    one.sticker.name,
                    page.number,
                    index,
                    Fix(
                        f"Margin of {max(profile.margin_mm, profile.edge_mm):g} mm",
                        field="margin_mm",
                        value=max(profile.margin_mm, profile.edge_mm),
                    ),
                )
    if layout.overflow:
        yield Finding(
            "overflow",
            "error",
            f"{counted(len(layout.overflow), 'sticker')} found no room: choose a larger page or smaller stickers.",
        )
