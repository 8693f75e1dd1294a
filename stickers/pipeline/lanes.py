"""Lanes of calls to Segmind: calls of one kind have threads of their own, so that those that hang delay no others."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any, Final, TypeAlias

from django.conf import settings

from stickers.pipeline import recovery, timing
from stickers.pipeline.exchange import Exchange
from stickers.running import logs
from stickers.segmind.client import Client

logger = logging.getLogger(__name__)

NEWS_SECONDS: Final = 0.25  # the pause between two reports of a lane that still waits for answers
Answers: TypeAlias = list[Future[Any]]

_claims_end = threading.Event()


def end_claims() -> None:
    """Claim nothing any more in this process. Whoever keeps a lane goes when the calls under way are answered."""
    _claims_end.set()


def nothing() -> None:
    """The news for callers that wait for the last answer anyway."""


class Lane:
    """Makes the calls of one kind, at most `calls` at once in this process, and settles each answer as it comes.

    `claim` takes up to so many due rows and returns their exchanges. One thread at a time keeps the lane: it claims,
    and stays until every call is answered. A thread that finds the lane kept rings and goes. The keeper then claims
    what has become due since. So any number of calls that hang costs the worker one thread.
    """

    def __init__(self, name: str, *, calls: int, claim: Callable[[int], list[Exchange]]) -> None:
        self._name = name
        self._calls = calls
        self._claim = claim
        self._keeping = threading.Lock()
        self._arrived: queue.SimpleQueue[Future[Any] | None] = queue.SimpleQueue()  # answers; None is a ring

    def keep(self, news: Callable[[], object] = nothing) -> None:
        """Work until no call is under way, or leave it to the thread that keeps the lane already.

        `news` is called now and then after answers came while others are still awaited. Rows may be due then that
        nobody knows of.
        """
        self._arrived.put(None)
        # Look again after the keeper has gone: a ring that came at its end must not be lost.
        while not self._arrived.empty() and self._keeping.acquire(blocking=False):
            try:
                self._converse(news)
            finally:
                self._keeping.release()

    def _converse(self, news: Callable[[], object]) -> None:
        asked: dict[Future[Any], Exchange] = {}
        with ExitStack() as clients, ThreadPoolExecutor(self._calls, thread_name_prefix=self._name) as pool:
            client_of: dict[str, Client] = {}

            def ask(exchange: Exchange) -> None:
                if exchange.key not in client_of:
                    client_of[exchange.key] = clients.enter_context(_client(exchange.key))
                answer = pool.submit(_ask, exchange, client_of[exchange.key])
                asked[answer] = exchange
                answer.add_done_callback(self._arrived.put)

            def settle(answers: Answers) -> None:
                for answer in answers:
                    exchange = asked.pop(answer)
                    with logs.about(generation=exchange.generation_pk):
                        follow_up = _settle(exchange, answer)
                    if follow_up is not None:
                        ask(follow_up)

            found, is_news, told_at = 0, False, time.monotonic()
            try:
                while asked or not self._arrived.empty():
                    pause = max(0.0, told_at + NEWS_SECONDS - time.monotonic()) if is_news else None
                    is_rung, answers = self._wait(pause)
                    settle(answers)
                    is_news = is_news or bool(answers)
                    # Claim again while there was something the last time. What is due later rings for itself.
                    if is_rung or (answers and found and len(asked) <= self._calls // 2):
                        found = self._claim_more(self._calls - len(asked), ask)
                    if is_news and asked and time.monotonic() >= told_at + NEWS_SECONDS:
                        news()
                        is_news, told_at = False, time.monotonic()
            finally:  # whatever was refused: no answer of the calls that are under way may be lost
                while asked:
                    settle(self._wait(None)[1])

    def _claim_more(self, room: int, ask: Callable[[Exchange], None]) -> int:
        """How many were claimed and asked."""
        if room <= 0 or _claims_end.is_set():
            return 0
        exchanges = self._claim(room)
        for exchange in exchanges:
            ask(exchange)
        return len(exchanges)

    def _wait(self, seconds: float | None) -> tuple[bool, Answers]:
        """Wait for the next arrival. Whether somebody rang, and all answers that are there."""
        arrived: list[Future[Any] | None] = []
        try:
            arrived.append(self._arrived.get(timeout=seconds))
            while True:
                arrived.append(self._arrived.get_nowait())
        except queue.Empty:
            return None in arrived, [answer for answer in arrived if answer is not None]


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
