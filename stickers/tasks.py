"""Celery tasks: a primary key in, one pipeline call, what comes next; and the nudges that views send.

A message is only a hint. Whatever is lost with the broker is found again by the next tick.
"""

from __future__ import annotations

import logging
from typing import Any

from celery.signals import worker_ready
from django.db import transaction
from kombu.exceptions import OperationalError

from stickers import pipeline
from stickers.celery import app

logger = logging.getLogger(__name__)


@app.task
def reconcile() -> None:
    _hand_out(pipeline.reconcile())


# Acknowledged late where the broker can: a worker that dies while cutting hands the sheet to the next one at once.
@app.task(acks_late=True)
def cut(sheet_pk: int) -> None:
    pipeline.cut(sheet_pk)
    _hand_out(pipeline.next_cuts())


def _hand_out(sheet_pks: list[int]) -> None:
    for sheet_pk in sheet_pks:
        cut.delay(sheet_pk)


@worker_ready.connect
def take_over(**_: Any) -> None:
    pipeline.take_over()


def nudge() -> None:
    """Let the worker look now instead of at its next tick, once this transaction is committed."""
    transaction.on_commit(_nudge)


def _nudge() -> None:
    try:
        reconcile.apply_async(retry=False)
    except OperationalError:
        logger.warning("The broker does not answer; the next tick will find the work.")
