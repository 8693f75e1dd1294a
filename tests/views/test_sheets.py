"""A sheet's page, its star and title, and cutting it again."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from stickers.cutting import CutOptions
from stickers.cutting.confidence import REASONS, UNSURE
from stickers.cutting.options import MOST_JOIN_PX, MOST_SIZE_PX, MOST_STICKERS
from stickers.models import Sheet, WorkState
from stickers.templatetags.confidence import REMEDIES, badge_at
from tests.support.rows import make_generation, make_sheet, make_sticker

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def page(client: Client, sheet: Sheet) -> str:
    response = client.get(f"/sheets/{sheet.pk}/")
    assert response.status_code == 200
    return response.content.decode()


def test_it_works(client: Client, designer: User) -> None:
    generation = make_generation(designer, seed=1234567, cost=Decimal("0.00731"), inference_seconds=15.21)
    sheet = make_sheet(designer, generation=generation)
    content = page(client, sheet)
    assert "cats in space" in content
    assert 'data-copy="1234567"' in content
    assert "$0.00731" in content
    assert "15.2 s" in content
    assert "StickerSheet was added in front" in content
    assert f"/?from={generation.pk}" in content
    assert f"/?from={generation.pk}&amp;remix=1" in content
    assert content.count('class="outline-line"') == 3
    assert 'points="10,10 70,10 70,60 10,60"' in content
    assert "3 stickers" in content
    assert "every 2s" not in content


def test_what_stands_behind_the_stickers_is_a_preview(client: Client, designer: User) -> None:
    content = page(client, make_sheet(designer))
    assert '<span class="backdrops-title" id="backdrops-title">Preview on</span>' in content
    assert "Background colour" not in content


def test_the_sheets_of_one_order_lead_to_each_other(client: Client, designer: User) -> None:
    first = make_sheet(designer, stickers=1)
    second = make_sheet(designer, stickers=1, generation=first.generation, index=1)
    gone = make_sheet(designer, stickers=1, generation=first.generation, index=2)
    gone.delete_softly()
    content = page(client, second)
    assert f'href="/sheets/{first.pk}/">Sheet 1</a>' in content
    assert f'href="/sheets/{second.pk}/" aria-current="page">Sheet 2</a>' in content
    assert "Sheet 3" not in content
    alone = make_sheet(designer, stickers=1)
    assert "Sheets of this order" not in page(client, alone)


def test_numbers_stand_on_their_outlines(client: Client, designer: User) -> None:
    sheet = make_sheet(designer, stickers=0)
    slanted = make_sticker(sheet, 1, x=20, y=40, contour=[[140, 40], [180, 90], [60, 190], [20, 150]])
    badge = badge_at(slanted, sheet)
    assert (badge.x, badge.y) == (20, 150)


@pytest.mark.parametrize(("title", "direction"), [("cats", "ltr"), ("12 קטע", "rtl"), ("", "ltr"), ("😺 قطط", "rtl")])
def test_a_title_runs_its_own_way(client: Client, designer: User, title: str, direction: str) -> None:
    sheet = make_sheet(designer, stickers=0, title=title)
    assert f'class="title-input" dir="{direction}"' in page(client, sheet)


def test_unpriced_is_not_free(client: Client, designer: User) -> None:
    content = page(client, make_sheet(designer))
    assert "unpriced" in content
    assert "$0" not in content


def test_the_stand_in_is_named(client: Client, designer: User) -> None:
    sheet = make_sheet(designer, generation=make_generation(designer, sandbox=True, cost=Decimal("0.01")))
    content = page(client, sheet)
    assert "Practice</span>" in content
    assert "pretend, not billed" in content


def test_doubtful_stickers_say_why(client: Client, designer: User) -> None:
    sheet = make_sheet(designer, stickers=1)
    sheet.stickers.update(reason="may be two stickers", confidence=0.4)
    content = page(client, sheet)
    assert "is-doubtful" in content
    assert "May be two stickers" in content
    assert "Cut again with the number of stickers" in content
    assert "1 to check" in content


def test_every_doubt_comes_with_what_helps() -> None:
    assert {*(words for _, _, words in REASONS), UNSURE} <= set(REMEDIES)


def test_how_sure_is_sure(client: Client, designer: User) -> None:
    sheet = make_sheet(designer, stickers=2)
    sheet.stickers.filter(number=2).update(confidence=0.87)
    content = page(client, sheet)
    assert 'title="95 % likely to be right; from 90 % on, a cut is called sure"' in content
    assert 'title="87 % likely to be right; from 90 % on, a cut is called sure"' in content


def test_an_imported_sheet(client: Client, designer: User) -> None:
    content = page(client, make_sheet(designer, is_imported=True, source_name="scan <1>.png"))
    assert "scan &lt;1&gt;.png" in content
    assert "?from=" not in content


def test_while_it_is_being_cut(client: Client, designer: User) -> None:
    sheet = make_sheet(designer, stickers=0, state=WorkState.QUEUED)
    assert 'hx-trigger="every 2s, look-now"' in page(client, sheet)
    assert client.get(f"/sheets/{sheet.pk}/", headers=HTMX).status_code == 204


def test_once_it_is_cut_the_fragment_stops_asking(client: Client, designer: User) -> None:
    response = client.get(f"/sheets/{make_sheet(designer).pk}/", headers=HTMX)
    assert response.status_code == 200
    assert b"<html" not in response.content
    assert b"every 2s" not in response.content
    assert b"data-lightbox" in response.content


@pytest.mark.parametrize("stickers", [0, 1])
def test_the_fragment_brings_the_heads_buttons_along(client: Client, designer: User, stickers: int) -> None:
    sheet = make_sheet(designer, stickers=stickers)
    content = client.get(f"/sheets/{sheet.pk}/", headers=HTMX).content.decode()
    assert content.count('id="sheet-exports" hx-swap-oob="true"') == 1
    assert content.count('id="export-all"') == content.count('id="lay-out"') == stickers
    assert "hx-swap-oob" not in page(client, sheet)


def test_a_failed_cut_says_why(client: Client, designer: User) -> None:
    sheet = make_sheet(designer, stickers=0, state=WorkState.FAILED, error="The picture is damaged.")
    content = page(client, sheet)
    assert "The picture is damaged." in content
    assert "Try again" in content


def test_a_blank_sheet(client: Client, designer: User) -> None:
    assert "No stickers found" in page(client, make_sheet(designer, stickers=0))


def test_a_deleted_sheet_offers_to_come_back(client: Client, designer: User) -> None:
    sheet = make_sheet(designer, deleted_at=timezone.now())
    content = page(client, sheet)
    assert "This sheet is in the trash" in content
    assert 'id="selection"' not in content


def test_deleted_stickers_are_not_shown(client: Client, designer: User) -> None:
    sheet = make_sheet(designer)
    sheet.stickers.get(number=2).delete_softly()
    assert "2 stickers" in page(client, sheet)


def test_star(client: Client, designer: User) -> None:
    sheet = make_sheet(designer)
    response = client.post(f"/sheets/{sheet.pk}/star/", {"on": "1", "next": "/gallery/?q=cats"})
    assert response.status_code == 302
    assert response["Location"] == "/gallery/?q=cats"
    sheet.refresh_from_db()
    assert sheet.starred
    response = client.post(f"/sheets/{sheet.pk}/star/", {"on": "0"}, headers=HTMX)
    assert b'aria-pressed="false"' in response.content
    sheet.refresh_from_db()
    assert not sheet.starred


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"])
def test_never_away_from_here(client: Client, designer: User, target: str) -> None:
    sheet = make_sheet(designer)
    response = client.post(f"/sheets/{sheet.pk}/star/", {"on": "1", "next": target})
    assert response["Location"] == f"/sheets/{sheet.pk}/"


def test_title(client: Client, designer: User) -> None:
    sheet = make_sheet(designer)
    response = client.post(f"/sheets/{sheet.pk}/title/", {"title": "  Space\n cats  "})
    assert response["Location"] == f"/sheets/{sheet.pk}/"
    sheet.refresh_from_db()
    assert sheet.title == "Space cats"


def test_title_as_a_fragment(client: Client, designer: User) -> None:
    sheet = make_sheet(designer)
    response = client.post(f"/sheets/{sheet.pk}/title/", {"title": '"><script>'}, headers=HTMX)
    assert response.status_code == 200
    assert b"&quot;&gt;&lt;script&gt;" in response.content


def test_a_title_too_long_is_kept_in_the_field(client: Client, designer: User) -> None:
    sheet = make_sheet(designer, title="before")
    response = client.post(f"/sheets/{sheet.pk}/title/", {"title": "x" * 121}, headers=HTMX)
    assert response.status_code == 422
    assert b"at most 120 characters" in response.content
    assert b"x" * 121 in response.content
    response = client.post(f"/sheets/{sheet.pk}/title/", {"title": "x" * 121}, follow=True)
    assert b"at most 120 characters" in response.content
    sheet.refresh_from_db()
    assert sheet.title == "before"


def test_an_empty_title_is_the_prompt_again(client: Client, designer: User) -> None:
    sheet = make_sheet(designer, title="before")
    client.post(f"/sheets/{sheet.pk}/title/", {"title": ""})
    sheet.refresh_from_db()
    assert sheet.name == "cats in space"


def test_cut_again(client: Client, designer: User) -> None:
    sheet = make_sheet(designer, state=WorkState.FAILED, error="Once broken.")
    response = client.post(f"/sheets/{sheet.pk}/cut/", follow=True)
    sheet.refresh_from_db()
    assert sheet.segmentation.state == WorkState.QUEUED
    assert sheet.segmentation.options == {}
    assert b"Cutting this sheet again" in response.content


def test_cut_again_otherwise(client: Client, designer: User) -> None:
    sheet = make_sheet(designer)
    said = {"tolerance": "0.3", "join_px": "", "min_size_px": "", "expected_count": "12", "keep_captions": "on"}
    client.post(f"/sheets/{sheet.pk}/cut/", said)
    sheet.refresh_from_db()
    assert sheet.segmentation.options == {
        "tolerance": 0.3,
        "expected_count": 12,
        "keep_captions": True,
        "keep_border": False,
    }


def test_cut_again_with_the_defaults(client: Client, designer: User) -> None:
    sheet = make_sheet(designer, options={"tolerance": 0.3, "expected_count": 12})
    assert "Back to the defaults" in page(client, sheet)
    # The fields are sent along but not read, so even a wrong one does no harm.
    client.post(f"/sheets/{sheet.pk}/cut/", {"tolerance": "7", "expected_count": "12", "defaults": "on"})
    sheet.refresh_from_db()
    assert sheet.segmentation.options == {}
    assert sheet.segmentation.state == WorkState.QUEUED


def test_another_number_than_was_asked_for(client: Client, designer: User) -> None:
    sheet = make_sheet(designer, options={"expected_count": 200})
    sheet.stickers.get(number=2).delete_softly()
    assert "3 found, 200 asked for." in page(client, sheet)
    assert "asked for" not in page(client, make_sheet(designer, options={"expected_count": 3}))
    assert "asked for" not in page(client, make_sheet(designer))
    waiting = make_sheet(designer, options={"expected_count": 200}, state=WorkState.QUEUED)
    assert "asked for" not in page(client, waiting)


def test_the_cut_form_takes_what_the_segmentation_takes(client: Client, designer: User) -> None:
    sheet = make_sheet(designer)
    content = page(client, sheet)
    most = {"join_px": MOST_JOIN_PX, "min_size_px": MOST_SIZE_PX, "expected_count": MOST_STICKERS}
    for name, limit in most.items():
        assert re.search(rf'name="{name}" [^>]*max="{limit}"', content)
    client.post(f"/sheets/{sheet.pk}/cut/", {"tolerance": "0.5", "keep_border": "on", **most})
    sheet.refresh_from_db()
    assert CutOptions(**sheet.segmentation.options) == CutOptions(**most)


def test_a_cut_with_nonsense(client: Client, designer: User) -> None:
    sheet = make_sheet(designer)
    said = {"tolerance": "7", "join_px": "-1", "min_size_px": "1.5", "expected_count": "0"}
    response = client.post(f"/sheets/{sheet.pk}/cut/", said)
    content = response.content.decode()
    assert response.status_code == 422
    assert "Tolerance must be at most 1." in content
    assert "Distance must be at least 0." in content
    assert "Size must be a whole number." in content
    assert "Number of stickers must be at least 1." in content
    assert 'aria-describedby="expected_count-error"' in content
    sheet.refresh_from_db()
    assert sheet.segmentation.state == WorkState.DONE


def test_an_empty_tolerance_is_the_usual_one(client: Client, designer: User) -> None:
    sheet = make_sheet(designer)
    client.post(f"/sheets/{sheet.pk}/cut/", {"tolerance": "", "keep_border": "on"})
    sheet.refresh_from_db()
    assert sheet.segmentation.options == {}
    assert sheet.segmentation.state == WorkState.QUEUED


def test_a_refused_cut_can_be_reloaded(client: Client, designer: User, other_designer: User) -> None:
    response = client.get(address := f"/sheets/{make_sheet(designer).pk}/cut/")
    assert (response.status_code, response["Location"]) == (302, address.removesuffix("cut/"))
    assert client.get(f"/sheets/{make_sheet(other_designer).pk}/cut/").status_code == 404


def test_cut_twice(client: Client, designer: User) -> None:
    sheet = make_sheet(designer, state=WorkState.QUEUED)
    response = client.post(f"/sheets/{sheet.pk}/cut/", follow=True)
    assert b"being cut already" in response.content


def test_no_cutting_in_the_trash(client: Client, designer: User) -> None:
    sheet = make_sheet(designer, deleted_at=timezone.now())
    assert client.post(f"/sheets/{sheet.pk}/cut/").status_code == 404


@pytest.mark.parametrize("action", ["star", "title", "delete", "restore"])
def test_changes_are_posted(client: Client, designer: User, action: str) -> None:
    assert client.get(f"/sheets/{make_sheet(designer).pk}/{action}/").status_code == 405


@pytest.mark.parametrize("pk", [0, 10**30])
def test_a_sheet_that_never_was(client: Client, designer: User, pk: int) -> None:
    assert client.get(f"/sheets/{pk}/").status_code == 404


@pytest.mark.parametrize(
    ("said", "way"), [("add", "add"), ("replace", "replace"), ("nonsense", "keep"), (None, "keep")]
)
def test_cutting_again_says_what_becomes_of_edits(client: Client, designer: User, said: str | None, way: str) -> None:
    sheet = make_sheet(designer, stickers=1)
    client.post(f"/sheets/{sheet.pk}/cut/", {} if said is None else {"edits": said})
    sheet.segmentation.refresh_from_db()
    assert sheet.segmentation.is_open
    assert sheet.segmentation.way == way
