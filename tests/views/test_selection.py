"""Many rows at once: star, trash and back, on to the export. What is gone is named and left out."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from stickers.models import Project, Sheet, Sticker
from stickers.views.picking import MOST_IDS, MOST_STICKERS
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
    events = json.loads(response.content)
    assert events["toast"]["text"] == "3 items moved to the trash."
    assert Sheet.objects.kept().count() == 1
    undo = events["toast"]["undo"]
    client.post(undo["url"], undo["values"], headers=HTMX)
    assert Sheet.objects.kept().count() == 3
    assert Sticker.objects.kept().count() == 9


@pytest.mark.parametrize(("action", "words"), [("export", "Export for print"), ("print", "Lay out 3 stickers")])
def test_the_dialog_holds_the_selection(client: Client, sheets: list[Sheet], action: str, words: str) -> None:
    pks = list(sheets[0].stickers.values_list("pk", flat=True))
    field = f'<input type="hidden" name="stickers" value="{pks[0]}-{pks[-1]}">'
    dialog = client.post(f"/selection/{action}/", {"sticker": pks}, headers=HTMX).content.decode()
    page = client.post(f"/selection/{action}/", {"sticker": pks}).content.decode()
    assert words in dialog
    assert field in dialog
    assert field in page
    assert ("<html" in page, "<html" in dialog) == (True, False)


@pytest.mark.parametrize("action", ["star", "delete", "export", "print"])
def test_as_many_as_can_be_picked(client: Client, sheets: list[Sheet], action: str) -> None:
    """Ids without neighbours have the longest short form."""
    first = 10_000_001
    values = {"sheet": sheets[0], "width_px": 60, "height_px": 50, "x": 0, "y": 0, "confidence": 1.0, "contour": []}
    pks = range(first, first + 2 * MOST_IDS, 2)
    Sticker.objects.bulk_create(Sticker(pk=pk, number=pk - first + 10, **values) for pk in pks)
    data = {"stickers": ",".join(map(str, pks))}
    response = client.post(f"/selection/{action}/", data, headers=HTMX)
    assert response.status_code == 200
    assert sum(len(name) + len(value) for name, value in response.items()) < 2048, "proxies allow 4 KB of headers"
    Sticker.objects.update(deleted_at=None)
    assert client.post(f"/selection/{action}/", {"sticker": [*pks]}).status_code in {200, 302}, "without scripts"


@pytest.mark.parametrize("action", ["star", "delete", "export", "print"])
@pytest.mark.parametrize("data", [{"stickers": "1-1001"}, {"sticker": range(1, 1002)}, {"sheets": "1-99999999999"}])
def test_one_more_is_refused_in_words(
    client: Client, designer: User, action: str, data: dict[str, str | Iterable[int]]
) -> None:
    words = "At most 1,000 can be picked at once."
    told = json.loads(client.post(f"/selection/{action}/", data, headers=HTMX).content)["toast"]
    assert told["text"].startswith(words)
    assert told["bad"]
    assert words in client.post(f"/selection/{action}/", data, follow=True).content.decode()


def test_nothing_selected(client: Client, designer: User) -> None:
    response = client.post("/selection/delete/", follow=True)
    assert b"Nothing is selected." in response.content
    told = json.loads(client.post("/selection/export/", headers=HTMX).content)["toast"]
    assert told == {"text": "Nothing is selected.", "bad": False}


def test_more_fields_than_any_form_has(client: Client, designer: User) -> None:
    response = client.post("/selection/star/", {"sticker": range(10_001)})
    assert response.status_code == 400
    assert "too much at once" in response.content.decode()


GONE = "1 of the 4 that were picked is no longer here, so it is left out."


@pytest.fixture
def with_a_foreign_one(sheets: list[Sheet], other_designer: User) -> list[int]:
    return [*pks(sheets), make_sheet(other_designer).pk]


def test_what_is_gone_is_told(client: Client, with_a_foreign_one: list[int]) -> None:
    data = {"sheet": with_a_foreign_one}
    starred = client.post("/selection/star/", data, headers=HTMX)
    assert starred.content.count(b'aria-pressed="true"') == 3
    assert json.loads(starred["HX-Trigger"])["toast"]["text"] == GONE
    toast = json.loads(client.post("/selection/delete/", data, headers=HTMX).content)["toast"]
    assert toast["text"] == f"3 items moved to the trash. {GONE}"
    assert sum(Sheet.objects.values_list("starred", flat=True)) == 3
    assert Sheet.objects.kept().get().pk == with_a_foreign_one[-1], "the foreign one is untouched"
    assert json.loads(client.post("/selection/restore/", data, headers=HTMX).content)["toast"]["text"] == GONE
    assert Sheet.objects.kept().count() == 4


@pytest.mark.parametrize("action", ["star", "delete", "restore", "export", "print"])
def test_what_is_gone_is_told_without_scripts(client: Client, with_a_foreign_one: list[int], action: str) -> None:
    response = client.post(f"/selection/{action}/", {"sheet": with_a_foreign_one}, follow=True)
    assert GONE in response.content.decode()


@pytest.mark.parametrize("action", ["export", "print"])
def test_a_dialog_goes_on_with_the_rest(client: Client, with_a_foreign_one: list[int], action: str) -> None:
    content = client.post(f"/selection/{action}/", {"sheet": with_a_foreign_one}, headers=HTMX).content.decode()
    assert GONE in content
    assert f'name="sheets" value="{with_a_foreign_one[0]}-{with_a_foreign_one[2]}"' in content


@pytest.mark.parametrize("action", ["star", "delete", "restore", "export", "print"])
def test_nothing_is_left(client: Client, with_a_foreign_one: list[int], action: str) -> None:
    assert client.post(f"/selection/{action}/", {"sheet": with_a_foreign_one[-1]}).status_code == 404


@pytest.mark.parametrize("action", ["delete", "restore"])
def test_whose_it_is_says_what_was_not_done(
    client: Client, designer: User, other_designer: User, settings: Settings, action: str
) -> None:
    settings.STUDIO_ACCOUNTS = True
    project = Project.objects.create(owner=other_designer, name="Animals")
    project.members.add(designer)
    theirs = make_sheet(other_designer, project=project)
    client.force_login(designer)
    told = json.loads(client.post(f"/selection/{action}/", {"sheet": theirs.pk}, headers=HTMX).content)["toast"]
    assert told["text"].startswith(f"Nothing was {action}d: a shared sheet and its stickers are {action}d by the one")


@pytest.mark.parametrize("action", ["export", "print"])
def test_sheets_with_too_many_stickers(client: Client, sheets: list[Sheet], action: str) -> None:
    values = {"sheet": sheets[0], "width_px": 60, "height_px": 50, "x": 0, "y": 0, "confidence": 1.0, "contour": []}
    Sticker.objects.bulk_create(Sticker(number=number + 10, **values) for number in range(MOST_STICKERS))
    told = json.loads(client.post(f"/selection/{action}/", {"sheet": pks(sheets)}, headers=HTMX).content)["toast"]
    assert told["text"].startswith("What was picked holds 1,009 stickers. At most 1,000 can be printed at once.")
    address = {"export": "/export/", "print": "/prints/new/"}[action]
    for method in (client.get, client.post):
        response = method(address, {"sheet": pks(sheets)}, follow=True)
        assert "What was picked holds 1,009 stickers." in response.content.decode()


@pytest.mark.parametrize("data", [{"sheet": "x"}, {"sheet": "1' or '1'='1"}])
def test_nonsense(client: Client, designer: User, data: dict[str, str]) -> None:
    assert client.post("/selection/delete/", data).status_code == 404


def test_unknown_action(client: Client, sheets: list[Sheet]) -> None:
    assert client.post("/selection/burn/", {"sheet": pks(sheets)}).status_code == 404


def test_changes_are_posted(client: Client, designer: User) -> None:
    assert client.get("/selection/delete/").status_code == 405
