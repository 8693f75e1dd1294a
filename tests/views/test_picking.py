"""Selections: a short form, in order, without rows that are gone, and never another designer's row."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.http import Http404, QueryDict
from hypothesis import given, strategies

from stickers.models import Sticker
from stickers.views.picking import MOST_IDS, MOST_STICKERS, Selection, TooManyError
from tests.support.rows import make_sheet


def asked(query: str) -> Selection:
    return Selection.asked(QueryDict(query))


def test_it_works() -> None:
    selection = asked("sheets=7,3&stickers=10-13,20&sticker=11&sticker=4")
    assert selection == Selection(sheets=(7, 3), stickers=(10, 11, 12, 13, 20, 4))
    assert selection.fields == {"sheets": "7,3", "stickers": "10-13,20,4"}


def test_nothing_is_false() -> None:
    assert not asked("sheets=&stickers=")


@given(strategies.lists(strategies.integers(1, 500), unique=True, max_size=60))
def test_short_and_back(ids: list[int]) -> None:
    selection = Selection(stickers=tuple(ids))
    assert Selection.asked(QueryDict(urlencode(selection.fields))) == selection


@pytest.mark.parametrize(
    "query",
    ["sheets=x", "sheets=1;2", "sheets=1,,2", "sheets=-1", "sheets=1-", "sheet=1 or 1=1", "sheets=9" * 30, "sheets=٣"],
)
def test_what_cannot_be_read(query: str) -> None:
    with pytest.raises(Http404):
        asked(query)


@pytest.mark.parametrize("query", ["sheets=1-99999999999", "stickers=" + ",".join(map(str, range(MOST_IDS + 1)))])
def test_too_many(query: str) -> None:
    with pytest.raises(TooManyError, match="At most 1,000"):
        asked(query)


def test_rows_keep_the_order(designer: User) -> None:
    first, second = make_sheet(designer, stickers=1), make_sheet(designer, stickers=1)
    picked = Selection(sheets=(second.pk, first.pk)).rows(designer.pk)
    assert (picked.sheets, picked.stickers, picked.left_out) == ([second, first], [], "")


def test_another_designers_row(designer: User, other_designer: User) -> None:
    mine, theirs = make_sheet(designer), make_sheet(other_designer)
    assert Selection(sheets=(mine.pk, theirs.pk)).rows(designer.pk).rows == [mine]
    with pytest.raises(Http404):
        Selection(stickers=(theirs.stickers.first().pk,)).rows(designer.pk)


def test_a_row_in_the_trash(designer: User) -> None:
    sheet = make_sheet(designer)
    sheet.delete_softly()
    with pytest.raises(Http404):
        Selection(sheets=(sheet.pk,)).rows(designer.pk)
    assert Selection(sheets=(sheet.pk,)).rows(designer.pk, deleted=True).sheets == [sheet]


def test_what_is_gone_is_counted(designer: User) -> None:
    sheet = make_sheet(designer)
    first, second, third = sheet.stickers.all()
    first.delete_softly()
    picked = Selection(sheets=(sheet.pk, 987_654), stickers=(third.pk, first.pk, second.pk)).rows(designer.pk)
    assert picked.rows == [sheet, third, second]
    assert picked.selection == Selection((sheet.pk,), (third.pk, second.pk))
    assert picked.left_out == "2 of the 5 that were picked are no longer here, so they are left out."
    picked = Selection(sheets=(sheet.pk,), stickers=(first.pk,)).rows(designer.pk)
    assert picked.left_out == "1 of the 2 that were picked is no longer here, so it is left out."


def test_stickers_to_print(designer: User) -> None:
    first, second = make_sheet(designer, stickers=2), make_sheet(designer, stickers=3)
    single = second.stickers.get(number=2)
    picked = Selection(sheets=(first.pk,), stickers=(single.pk, first.stickers.get(number=1).pk)).rows(designer.pk)
    assert picked.to_print() == [*first.stickers.all(), single]


def test_too_many_stickers_to_print(designer: User, django_assert_max_num_queries: Any) -> None:
    sheets = [make_sheet(designer, stickers=1) for _ in range(2)]
    values = {"width_px": 60, "height_px": 50, "x": 0, "y": 0, "confidence": 1.0, "contour": []}
    for sheet, many in zip(sheets, (MOST_STICKERS - 2, 1), strict=True):
        Sticker.objects.bulk_create(Sticker(sheet=sheet, number=number + 2, **values) for number in range(many))
    last = sheets[1].stickers.get(number=2)
    both = tuple(sheet.pk for sheet in sheets)
    with pytest.raises(TooManyError, match=r"What was picked holds 1,001 stickers\. At most 1,000 can be printed"):
        Selection(sheets=both).rows(designer.pk).to_print()
    with pytest.raises(TooManyError, match="holds 1,001"):
        Selection(both, (last.pk,)).rows(designer.pk).to_print()
    last.delete_softly()
    picked = Selection(sheets=both).rows(designer.pk)
    with django_assert_max_num_queries(2):
        assert len(picked.to_print()) == MOST_STICKERS
