"""Decides when to poll next, how long to wait for an answer, and how long to send Segmind nothing."""

from __future__ import annotations

import random
import statistics
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from stickers.models import Generation
from stickers.segmind.errors import SegmindError
from stickers.segmind.wire import Timeouts

RECORD_LIFE: Final = timedelta(hours=1)  # how long Segmind keeps the record of a request, counted from its submission
PAST_JOBS: Final = 20  # how many completed jobs the median is taken from


def timeouts() -> Timeouts:
    """The time-outs that the operator set. A connection never gets more time than the answer."""
    connect_s = min(5.0, settings.SEGMIND_SUBMIT_SECONDS)
    return Timeouts(
        connect_s=connect_s,
        pool_s=connect_s,
        submit_s=settings.SEGMIND_SUBMIT_SECONDS,
        read_s=settings.SEGMIND_READ_SECONDS,
        download_s=3 * settings.SEGMIND_READ_SECONDS,
    )


def typical_run_seconds(model: str, *, sandbox: bool) -> float | None:
    """The median time from POST to completion of a model's latest jobs; None before the first."""
    # Jobs during which the clock was set back are left out.
    past = Generation.objects.filter(submitted_at__isnull=False, completed_at__gte=F("submitted_at"))
    past = past.filter(model=model, sandbox=sandbox).order_by("-submitted_at")
    latest = past.values_list("submitted_at", "completed_at")[:PAST_JOBS]
    times = [(completed - submitted).total_seconds() for submitted, completed in latest if submitted and completed]
    return statistics.median(times) if times else None


def first_poll(generation: Generation) -> timedelta:
    """When to poll first: after half the typical time. Earlier polls only use up the rate limit."""
    typical = typical_run_seconds(generation.model, sandbox=generation.sandbox)
    return timedelta(seconds=1.0 if typical is None else min(typical, 60.0) / 2)


def cadence(waited: timedelta, typical_s: float | None) -> timedelta:
    """The pause before the next poll: short while the job is expected, longer before, and ever longer after.

    The rate limit counts a poll like any other call, so polls are made when they tell most. Jitter keeps late jobs
    from being polled all at once.
    """
    waited_s = waited.total_seconds()
    if typical_s is not None:
        expected_s = 0.9 * typical_s
        # 0.4 s is less than the pause between two rounds, so every round polls
        brisk_s = min(max(typical_s / 40, 0.4), 2.0)
        if waited_s < expected_s:
            return timedelta(seconds=max(brisk_s, min(3.0, expected_s - waited_s)))
        if waited_s < 1.3 * typical_s:
            return timedelta(seconds=brisk_s)
    if waited_s < 60:
        return timedelta(seconds=random.uniform(0.8, 1.2))
    return timedelta(seconds=random.uniform(4, 6) if waited_s < 600 else random.uniform(8, 12))


def pause(tries: int, error: SegmindError | None) -> timedelta:
    """How long to send Segmind nothing: as long as it asks, otherwise 1, 2, 4 … 30 seconds."""
    if error is not None and error.retry_after is not None:
        return timedelta(seconds=error.retry_after)
    return timedelta(seconds=min(2 ** min(tries, 5), 30) * random.uniform(0.8, 1.2))


def age(generation: Generation) -> timedelta:
    return timezone.now() - (generation.submitted_at or generation.created_at)
