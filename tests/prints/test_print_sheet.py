"""Print sheets without a page: plans, their history, places, and the fixes of the preflight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.db.models import F

from stickers.accounts.current_user import the_designer
from stickers.models import PrintSheet, Sheet
from stickers.printing.errors import OptionsError
from stickers.printing.options import DEFAULT_BORDER_MM
from stickers.printing.profiles import PROFILES
from stickers.prints import editing, history, preflight
from stickers.prints.desk import BusyError, Desk
from stickers.prints.imposing import nested, nested_beside, nested_tighter, settled
from stickers.prints.plan import Plan
from tests.support.print_rows import make_print_sheet
from tests.support.rows import make_sheet

pytestmark = pytest.mark.django_db


@pytest.fixture
def sheets(designer: User) -> tuple[Sheet, Sheet]:
    return make_sheet(designer), make_sheet(designer, stickers=2)


@pytest.fixture
def print_sheet(sheets: tuple[Sheet, Sheet]) -> PrintSheet:
    return make_print_sheet(*sheets)


def clashes(plan: Plan) -> int:
    return len(desk_of(plan).pages.clashes)


def desk_of(plan: Plan) -> Desk:
    return Desk.with_plan(PrintSheet(owner=the_designer()), plan)


def change(print_sheet: PrintSheet, words: str, edit: Callable[[Plan], Plan]) -> Plan:
    return Desk.of(print_sheet).change(words, lambda desk: edit(desk.plan)).plan


def moved(plan: Plan, number: int, x_mm: float, y_mm: float) -> Plan:
    return editing.moved(plan, number, x_mm=x_mm, y_mm=y_mm, rotation_deg=0, page=1)


def test_it_works(print_sheet: PrintSheet) -> None:
    plan = history.plan_of(print_sheet)
    assert [copy.number for copy in plan.copies] == [1, 2, 3, 4, 5]
    assert {copy.page for copy in plan.copies} == {1}
    assert clashes(plan) == 0


def test_a_plan_survives_json(print_sheet: PrintSheet) -> None:
    plan = history.plan_of(print_sheet)
    assert Plan.of_json(plan.as_json()) == plan


def test_changes_are_undone_and_done_again(print_sheet: PrintSheet) -> None:
    first = history.plan_of(print_sheet)
    second = change(print_sheet, "Moved", lambda plan: moved(plan, 2, 100, 200))
    third = change(print_sheet, "Took one off", lambda plan: editing.removed(plan, 3))
    assert history.reach(print_sheet) == ("Took one off", "")
    assert history.undo(print_sheet) == "Took one off"
    assert history.plan_of(print_sheet) == second
    assert history.undo(print_sheet) == "Moved"
    assert history.plan_of(print_sheet) == first
    assert history.undo(print_sheet) is None
    assert history.redo(print_sheet) == "Moved"
    assert history.redo(print_sheet) == "Took one off"
    assert history.plan_of(print_sheet) == third
    assert history.redo(print_sheet) is None


def test_a_change_after_undo_forgets_what_was_undone(print_sheet: PrintSheet) -> None:
    change(print_sheet, "Moved", lambda plan: moved(plan, 2, 100, 200))
    history.undo(print_sheet)
    change(print_sheet, "Took one off", lambda plan: editing.removed(plan, 1))
    assert history.redo(print_sheet) is None
    assert history.undo(print_sheet) == "Took one off"


def test_no_change_is_no_step(print_sheet: PrintSheet) -> None:
    change(print_sheet, "Nothing", lambda plan: plan)
    assert history.reach(print_sheet) == ("", "")


def test_only_so_many_steps_are_kept(print_sheet: PrintSheet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "STEPS_KEPT", 3)
    for x_mm in range(20, 30):
        change(print_sheet, "Moved", lambda plan, x_mm=x_mm: moved(plan, 1, x_mm, 50))
    assert print_sheet.steps.count() == 4
    assert sum(history.undo(print_sheet) is not None for _ in range(10)) == 3


def test_two_windows_lose_nothing(print_sheet: PrintSheet) -> None:
    """A change is worked out again if another one was written meanwhile."""
    other = PrintSheet.objects.get(pk=print_sheet.pk)
    seen = []

    def edit(plan: Plan) -> Plan:
        seen.append(plan)
        if len(seen) == 1:
            change(other, "Moved", lambda plan: moved(plan, 1, 111, 222))
        return editing.removed(plan, 2)

    plan = change(print_sheet, "Took one off", edit)
    assert len(seen) == 2
    assert [copy.number for copy in plan.copies] == [1, 3, 4, 5]
    assert plan.copies[0].x_mm == 111


def test_a_change_that_never_gets_through_gives_up(print_sheet: PrintSheet) -> None:
    def edit(plan: Plan) -> Plan:
        PrintSheet.objects.filter(pk=print_sheet.pk).update(version=F("version") + 7)
        return editing.removed(plan, 2)

    with pytest.raises(BusyError):
        change(print_sheet, "Took one off", edit)
    assert print_sheet.items.count() == 5


def test_stickers_gone_for_good_stay_gone_after_undo(print_sheet: PrintSheet, sheets: tuple[Sheet, Sheet]) -> None:
    change(print_sheet, "Took one off", lambda plan: editing.removed(plan, 4))
    sheets[0].stickers.get(number=1).delete()
    history.undo(print_sheet)
    assert [copy.number for copy in history.plan_of(print_sheet).copies] == [2, 3, 4, 5]


def test_duplicate_is_a_thing_of_its_own(print_sheet: PrintSheet) -> None:
    copy = history.duplicate(print_sheet)
    change(copy, "Took one off", lambda plan: editing.removed(plan, 1))
    assert print_sheet.items.count() == 5
    assert copy.items.count() == 4


def test_arrange_again_keeps_the_locked(print_sheet: PrintSheet) -> None:
    plan = moved(history.plan_of(print_sheet), 2, 150, 220)
    plan = editing.locked(plan, 2, is_locked=True)
    plan = moved(plan, 3, 150, 221)
    assert clashes(plan) == 1
    again = nested(plan, desk_of(plan).cuts)
    assert again.copy(2) == plan.copy(2)
    assert again.copy(3) != plan.copy(3)
    assert clashes(again) == 0


def test_more_copies_find_room_beside_the_others(print_sheet: PrintSheet) -> None:
    before = moved(history.plan_of(print_sheet), 1, 120, 200)
    more = editing.resized(before, {}, {before.copies[0].design: 6})
    full = nested_beside(more, desk_of(more).cuts)
    assert full.copies[:5] == before.copies
    assert all(copy.page for copy in full.copies)
    assert clashes(full) == 0


def test_settings_move_only_what_no_longer_fits(print_sheet: PrintSheet) -> None:
    plan = history.plan_of(print_sheet)
    cuts = desk_of(plan).cuts
    assert settled(replace(plan, gap_mm=2.0), cuts).copies == plan.copies
    wide = settled(replace(plan, gap_mm=12.0), cuts)
    assert wide.copies != plan.copies
    assert clashes(wide) == 0


def test_a_layout_by_hand_is_never_placed_again_unasked(print_sheet: PrintSheet) -> None:
    """Not even if it lies wrong, then or after other settings. New copies find room beside it."""
    plan = moved(history.plan_of(print_sheet), 2, 60, 60)
    plan = moved(plan, 3, 61, 60)
    assert plan.by_hand
    assert clashes(plan)
    cuts = desk_of(plan).cuts
    for other in (replace(plan, gap_mm=12.0), replace(plan, border_mm=3.0), replace(plan, page="A5")):
        assert desk_of(other).settled().copies == other.copies
    more = desk_of(editing.resized(plan, {}, {plan.copies[0].design: 3})).settled()
    assert more.copies[:5] == plan.copies
    assert all(copy.page for copy in more.copies)
    asked = nested(plan, cuts)
    assert clashes(asked) == 0
    assert not asked.by_hand
    assert settled(replace(asked, gap_mm=12.0), cuts).copies != asked.copies


def test_undo_brings_a_layout_by_hand_back_as_one(print_sheet: PrintSheet) -> None:
    change(print_sheet, "Moved a sticker", lambda plan: moved(plan, 1, 120, 200))
    change(print_sheet, "Arranged again", lambda plan: nested(plan, desk_of(plan).cuts))
    assert not history.plan_of(PrintSheet.objects.get(pk=print_sheet.pk)).by_hand
    history.undo(PrintSheet.objects.get(pk=print_sheet.pk))
    assert history.plan_of(PrintSheet.objects.get(pk=print_sheet.pk)).by_hand


def test_what_finds_no_room_is_said(print_sheet: PrintSheet) -> None:
    plan = replace(history.plan_of(print_sheet), page="80x60mm", margin_mm=5.0)
    many = editing.resized(plan, {}, {plan.copies[0].design: 120})
    pages = desk_of(nested(many, desk_of(many).cuts)).pages
    assert pages.unplaced
    assert len(pages.unplaced) + sum(1 for _ in pages.layout.placed) == 124


def test_several_sizes_on_one_page(print_sheet: PrintSheet) -> None:
    plan = history.plan_of(print_sheet)
    mixed = editing.resized(plan, {plan.copies[0].design: 60.0, plan.copies[1].design: 20.0}, {})
    mixed = desk_of(mixed).settled()
    cuts = desk_of(mixed).cuts
    sizes = [max(cuts.made[copy.design].width_mm, cuts.made[copy.design].height_mm) for copy in mixed.copies]
    assert sizes == pytest.approx([60, 20, 30, 30, 30], abs=0.02)
    assert clashes(mixed) == 0


@pytest.mark.parametrize(
    ("copies", "words"), [(500, "1 to 200 copies"), (-1, "1 to 200 copies"), (201, "1 to 200 copies")]
)
def test_copies_out_of_range(print_sheet: PrintSheet, copies: int, words: str) -> None:
    plan = history.plan_of(print_sheet)
    with pytest.raises(OptionsError, match=words) as caught:
        editing.resized(plan, {}, {plan.copies[0].design: copies})
    assert caught.value.field == "copies"


def test_too_many_in_all(designer: User) -> None:
    plan = history.plan_of(make_print_sheet(make_sheet(designer, stickers=6)))
    with pytest.raises(OptionsError, match="1200 stickers are too many"):
        editing.resized(plan, {}, dict.fromkeys(plan.designs, 200))


@pytest.mark.parametrize("place", [(float("nan"), 0), (0, 1e9)])
def test_places_that_are_none(print_sheet: PrintSheet, place: tuple[float, float]) -> None:
    with pytest.raises(OptionsError, match="at most 1000 mm"):
        moved(history.plan_of(print_sheet), 1, *place)


def test_tighter_wants_empty_pages(print_sheet: PrintSheet) -> None:
    plan = editing.locked(history.plan_of(print_sheet), 1, is_locked=True)
    with pytest.raises(OptionsError, match="unlock"):
        nested_tighter(plan, desk_of(plan).cuts, seconds=2)


def test_profile_fills_in_its_numbers(print_sheet: PrintSheet) -> None:
    plan = editing.with_profile(history.plan_of(print_sheet), PROFILES["stickergiant"])
    assert (plan.bleed_mm, plan.border_mm, plan.gap_mm) == (3.2, 3.2, 6.4)
    assert plan.formats == ("pdf", "png", "zip")


def test_a_light_for_each_fault_and_its_fix(print_sheet: PrintSheet) -> None:
    """Discs of 60 pixels have 54 ppi at 30 mm. Two that lie on each other are cut twice."""
    plan = moved(history.plan_of(print_sheet), 2, 60, 60)
    plan = moved(plan, 3, 60, 60)
    desk = desk_of(plan)
    verdict = preflight.examined(desk)
    assert verdict.lights[0].sticker is None
    assert {check.finding.rule for check in verdict.lights[0].checks} == {"nested"}
    [nested] = verdict.lights[0].checks
    again = preflight.fixed(desk, "nested", nested.number)
    assert clashes(again) == 0
    coarse = next(light for light in verdict.lights if light.design == plan.copies[0].design)
    assert {check.finding.rule for check in coarse.checks} >= {"ppi"}
    smaller = preflight.fixed(desk, "ppi", 1)
    assert smaller.copies[0].size_mm < 30
    with pytest.raises(KeyError):
        preflight.fixed(desk, "halo", 1)


def test_fix_all_leaves_no_error_that_has_a_fix(print_sheet: PrintSheet) -> None:
    plan = moved(moved(history.plan_of(print_sheet), 2, 3, 60), 3, 3, 60)
    fixed = preflight.all_fixed(desk_of(plan))
    verdict = preflight.examined(desk_of(fixed))
    assert not [check for check in verdict.checks if check.finding.level == "error" and check.finding.fix]


def test_fix_all_places_once(print_sheet: PrintSheet, monkeypatch: pytest.MonkeyPatch) -> None:
    """All sizes first, and then one nesting, which takes far longer."""
    settled = Desk.settled
    placed: list[Plan] = []

    def counting(desk: Desk) -> Plan:
        placed.append(desk.plan)
        return settled(desk)

    monkeypatch.setattr(Desk, "settled", counting)
    fixed = preflight.all_fixed(desk_of(history.plan_of(print_sheet)))
    assert {copy.size_mm for copy in fixed.copies} == {8}
    assert len(placed) == 1


def test_every_way_to_a_print_sheet_proposes_the_same_border() -> None:
    assert PrintSheet().border_mm == Plan().border_mm == DEFAULT_BORDER_MM
