"""Selections: a short form, in order, and never another designer's row."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.http import Http404, QueryDict
from hypothesis import given, strategies

from stickers.views.picking import MOST_IDS, Selection, TooManyError
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
    sheets, stickers = Selection(sheets=(second.pk, first.pk)).rows(designer.pk)
    assert sheets == [second, first]
    assert stickers == []


def test_another_designers_row(designer: User, other_designer: User) -> None:
    mine, theirs = make_sheet(designer), make_sheet(other_designer)
    with pytest.raises(Http404):
        Selection(sheets=(mine.pk, theirs.pk)).rows(designer.pk)
    with pytest.raises(Http404):
        Selection(stickers=(theirs.stickers.first().pk,)).rows(designer.pk)


def test_a_row_in_the_trash(designer: User) -> None:
    sheet = make_sheet(designer)
    sheet.delete_softly()
    with pytest.raises(Http404):
        Selection(sheets=(sheet.pk,)).rows(designer.pk)
    assert Selection(sheets=(sheet.pk,)).rows(designer.pk, deleted=True)[0] == [sheet]
