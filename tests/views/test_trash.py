"""The trash shows what was deleted and brings it back."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from stickers.models import Sheet, WorkState
from tests.support.rows import make_sheet

pytestmark = pytest.mark.django_db


def test_it_works(client: Client, designer: User) -> None:
    sheet, other = make_sheet(designer, title="Old cats"), make_sheet(designer)
    sheet.delete_softly()
    other.stickers.get(number=2).delete_softly()
    response = client.get("/trash/")
    assert list(response.context["sheets"]) == [sheet]
    assert [sticker.number for sticker in response.context["stickers"]] == [2]
    content = response.content.decode()
    assert "Old cats" in content
    assert "deleted just now" in content
    assert "What you delete waits here for 30 days" in content
    assert client.post(f"/sheets/{sheet.pk}/restore/", {"next": "/trash/"})["Location"] == "/trash/"
    assert list(client.get("/trash/").context["sheets"]) == []


def test_it_is_empty(client: Client, designer: User) -> None:
    make_sheet(designer)
    assert "The trash is empty" in client.get("/trash/").content.decode()


def test_other_designers_trash(client: Client, designer: User, other_designer: User) -> None:
    make_sheet(other_designer).delete_softly()
    assert "The trash is empty" in client.get("/trash/").content.decode()


def test_stickers_of_a_deleted_sheet_come_with_it(client: Client, designer: User) -> None:
    sheet = make_sheet(designer)
    sheet.stickers.first().delete_softly()
    sheet.delete_softly()
    assert list(client.get("/trash/").context["stickers"]) == []


def test_the_trash_can_be_emptied(client: Client, designer: User, other_designer: User, settings: Settings) -> None:
    settings.STORAGE_QUOTA_BYTES = 2**30
    gone, kept, busy = make_sheet(designer), make_sheet(designer), make_sheet(designer, state=WorkState.QUEUED)
    theirs = make_sheet(other_designer)
    for row in (gone, busy, theirs, kept.stickers.get(number=2)):
        row.delete_softly()
    page = client.get("/trash/").content.decode()
    assert "Empty the trash" in page
    assert "those in the" in page
    answer = client.post("/trash/empty/", follow=True).content.decode()
    assert "2 things gone for good. 1 still in use or being cut" in answer
    assert set(Sheet.objects.values_list("pk", flat=True)) == {kept.pk, busy.pk, theirs.pk}
    assert [sticker.number for sticker in kept.stickers.all()] == [1, 3]
    assert client.get("/trash/empty/").status_code == 405


def test_a_trash_of_which_nothing_stays_is_empty(client: Client, designer: User) -> None:
    make_sheet(designer).delete_softly()
    assert "The trash is empty: 1 thing gone for good." in client.post("/trash/empty/", follow=True).content.decode()


def test_an_empty_trash_offers_nothing_to_empty(client: Client, designer: User) -> None:
    assert "Empty the trash" not in client.get("/trash/").content.decode()
