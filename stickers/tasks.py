"""Celery tasks: a primary key in, one pipeline call, then hints for what comes next. And the hints that views send.

A message is only a hint. Nobody looks at the rows all the time: a hint tells of a click, and after each round a worker
sets its alarm for the moment when the next row is due. If one of these is lost, the scheduler's next tick finds the
work.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Final

from celery.signals import worker_ready, worker_shutting_down
from django.db import DatabaseError, transaction
from django.utils import timezone

from stickers import pipeline
from stickers.messaging.alarm import Alarm
from stickers.messaging.app import app
from stickers.messaging.wakeups import Hints
from stickers.models import Heartbeat
from stickers.running import logs, memory
from stickers.upkeep.housekeeping import clear

# The pause before the next round, if something could not be done at once, or if a round was broken off.
PAUSE_SECONDS: Final = 0.5
# The pause after a broker has not taken a hint. The next tick may be five seconds away.
AGAIN_SECONDS: Final = 1.0


@app.task
def reconcile() -> None:
    _round()


@app.task
def tick() -> None:
    """The scheduler's call. Its heartbeat proves that the scheduler lives; a view's hint does the same work without."""
    Heartbeat.objects.beat(Heartbeat.SCHEDULER)
    _round()


def _round() -> None:
    # A round may wait long for Segmind. The next one must not wait for its end.
    alarm.set(PAUSE_SECONDS)
    with _alarm_set_afterwards():
        _hand_out(pipeline.reconcile(_go_on))


def _go_on() -> None:
    """While a round waits for Segmind: hand out what its answers have made due, and set the alarm for the rest."""
    with _alarm_set_afterwards():
        _hand_out(pipeline.next_segmentations())


@contextlib.contextmanager
def _alarm_set_afterwards() -> Iterator[None]:
    """Set the alarm after the work, however it ends. A worker refused by the database must not sleep until the tick."""
    try:
        yield
    finally:
        alarm.set_by_rows()


def _seconds_to_next() -> float | None:
    """Seconds until the next row is due. If it is due already and could not be taken yet, a moment."""
    try:
        due = pipeline.next_due()
    except DatabaseError:
        return PAUSE_SECONDS
    return None if due is None else max((due - timezone.now()).total_seconds(), PAUSE_SECONDS)


# Acknowledged late if the broker can do that: a worker that dies while cutting then hands the sheet on at once.
@app.task(acks_late=True)
def segment(sheet_pk: int) -> None:
    with _alarm_set_afterwards():
        with logs.about(sheet=sheet_pk), memory.returned():
            pipeline.segment(sheet_pk)
        _hand_out(pipeline.next_segmentations())


@app.task(acks_late=True)
def export(export_pk: int) -> None:
    with _alarm_set_afterwards():
        with logs.about(export=export_pk), memory.returned():
            pipeline.export(export_pk)
        _hand_out_prints()


@app.task(acks_late=True)
def nest(nesting_pk: int) -> None:
    with _alarm_set_afterwards():
        with logs.about(nesting=nesting_pk), memory.returned():
            pipeline.nest(nesting_pk)
        _hand_out_prints()


@app.task
def mail(mail_pk: int) -> None:
    with _alarm_set_afterwards():
        with logs.about(mail=mail_pk):
            pipeline.mail(mail_pk)
        _hand_out_mails()


@app.task
def housekeeping() -> None:
    clear()


def _hand_out(sheet_pks: list[int]) -> None:
    for sheet_pk in sheet_pks:
        segment.delay(sheet_pk)
    _hand_out_prints()
    _hand_out_mails()


def _hand_out_prints() -> None:
    for export_pk in pipeline.next_exports():
        export.delay(export_pk)
    for nesting_pk in pipeline.next_nestings():
        nest.delay(nesting_pk)


def _hand_out_mails() -> None:
    for mail_pk in pipeline.next_mails():
        mail.delay(mail_pk)


@worker_ready.connect
def start(**_: Any) -> None:
    pipeline.start()
    alarm.set(0)


@worker_shutting_down.connect
def end(**_: Any) -> None:
    """A worker that ends waits for its tasks, so the task that keeps a lane must come to its end."""
    pipeline.end_claims()


def _ring() -> None:
    """Let a worker look now. A broker that takes no message, for instance on a full disk, is asked again soon."""
    if not _hints.send(reconcile, insists=True):
        alarm.set(AGAIN_SECONDS)


_hints = Hints()
alarm: Final = Alarm(_seconds_to_next, _ring)


def hint() -> None:
    """Let a worker look now instead of at the next tick, once this transaction is committed."""
    transaction.on_commit(lambda: _hints.send(reconcile))
