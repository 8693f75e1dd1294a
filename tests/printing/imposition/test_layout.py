"""Stickers on pages, checked with new polygons: distances, margins, counts, and wrong layouts that are found."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon

from stickers.printing.artwork.die_cut import DieCut, die_cut
from stickers.printing.errors import OptionsError
from stickers.printing.imposition.layout import Item, Layout, Page, PlacedSticker, clashes, lay_out
from stickers.printing.imposition.pages import Box, PageOptions, PageSize, parse_page
from stickers.printing.options import PrintOptions
from tests.support.print_art import a4, die_cuts, disc


def faults(layout: Layout) -> list[str]:
    """What is wrong with the places, from the paths alone and pair by pair."""
    found = []
    options = layout.options
    live = shapely.box(*(getattr(options.live, side) for side in ("left_mm", "top_mm", "right_mm", "bottom_mm")))
    for page in layout.pages:
        shapes = [Polygon(one.path.outer.flattened(0.003)) for one in page.placed]
        for index, shape in enumerate(shapes):
            if not live.buffer(0.02).contains(shape):
                found.append(f"{index} outside")
            near = [other for other in range(index) if shape.distance(shapes[other]) < options.gap_mm - 0.02]
            found += [f"{other} and {index} too near" for other in near]
            marks = [shapely.box(box.left_mm, box.top_mm, box.right_mm, box.bottom_mm) for box in options.blocked]
            found += [f"{index} on a mark" for mark in marks if shape.distance(mark) < options.gap_mm]
            if abs(page.placed[index].path.area_mm2 - page.placed[index].sticker.path.area_mm2) > 1e-6:
                found.append(f"{index} scaled")
    return found


def test_it_works() -> None:
    layout = a4()
    assert faults(layout) == []
    assert clashes(layout) == []
    assert sum(len(page.placed) for page in layout.pages) == 24
    assert {one.sticker.name for one in layout.placed} == {sticker.name for sticker in die_cuts()}
    assert layout.overflow == ()


def test_the_same_order_gives_the_same_pages() -> None:
    few = [Item(sticker) for sticker in die_cuts()[:6]]
    size = PageOptions(size=parse_page("A5"))

    def places() -> list[tuple[float, ...]]:
        return [(one.x_mm, one.y_mm, one.rotation_deg) for one in lay_out(few, size).placed]

    assert places() == places()


def test_upright_stickers_are_not_turned() -> None:
    layout = lay_out(
        [Item(sticker) for sticker in die_cuts()[:5]], PageOptions(size=parse_page("A5"), keep_upright=True)
    )
    assert {one.rotation_deg for one in layout.placed} == {0}


@pytest.fixture(scope="module")
def small() -> DieCut:
    return die_cut(disc(), PrintOptions(size_mm=20), name="disc")


def test_copies_flow_over_to_further_pages(small: DieCut) -> None:
    layout = lay_out([Item(small, 40)], PageOptions(size=parse_page("4x6in")))
    assert len(layout.pages) > 1
    assert sum(len(page.placed) for page in layout.pages) == 40
    assert sorted(one.copy for one in layout.placed) == list(range(1, 41))
    assert faults(layout) == []
    # Round ones of 20 mm, 3 mm apart: at least as many as a plain grid holds.
    assert len(layout.pages[0].placed) >= 3 * 5


def test_what_finds_no_room_is_named(small: DieCut) -> None:
    layout = lay_out([Item(small, 40)], PageOptions(size=parse_page("4x6in"), max_pages=1))
    assert len(layout.pages) == 1
    assert len(layout.overflow) == 40 - len(layout.pages[0].placed)
    tiny = lay_out([Item(small)], PageOptions(size=PageSize("tiny", 38, 38)))
    assert (tiny.pages, tiny.overflow) == ((), (small,))


def test_a_sticker_as_large_as_the_live_area_fits(small: DieCut) -> None:
    layout = lay_out([Item(small)], PageOptions(size=PageSize("fit", 40.2, 40.2)))
    assert faults(layout) == []
    assert len(layout.pages) == 1


def test_marks_are_kept_clear(small: DieCut) -> None:
    mark = Box(left_mm=10, top_mm=10, right_mm=30, bottom_mm=40)
    layout = lay_out([Item(small, 12)], PageOptions(size=parse_page("4x6in"), blocked=(mark,)))
    assert faults(layout) == []


def test_locked_stickers_stay_where_they_are(small: DieCut) -> None:
    held = PlacedSticker(sticker=small, x_mm=50, y_mm=70, rotation_deg=33, locked=True)
    loose = PlacedSticker(sticker=small, x_mm=20, y_mm=20)
    layout = lay_out([Item(small, 6)], PageOptions(size=parse_page("4x6in")), locked=[Page(1, (held, loose))])
    assert held in layout.pages[0].placed
    assert loose not in layout.pages[0].placed
    assert sum(len(page.placed) for page in layout.pages) == 7
    assert faults(layout) == []


def test_progress_ends_at_one(small: DieCut) -> None:
    told: list[float] = []
    lay_out([Item(small, 30)], PageOptions(size=parse_page("4x6in")), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1


@pytest.mark.parametrize("copies", [0, -1, 500])
def test_too_many_copies_are_refused(small: DieCut, copies: int) -> None:
    with pytest.raises(OptionsError) as caught:
        Item(small, copies)
    assert caught.value.field == "copies"


def test_too_many_stickers_are_refused(small: DieCut) -> None:
    with pytest.raises(OptionsError, match="at most 1000"):
        lay_out([Item(small, 200)] * 6, PageOptions())


def test_wrong_places_are_found() -> None:
    layout = a4()
    page = layout.pages[0]
    first, second = page.placed[:2]

    def rules(*placed: PlacedSticker) -> set[str]:
        return {clash.rule for clash in clashes(replace(layout, pages=(Page(1, placed),)))}

    assert rules(first, second) == set()
    assert "nested" in rules(first, first)
    nearer = first.moved(x_mm=second.x_mm + 2, y_mm=second.y_mm + 1)
    assert rules(nearer, second) & {"nested", "gap"}
    assert rules(first.moved(x_mm=first.x_mm - 2, y_mm=first.y_mm)) <= {"edge"}
    assert "edge" in rules(first.moved(x_mm=0, y_mm=first.y_mm))


def test_two_apart_by_too_little_are_found(small: DieCut) -> None:
    options = PageOptions(size=parse_page("A5"))
    for gap_mm, expected in ((2.9, ["gap"]), (3.0, []), (3.2, [])):
        pair = (
            PlacedSticker(sticker=small, x_mm=40, y_mm=40),
            PlacedSticker(sticker=small, x_mm=40 + 20 + gap_mm, y_mm=40),
        )
        found = clashes(Layout(options=options, pages=(Page(1, pair),)))
        assert [clash.rule for clash in found] == expected


@settings(max_examples=8, deadline=None)
@given(
    gap_mm=st.floats(0, 8),
    margin_mm=st.floats(0, 20),
    chosen=st.lists(st.integers(0, 23), min_size=1, max_size=5),
    width_mm=st.floats(60, 160),
)
def test_every_page_is_free_of_clashes(gap_mm: float, margin_mm: float, chosen: list[int], width_mm: float) -> None:
    items = [Item(die_cuts()[index]) for index in chosen]
    page = PageOptions(size=PageSize("any", width_mm, 120), margin_mm=margin_mm, gap_mm=gap_mm)
    layout = lay_out(items, page)
    assert faults(layout) == []
    assert sum(len(one.placed) for one in layout.pages) + len(layout.overflow) == len(items)


@pytest.mark.parametrize("place", [(400, 70), (-400, 70), (50, 400), (50, -400), (400, 400), (-400, -400)])
def test_what_is_locked_off_the_page_takes_no_room(small: DieCut, place: tuple[float, float]) -> None:
    """So it lies after a change to a smaller page."""
    gone = PlacedSticker(sticker=small, x_mm=place[0], y_mm=place[1], locked=True)
    layout = lay_out([Item(small, 6)], PageOptions(size=parse_page("4x6in")), locked=[Page(1, (gone,))])
    assert sum(1 for _ in layout.placed) == 7
    assert {clash.index for clash in clashes(layout)} == {0}
