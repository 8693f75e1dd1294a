"""The worker's part of a segmentation: the newest request wins, slow ones begin once, deadly ones are given up."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import F
from django.utils import timezone

from stickers import pipeline
from stickers.cutting import trial
from stickers.models import Segmentation, Sheet, WorkState
from stickers.pipeline import segmenting
from stickers.sandbox.jobs import SheetOrder
from tests.support.jobs import cut, three_discs
from tests.support.running_studio import until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sheet(designer: User) -> Sheet:
    return Sheet.objects.import_picture(
        owner_pk=designer.pk,
        data=three_discs(SheetOrder(prompt="", seed=1, width_px=512, height_px=512)),
        picture_format="JPEG",
        width_px=512,
        height_px=512,
        source_name="discs.jpg",
    )


class Held:
    """The engine, held in the middle of its first cut."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.calls = 0
        self._engine = segmenting.plane_of
        patch.setattr(segmenting, "plane_of", self)

    def __call__(self, *arguments: object) -> object:
        self.calls += 1
        if self.calls == 1:
            self.begun.set()
            assert self.go_on.wait(60)
        return self._engine(*arguments)  # type: ignore[arg-type]

    @contextmanager
    def cutting(self, sheet: Sheet) -> Iterator[Future[bool]]:
        """A worker of its own is in the middle of cutting the sheet."""
        assert pipeline.next_segmentations() == [sheet.pk]

        def work() -> bool:
            try:
                return pipeline.segment(sheet.pk)
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as hand:
            answer = hand.submit(work)
            try:
                assert self.begun.wait(60)
                yield answer
            finally:
                self.go_on.set()


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    return Held(monkeypatch)


def state_of(sheet: Sheet) -> tuple[str, int, str]:
    row = Segmentation.objects.get(pk=sheet.pk)
    return row.state, row.tries, row.error


def test_it_works(sheet: Sheet) -> None:
    assert cut(sheet)
    assert not pipeline.segment(sheet.pk)
    assert sheet.stickers.count() == 3
    row = Segmentation.objects.get()
    assert (row.state, row.error, row.next_at) == (WorkState.DONE, "", None)
    assert row.finished_at is not None


def test_a_late_finisher_does_not_publish_over_a_newer_request(sheet: Sheet, held: Held) -> None:
    """It was taken for dead, another worker cut the sheet, and then a request with other options came."""
    with held.cutting(sheet) as late:
        Segmentation.objects.update(next_at=timezone.now())
        assert cut(sheet)
        assert Segmentation.objects.get().ask_again({"min_size_px": 400})
        held.go_on.set()
        assert not late.result(60)
        assert state_of(sheet) == (WorkState.QUEUED, 0, "")
        assert sheet.stickers.count() == 3  # from the worker that was in time
    assert cut(sheet)
    assert sheet.stickers.count() == 0


def test_a_request_while_a_cut_runs_wins(sheet: Sheet, held: Held) -> None:
    with held.cutting(sheet) as older:
        assert not Segmentation.objects.get().ask_again()  # the same request is under way
        assert Segmentation.objects.get().ask_again({"min_size_px": 400})
        assert cut(sheet)
        held.go_on.set()
        assert not older.result(60)
    assert Segmentation.objects.get().options == {"min_size_px": 400}
    assert state_of(sheet) == (WorkState.DONE, 1, "")
    assert sheet.stickers.count() == 0


def test_a_slow_cut_is_begun_once(sheet: Sheet, held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stickers.pipeline.working.BEATS", 10_000)
    with held.cutting(sheet) as slow:
        for _ in range(Segmentation.SUSPECT):
            Segmentation.objects.update(next_at=F("next_at") - Segmentation.LEASE)
            until(
                lambda: Segmentation.objects.asleep(timezone.now()).exists(),
                seconds=60,
                what="the lease to be renewed",
            )
            assert pipeline.next_segmentations() == []
            assert not pipeline.segment(sheet.pk)  # a repeated hint
        held.go_on.set()
        assert slow.result(60)
    assert held.calls == 1
    assert state_of(sheet) == (WorkState.DONE, 1, "")


def die_often(sheet: Sheet) -> None:
    """Each worker begins it and dies."""
    for _ in range(Segmentation.SUSPECT):
        assert pipeline.next_segmentations() == [sheet.pk]
        assert Segmentation.objects.begin(sheet.pk)
        pipeline.take_over()


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        ("os.kill(os.getpid(), 9)", "Cutting this picture ends the process that does it."),
        ("time.sleep(60)", "Cutting this picture takes longer than 0.5 seconds on this machine."),
    ],
)
def test_a_picture_that_ended_three_workers_is_tried_alone(
    sheet: Sheet, ending: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    die_often(sheet)
    run = subprocess.run
    doomed = (sys.executable, "-c", f"import os, time; {ending}")
    monkeypatch.setattr(trial, "PATIENCE_S", 0.5)
    monkeypatch.setattr(trial.subprocess, "run", lambda _, **options: run(doomed, **options))
    assert not cut(sheet)
    assert state_of(sheet) == (WorkState.FAILED, Segmentation.SUSPECT + 1, words)


def test_workers_that_were_restarted_often_are_not_the_pictures_fault(sheet: Sheet) -> None:
    die_often(sheet)
    assert cut(sheet)  # by a real trial
    assert sheet.stickers.count() == 3
