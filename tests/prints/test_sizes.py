"""Sizes of rows: the scale is the whole sheet's, and newcomers are sized as what lies there."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from stickers.models import PrintSheet, Sheet
from stickers.printing.artwork.sizes import Bounds
from stickers.printing.profiles import PROFILES
from stickers.prints import editing, sizes
from stickers.prints.desk import Desk
from stickers.prints.plan import Plan
from tests.support.print_rows import make_print_sheet
from tests.support.rows import make_sheet, make_sticker

pytestmark = pytest.mark.django_db
HOME = Bounds(usual_mm=50, border_mm=2)


@pytest.fixture
def sheet(designer: User) -> Sheet:
    """A heart and four cats."""
    sheet = make_sheet(designer, stickers=1)
    for number in range(2, 6):
        make_sticker(sheet, number, art_px=1000)
    return sheet


def sizes_on(desk: Desk) -> list[float]:
    return [copy.size_mm for copy in desk.plan.copies]


def test_it_works(sheet: Sheet) -> None:
    found = sizes.fitted("same-scale", sheet.stickers.all(), HOME)
    assert list(found.values()) == [6.5, 50, 50, 50, 50]
    assert set(sizes.fitted("sharp", sheet.stickers.all(), HOME).values()) == {8, 88}


def test_one_sticker_has_the_scale_of_its_whole_sheet(sheet: Sheet) -> None:
    heart = sheet.stickers.get(number=1)
    assert sizes.fitted("same-scale", [heart], HOME) == {heart.pk: 6.5}
    sheet.stickers.exclude(pk=heart.pk).update(deleted_at=sheet.created_at)
    assert sizes.fitted("same-scale", [heart], HOME) == {heart.pk: 11.1}  # 200 ppi


def test_each_sheet_has_a_scale_of_its_own(sheet: Sheet, designer: User) -> None:
    other = make_sheet(designer, stickers=1).stickers.get()
    heart = sheet.stickers.get(number=1)
    assert sizes.fitted("same-scale", [heart, other], HOME) == {heart.pk: 6.5, other.pk: 11.1}


def test_a_sticker_that_was_never_measured(designer: User) -> None:
    sheet = make_sheet(designer, stickers=2)
    sheet.stickers.update(art_px=0)
    assert set(sizes.fitted("same-scale", sheet.stickers.all(), HOME).values()) == {11.7}  # 61 px of its contour


def test_a_plan_says_how_it_is_sized(sheet: Sheet) -> None:
    desk = Desk.of(make_print_sheet(sheet))
    assert desk.fit is None
    assert Desk.with_plan(PrintSheet(owner_id=sheet.owner_id), Plan()).fit is None
    assert desk.on(desk.fitted("same-scale")).fit == "same-scale"
    assert desk.on(desk.fitted("sharp")).fit == "sharp"


def test_the_page_is_the_bound(sheet: Sheet) -> None:
    desk = Desk.of(make_print_sheet(sheet, page="100x150mm"))
    assert desk.bounds.most_mm == 80
    assert max(sizes_on(desk.on(desk.fitted("sharp")))) == 80


def test_what_is_no_longer_shared_keeps_its_size(sheet: Sheet, designer: User) -> None:
    desk = Desk.of(make_print_sheet(sheet, owner_pk=User.objects.create(username="other").pk))
    assert desk.fitted("sharp") == desk.plan


def test_newcomers_are_sized_as_what_is_there(sheet: Sheet) -> None:
    heart, cat, *rest = sheet.stickers.all()
    desk = Desk.with_plan(PrintSheet(owner_id=sheet.owner_id), Plan())
    scaled = desk.on(desk.with_new([cat]))
    assert sizes_on(scaled.on(scaled.with_new([heart]))) == [50, 6.5]
    sharp = scaled.on(scaled.fitted("sharp"))
    assert sizes_on(sharp.on(sharp.with_new([heart]))) == [88, 8]
    fixed = desk.on(editing.added(Plan(), {cat.pk: 40, rest[0].pk: 40}))
    assert sizes_on(fixed.on(fixed.with_new([heart]))) == [40, 40, 40]
    mixed = desk.on(editing.added(Plan(), {cat.pk: 40, rest[0].pk: 30}))
    assert sizes_on(mixed.on(mixed.with_new([heart]))) == [40, 30, 6.5]


def test_a_second_copy_has_the_size_of_the_first(sheet: Sheet) -> None:
    heart = sheet.stickers.get(number=1)
    desk = Desk.with_plan(PrintSheet(owner_id=sheet.owner_id), editing.added(Plan(), {heart.pk: 33}))
    assert sizes_on(desk.on(desk.with_new([heart]))) == [33, 33]


def test_a_messenger_pack_has_one_size(sheet: Sheet) -> None:
    """Each of its pictures is filled by its sticker. At one size the borders have one width."""
    desk = Desk.with_plan(PrintSheet(owner_id=sheet.owner_id), Plan(profile="messenger"))
    assert set(sizes_on(desk.on(desk.with_new(sheet.stickers.all())))) == {50}
    scaled = desk.on(Desk.with_plan(desk.row, Plan()).with_new(sheet.stickers.all()))
    assert set(sizes_on(desk.on(editing.with_profile(scaled.plan, PROFILES["messenger"])))) == {50}
