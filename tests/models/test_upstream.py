"""What one order learns of its key holds for all: rate limits, a refused key, an empty account, and how these end."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db.models import F
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from stickers import pipeline
from stickers.models import Generation, State, Trouble, Upstream
from stickers.orders import api_keys
from stickers.sandbox.faults import Fault
from stickers.sandbox.server import Sandbox
from tests.support.jobs import finish, let_time_pass, order

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _impatient(studio_settings: Settings, hints: list[str]) -> None:
    studio_settings.SEGMIND_SUBMIT_SECONDS = 1
    studio_settings.SEGMIND_READ_SECONDS = 1


def upstream() -> Upstream:
    return Upstream.objects.get(key=api_keys.fingerprint(api_keys.studio_key()))


def pass_time(by: timedelta) -> None:
    """Age the key's own moments."""
    moments = ("held_until", "stopped_at", "probe_at")
    Upstream.objects.update(**{name: F(name) - by for name in moments})


def step() -> None:
    let_time_pass(timedelta(0))
    pipeline.reconcile()


def calls(sandbox: Sandbox, path: str) -> int:
    return sum(call.path.startswith(path) for call in sandbox.calls)


# --- rate limits ----------------------------------------------------------------------------------------------------


def test_a_rate_limit_holds_every_call_back(designer: User, sandbox: Sandbox) -> None:
    sandbox.set_fault(Fault.SUBMIT_429, 1)
    limited = order(designer, "cats")
    before = timezone.now()
    pipeline.reconcile()
    limited.refresh_from_db()
    assert (limited.state, limited.submitted_at) == (State.CREATED, None)
    until = upstream().held_until
    assert until is not None
    # The stand-in's header is measured against its Date, which has whole seconds only.
    assert before < until <= timezone.now() + timedelta(seconds=2.1)
    order(designer, "ordered afterwards")
    order(designer, "on its way", state=State.WAITING, request_id="abc")
    heard = len(sandbox.calls)
    step()
    assert len(sandbox.calls) == heard
    pass_time(timedelta(seconds=3))
    step()
    assert len(sandbox.posts()) == 3
    assert calls(sandbox, "/v2/requests/abc") == 1


def test_a_longer_hold_stays_and_a_key_of_somebody_else_is_free(designer: User, sandbox: Sandbox) -> None:
    mine = api_keys.fingerprint(api_keys.studio_key())
    Upstream.objects.hold(mine, seconds=300)
    Upstream.objects.hold(mine, seconds=2)
    assert upstream().held_until > timezone.now() + timedelta(seconds=290)
    Upstream.objects.filter(key=mine).delete()
    Upstream.objects.hold(api_keys.fingerprint("SG_of_somebody_else"), seconds=300)
    order(designer)
    step()
    assert len(sandbox.posts()) == 1


def test_a_hold_from_before_the_clock_was_set_back_holds_nothing(designer: User, sandbox: Sandbox) -> None:
    Upstream.objects.hold(api_keys.fingerprint(api_keys.studio_key()), seconds=300)
    pass_time(-timedelta(hours=5))
    order(designer)
    step()
    assert len(sandbox.posts()) == 1
    Upstream.objects.hold(api_keys.fingerprint(api_keys.studio_key()), seconds=300)
    assert upstream().is_held(timezone.now())


# --- a refused key --------------------------------------------------------------------------------------------------


