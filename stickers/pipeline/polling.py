"""Polls Segmind for the status of each job. Nothing here waits for a job to end."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone

from stickers.models import Generation, State
from stickers.orders import api_keys
from stickers.pipeline import collecting, holds, timing
from stickers.pipeline.exchange import Exchange
from stickers.pipeline.holds import ALL_ALLOWED, Allowed
from stickers.segmind.client import Client
from stickers.segmind.errors import Missing, Refused, SegmindError
from stickers.segmind.messages import JobState, Result, Status

LEASE: Final = timedelta(seconds=60)
# A 404 may come from a lagging replica or a gateway in trouble. Only many of them, over a while, mean a lost job.
LOST_TRIES: Final = 7
LOST_AFTER: Final = timedelta(seconds=60)
LOST_TRIES_MOST: Final = 20  # after ten minutes of pauses, whatever the clock says
GIVE_UP_TRIES: Final = 5  # failed polls; an hour that passes in an instant is a clock that was set
OVERTIME_POLLS: Final = 30  # five minutes of polls for a job that should be over


@dataclass(frozen=True)
class Polled:
    """The answer to one poll: the status and, once completed, the result or why it could not be read."""

    status: Status
    result: Result | None = None
    trouble: SegmindError | None = None


def exchanges(allowed: Allowed = ALL_ALLOWED, *, limit: int) -> list[Exchange]:
    lease = timezone.now() + LEASE
    # A job of the other mode (practice or paid) waits untouched. Nobody here knows it, and "gone" would be untrue.
    claimed = (
        Generation.objects.of_this_mode().filter(allowed.polls).claim(State.WAITING, limit=limit, lease_until=lease)
    )
    models = {generation.model for generation in claimed}
    typical_s = {model: timing.typical_run_seconds(model, sandbox=settings.SANDBOX_IN_USE) for model in models}
    return [_poll(generation, typical_s[generation.model]) for generation in claimed]


def _poll(generation: Generation, typical_s: float | None) -> Exchange:
    request_id = generation.request_id
    return Exchange(
        generation.pk,
        api_keys.key_for(generation),
        ask=lambda client: _ask(client, request_id),
        settle=lambda answer: _settle_poll(generation, answer, typical_s),
    )


def _ask(client: Client, request_id: str) -> Polled:
    try:
        status = client.status(request_id)
    except Missing as error:
        return _poll_history(client, request_id, error)
    if status.state is not JobState.COMPLETED:
        return Polled(status)
    try:
        return Polled(status, client.result(request_id))
    except SegmindError as error:
        return Polled(status, trouble=error)


def _poll_history(client: Client, request_id: str, missing: Missing) -> Polled:
    """Ask the history: a record lives for an hour, its files for a week. Raises Missing if it isn't there either."""
    if not client.has_history:
        raise missing
    try:
        found = client.history(request_id)
    except (Missing, Refused):
        raise Missing(f"{missing.message}, nor is its picture in the history.", http_status=404) from None
    return Polled(Status(state=found.state, error=found.error), found)


def _settle_poll(generation: Generation, answer: Future[Polled], typical_s: float | None) -> Exchange | None:
    try:
        polled = answer.result()
    except SegmindError as error:
        _poll_failed(generation, error)
        return None
    verdict = polled.result or polled.status
    if verdict.state is JobState.FAILED:
        generation.move(frm=[State.WAITING], to=State.FAILED, error=verdict.error)
    elif polled.result is not None:
        return _completed(generation, polled.result)
    elif polled.trouble is not None:
        _result_failed(generation, polled.trouble)
    else:
        _still_working(generation, typical_s)
    return None


def _still_working(generation: Generation, typical_s: float | None) -> None:
    """Poll again later. The record lives, whatever the clock here says of its hour; only many polls end the wait."""
    age = timing.age(generation)
    overtime = generation.tries + 1 if age > timing.RECORD_LIFE else 0
    if overtime >= OVERTIME_POLLS:
        _expire(generation, "Segmind was still working when its record's hour was over.")
    else:
        generation.put_off(timing.cadence(age, typical_s), tries=overtime)


def _poll_failed(generation: Generation, error: SegmindError) -> None:
    age = timing.age(generation)
    words = f"{error.message} Still looking."
    if isinstance(error, Missing) and _is_lost(generation, words):
        _expire(generation, error.message)
    elif age > timing.RECORD_LIFE and generation.tries + 1 >= GIVE_UP_TRIES:
        _expire(generation, f"No answer within the hour. {error.message}")
    else:
        _poll_after(error, generation, words)


def _is_lost(generation: Generation, words: str) -> bool:
    """Whether polls found nothing often and long enough. `words` stand on the card since the first such poll."""
    tries = generation.tries + 1
    lasted = generation.error == words and timezone.now() - generation.changed_at >= LOST_AFTER
    return tries >= LOST_TRIES_MOST or (tries >= LOST_TRIES and lasted)


def _result_failed(generation: Generation, error: SegmindError) -> None:
    """The job is completed, and so billed, but its result can't be read (yet)."""
    if collecting.is_hopeless(generation, error):
        generation.move(
            frm=[State.WAITING], to=State.UNSAVED, error=f"The sheet was made, but not handed out. {error.message}"
        )
    else:
        _poll_after(error, generation, error.message)


def _poll_after(trouble: SegmindError, generation: Generation, words: str) -> None:
    tries = generation.tries + 1
    generation.put_off(timing.pause(tries, trouble), words, tries=tries)
    holds.heed(generation, trouble)


def _expire(generation: Generation, reason: str) -> None:
    generation.move(frm=[State.WAITING], to=State.EXPIRED, error=f"{reason} It may have been billed.")


def _completed(generation: Generation, result: Result) -> Exchange | None:
    won = generation.move(
        frm=[State.WAITING],
        to=State.READY,
        # Pictures inside the answer are not kept in the row. If storing them fails, they are asked for again by id.
        image_urls=[ref.url for ref in result.pictures] if all(ref.url for ref in result.pictures) else [],
        cost=result.metrics.cost,
        inference_seconds=result.metrics.inference_time,
        completed_at=timezone.now(),
        error="",
        tries=0,
        next_at=timezone.now() + collecting.LEASE,
    )
    return collecting.exchange(generation, result.pictures) if won else None
