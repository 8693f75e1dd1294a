"""Offer again at once what a killed worker left behind, or what failed while the database refused."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator

from django.db import DatabaseError
from django.utils import timezone

from stickers.models import Export, Generation, Nesting, Segmentation, State
from stickers.pipeline import journal

logger = logging.getLogger(__name__)

_refused = threading.Event()


def start() -> None:
    """Prepare a worker that starts. Most likely the one before it died."""
    journal.prepare()
    take_over()
    logger.info("This worker is ready.")


def take_over() -> None:
    """Let every poll, download, segmentation, export and nesting begin now instead of when its lease is over.

    This is safe at any time: what another worker is doing is done twice, with the same result. A generation on its way
    to Segmind and a mail are left alone, because neither may be sent twice. Only the lease tells whether its sender is
    dead.
    """
    now = timezone.now()
    Generation.objects.filter(state__in=[State.WAITING, State.READY], next_at__gt=now).update(next_at=now)
    for kind in (Segmentation, Export, Nesting):
        kind.objects.take_over(now)


def take_over_after_refusal() -> None:
    """After the database has refused this worker and answers again: what was claimed then was not done."""
    if _refused.is_set():
        _refused.clear()  # first, so that a refusal meanwhile is not forgotten
        with noticing_refusals():
            take_over()


def is_refused() -> bool:
    """Whether the database has refused this worker, and nothing was taken over since."""
    return _refused.is_set()


@contextlib.contextmanager
def noticing_refusals() -> Iterator[None]:
    try:
        yield
    except DatabaseError:
        _refused.set()
        raise
