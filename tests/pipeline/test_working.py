"""How a worker does claimed work: it holds the lease while it lives, and ends failed work with a reason."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.db.models import F
from django.utils import timezone

from stickers.models import Mail, WorkState
from stickers.pipeline import recovery
from stickers.pipeline.working import HopelessError, LostError, carry_out
from tests.support.running_studio import until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pk() -> int:
    Mail.objects.create(email="ann@studio.example", address="")
    [claimed] = Mail.objects.claim(at_once=1)
    return claimed


def done(row: Mail) -> bool:
    return row.end(WorkState.DONE)


def raising(error: Exception) -> bool:
    raise error


def test_it_works(pk: int) -> None:
    assert carry_out(Mail.objects.all(), pk, done)
    assert not carry_out(Mail.objects.all(), pk, done)
    assert Mail.objects.get().state == WorkState.DONE


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (HopelessError("The paper is out."), "The paper is out."),
        (RuntimeError("odd"), "Sending this mail failed: odd"),
    ],
)
def test_what_cannot_be_done_says_why(pk: int, error: Exception, words: str) -> None:
    assert not carry_out(Mail.objects.all(), pk, lambda _: raising(error))
    row = Mail.objects.get()
    assert (row.state, row.error) == (WorkState.FAILED, words)


@pytest.mark.parametrize("error", [LostError(), OperationalError("database is locked")])
def test_what_is_not_the_works_fault_leaves_it_to_its_lease(pk: int, error: Exception) -> None:
    try:
        assert not carry_out(Mail.objects.all(), pk, lambda _: raising(error))
    except OperationalError:
        recovery.take_over_after_refusal()
    assert Mail.objects.get().state == WorkState.WORKING


def test_it_is_not_begun_for_ever(pk: int) -> None:
    Mail.objects.update(tries=Mail.TRIES)
    assert not carry_out(Mail.objects.all(), pk, done)
    row = Mail.objects.get()
    assert row.state == WorkState.FAILED
    assert row.error == "Sending this mail was begun 5 times and never came to its end."


def test_slow_work_is_begun_once(pk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its lease is renewed while its worker lives. So hours pass, and nobody else is offered it."""
    monkeypatch.setattr("stickers.pipeline.working.BEATS", 10_000)
    begun, finish = threading.Event(), threading.Event()

    def slow(row: Mail) -> bool:
        begun.set()
        assert finish.wait(60)
        return done(row)

    def work() -> bool:
        try:
            return carry_out(Mail.objects.all(), pk, slow)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as hand:
        answer = hand.submit(work)
        try:
            assert begun.wait(60)
            for _ in range(3):
                Mail.objects.update(next_at=F("next_at") - Mail.LEASE)
                until(lambda: Mail.objects.asleep(timezone.now()).exists(), seconds=60, what="the lease to be renewed")
                assert Mail.objects.claim(at_once=9) == []
        finally:
            finish.set()
        assert answer.result(60)
    row = Mail.objects.get()
    assert (row.state, row.tries) == (WorkState.DONE, 1)


def test_work_that_hangs_is_not_held_for_ever(pk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stickers.pipeline.working.BEATS", 10_000)
    monkeypatch.setattr(Mail, "PATIENCE", timedelta(0))

    def hang(row: Mail) -> bool:
        until(
            lambda: not any(one.name == f"lease of {pk}" for one in threading.enumerate()), seconds=60, what="its end"
        )
        Mail.objects.update(next_at=F("next_at") - Mail.LEASE)
        assert Mail.objects.claim(at_once=1) == [pk]
        return row.end(WorkState.DONE)

    assert carry_out(Mail.objects.all(), pk, hang)  # nobody has begun it meanwhile
