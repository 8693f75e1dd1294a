"""Whatever comes in whatever order (faults, kills, hours, second thoughts): every order ends, and tells the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.db.models import F
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from stickers import pipeline
from stickers.files import storage
from stickers.models import Generation, Segmentation, Sheet, State, Upstream, WorkState
from stickers.pipeline import journal, lanes, segmenting
from stickers.running import logs
from stickers.sandbox.faults import Fault
from stickers.sandbox.server import Sandbox
from stickers.segmind.client import Client
from stickers.segmind.errors import NotSent, RateLimited
from tests.support.jobs import let_time_pass, order, three_discs

ROUNDS = 80  # until an order must have ended
# these two are only slow
FAULTS = [fault for fault in Fault if fault not in {Fault.IMAGE_OVERSIZE, Fault.IMAGE_TOO_MANY_PIXELS}]
# What happens to the worker in the middle of a step.
ACCIDENTS = ("killed before it asks", "killed before it settles", "database refuses", "disk full", "killed at the cut")
WISHES = ("cancel", "retry", "resume", "dismiss")

faults = st.tuples(st.just("fault"), st.sampled_from(FAULTS), st.integers(1, 3))
hours = st.tuples(st.just("time"), st.sampled_from([1, 20, 90, 300]))
accidents = st.tuples(st.just("accident"), st.sampled_from(ACCIDENTS))
wishes = st.tuples(st.just("wish"), st.sampled_from(WISHES), st.integers(0, 3))
steps = st.just(("step",))
events = st.lists(st.one_of(faults, steps, steps, accidents, hours, wishes), min_size=2, max_size=12)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(
        queue_seconds=0,
        run_seconds=0.01,
        jitter=0,
        slow_seconds=0.02,
        hang_seconds=0.3,
        reset_seconds=1,
        draw=three_discs,
    ) as running:
        yield running


@dataclass(frozen=True)
class Stage:
    """What all stories share."""

    owner: User
    sandbox: Sandbox
    media: Path
    sent: Counter[int]


class Story:
    """One sequence of events, over its own rows."""

    def __init__(self, stage: Stage) -> None:
        self.sandbox, self.media, self.sent = stage.sandbox, stage.media, stage.sent
        self.jobs_before = len(stage.sandbox.jobs)
        Sheet.objects.all().delete()
        Generation.objects.all().delete()
        Upstream.objects.all().delete()
        journal.path().unlink(missing_ok=True)
        self.sent.clear()
        self.sandbox.clear_faults()
        pipeline.start()
        for number in range(2):
            self.told_apart(order(stage.owner, f"cats {number}", samples=1 + number))

    def told_apart(self, generation: Generation) -> None:
        """A seed of its own, by which the stand-in's jobs are matched with rows."""
        Generation.objects.filter(pk=generation.pk).update(seed=generation.pk)

    def happen(self, event: tuple[Any, ...]) -> None:
        match event:
            case "fault", fault, times:
                self.sandbox.set_fault(fault, times)
            case ("step",):
                self.step()
            case "time", minutes:
                self.pass_time(timedelta(minutes=minutes))
            case "accident", accident:
                self.accident(accident)
            case "wish", wish, which:
                self.wish(wish, which)

    def step(self) -> None:
        try:
            sheets = pipeline.reconcile()
        except OperationalError:
            return
        for sheet_pk in sheets:
            pipeline.segment(sheet_pk)

    def accident(self, accident: str) -> None:
        with pytest.MonkeyPatch.context() as patch:
            match accident:
                case "killed before it asks":
                    patch.setattr(lanes.Lane, "_claim_more", _claim_and_die)
                case "killed before it settles":
                    patch.setattr(lanes, "_settle", lambda *_: None)
                case "database refuses":
                    patch.setattr(Generation, "move", _refuse)
                case "disk full":
                    patch.setattr(storage, "put", _full)
                case "killed at the cut":
                    patch.setattr(segmenting, "_publish", lambda *_: False)
            self.step()
        if accident.startswith("killed"):
            pipeline.start()

    def wish(self, wish: str, which: int) -> None:
        cards = list(Generation.objects.cards())
        if not cards:
            return
        card = cards[which % len(cards)]
        again = getattr(card, wish)()
        if isinstance(again, Generation):
            self.told_apart(again)

    def pass_time(self, by: timedelta) -> None:
        let_time_pass(by)
        # Leases and holds age, too.
        Generation.objects.filter(state=State.SUBMITTING).update(next_at=F("next_at") - by)
        Segmentation.objects.open().update(next_at=F("next_at") - by)
        Upstream.objects.update(**{name: F(name) - by for name in ("held_until", "stopped_at", "probe_at")})

    def end(self) -> None:
        self.sandbox.clear_faults()
        for _ in range(ROUNDS):
            if not Generation.objects.active().exists():
                return
            self.step()
            self.pass_time(timedelta(minutes=4))

    def check(self) -> None:
        made = self.sandbox.jobs[self.jobs_before :]
        jobs = {job.values["seed"]: job for job in made}  # as it was sent, because a failed job has no other
        assert len(jobs) == len(made), "Two jobs for one order."
        for row in Generation.objects.all():
            told = f"{row} ({row.error})"
            assert not row.is_active, told
            assert self.sent[row.pk] <= 1, f"{told} was sent {self.sent[row.pk]} times"
            job = jobs.get(row.pk)
            if row.state == State.DONE:
                assert job is not None, told
                self._check_done(row)
            elif job is not None and not job.failure:
                assert row.may_be_billed, f"{told} was made, and nothing says so"
            if row.state == State.FAILED:
                assert row.error, told
            assert row.state != State.UNKNOWN or "may have been made and billed" in row.error, told

    def _check_done(self, row: Generation) -> None:
        sheets = list(row.sheets.all())
        short = f"Segmind sent {len(sheets)} of the {row.samples}"
        assert len(sheets) == row.samples or short in row.error
        for sheet in sheets:
            assert sheet.segmentation.state == WorkState.DONE, sheet.segmentation.error
            assert sheet.stickers.count() == 3
            files = [sheet.file.name, *(sticker.file.name for sticker in sheet.stickers.all())]
            assert all((self.media / name).stat().st_size for name in files)


