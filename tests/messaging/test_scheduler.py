"""Clocks that are set by hours: nothing sleeps for ever, nothing paid is given up, nothing is sent twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from stickers import pipeline
from stickers.messaging import scheduler as clock
from stickers.models import Export, Generation, Segmentation, State, WorkState
from stickers.models.leases import LONGEST_SLEEP
from stickers.pipeline import submitting
from stickers.sandbox.faults import Fault
from stickers.sandbox.server import Sandbox
from tests.support.jobs import order, talk
from tests.support.rows import make_sheet

pytestmark = pytest.mark.usefixtures("impatient")

Jump = Callable[[timedelta], None]


@pytest.fixture
def jump(monkeypatch: pytest.MonkeyPatch) -> Jump:
    """Set the studio's wall clock, not the stand-in's. Segmind has a clock of its own, too."""
    ahead = [timedelta(0)]
    monkeypatch.setattr(timezone, "now", lambda: datetime.now(UTC) + ahead[0])

    def by(span: timedelta) -> None:
        ahead[0] += span

    return by


def work(generation: Generation, jump: Jump, *, rounds: int = 200) -> None:
    """Rounds, a second apart on the studio's clock. No row is touched by hand."""
    for _ in range(rounds):
        for sheet_pk in pipeline.reconcile():
            pipeline.segment(sheet_pk)
        generation.refresh_from_db()
        if not generation.is_active:
            return
        time.sleep(0.02)
        jump(timedelta(seconds=1))


@pytest.mark.parametrize("hours", [5, -5, 48, -48])
def test_a_jump_while_it_is_made_changes_nothing(designer: User, sandbox: Sandbox, jump: Jump, hours: int) -> None:
    generation = order(designer)
    pipeline.reconcile()
    jump(timedelta(hours=hours))
    work(generation, jump)
    assert (generation.state, generation.error) == (State.DONE, "")
    assert len(sandbox.posts()) == 1


@pytest.mark.parametrize("hours", [5, -5])
def test_a_jump_at_every_step_changes_nothing(designer: User, sandbox: Sandbox, jump: Jump, hours: int) -> None:
    generation = order(designer, samples=2)
    for _ in range(20):
        for sheet_pk in pipeline.reconcile():
            pipeline.segment(sheet_pk)
        time.sleep(0.01)
        jump(timedelta(hours=hours))
    work(generation, jump)
    assert (generation.state, generation.sheets.count(), len(sandbox.posts())) == (State.DONE, 2, 1)


def test_a_leap_forward_leaves_a_job_that_still_runs_alone(designer: User, sandbox: Sandbox, jump: Jump) -> None:
    sandbox.set_fault(Fault.STUCK)
    generation = order(designer)
    pipeline.reconcile()
    jump(timedelta(hours=5))
    for _ in range(5):
        jump(timedelta(seconds=10))
        pipeline.reconcile()
    generation.refresh_from_db()
    assert generation.state == State.WAITING
    sandbox.clear_faults()
    jump(timedelta(seconds=10))
    work(generation, jump)
    assert generation.state == State.DONE


@pytest.mark.parametrize("fault", [Fault.STATUS_502, Fault.RESULT_500, Fault.IMAGE_503])
def test_a_leap_forward_and_a_passing_fault_give_nothing_up(
    designer: User, sandbox: Sandbox, jump: Jump, fault: Fault
) -> None:
    generation = order(designer)
    pipeline.reconcile()
    sandbox.set_fault(fault, 2)
    jump(timedelta(hours=5))
    for _ in range(6):
        work(generation, jump, rounds=5)
        jump(timedelta(seconds=10))
    assert (generation.state, len(sandbox.posts())) == (State.DONE, 1)


def test_a_leap_forward_while_it_is_sent_makes_no_second_post(designer: User, sandbox: Sandbox, jump: Jump) -> None:
    generation = order(designer)
    steps = submitting.exchanges()
    jump(timedelta(hours=5))
    pipeline.reconcile()  # another worker, for which the lease is over
    generation.refresh_from_db()
    assert generation.state == State.UNKNOWN
    talk(steps)  # the answer comes after all
    work(generation, jump)
    assert (generation.state, len(sandbox.posts())) == (State.DONE, 1)


def test_nothing_sleeps_longer_than_anything_is_put_to_sleep(designer: User, settings: Settings) -> None:
    now = timezone.now()
    for state in (State.CREATED, State.WAITING, State.READY):
        bound = order(designer, state=state, request_id=f"a-{state}", next_at=now + LONGEST_SLEEP)
        beyond = order(designer, state=state, request_id=f"b-{state}", next_at=now + timedelta(hours=5))
        due = [row.pk for row in Generation.objects.due(state, now)]
        assert due == [beyond.pk], bound
    settings.SEGMIND_SUBMIT_SECONDS = settings.SEGMIND_READ_SECONDS = 300  # the most that is allowed
    assert submitting.lease() < LONGEST_SLEEP
    assert max(pipeline.polling.LEASE, pipeline.collecting.LEASE, Segmentation.LEASE, Export.LEASE) < LONGEST_SLEEP


def test_a_segmentation_begun_yesterday_is_offered_again(designer: User) -> None:
    sheet = make_sheet(designer, state=WorkState.WORKING)
    Segmentation.objects.update(next_at=timezone.now() + timedelta(hours=24))
    assert Segmentation.objects.claim(at_once=1) == [sheet.pk]
    assert Segmentation.objects.claim(at_once=1) == []


class Watch:
    """The scheduler's two clocks, and what it sends."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.steady, self.ahead = 1000.0, 1_700_000_000.0
        self.sent = 0
        monkeypatch.setattr(time, "monotonic", lambda: self.steady)
        monkeypatch.setattr(time, "time", lambda: self.steady + self.ahead)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.steady + self.ahead, UTC)

    def count(self, *_: Any, **__: Any) -> None:
        self.sent += 1


@pytest.mark.parametrize("hours", [-5, 5])
def test_the_scheduler_ticks_on(monkeypatch: pytest.MonkeyPatch, hours: int) -> None:
    watch = Watch(monkeypatch)
    monkeypatch.setattr(clock.app, "now", watch.now)
    scheduler = clock.Scheduler(clock.app, lazy=True, schedule={})
    scheduler.update_from_dict(clock.app.conf.beat_schedule)
    monkeypatch.setattr(scheduler, "apply_entry", watch.count)

    def run(seconds: float) -> int:
        before, end = watch.sent, watch.steady + seconds
        while watch.steady < end:
            watch.steady += max(scheduler.tick(), 0.01)
        return watch.sent - before

    assert 18 <= run(100) <= 21
    watch.ahead += hours * 3600
    assert 18 <= run(100) <= 22
