"""Run one round over every job that is due: claim, ask Segmind, write the answers into the rows."""

from __future__ import annotations

import logging
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from stickers.models import Export, Generation, Mail, Nesting, Segmentation
from stickers.pipeline import collecting, holds, polling, recovery, submitting, timing
from stickers.pipeline.exchange import Exchange
from stickers.running import logs
from stickers.segmind.client import Client

logger = logging.getLogger(__name__)

THREADS: Final = 24


def reconcile() -> list[int]:
    """Move every due job one step on. Returns the ids of the sheets to segment now."""
    with recovery.noticing_refusals():
        recovery.take_over_after_refusal()
        submitting.save_late_ids()
        submitting.give_up_lost_posts()
        submitting.give_up_orders_of_the_switched_off()
        reads = [*holds.probes(), *polling.exchanges(holds.allowed_now()), *collecting.exchanges()]
        # Submissions are claimed last and sent first: one that is claimed and then not sent would end as "unknown".
        # What is allowed is read again, because another worker may have learned more meanwhile.
        if exchanges := [*submitting.exchanges(holds.allowed_now()), *reads]:
            converse(exchanges)
        return next_segmentations()


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


def converse(exchanges: list[Exchange]) -> None:
    """Ask all at once, and settle each answer as soon as it comes, because a known id must be on disk."""
    with ExitStack() as stack:
        clients = {key: stack.enter_context(_client(key)) for key in {exchange.key for exchange in exchanges}}
        pool = stack.enter_context(ThreadPoolExecutor(min(len(exchanges), THREADS), thread_name_prefix="segmind"))
        asked = {pool.submit(_ask, exchange, clients[exchange.key]): exchange for exchange in exchanges}
        while asked:
            answered, _ = wait(asked, return_when=FIRST_COMPLETED)
            for answer in answered:
                exchange = asked.pop(answer)
                with logs.about(generation=exchange.generation_pk):
                    follow_up = _settle(exchange, answer)
                if follow_up is not None:
                    asked[pool.submit(_ask, follow_up, clients[exchange.key])] = follow_up


def _client(key: str) -> Client:
    logs.hide(key)
    return Client(
        api_key=key,
        base_url=settings.SEGMIND_BASE_URL,
        timeouts=timing.timeouts(),
        with_history=settings.SEGMIND_HISTORY,
        picture_hosts=settings.SEGMIND_PICTURE_HOSTS,
    )


def _ask(exchange: Exchange, client: Client) -> Any:
    with logs.about(generation=exchange.generation_pk):
        return exchange.ask(client)


def _settle(exchange: Exchange, answer: Future[Any]) -> Exchange | None:
    try:
        with recovery.noticing_refusals():
            return exchange.settle(answer)
    except Exception:  # a fault at one row must not lose the ids of the others
        logger.exception("A job could not be settled; its lease will offer it again.")
        return None
