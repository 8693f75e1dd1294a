"""The gallery: sheets and stickers, newest first, filtered and paged by address."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.html import escape

from stickers.models import WorkState
from stickers.views import gallery
from tests.support.rows import make_generation, make_sheet

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def shown(client: Client, query: str = "", path: str = "/gallery/") -> list[int]:
    return [row.pk for row in client.get(f"{path}{query}").context["page"].rows]


def test_it_works(client: Client, designer: User) -> None:
    first, second = make_sheet(designer, title="First"), make_sheet(designer, stickers=1)
    response = client.get("/gallery/")
    content = response.content.decode()
    assert shown(client) == [second.pk, first.pk]
    assert "2 sheets</span>" in content
    assert "3 stickers" in content
    assert 'alt="cats in space"' in content
    assert f'href="/sheets/{first.pk}/"' in content
    assert 'loading="lazy"' in content


def test_an_empty_gallery_invites(client: Client, designer: User) -> None:
    content = client.get("/gallery/").content.decode()
    assert "Your sheets will hang here" in content
    assert "No stickers yet" in client.get("/gallery/stickers/").content.decode()


def test_deleted_and_foreign_sheets_are_not_there(client: Client, designer: User, other_designer: User) -> None:
    gone, kept = make_sheet(designer), make_sheet(designer)
    make_sheet(other_designer)
    gone.delete_softly()
    assert shown(client) == [kept.pk]


def test_a_page_without_its_frame_for_htmx(client: Client, designer: User) -> None:
    make_sheet(designer)
    response = client.get("/gallery/", headers=HTMX)
    assert b"<html" not in response.content
    assert b"data-cell" in response.content
    assert "HX-Request" in response["Vary"]


def test_a_step_back_in_history_wants_the_page(client: Client, designer: User) -> None:
    response = client.get("/gallery/", headers=HTMX | {"HX-History-Restore-Request": "true"})
    assert b"<html" in response.content


def test_pages(client: Client, designer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery, "SHEETS_PER_PAGE", 2)
    pks = [make_sheet(designer, stickers=0).pk for _ in range(5)][::-1]
    assert shown(client) == pks[:2]
    assert shown(client, f"?before={pks[1]}") == pks[2:4]
    assert shown(client, f"?after={pks[4]}") == pks[2:4]
    content = client.get(f"/gallery/?before={pks[1]}&starred=").content.decode()
    assert f"before={pks[3]}" in content
    assert f"after={pks[2]}" in content


def test_the_next_page_keeps_the_filter(client: Client, designer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery, "SHEETS_PER_PAGE", 1)
    pks = [make_sheet(designer, stickers=0, starred=True).pk for _ in range(2)]
    content = client.get("/gallery/?starred=on&q=cats").content.decode()
    assert escape(f"?q=cats&starred=on&before={pks[1]}") in content


def test_starred(client: Client, designer: User) -> None:
    starred = make_sheet(designer, starred=True)
    make_sheet(designer)
    assert shown(client, "?starred=on") == [starred.pk]


def test_where_they_come_from(client: Client, designer: User) -> None:
    generated, imported = make_sheet(designer), make_sheet(designer, is_imported=True)
    assert shown(client, "?source=imported") == [imported.pk]
    assert shown(client, "?source=generated") == [generated.pk]


@pytest.mark.parametrize("query", ["space", "SPACE cats", "holiday", "scan.png"])
def test_search(client: Client, designer: User, query: str) -> None:
    found = [
        make_sheet(designer, generation=make_generation(designer, prompt="Cats in SPACE")),
        make_sheet(designer, title="Holiday", generation=make_generation(designer, prompt="dogs")),
        make_sheet(designer, is_imported=True, source_name="scan.png"),
    ]
    hits = {"space": 0, "SPACE cats": 0, "holiday": 1, "scan.png": 2}
    assert shown(client, f"?q={query}") == [found[hits[query]].pk]


def test_nothing_found(client: Client, designer: User) -> None:
    make_sheet(designer)
    content = client.get("/gallery/?q=<b>").content.decode()
    assert "Nothing matches" in content
    assert "&lt;b&gt;" in content
    assert "<b>" not in content


@pytest.mark.parametrize("query", ["?before=x", "?starred=maybe"])
def test_nonsense_in_the_address(client: Client, designer: User, query: str) -> None:
    sheet = make_sheet(designer)
    assert shown(client, query) in ([sheet.pk], [])


@pytest.mark.parametrize("path", ["/gallery/", "/gallery/stickers/"])
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?q=" + "a" * 201, "A search has at most 200 characters; this one has 201."),
        ("?q=%00", "Null characters are not allowed."),
        ("?source=moon", "Sheets come from no “moon”."),
        ("?project=x", "There is no such project."),
        ("?project=0", "There is no such project."),
        ("?project=" + "9" * 30, "There is no such project."),
    ],
)
def test_a_filter_that_makes_no_sense_shows_nothing_and_says_so(
    client: Client, designer: User, path: str, query: str, words: str
) -> None:
    make_sheet(designer)
    assert shown(client, query, path) == []
    assert words in client.get(f"{path}{query}").content.decode()


def test_stickers(client: Client, designer: User) -> None:
    sheet = make_sheet(designer, stickers=3)
    first, second, third = sheet.stickers.all()
    second.delete_softly()
    assert shown(client, path="/gallery/stickers/") == [third.pk, first.pk]
    assert shown(client, "?q=space", "/gallery/stickers/") == [third.pk, first.pk]
    sheet.delete_softly()
    assert shown(client, path="/gallery/stickers/") == []


def test_while_a_sheet_is_being_cut(client: Client, designer: User) -> None:
    make_sheet(designer, stickers=0, state=WorkState.QUEUED)
    assert "Cutting…" in client.get("/gallery/").content.decode()


def test_a_page_costs_few_queries(client: Client, designer: User, django_assert_max_num_queries) -> None:
    for _ in range(6):
        make_sheet(designer)
    with django_assert_max_num_queries(5):
        client.get("/gallery/")
    with django_assert_max_num_queries(5):
        client.get("/gallery/stickers/")


def test_only_looking(client: Client, designer: User) -> None:
    assert client.post("/gallery/").status_code == 405
