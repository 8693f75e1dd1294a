"""The trash shows what was deleted and brings it back."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

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