def test_a_refused_key_stops_every_order_and_is_said_once(
    designer: User, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.set_fault(Fault.SUBMIT_401_INVALID)
    met = [order(designer, f"cats {number}") for number in range(2)]
    with caplog.at_level(logging.ERROR, "stickers"):
        pipeline.reconcile()
        for generation in met:
            generation.refresh_from_db()
            assert (generation.state, generation.error) == (State.FAILED, "Invalid API key")
        assert (upstream().trouble, upstream().reason) == (Trouble.KEY, "Invalid API key")
        later = order(designer, "dogs")
        sandbox.set_fault(Fault.STATUS_401_INVALID)
        for _ in range(5):
            Upstream.objects.update(probe_at=timezone.now() + timedelta(seconds=30))  # no probe is due
            step()
    later.refresh_from_db()
    assert later.state == State.CREATED
    assert len(sandbox.posts()) == 2
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "Invalid API key" in caplog.text


def test_a_probe_that_is_answered_lets_the_queue_go_on(designer: User, sandbox: Sandbox) -> None:
    sandbox.set_fault(Fault.SUBMIT_401_INVALID, 1)
    order(designer)
    pipeline.reconcile()
    waiting = order(designer, "dogs")
    step()  # the probe, once it is due
    assert calls(sandbox, "/v1/get-user-credits") == 1
    assert upstream().trouble == ""
    finish(waiting)
    assert waiting.state == State.DONE


def test_probes_of_a_refused_key_become_rare(designer: User, settings: Settings, sandbox: Sandbox) -> None:
    settings.SEGMIND_API_KEY = "no key of Segmind's"
    order(designer)
    pipeline.reconcile()
    settings.SEGMIND_API_KEY = "refused"
    order(designer)
    pipeline.reconcile()
    probes = []
    for _ in range(8):
        due: datetime = upstream().probe_at or timezone.now()
        probes.append(round((due - timezone.now()).total_seconds()))
        Upstream.objects.update(probe_at=timezone.now())
        step()
        step()  # planned for later: no second probe
    assert probes == [0, 5, 10, 20, 40, 60, 60, 60]
    assert calls(sandbox, "/v1/get-user-credits") == 8
    assert len(sandbox.posts()) == 1


def test_polls_rest_with_a_refused_key_until_their_hour_is_over(
    designer: User, settings: Settings, sandbox: Sandbox
) -> None:
    settings.SEGMIND_API_KEY = "refused"
    stop()
    young = order(designer, "cats", state=State.WAITING, request_id="young", submitted_at=timezone.now())
    long_ago = timezone.now() - timedelta(hours=2)
    old = order(designer, "dogs", state=State.WAITING, request_id="old", submitted_at=long_ago)
    for _ in range(8):
        step()
    young.refresh_from_db()
    old.refresh_from_db()
    assert (young.state, calls(sandbox, "/v2/requests/young")) == (State.WAITING, 0)
    assert old.state == State.EXPIRED
    assert "Invalid API key" in old.error


def test_a_new_key_is_not_stopped(designer: User, settings: Settings, sandbox: Sandbox) -> None:
    settings.SEGMIND_API_KEY = "wrong"
    order(designer)
    pipeline.reconcile()
    waiting = order(designer, "dogs")
    step()
    assert len(sandbox.posts()) == 1
    settings.SEGMIND_API_KEY = "SG_right"
    finish(waiting)
    assert waiting.state == State.DONE


# --- an empty account -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [Fault.SUBMIT_402, Fault.SUBMIT_406_CREDITS, Fault.SUBMIT_406_CAP])
def test_want_of_money_stops_every_order(designer: User, sandbox: Sandbox, fault: Fault) -> None:
    sandbox.set_fault(fault, 1)
    order(designer)
    pipeline.reconcile()
    waiting = order(designer, "dogs")
    for _ in range(3):
        step()
    waiting.refresh_from_db()
    assert (waiting.state, len(sandbox.posts()), upstream().trouble) == (State.CREATED, 1, Trouble.MONEY)


@pytest.mark.parametrize("fault", [Fault.SUBMIT_406_TYPE, Fault.SUBMIT_406_VALUE, Fault.SUBMIT_422])
def test_a_refused_value_stops_nobody_else(designer: User, sandbox: Sandbox, fault: Fault) -> None:
    sandbox.set_fault(fault, 1)
    order(designer)
    pipeline.reconcile()
    other = order(designer, "dogs")
    finish(other)
    assert other.state == State.DONE


def test_new_credits_let_the_queue_go_on(designer: User, sandbox: Sandbox) -> None:
    sandbox.set_fault(Fault.SUBMIT_406_CREDITS, 1)
    order(designer)
    pipeline.reconcile()
    waiting = order(designer, "dogs")
    step()
    assert upstream().credits == Decimal(10)
    Upstream.objects.update(credits=Decimal("0.01"), probe_at=timezone.now())  # it was less before
    finish(waiting)
    assert (waiting.state, upstream().trouble) == (State.DONE, "")


def test_a_single_order_tries_once_an_hour(designer: User, sandbox: Sandbox) -> None:
    sandbox.set_fault(Fault.SUBMIT_406_CAP)
    for number in range(10):
        order(designer, f"cats {number}")
    pipeline.reconcile()
    assert len(sandbox.posts()) == 2  # all that were on their way at once
    pass_time(timedelta(hours=1))
    step()
    step()
    assert len(sandbox.posts()) == 3
    sandbox.clear_faults()
    pass_time(timedelta(hours=1))
    step()
    last = Generation.objects.get(prompt="cats 3")
    assert (last.state, upstream().trouble) == (State.WAITING, "")


# --- what people see ------------------------------------------------------------------------------------------------


def stop() -> None:
    Upstream.objects.stop(api_keys.fingerprint(api_keys.studio_key()), Trouble.KEY, "Invalid API key")


def test_the_page_and_the_card_say_why_in_the_apis_words(client: Client, designer: User) -> None:
    order(designer)
    version = client.get("/queue/", headers=HTMX).content.decode().partition("?v=")[2].partition('"')[0]
    assert client.get("/queue/", {"v": version}, headers=HTMX).status_code == 204
    before = client.get("/").content.decode()
    stop()
    response = client.get("/queue/", {"v": version}, headers=HTMX)
    page = response.content.decode()
    assert response.status_code == 200
    assert page.count("Segmind does not accept the studio&#x27;s key: Invalid API key.") == 2
    assert "1 order waits, not billed." in page
    assert "It waits until that is solved; nothing was billed." in page
    card = page.partition('id="card-')[2].partition('"')[0]
    assert f'id="card-{card}"' not in before  # else htmx would keep the old card


def test_try_again_asks_at_once(client: Client, designer: User, sandbox: Sandbox) -> None:
    stop()
    Upstream.objects.update(probe_at=timezone.now() + timedelta(seconds=50), probes=5)
    pipeline.reconcile()
    assert not sandbox.calls
    assert "Asking Segmind again." in client.post("/upstream/again/", follow=True).content.decode()
    pipeline.reconcile()
    assert upstream().trouble == ""


def test_only_an_operator_can_let_it_try_again(client: Client, settings: Settings, other_designer: User) -> None:
    settings.STUDIO_ACCOUNTS = True
    client.force_login(other_designer)
    stop()
    page = client.get("/").content.decode()
    assert "Nothing is ordered just now." in page
    assert "/upstream/again/" not in page
    assert client.post("/upstream/again/").status_code == 403
    other_designer.is_staff = True
    other_designer.save()
    assert "/upstream/again/" in client.get("/").content.decode()
    assert client.post("/upstream/again/").status_code == 302
