"""One sticker: star, title, trash and back."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import User
from django.test import Client

from stickers.models import Sticker
from tests.support.rows import make_sheet

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def sticker(designer: User) -> Sticker:
    return make_sheet(designer, stickers=2).stickers.get(number=1)


def test_it_works(client: Client, sticker: Sticker) -> None:
    response = client.post(f"/stickers/{sticker.pk}/star/", {"on": "1"})
    assert response["Location"] == f"/sheets/{sticker.sheet_id}/"
    client.post(f"/stickers/{sticker.pk}/title/", {"title": "Grumpy cat"})
    sticker.refresh_from_db()
    assert sticker.starred
    assert sticker.name == "Grumpy cat"


def test_fragments(client: Client, sticker: Sticker) -> None:
    star = client.post(f"/stickers/{sticker.pk}/star/", {"on": "1"}, headers=HTMX)
    assert b'aria-pressed="true"' in star.content
    title = client.post(f"/stickers/{sticker.pk}/title/", {"title": "Cat"}, headers=HTMX)
    assert b'value="Cat"' in title.content
    assert b"Saved" in title.content


def test_delete_and_undo(client: Client, sticker: Sticker) -> None:
    response = client.post(f"/stickers/{sticker.pk}/delete/", headers=HTMX)
    assert json.loads(response["HX-Trigger"])["studio:removed"] == {"rows": [f"sticker-{sticker.pk}"]}
    assert not Sticker.objects.kept().filter(pk=sticker.pk).exists()
    client.post(f"/stickers/{sticker.pk}/restore/", headers=HTMX)
    assert Sticker.objects.kept().filter(pk=sticker.pk).exists()


def test_delete_without_scripts(client: Client, sticker: Sticker) -> None:
    response = client.post(f"/stickers/{sticker.pk}/delete/", follow=True)
    assert response.redirect_chain == [(f"/sheets/{sticker.sheet_id}/", 302)]
    assert "“Sticker 1” moved to the trash." in response.content.decode()


@pytest.mark.parametrize("action", ["star", "title", "delete", "restore"])
def test_changes_are_posted(client: Client, sticker: Sticker, action: str) -> None:
    assert client.get(f"/stickers/{sticker.pk}/{action}/").status_code == 405