def _claim_and_die(lane: lanes.Lane, room: int, _: object) -> int:
    lane._claim(room)
    return 0


def _refuse(*_: object, **__: object) -> bool:
    raise OperationalError("database or disk is full")


def _full(*_: object) -> str:
    raise OSError(28, "No space left on device")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Counter[int]:
    """How often each order was sent, except for answers that certainly mean that nothing was made."""
    counted: Counter[int] = Counter()
    submit = Client.submit

    def counting(client: Client, payload: Any) -> Any:
        about = logs._about.get({})["generation"]
        counted[about] += 1
        try:
            return submit(client, payload)
        except (RateLimited, NotSent):
            counted[about] -= 1
            raise

    monkeypatch.setattr(Client, "submit", counting)
    return counted


@pytest.fixture
def stage(designer: User, sandbox: Sandbox, studio_settings: Settings, tmp_path: Path, sent: Counter[int]) -> Stage:
    studio_settings.SEGMIND_SUBMIT_SECONDS = studio_settings.SEGMIND_READ_SECONDS = 0.25
    studio_settings.DATA_DIR = tmp_path
    return Stage(designer, sandbox, Path(studio_settings.MEDIA_ROOT), sent)


@hypothesis_settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(story=events)
@example(story=[("accident", "database refuses"), ("wish", "cancel", 0), ("step",)])
@example(story=[("accident", "killed before it settles"), ("time", 20), ("step",), ("wish", "retry", 0), ("step",)])
@example(story=[("step",), ("accident", "disk full"), ("accident", "killed at the cut"), ("time", 300)])
@example(story=[("fault", Fault.SUBMIT_401_INVALID, 1), ("step",), ("wish", "retry", 0), ("step",), ("time", 90)])
def test_every_order_ends_and_tells_the_truth(story: list[tuple[Any, ...]], stage: Stage) -> None:
    told = Story(stage)
    try:
        for event in story:
            told.happen(event)
        told.end()
        told.check()
    finally:
        stage.sandbox.clear_faults()
