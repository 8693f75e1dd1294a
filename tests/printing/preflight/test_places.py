"""Tests the preflight on seeded pages: cuts too close, overlapping, on marks, off the page. Every fix is tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from stickers.printing.artwork.die_cut import DieCut, die_cut
from stickers.printing.imposition.layout import Item, Layout, Page, PlacedSticker, lay_out
from stickers.printing.imposition.marks import RegistrationMarks
from stickers.printing.imposition.pages import PageOptions, PageSize
from stickers.printing.options import PrintOptions
from stickers.printing.preflight.rules import Finding, examine
from stickers.printing.profiles import PROFILES
from tests.support.print_art import disc

HOME = PROFILES["home"]
SIDE_MM = 150.0
CASES = 24


@cache
def small() -> DieCut:
    return die_cut(disc(), PrintOptions(size_mm=20))


MARKS = RegistrationMarks(inset_mm=25, square_mm=10)
SQUARE = MARKS.boxes(PageSize("any", SIDE_MM, SIDE_MM))[0]


def page(*places: tuple[float, float], gap_mm: float = 3.0, margin_mm: float = 10.0) -> Layout:
    options = PageOptions(
        size=PageSize("any", SIDE_MM, SIDE_MM), gap_mm=gap_mm, margin_mm=margin_mm, blocked=(SQUARE,), max_pages=1
    )
    placed = tuple(PlacedSticker(sticker=small(), x_mm=float(x), y_mm=float(y)) for x, y in places)
    return Layout(options=options, pages=(Page(1, placed),))


def beside(chance: np.random.Generator, least_mm: float, most_mm: float) -> Layout:
    """Two stickers, 20 mm wide, with a random distance between their middles."""
    angle, apart = chance.uniform(0, 2 * np.pi), chance.uniform(least_mm, most_mm)
    return page((75, 75), (75 + apart * np.cos(angle), 75 + apart * np.sin(angle)))


def near_the_edge(chance: np.random.Generator) -> Layout:
    """Nearer than the 2 mm asked for, or over the edge, on any of the four sides."""
    middle = float(chance.uniform(4, 11.8))
    along = float(chance.uniform(60, 90))
    return page(((middle, along), (SIDE_MM - middle, along), (along, middle), (along, SIDE_MM - middle))[
        int(chance.integers(4))
    ])  # fmt: skip


def on_a_mark(chance: np.random.Generator) -> Layout:
    centre = (SQUARE.left_mm + SQUARE.right_mm) / 2
    angle, apart = chance.uniform(0, 2 * np.pi), chance.uniform(0, 14)
    return page((centre + apart * np.cos(angle), centre + apart * np.sin(angle)))


def overfull(chance: np.random.Generator) -> Layout:
    """More copies than a page of 130 mm has room for."""
    return lay_out([Item(small(), int(chance.integers(40, 60)))], page().options)


Seed = Callable[[np.random.Generator], Layout]
SEEDS: dict[str, tuple[str, Seed]] = {
    "gap": ("gap", lambda chance: beside(chance, 20.2, 22.8)),
    "nested": ("nested", lambda chance: beside(chance, 0.3, 8)),
    "doubled": ("nested", lambda chance: beside(chance, 0, 0)),
    "edge": ("edge", near_the_edge),
    "marks": ("marks", on_a_mark),
    "overflow": ("overflow", overfull),
}


def rules(layout: Layout) -> dict[str, Finding]:
    return {finding.rule: finding for finding in examine(layout, HOME) if finding.level != "note"}


def fixed(layout: Layout, finding: Finding) -> Layout:
    """What the button does: it sets the option and nests the same stickers again."""
    assert finding.fix is not None
    options = layout.options
    if finding.fix.field != "again":
        options = replace(options, **{finding.fix.field: finding.fix.value})
    return lay_out([Item(small(), sum(1 for _ in layout.placed))], options)


@pytest.mark.thorough
@pytest.mark.parametrize("case", SEEDS)
def test_seeded_places_are_found_and_fixed(case: str) -> None:
    rule, seed = SEEDS[case]
    chance = np.random.default_rng(3)
    layouts = [seed(chance) for _ in range(CASES)]
    found = [(layout, findings[rule]) for layout in layouts if rule in (findings := rules(layout))]
    assert len(found) >= 0.95 * CASES, f"{case}: {len(found)} of {CASES} found"
    if case == "overflow":
        assert all(finding.fix is None and "larger page" in finding.words for _, finding in found)
        return
    healed = [rules(fixed(layout, finding)) == {} for layout, finding in found]
    assert sum(healed) >= 0.9 * len(found), f"{case}: {sum(healed)} of {len(found)} fixed"


def test_places_that_are_right_raise_no_alarm() -> None:
    chance = np.random.default_rng(5)
    alarms = [rules(beside(chance, 23.05, 40)) for _ in range(CASES)]
    alarms += [rules(page((float(chance.uniform(22.1, 128)), 75))) for _ in range(CASES)]
    # Beside the mark, as far away as the gap.
    alarms += [rules(page((SQUARE.right_mm + 13.1, float(chance.uniform(22.1, 128))))) for _ in range(CASES)]
    alarms += [rules(lay_out([Item(small(), copies)], page().options)) for copies in range(1, 20)]
    assert [alarm for alarm in alarms if alarm] == []


def test_the_profile_s_gap_counts_where_the_page_has_less() -> None:
    layout = page((50, 75), (74, 75), gap_mm=2)
    [finding] = [one for one in examine(layout, PROFILES["stickerninja"]) if one.rule == "gap"]
    assert finding.fix is not None
    assert (finding.fix.field, finding.fix.value) == ("gap_mm", 6.35)
    assert "gap" not in {one.rule for one in examine(fixed(layout, finding), PROFILES["stickerninja"])}
