"""The desk: everything about a print sheet is loaded once for each edit."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from stickers.models import PrintSheet
from stickers.prints import artwork, cut_lines, editing
from stickers.prints.desk import Desk
from tests.support.print_rows import make_print_sheet
from tests.support.rows import make_sheet

pytestmark = pytest.mark.django_db
SETTINGS = {
    "unit": "mm",
    "page": "A4",
    "profile": "home",
    "margin": "10",
    "gap": "3",
    "border": "2.5",
    "bleed": "0",
    "dpi": "300",
    "formats": "pdf",
}


@pytest.fixture
def row(designer: User) -> PrintSheet:
    return make_print_sheet(make_sheet(designer))


def test_an_edit_loads_everything_once(client: Client, row: PrintSheet, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = Counter[int]()
    die_cut_of = artwork.die_cut_of

    def counting(sticker: Any, *arguments: Any, **options: Any) -> Any:
        cut[sticker.pk] += 1
        return die_cut_of(sticker, *arguments, **options)

    monkeypatch.setattr(artwork, "die_cut_of", counting)
    cut_lines._cuts.clear()
    with CaptureQueriesContext(connection) as queries:
        response = client.post(f"/prints/{row.pk}/settings/", SETTINGS, headers={"HX-Request": "true"})
    assert response.status_code == 200
    row.refresh_from_db()
    assert row.border_mm == 2.5
    assert list(cut.values()) == [1, 1, 1]
    read = [query["sql"] for query in queries if query["sql"].startswith("SELECT")]
    assert sum('FROM "stickers_printsheet"' in sql for sql in read) == 1
    assert sum('FROM "stickers_printprofile"' in sql for sql in read) == 1
    # the plan, and the difference when it is written
    assert sum('FROM "stickers_printitem"' in sql for sql in read) == 2
    assert sum('"stickers_sticker"."contour"' in sql for sql in read) == 1


def test_another_plan_of_the_same_stickers_loads_nothing(row: PrintSheet, django_assert_num_queries: Any) -> None:
    desk = Desk.of(row)
    with django_assert_num_queries(0):
        other = desk.on(editing.removed(desk.plan, 1))
        assert len(other.cuts.made) == 2
        assert len(desk.cuts.made) == 3


def test_a_sticker_that_comes_onto_the_plan_is_loaded(row: PrintSheet, designer: User) -> None:
    desk = Desk.of(row)
    new = make_sheet(designer, stickers=1).stickers.get()
    assert new.pk in desk.on(editing.added(desk.plan, {new.pk: 30})).stickers


def test_a_change_gives_the_next_desk(row: PrintSheet) -> None:
    desk = Desk.of(row)
    after = desk.change("Took one off", lambda desk: editing.removed(desk.plan, 1))
    assert after.plan == Desk.of(row).plan
    assert len(desk.plan.copies) == 3
    assert len(after.pages.layout.pages[0].placed) == 2
