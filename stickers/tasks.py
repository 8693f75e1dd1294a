"""Celery tasks: a primary key in, one pipeline call, what comes next; and the nudges that views send.

A message is only a hint. Whatever is lost with the broker is found again by the next tick.
"""

from __future__ import annotations

from typing import Any

from celery.signals import worker_ready
from django.db import transaction

from stickers import pipeline
from stickers.messaging.app import app
from stickers.messaging.wakeups import Hints
from stickers.models import Heartbeat
from stickers.running import logs
from stickers.upkeep.housekeeping import clear


@app.task
def reconcile() -> None:
    _hand_out(pipeline.reconcile())


@app.task
def tick() -> None:
    """The scheduler's own call, which leaves a trace: a nudge does the same work, but says nothing of the scheduler."""
    Heartbeat.objects.beat(Heartbeat.SCHEDULER)
    _hand_out(pipeline.reconcile())


# Acknowledged late where the broker can: a worker that dies while cutting hands the sheet to the next one at once.
@app.task(acks_late=True)
def cut(sheet_pk: int) -> None:
    with logs.about(sheet=sheet_pk):
        pipeline.cut(sheet_pk)
    _hand_out(pipeline.next_cuts())


@app.task(acks_late=True)
def export(export_pk: int) -> None:
    with logs.about(export=export_pk):
        pipeline.export(export_pk)
    _hand_out_prints()


@app.task(acks_late=True)
def nest(nesting_pk: int) -> None:
    with logs.about(nesting=nesting_pk):
        pipeline.nest(nesting_pk)
    _hand_out_prints()


@app.task
def mail(mail_pk: int) -> None:
    with logs.about(mail=mail_pk):
        pipeline.mail(mail_pk)
    _hand_out_mails()


@app.task
def housekeeping() -> None:
    clear()


def _hand_out(sheet_pks: list[int]) -> None:
    for sheet_pk in sheet_pks:
        cut.delay(sheet_pk)
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


_hints = Hints()


def nudge() -> None:
    """Let a worker look now instead of at its next tick, once this transaction is committed."""
    transaction.on_commit(lambda: _hints.send(reconcile))
