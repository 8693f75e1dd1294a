"""The queue and the buttons of its cards."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from stickers.models import Generation, Segmentation, Sheet, State, Sticker, WorkState
from stickers.orders import cards

pytestmark = pytest.mark.usefixtures("hints")
HTMX = {"HX-Request": "true"}
ACTIONS = ("cancel", "retry", "resume", "dismiss")


def make(owner: User, state: State = State.CREATED, **fields: Any) -> Generation:
    values = {"prompt": "two cats", "seed": 7, "state": state} | fields
    if state == State.WAITING:
        values.setdefault("request_id", f"id-{Generation.objects.count()}")
    return Generation.objects.create(owner=owner, **values)


def make_sheet(
    generation: Generation, *, stickers: int = 0, state: WorkState = WorkState.DONE, error: str = "", **fields: Any
) -> Sheet:
    values = {
        "file": "x.jpg",
        "format": "JPEG",
        "width_px": 64,
        "height_px": 64,
    } | fields
    sheet = Sheet.objects.create(owner=generation.owner, generation=generation, **values)
    Segmentation.objects.create(sheet=sheet, state=state, error=error, next_at=None)
    for number in range(1, stickers + 1):
        Sticker.objects.create(
            sheet=sheet, number=number, file="s.png", x=0, y=0, width_px=9, height_px=9, confidence=1
        )
    return sheet


def fragment(client: Client, version: str = "") -> str:
    response = client.get("/queue/", {"v": version}, headers=HTMX)
    assert response.status_code == 200
    return response.content.decode()


def version_in(page: str) -> str:
    found = re.search(r'hx-get="/queue/\?v=([^"]+)"', page)
    assert found
    return found[1]


def test_it_works(client: Client, designer: User) -> None:
    make(designer)
    page = fragment(client)
    assert "two cats" in page
    assert 'hx-trigger="every 2s' in page
    assert client.get("/queue/", {"v": version_in(page)}).status_code == 204


def test_an_unchanged_queue_costs_no_more_than_two_queries(
    client: Client, designer: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make(designer)
    version = cards.version(designer.pk)
    with django_assert_num_queries(2):  # who asks, and has anything changed
        assert client.get("/queue/", {"v": version}).status_code == 204


def test_what_a_page_has_already_does_not_come_again(client: Client, designer: User) -> None:
    long_ago = timezone.now() - timedelta(minutes=1)
    make(designer, prompt="an old order", changed_at=long_ago)
    make(designer, State.DONE, prompt="an old sheet", changed_at=long_ago)
    make(designer, prompt="the latest")
    whole = fragment(client)
    assert whole.count("data-order=") == 3
    make(designer, prompt="a new order")
    news = fragment(client, version_in(whole))
    # Each has its place, with the name by which the page finds its own card.
    assert re.findall(r'id="(card-[^"]+)"', news)[1:] == re.findall(r'id="(card-[^"]+)"', whole)
    assert [name for name in ("an old order", "an old sheet", "the latest", "a new order") if name in news] == [
        "the latest",  # so new that the page may have been drawn a moment before it was there
        "a new order",
    ]
    assert version_in(news) != version_in(whole)


def test_a_card_is_drawn_once_for_all_pages_that_watch_it(client: Client, designer: User) -> None:
    make(designer, prompt="an old order", changed_at=timezone.now() - timedelta(minutes=1))
    known = version_in(fragment(client))
    order = make(designer, prompt="a new order")
    first = fragment(client, known)
    Generation.objects.filter(pk=order.pk).update(prompt="changed behind its back")  # its moment stays
    second = fragment(Client(), known)  # a session of its own
    assert "a new order" in second
    assert [page.count("csrfmiddlewaretoken") for page in (first, second)] == [1, 1]  # none in a card
    assert "changed behind its back" in fragment(client)  # a page that is opened again


@pytest.mark.parametrize("version", ["", "3", "3-", "3-soon", "3-nan", "3-1-2", "-", "x" * 5000])
def test_a_page_of_no_known_version_gets_everything(client: Client, designer: User, version: str) -> None:
    make(designer, prompt="an old order", changed_at=timezone.now() - timedelta(minutes=1))
    assert "an old order" in fragment(client, version)


def test_without_scripts_nothing_is_kept_in_a_page(client: Client, designer: User) -> None:
    make(designer, prompt="an old order", changed_at=timezone.now() - timedelta(minutes=1))
    make(designer)
    version = cards.version(designer.pk)
    make(designer)
    assert "an old order" in client.get("/queue/", {"v": version}).content.decode()


def test_every_change_changes_the_version(designer: User) -> None:
    seen = {cards.version(designer.pk)}
    generation = make(designer)
    seen.add(cards.version(designer.pk))
    generation.move(frm=[State.CREATED], to=State.SUBMITTING)
    seen.add(cards.version(designer.pk))
    generation.move(frm=[State.SUBMITTING], to=State.FAILED)
    seen.add(cards.version(designer.pk))
    generation.dismiss()
    seen.add(cards.version(designer.pk))
    assert len(seen) == 4  # the last is the first again: nothing is shown


@pytest.mark.parametrize("lag", [timedelta(seconds=6), timedelta(hours=1), timedelta(days=400)])
def test_a_change_by_a_clock_that_is_behind_is_shown(client: Client, designer: User, lag: timedelta) -> None:
    """As from a worker on another machine, or after the clock was set back: an earlier moment than the newest."""
    now = timezone.now()
    make(designer, State.WAITING, prompt="the newest", request_id="abc", changed_at=now)
    behind = make(designer, State.WAITING, prompt="behind", request_id="def", changed_at=now - 2 * lag)
    version = version_in(fragment(client))
    Generation.objects.filter(pk=behind.pk).update(state=State.FAILED, error="No luck.", changed_at=now - lag)
    news = fragment(client, version)
    assert version_in(news) != version
    assert "No luck." in news


def test_a_queue_without_unfinished_orders_is_not_polled(client: Client, designer: User) -> None:
    make(designer, State.DONE)
    assert "hx-trigger" not in fragment(client)


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_a_card_with_its_word(client: Client, designer: User, state: State) -> None:
    make(designer, state)
    page = fragment(client)
    assert state.label in page
    assert f'data-state="{state}"' in page


@pytest.mark.parametrize(
    ("state", "fields", "buttons"),
    [
        (State.CREATED, {}, {"cancel"}),
        (State.SUBMITTING, {}, {"cancel"}),
        (State.WAITING, {}, {"cancel"}),
        (State.READY, {}, set()),
        (State.CUTTING, {}, set()),
        (State.DONE, {}, {"dismiss"}),
        (State.FAILED, {}, {"retry", "dismiss"}),
        (State.UNKNOWN, {}, {"retry", "dismiss"}),
        (State.EXPIRED, {"request_id": "abc"}, {"retry", "dismiss", "resume"}),
        (State.UNSAVED, {"request_id": "abc"}, {"retry", "dismiss", "resume"}),
        (State.CANCELLED, {}, {"retry", "dismiss"}),
        (State.CANCELLED, {"request_id": "abc"}, {"retry", "dismiss", "resume"}),
    ],
)
def test_each_state_offers_what_can_be_done(
    client: Client, designer: User, state: State, fields: dict[str, str], buttons: set[str]
) -> None:
    generation = make(designer, state, **fields)
    page = fragment(client)
    assert {name for name in ACTIONS if f'action="/generations/{generation.pk}/{name}/"' in page} == buttons


def test_a_failure_shows_the_services_own_reason(client: Client, designer: User) -> None:
    make(designer, State.FAILED, error="Content policy <violation>")
    page = fragment(client)
    assert "Content policy &lt;violation&gt;" in page
    assert "Not billed." in page


def test_a_failure_that_cost_nothing_says_so_once(client: Client, designer: User) -> None:
    make(designer, State.FAILED, error="The service could not be reached. Given up; not billed.")
    assert fragment(client).count("ot billed") == 1


def test_the_stand_in_has_no_typical_time_before_its_first_sheet(client: Client, designer: User) -> None:
    make(designer, State.WAITING, sandbox=True)
    assert "of about" not in fragment(client)
    now = timezone.now()
    make(designer, State.DONE, sandbox=True, submitted_at=now - timedelta(seconds=4), finished_at=now)
    assert "of about 4 s" in fragment(client)


@pytest.mark.parametrize("state", [State.UNKNOWN, State.EXPIRED, State.UNSAVED])
def test_money_that_may_be_gone_is_said_once(client: Client, designer: User, state: State) -> None:
    make(designer, state, error="The connection broke.")
    page = fragment(client)
    assert page.count("may have been billed") == 1


def test_a_done_card_shows_its_sheets(client: Client, designer: User) -> None:
    now = timezone.now()
    generation = make(
        designer, State.DONE, samples=2, cost=Decimal("0.0123"), sandbox=True,
        submitted_at=now - timedelta(seconds=16), finished_at=now,
    )  # fmt: skip
    first, second = make_sheet(generation, stickers=3), make_sheet(generation, stickers=2, index=1)
    page = fragment(client)
    for sheet in (first, second):
        assert f'href="/sheets/{sheet.pk}/"' in page
        assert f'src="/sheets/{sheet.pk}/thumb/512/"' in page
    assert "2 sheets, 5 stickers in 16 s" in page
    assert "practice · $0.0123" in page
    assert 'data-copy="7"' in page
    assert f'href="/?from={generation.pk}&amp;remix=1"' in page


def test_an_unknown_cost_is_unpriced(client: Client, designer: User) -> None:
    make(designer, State.DONE)
    page = fragment(client)
    assert "unpriced" in page
    assert "$" not in page


def test_a_done_card_whose_sheets_are_in_the_trash_says_so(client: Client, designer: User) -> None:
    make_sheet(make(designer, State.DONE)).delete_softly()
    assert 'href="/trash/">trash</a>' in fragment(client)


def test_a_sheet_that_was_not_cut_says_why(client: Client, designer: User) -> None:
    make_sheet(make(designer, State.DONE), state=WorkState.FAILED, error="Too dark.")
    shown = fragment(client)
    assert "could not be cut: Too dark." in shown
    assert "Not cut</span>" in shown
    assert "Done</span>" not in shown, "nothing says done that is not"


def test_old_finished_cards_leave_but_unfinished_ones_stay(client: Client, designer: User) -> None:
    make(designer, prompt="the oldest of all")
    for _ in range(cards.FINISHED_SHOWN + 3):
        make(designer, State.DONE)
    page = fragment(client)
    assert page.count('data-state="done"') == cards.FINISHED_SHOWN
    assert "the oldest of all" in page


def test_cancel(client: Client, designer: User) -> None:
    generation = make(designer)
    page = client.post(f"/generations/{generation.pk}/cancel/", headers=HTMX).content.decode()
    assert "Cancelled before it was sent: free." in page


def test_stopping_to_wait_says_that_it_may_be_billed(client: Client, designer: User) -> None:
    generation = make(designer, State.WAITING, submitted_at=timezone.now())
    assert "Stop waiting" in fragment(client)
    page = client.post(f"/generations/{generation.pk}/cancel/", headers=HTMX).content.decode()
    assert "may be billed" in page
    assert "Look again – free" in page


def test_cancelling_too_late_says_so(client: Client, designer: User) -> None:
    generation = make(designer, State.CUTTING)
    response = client.post(f"/generations/{generation.pk}/cancel/", headers=HTMX)
    assert json.loads(response.headers["HX-Trigger"])["toast"]["text"].startswith("Too late")
    plain = client.post(f"/generations/{generation.pk}/cancel/", follow=True)
    assert "Too late to cancel" in plain.content.decode()


@pytest.mark.parametrize(
    ("state", "words"), [(State.CANCELLED, "It is cancelled already."), (State.FAILED, "nothing left to cancel")]
)
def test_cancelling_what_has_ended_says_how(client: Client, designer: User, state: State, words: str) -> None:
    generation = make(designer, state)
    response = client.post(f"/generations/{generation.pk}/cancel/", headers=HTMX)
    assert words in json.loads(response.headers["HX-Trigger"])["toast"]["text"]


def test_retry_takes_the_place_of_the_card(client: Client, designer: User, hints: list[str]) -> None:
    failed = make(designer, State.FAILED, prompt="the failed one")
    make(designer, prompt="a newer one")
    page = client.post(f"/generations/{failed.pk}/retry/", headers=HTMX).content.decode()
    again = Generation.objects.latest("pk")
    assert (again.retry_of, again.state, again.seed) == (failed, State.CREATED, 7)
    assert page.index("a newer one") < page.index("the failed one")
    assert f'data-order="{failed.pk}"' not in page
    assert hints == ["hint"]


def test_retry_happens_once(client: Client, designer: User, hints: list[str]) -> None:
    failed = make(designer, State.FAILED)
    for _ in range(2):
        client.post(f"/generations/{failed.pk}/retry/")
    assert Generation.objects.count() == 2
    assert hints == ["hint"]


def test_an_order_that_runs_is_not_sent_again(client: Client, designer: User) -> None:
    running = make(designer, State.WAITING)
    client.post(f"/generations/{running.pk}/retry/")
    assert Generation.objects.count() == 1


def test_resume(client: Client, designer: User, hints: list[str]) -> None:
    generation = make(designer, State.UNSAVED, request_id="abc", image_urls=["http://x/1"])
    client.post(f"/generations/{generation.pk}/resume/")
    generation.refresh_from_db()
    assert generation.state == State.READY
    assert hints == ["hint"]
    response = client.post(f"/generations/{generation.pk}/resume/", headers=HTMX)
    assert "nothing to look for" in response.headers["HX-Trigger"]


def test_dismiss(client: Client, designer: User) -> None:
    generation = make(designer, State.DONE)
    page = client.post(f"/generations/{generation.pk}/dismiss/", headers=HTMX).content.decode()
    assert "data-order" not in page
    assert "Your first sheet starts with a sentence" in page


def test_an_empty_queue_knows_of_the_gallery(client: Client, designer: User) -> None:
    generation = make(designer, State.DONE)
    sheet = make_sheet(generation)
    generation.dismiss()
    page = client.get("/").content.decode()
    assert "Your first sheet" not in page
    assert 'Earlier sheets are in the <a href="/gallery/">gallery</a>.' in page
    sheet.delete_softly()
    assert "Your first sheet starts with a sentence" in client.get("/").content.decode()


def test_an_unfinished_card_is_not_dismissed(client: Client, designer: User) -> None:
    generation = make(designer)
    client.post(f"/generations/{generation.pk}/dismiss/")
    assert "two cats" in fragment(client)


@pytest.mark.parametrize("action", ACTIONS)
def test_anothers_card_is_not_found(client: Client, designer: User, other_designer: User, action: str) -> None:
    generation = make(other_designer, State.FAILED)
    assert client.post(f"/generations/{generation.pk}/{action}/").status_code == 404
    assert "two cats" not in fragment(client)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_card_is_not_changed_by_looking(client: Client, designer: User, action: str) -> None:
    generation = make(designer)
    assert client.get(f"/generations/{generation.pk}/{action}/").status_code == 405


def test_without_htmx_the_buttons_lead_back(client: Client, designer: User) -> None:
    generation = make(designer)
    response = client.post(f"/generations/{generation.pk}/cancel/")
    assert (response.status_code, response.headers["Location"]) == (302, "/")
