"""A service that takes orders and gives no clear answer may bill each: the others wait, and one tries."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.db.models import F
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from stickers import pipeline
from stickers.models import Generation, Mail, State, Trouble, Upstream
from stickers.orders import api_keys
from stickers.pipeline import submitting
from stickers.sandbox.faults import Fault
from stickers.sandbox.server import Sandbox
from tests.support.jobs import finish, let_time_pass, order

pytestmark = pytest.mark.usefixtures("impatient", "hints", "db")


def upstream() -> Upstream:
    return Upstream.objects.get(key=name())


def name() -> str:
    return api_keys.fingerprint(api_keys.studio_key())


def doubt(times: int = 2) -> None:
    for _ in range(times):
        Upstream.objects.doubt(name(), "The service answered 502.")


def step(after: timedelta = timedelta(0)) -> None:
    Upstream.objects.update(stopped_at=F("stopped_at") - after)
    let_time_pass(timedelta(0))
    pipeline.reconcile()


def count(state: State) -> int:
    return Generation.objects.filter(state=state).count()


def test_two_orders_without_an_answer_make_the_others_wait(
    designer: User, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.set_fault(Fault.SUBMIT_HUNG)
    for number in range(20):
        order(designer, f"cats {number}")
    with caplog.at_level(logging.ERROR, "stickers"):
        for _ in range(4):
            step()
    assert (count(State.UNKNOWN), count(State.CREATED), len(sandbox.posts())) == (2, 18, 2)
    assert (upstream().trouble, upstream().doubts) == (Trouble.DOUBT, 2)
    [record] = caplog.records
    assert "gives no clear answer to orders with the studio's key" in record.message


def test_one_order_at_a_time_tries_and_ever_more_rarely(designer: User, sandbox: Sandbox) -> None:
    doubt()
    sandbox.set_fault(Fault.SUBMIT_502)
    for number in range(5):
        order(designer, f"cats {number}")
    sent = []
    for minutes in (0, 1, 1, 1, 2, 2, 30, 60):
        step(timedelta(minutes=minutes))
        sent.append(len(sandbox.posts()))
    assert sent == [0, 1, 1, 2, 2, 3, 4, 5]
    assert upstream().trouble == Trouble.DOUBT


def test_an_answered_order_lets_the_others_go(designer: User, sandbox: Sandbox) -> None:
    doubt()
    orders = [order(designer, f"cats {number}") for number in range(3)]
    step(timedelta(minutes=1))
    assert (upstream().trouble, upstream().doubts) == ("", 0)
    finish(*orders)
    assert count(State.DONE) == 3


@pytest.mark.parametrize("fault", [Fault.SUBMIT_422, Fault.SUBMIT_429, Fault.SUBMIT_404])
def test_a_refusal_is_a_clear_answer(designer: User, sandbox: Sandbox, fault: Fault) -> None:
    doubt()
    sandbox.set_fault(fault, 1)
    order(designer)
    step(timedelta(minutes=1))
    assert (upstream().trouble, upstream().doubts) == ("", 0)


def test_only_doubts_in_a_row_count(designer: User, sandbox: Sandbox) -> None:
    for fault in (Fault.SUBMIT_502, None, Fault.SUBMIT_502):
        if fault:
            sandbox.set_fault(fault, 1)
        order(designer)
        step()
    assert (upstream().trouble, upstream().doubts) == ("", 1)


def test_no_connection_says_nothing(designer: User, studio_settings: Settings) -> None:
    studio_settings.SEGMIND_BASE_URL = "http://127.0.0.1:9"
    doubt(1)
    order(designer)
    step()
    assert upstream().doubts == 1


def test_a_sender_that_dies_says_nothing_of_the_service(designer: User) -> None:
    for _ in range(3):
        order(designer, state=State.SUBMITTING)
    submitting.give_up_lost_posts()
    assert (count(State.UNKNOWN), Upstream.objects.count()) == (3, 0)


def test_a_key_of_somebody_else_goes_on(designer: User, sandbox: Sandbox) -> None:
    for _ in range(2):
        Upstream.objects.doubt(api_keys.fingerprint("SG_of_somebody_else"), "The service answered 502.")
    order(designer)
    step()
    assert len(sandbox.posts()) == 1


def test_the_first_orders_feel_their_way(designer: User) -> None:
    for number in range(12):
        order(designer, f"cats {number}")
    assert len(submitting.exchanges()) == submitting.UNPROVEN_AT_ONCE
    assert submitting.exchanges() == []  # as long as those are under way
    lately = timezone.now() - timedelta(seconds=30)
    order(designer, state=State.WAITING, request_id="a", submitted_at=lately, key=name())
    assert len(submitting.exchanges()) == submitting.AT_ONCE - submitting.UNPROVEN_AT_ONCE
    assert submitting.exchanges() == []


def test_after_one_doubt_the_next_goes_alone(designer: User) -> None:
    order(designer, state=State.WAITING, request_id="a", submitted_at=timezone.now(), key=name())
    for number in range(3):
        order(designer, f"cats {number}")
    doubt(1)
    assert len(submitting.exchanges()) == 1
    assert submitting.exchanges() == []


def test_no_second_one_tries_while_the_first_is_under_way(designer: User) -> None:
    doubt()
    order(designer)
    order(designer, state=State.SUBMITTING, key=name(), next_at=timezone.now() + timedelta(minutes=1))
    Upstream.objects.ask_now(name())
    step()
    assert (count(State.CREATED), count(State.SUBMITTING)) == (1, 1)


# --- what people see ------------------------------------------------------------------------------------------------


def test_the_page_says_what_to_do(client: Client, designer: User) -> None:
    order(designer)
    doubt()
    page = client.get("/").content.decode()
    why = "Segmind gives no clear answer to orders with the studio&#x27;s key: The service answered 502."
    assert page.count(why) == 2
    assert "It goes out once Segmind answers again; nothing was billed." in page
    assert "1 order waits, not billed. The orders before may have been made and billed: look at Segmind before" in page


def test_try_again_sends_one_order_at_once(client: Client, designer: User, sandbox: Sandbox) -> None:
    order(designer)
    order(designer, "dogs")
    doubt()
    assert "Asking Segmind again." in client.post("/upstream/again/", follow=True).content.decode()
    assert upstream().probe_at is None  # the balance would say nothing
    sandbox.set_fault(Fault.SUBMIT_502)
    step()
    step()
    assert len(sandbox.posts()) == 1


def test_the_metrics_count_the_key(client: Client) -> None:
    doubt()
    metrics = client.get("/metrics").content.decode()
    assert 'studio_upstream_stopped{trouble="doubt"} 1.0' in metrics


def test_the_operators_get_one_mail(designer: User, other_designer: User, settings: Settings) -> None:
    settings.MAIL_IS_SET_UP = True
    settings.STUDIO_URL = "https://studio.example"
    User.objects.filter(pk=designer.pk).update(email="nobody@studio.example", is_staff=False)
    User.objects.filter(pk=other_designer.pk).update(email="operator@studio.example", is_staff=True)
    doubt(3)
    for pk in pipeline.next_mails():
        pipeline.mail(pk)
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == (["operator@studio.example"], "Sticker Studio orders nothing at the moment")
    assert "gives no clear answer to orders with the studio's key: The service answered 502." in sent.body
    assert "https://studio.example" in sent.body
    assert Mail.objects.count() == 1
