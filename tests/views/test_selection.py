"""Many rows at once: star, trash and back, on to the export; all of them or none."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import User
from django.test import Client

from stickers.models import Sheet, Sticker
from tests.support.rows import make_sheet

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def sheets(designer: User) -> list[Sheet]:
    return [make_sheet(designer) for _ in range(3)]


def pks(sheets: list[Sheet]) -> list[int]:
    return [sheet.pk for sheet in sheets]


def test_it_works(client: Client, sheets: list[Sheet]) -> None:
    response = client.post("/selection/star/", {"sheet": pks(sheets[:2]), "next": "/gallery/?q=cats"})
    assert response["Location"] == "/gallery/?q=cats"
    assert list(Sheet.objects.filter(starred=True).order_by("pk")) == sheets[:2]
    client.post("/selection/unstar/", {"sheet": pks(sheets[:1])})
    assert list(Sheet.objects.filter(starred=True)) == sheets[1:2]


def test_stars_come_back_for_each_cell(client: Client, sheets: list[Sheet]) -> None:
    content = client.post("/selection/star/", {"sheet": pks(sheets)}, headers=HTMX).content
    assert content.count(b'hx-swap-oob="true"') == 3
    assert content.count(b'aria-pressed="true"') == 3


def test_delete_and_undo(client: Client, sheets: list[Sheet]) -> None:
    sticker = sheets[2].stickers.first()
    response = client.post("/selection/delete/", {"sheet": pks(sheets[:2]), "sticker": sticker.pk}, headers=HTMX)
    events = json.loads(response["HX-Trigger"])
    assert events["toast"]["text"] == "3 items moved to the trash."
    assert Sheet.objects.kept().count() == 1
    undo = events["toast"]["undo"]
    client.post(undo["url"], undo["values"], headers=HTMX)
    assert Sheet.objects.kept().count() == 3
    assert Sticker.objects.kept().count() == 9


def test_export_has_an_address(client: Client, sheets: list[Sheet]) -> None:
    stickers = list(sheets[0].stickers.values_list("pk", flat=True))
    response = client.post("/selection/export/", {"sticker": stickers})
    assert response["Location"] == f"/export/?stickers={stickers[0]}-{stickers[-1]}"


def test_nothing_selected(client: Client, designer: User) -> None:
    response = client.post("/selection/delete/", follow=True)
    assert b"Nothing is selected." in response.content


def test_one_foreign_row_stops_it_all(client: Client, sheets: list[Sheet], other_designer: User) -> None:
    theirs = make_sheet(other_designer)
    response = client.post("/selection/delete/", {"sheet": [*pks(sheets), theirs.pk]})
    assert response.status_code == 404
    assert Sheet.objects.kept().count() == 4


@pytest.mark.parametrize("data", [{"sheet": "x"}, {"sheets": "1-999999"}, {"sheet": "1' or '1'='1"}])
def test_nonsense(client: Client, designer: User, data: dict[str, str]) -> None:
    assert client.post("/selection/delete/", data).status_code == 404


def test_unknown_action(client: Client, sheets: list[Sheet]) -> None:
    assert client.post("/selection/burn/", {"sheet": pks(sheets)}).status_code == 404


def test_changes_are_posted(client: Client, designer: User) -> None:
    assert client.get("/selection/delete/").status_code == 405
