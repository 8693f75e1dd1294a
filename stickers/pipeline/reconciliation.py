"""Run one round over every job that is due: claim, ask Segmind, write the answers into the rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.conf import settings
from django.utils import timezone

from stickers.models import Export, Generation, Mail, Nesting, Segmentation
from stickers.pipeline import collecting, holds, polling, recovery, submitting
from stickers.pipeline.exchange import Exchange
from stickers.pipeline.lanes import Lane, nothing

POLLS_AT_ONCE: Final = 56  # a call that hangs takes its place for up to half a minute


def reconcile(news: Callable[[], object] = nothing) -> list[int]:
    """Move every due job one step on. Returns the ids of the sheets to segment now.

    Submissions and reads are two lanes. If another thread of this process keeps one, it takes over what is due there.
    See `Lane.keep` for `news`.
    """
    with recovery.noticing_refusals():
        recovery.take_over_after_refusal()
        submitting.save_late_ids()
        submitting.give_up_lost_posts()
        submitting.give_up_orders_of_the_switched_off()
        READS.keep(news)
        # Last, because what the others have learned binds it.
        ORDERS.keep(news)
        return next_segmentations()


def _orders(room: int) -> list[Exchange]:
    return submitting.exchanges(holds.allowed_now(), limit=room)


def _reads(room: int) -> list[Exchange]:
    """Pictures have places that polls never take, because a picture may be gone tomorrow."""
    pictures = collecting.exchanges(limit=min(room, collecting.AT_ONCE))
    polls = polling.exchanges(holds.allowed_now(), limit=room - collecting.AT_ONCE)
    return [*holds.probes(), *pictures, *polls]


# A submission is asked as soon as it is claimed: one that is claimed and then not sent would end as "unknown".
ORDERS: Final = Lane("orders", calls=submitting.AT_ONCE, claim=_orders)
READS: Final = Lane("reads", calls=POLLS_AT_ONCE + collecting.AT_ONCE, claim=_reads)


def next_segmentations() -> list[int]:
    """The ids of the sheets to segment now.

    All at once would be no faster, and would keep the worker's threads from everything else.
    """
    return Segmentation.objects.claim(at_once=settings.CUTS_AT_ONCE)


def next_exports() -> list[int]:
    """The ids of the exports to make now. One at a time in the studio, because each may take hundreds of megabytes."""
    return Export.objects.claim(at_once=1)


def next_nestings() -> list[int]:
    """The ids of the print sheets to arrange now."""
    return Nesting.objects.claim(at_once=1)


def next_mails() -> list[int]:
    """The ids of the mails to send now. One at a time, because a dead mail server must not hold all workers."""
    return Mail.objects.claim(at_once=1)


def next_due() -> datetime | None:
    """When the next round is due, which may be in the past. None if there is nothing left to do."""
    if recovery.is_refused():
        return timezone.now()  # rows that were claimed then are leased, and only a round offers them again
    kinds = (Generation.objects.worked_at(), Segmentation.objects, Export.objects, Nesting.objects, Mail.objects)
    return min(filter(None, (rows.next_at() for rows in kinds)), default=None)
