"""The shelf: star, title, trash and back for every kind of row."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from stickers.models import PrintProfile, PrintSheet, Sheet, Sticker
from stickers.printing.profiles import PROFILES
from stickers.prints.profiles import copied
from tests.support.print_rows import make_print_sheet
from tests.support.rows import make_sheet

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
WITH_A_STAR = ("sheets", "stickers", "prints")
IN_THE_TRASH = (*WITH_A_STAR, "profiles")


@pytest.fixture
def rows(designer: User) -> dict[str, Sheet | Sticker | PrintSheet | PrintProfile]:
    """One row of each kind, by its folder in addresses."""
    sheet = make_sheet(designer, stickers=2, title="Cats")
    return {
        "sheets": sheet,
        "stickers": sheet.stickers.get(number=1),
        "prints": make_print_sheet(sheet, title="For the fair"),
        "profiles": copied(PROFILES["silhouette"], designer.pk),
    }


def home(folder: str, rows: dict[str, Any]) -> str:
    """The page on which a row is seen."""
    sheet = f"/sheets/{rows['sheets'].pk}/"
    return {"sheets": sheet, "stickers": sheet, "prints": f"/prints/{rows['prints'].pk}/", "profiles": "/profiles/"}[
        folder
    ]


@pytest.mark.parametrize("folder", WITH_A_STAR)
def test_it_works(client: Client, rows: dict[str, Any], folder: str) -> None:
    row = rows[folder]
    assert client.post(f"/{folder}/{row.pk}/star/", {"on": "1"})["Location"] == home(folder, rows)
    assert client.post(f"/{folder}/{row.pk}/title/", {"title": "Grumpy"})["Location"] == home(folder, rows)
    row.refresh_from_db()
    assert (row.starred, row.title, row.name) == (True, "Grumpy", "Grumpy")


@pytest.mark.parametrize("folder", WITH_A_STAR)
def test_fragments(client: Client, rows: dict[str, Any], folder: str) -> None:
    address = f"/{folder}/{rows[folder].pk}"
    star = client.post(f"{address}/star/", {"on": "1"}, headers=HTMX).content.decode()
    assert 'aria-pressed="true"' in star
    assert f'hx-post="{address}/star/"' in star
    title = client.post(f"{address}/title/", {"title": "Grumpy"}, headers=HTMX).content.decode()
    assert 'value="Grumpy"' in title
    assert "Saved" in title


@pytest.mark.parametrize("folder", IN_THE_TRASH)
def test_delete_and_undo(client: Client, rows: dict[str, Any], folder: str) -> None:
    row = rows[folder]
    events = json.loads(client.post(f"/{folder}/{row.pk}/delete/", headers=HTMX).content)
    shown = {"rows": [f"{row._meta.model_name}-{row.pk}"]}
    assert events["studio:removed"] == shown
    assert events["toast"]["text"] == f"“{row.name}” moved to the trash."
    assert not type(row).objects.kept().filter(pk=row.pk).exists()
    assert f'action="/{folder}/{row.pk}/restore/"' in client.get("/trash/").content.decode()
    response = client.post(events["toast"]["undo"]["url"], headers=HTMX)
    assert json.loads(response.content) == {"studio:restored": shown}
    assert type(row).objects.kept().filter(pk=row.pk).exists()


@pytest.mark.parametrize(
    ("folder", "then"),
    [("sheets", "/gallery/"), ("stickers", ""), ("prints", "/prints/"), ("profiles", "/profiles/")],
)
def test_without_scripts(client: Client, rows: dict[str, Any], folder: str, then: str) -> None:
    """A row's own page is gone together with the row."""
    row = rows[folder]
    response = client.post(f"/{folder}/{row.pk}/delete/", follow=True)
    assert response.redirect_chain == [(then or home(folder, rows), 302)]
    assert f"“{row.name}” moved to the trash." in response.content.decode().replace("&amp;", "&")
    assert client.post(f"/{folder}/{row.pk}/restore/")["Location"] == home(folder, rows)


def test_a_profile_has_neither_star_nor_title(client: Client, rows: dict[str, Any]) -> None:
    for action in ("star", "title"):
        assert client.post(f"/profiles/{rows['profiles'].pk}/{action}/", {"on": "1"}).status_code == 404


def test_nothing_else_is_on_the_shelf(client: Client, designer: User) -> None:
    assert client.post("/generations/1/star/").status_code == 404
    assert client.post("/sheets/987654/delete/").status_code == 404


@pytest.mark.parametrize("folder", IN_THE_TRASH)
@pytest.mark.parametrize("action", ["star", "title", "delete", "restore"])
def test_changes_are_posted(client: Client, rows: dict[str, Any], folder: str, action: str) -> None:
    row = rows[folder]
    before = type(row).objects.values().get(pk=row.pk)
    known = folder in WITH_A_STAR or action in {"delete", "restore"}
    assert client.get(f"/{folder}/{row.pk}/{action}/").status_code == (405 if known else 404)
    assert type(row).objects.values().get(pk=row.pk) == before
