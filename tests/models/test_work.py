"""Claim, lease, fence and end of work: two workers in any order never both publish one request."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import ClassVar

import pytest
from django.db.models import F
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from stickers.models import Mail, WorkState
from stickers.models.work import OFFER

pytestmark = pytest.mark.django_db


def ask(count: int = 1) -> list[int]:
    return [Mail.objects.create(email=f"{number}@studio.example", address="").pk for number in range(count)]


def let_time_pass(by: timedelta) -> None:
    Mail.objects.filter(next_at__isnull=False).update(next_at=F("next_at") - by)


def begun() -> Mail:
    [pk] = Mail.objects.claim(at_once=1)
    row = Mail.objects.begin(pk)
    assert row is not None
    return row


def test_it_works() -> None:
    [pk] = ask()
    assert Mail.objects.claim(at_once=1) == [pk]
    row = Mail.objects.begin(pk)
    assert row is not None
    assert (row.state, row.tries, row.fence) == (WorkState.WORKING, 1, 1)
    assert row.renew()
    assert row.end(WorkState.DONE)
    row = Mail.objects.get()
    assert (row.state, row.next_at, row.is_open) == (WorkState.DONE, None, False)
    assert row.finished_at is not None
    assert Mail.objects.claim(at_once=1) == []


def test_a_claim_that_nobody_heard_of_is_made_again_and_a_lease_is_not() -> None:
    [pk] = ask()
    assert Mail.objects.claim(at_once=1) == [pk]
    assert Mail.objects.claim(at_once=1) == []
    let_time_pass(OFFER)
    assert Mail.objects.claim(at_once=1) == [pk]
    assert Mail.objects.begin(pk)
    let_time_pass(OFFER)
    assert Mail.objects.claim(at_once=1) == []
    assert Mail.objects.begin(pk) is None


def test_what_is_not_claimed_is_not_begun() -> None:
    [pk] = ask()
    assert Mail.objects.begin(pk) is None
    row = begun()
    assert row.end(WorkState.FAILED, error="No.")
    assert Mail.objects.begin(pk) is None


def test_a_late_finisher_ends_nothing() -> None:
    ask()
    late = begun()
    let_time_pass(Mail.LEASE)
    newer = begun()
    assert (late.renew(), late.put_off(Mail.PAUSE), late.end(WorkState.DONE)) == (False, False, False)
    assert newer.end(WorkState.DONE)


def test_a_late_finisher_ends_nothing_though_the_newer_try_was_not_counted() -> None:
    """The number of tries is the same again; the fence is not."""
    ask()
    late = begun()
    let_time_pass(Mail.LEASE)
    assert begun().put_off(timedelta(0), counts=False)
    newer = begun()
    assert newer.tries == late.tries + 1
    assert newer.put_off(timedelta(0), counts=False)
    assert not late.end(WorkState.DONE)


def test_a_pause_is_kept() -> None:
    ask()
    assert begun().put_off(Mail.PAUSE)
    assert Mail.objects.claim(at_once=1) == []
    let_time_pass(Mail.PAUSE)
    assert begun().tries == 2


def test_no_more_than_allowed_and_nobodys_many_first() -> None:
    many = [ask()[0] for _ in range(5)]
    other = Mail.objects.create(email="other@studio.example", address="").pk
    assert Mail.objects.claim(at_once=2) == [many[0], other]
    assert Mail.objects.claim(at_once=2) == []
    assert Mail.objects.claim(at_once=3) == [many[1]]


def test_a_lease_from_before_the_clock_was_set_back_is_over() -> None:
    [pk] = ask()
    begun()
    Mail.objects.update(next_at=timezone.now() + timedelta(hours=5))
    assert Mail.objects.claim(at_once=1) == [pk]


def test_a_worker_that_starts_takes_over_at_once() -> None:
    [pk] = ask()
    begun()
    Mail.objects.take_over(timezone.now())
    assert Mail.objects.claim(at_once=1) == [pk]


class TwoWorkers(RuleBasedStateMachine):
    """Each worker may have one row in hand. It knows only what it was told of the row."""

    WORKERS: ClassVar = ("Ann", "Bob")

    def __init__(self) -> None:
        super().__init__()
        self.heard: dict[str, list[int]] = {worker: [] for worker in self.WORKERS}
        self.in_hand: dict[str, Mail | None] = dict.fromkeys(self.WORKERS)
        self.published: Counter[int] = Counter()
        self.begins: Counter[int] = Counter()

    @initialize(count=st.integers(1, 3))
    def asked(self, count: int) -> None:
        Mail.objects.all().delete()
        self.asked_for = ask(count)

    @rule(worker=st.sampled_from(WORKERS), at_once=st.integers(1, 2))
    def claims(self, worker: str, at_once: int) -> None:
        under_way = Mail.objects.filter(state=WorkState.WORKING).asleep(timezone.now()).count()
        taken = Mail.objects.claim(at_once=at_once)
        assert len(taken) <= max(0, at_once - under_way)
        self.heard[worker] += taken

    @precondition(lambda self: any(self.heard.values()))
    @rule(worker=st.sampled_from(WORKERS), repeated=st.booleans())
    def begins_what_it_heard_of(self, worker: str, repeated: bool) -> None:
        if not self.heard[worker]:
            return
        pk = self.heard[worker][0]
        if not repeated:  # else the same hint comes once more
            self.heard[worker].pop(0)
        row = Mail.objects.begin(pk)
        if row is None:
            return
        self.begins[pk] += 1
        if row.tries > Mail.TRIES:
            if row.end(WorkState.FAILED, error="It was tried often enough."):
                self.published[pk] += 1
            return
        self.in_hand[worker] = row

    def is_newest(self, row: Mail) -> bool:
        return row.fence == self.begins[row.pk]

    @rule(worker=st.sampled_from(WORKERS))
    def renews(self, worker: str) -> None:
        row = self.in_hand[worker]
        if row is not None:
            assert row.renew() == self.is_newest(row)

    @rule(worker=st.sampled_from(WORKERS))
    def puts_off(self, worker: str) -> None:
        row, self.in_hand[worker] = self.in_hand[worker], None
        if row is not None:
            assert row.put_off(Mail.PAUSE) == self.is_newest(row)

    @rule(worker=st.sampled_from(WORKERS), to=st.sampled_from([WorkState.DONE, WorkState.FAILED]))
    def ends(self, worker: str, to: WorkState) -> None:
        row, self.in_hand[worker] = self.in_hand[worker], None
        if row is not None:
            won = row.end(to)
            assert won == self.is_newest(row)
            self.published[row.pk] += won

    @rule(worker=st.sampled_from(WORKERS))
    def dies(self, worker: str) -> None:
        self.in_hand[worker], self.heard[worker] = None, []

    @rule(by=st.sampled_from([OFFER, Mail.PAUSE, Mail.LEASE]))
    def time_passes(self, by: timedelta) -> None:
        let_time_pass(by)

    @rule()
    def a_worker_starts(self) -> None:
        Mail.objects.take_over(timezone.now())

    @invariant()
    def one_publisher_and_bounded_tries(self) -> None:
        for row in Mail.objects.all():
            assert self.published[row.pk] == (not row.is_open)
            assert row.tries <= Mail.TRIES + 1
            assert row.fence == self.begins[row.pk]
            assert (row.next_at is None) == (not row.is_open)

    def teardown(self) -> None:
        """No row is lost: with a living worker, each comes to its end."""
        for _ in range(Mail.TRIES * len(getattr(self, "asked_for", []))):
            let_time_pass(Mail.LEASE)
            for pk in Mail.objects.claim(at_once=1):
                row = Mail.objects.begin(pk)
                assert row is not None
                assert row.end(WorkState.DONE)
                self.published[pk] += 1
        assert not Mail.objects.open().exists()
        assert set(self.published.values()) <= {1}


class TestTwoWorkers(TwoWorkers.TestCase, TestCase):  # type: ignore[misc,name-defined]
    settings = settings(max_examples=60, stateful_step_count=30, suppress_health_check=list(HealthCheck))
