"""The worker's part of a nesting: one step that can be undone, or the reason why nothing was moved."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from stickers import pipeline
from stickers.models import Nesting, PrintSheet
from stickers.printing.imposition import spyrrow_nesting
from stickers.prints import editing, history
from stickers.prints.desk import Desk
from tests.support.print_rows import make_print_sheet
from tests.support.rows import make_sheet

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def print_sheet(designer: User) -> PrintSheet:
    row = make_print_sheet(make_sheet(designer), page="4x6in")
    Desk.of(row).change("Moved", lambda desk: editing.moved(desk.plan, 1, x_mm=50, y_mm=110, rotation_deg=0, page=1))
    return row


def test_it_works(print_sheet: PrintSheet) -> None:
    nesting = Nesting.objects.create(print_sheet=print_sheet)
    before = history.plan_of(print_sheet)
    assert pipeline.next_nestings() == [nesting.pk]
    assert pipeline.nest(nesting.pk)
    nesting.refresh_from_db()
    assert (nesting.state, nesting.progress) == ("done", 1.0)
    after = history.plan_of(print_sheet)
    assert after.copy(1) != before.copy(1)
    print_sheet.refresh_from_db()
    assert history.undo(print_sheet) == "Arranged again"
    assert history.plan_of(print_sheet) == before


def test_what_lies_right_stays_unless_all_is_placed_again(print_sheet: PrintSheet) -> None:
    before = history.plan_of(print_sheet)
    nesting = Nesting.objects.create(print_sheet=print_sheet, anew=False)
    pipeline.next_nestings()
    assert pipeline.nest(nesting.pk)
    assert history.plan_of(print_sheet) == before


@pytest.mark.skipif(not spyrrow_nesting.is_available(), reason="The optional engine spyrrow is not installed.")
def test_tighter(print_sheet: PrintSheet) -> None:
    nesting = Nesting.objects.create(print_sheet=print_sheet, seconds=2)
    pipeline.next_nestings()
    assert pipeline.nest(nesting.pk)
    assert not Desk.of(print_sheet).pages.clashes


def test_tighter_without_its_engine(print_sheet: PrintSheet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spyrrow_nesting, "spyrrow", None)
    nesting = Nesting.objects.create(print_sheet=print_sheet, seconds=2)
    before = history.plan_of(print_sheet)
    pipeline.next_nestings()
    assert not pipeline.nest(nesting.pk)
    nesting.refresh_from_db()
    assert nesting.state == "failed"
    assert "not installed" in nesting.error
    assert history.plan_of(print_sheet) == before


def test_twice_is_the_same_as_once(print_sheet: PrintSheet) -> None:
    nesting = Nesting.objects.create(print_sheet=print_sheet)
    pipeline.next_nestings()
    assert pipeline.nest(nesting.pk)
    assert not pipeline.nest(nesting.pk)
