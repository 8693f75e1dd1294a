"""Look whether a job is completed; nothing here waits for it."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from stickers.models import Generation, State
from stickers.orders import api_keys
from stickers.pipeline import collecting, holds, timing
from stickers.pipeline.exchange import Exchange
from stickers.pipeline.holds import OPEN, Gate
from stickers.segmind.client import Client
from stickers.segmind.errors import Missing, Refused, SegmindError
from stickers.segmind.messages import JobState, Result, Status

LEASE: Final = timedelta(seconds=60)
AT_ONCE: Final = 200
# A 404 may come from a replica that lags, or from a gateway in trouble: only many, over a while, tell of a lost job.
LOST_TRIES: Final = 7
LOST_AFTER: Final = timedelta(seconds=60)
LOST_TRIES_MOST: Final = 20  # with ten minutes of pauses, and then whatever the clock says
GIVE_UP_TRIES: Final = 5  # failed looks; an hour that has passed in an instant is a clock that was set
OVERTIME_LOOKS: Final = 30  # five minutes of looks at a job that should be over


@dataclass(frozen=True)
class Looked:
    """What one look brought: the status and, once completed, the result or why it could not be read."""

    status: Status
    result: Result | None = None
    trouble: SegmindError | None = None


def steps(opening: Gate = OPEN) -> list[Exchange]:
    lease = timezone.now() + LEASE
    # One of the other mode waits untouched: here nobody knows its job, and "gone" would be untrue.
    claimed = (
        Generation.objects.of_this_mode().filter(opening.looks).claim(State.WAITING, limit=AT_ONCE, lease_until=lease)
    )
    typical_s = timing.typical_run_seconds(sandbox=settings.SANDBOX_IN_USE) if claimed else None
    return [_look_at(generation, typical_s) for generation in claimed]


def _look_at(generation: Generation, typical_s: float | None) -> Exchange:
    request_id = generation.request_id
    return Exchange(
        generation.pk,
        api_keys.key_for(generation),
        ask=lambda client: _look(client, request_id),
        settle=lambda answer: _settle_look(generation, answer, typical_s),
    )


def _look(client: Client, request_id: str) -> Looked:
    try:
        status = client.status(request_id)
    except Missing as error:
        return _look_in_history(client, request_id, error)
    if status.state is not JobState.COMPLETED:
        return Looked(status)
    try:
        return Looked(status, client.result(request_id))
    except SegmindError as error:
        return Looked(status, trouble=error)


def _look_in_history(client: Client, request_id: str, missing: Missing) -> Looked:
    """The record's hour is over, but files live for a week. Raises `missing` when the history knows no better."""
    if not client.has_history:
        raise missing
    try:
        found = client.history(request_id)
    except (Missing, Refused):
        raise Missing(f"{missing.message}, nor is its picture in the history.", http_status=404) from None
    return Looked(Status(state=found.state, error=found.error), found)


def _settle_look(generation: Generation, answer: Future[Looked], typical_s: float | None) -> Exchange | None:
    try:
        looked = answer.result()
    except SegmindError as error:
        _look_failed(generation, error)
        return None
    verdict = looked.result or looked.status
    if verdict.state is JobState.FAILED:
        generation.move(frm=[State.WAITING], to=State.FAILED, error=verdict.error)
    elif looked.result is not None:
        return _completed(generation, looked.result)
    elif looked.trouble is not None:
        _result_failed(generation, looked.trouble)
    else:
        _still_working(generation, typical_s)
    return None


def _still_working(generation: Generation, typical_s: float | None) -> None:
    """The record lives, whatever the clock here says of its hour; only many looks tell that nothing comes of it."""
    age = timing.age(generation)
    overtime = generation.tries + 1 if age > timing.RECORD_LIFE else 0
    if overtime >= OVERTIME_LOOKS:
        _expire(generation, "Segmind was still working when its record's hour was over.")
    else:
        _look_later(generation, timing.cadence(age, typical_s), tries=overtime)


def _look_failed(generation: Generation, error: SegmindError) -> None:
    age = timing.age(generation)
    words = f"{error.message} Still looking."
    if isinstance(error, Missing) and _is_lost(generation, words):
        _expire(generation, error.message)
    elif age > timing.RECORD_LIFE and generation.tries + 1 >= GIVE_UP_TRIES:
        _expire(generation, f"No answer within the hour. {error.message}")
    else:
        _look_after(error, generation, words)


def _is_lost(generation: Generation, words: str) -> bool:
    """Whether looks have found nothing often and for long enough; these words stand on the card since the first."""
    tries = generation.tries + 1
    lasted = generation.error == words and timezone.now() - generation.changed_at >= LOST_AFTER
    return tries >= LOST_TRIES_MOST or (tries >= LOST_TRIES and lasted)


def _result_failed(generation: Generation, error: SegmindError) -> None:
    """Completed, and so billed, but its result cannot be read (yet)."""
    if collecting.is_hopeless(generation, error):
        generation.move(
            frm=[State.WAITING], to=State.UNSAVED, error=f"The sheet was made, but not handed out. {error.message}"
        )
    else:
        _look_after(error, generation, error.message)


def _look_after(trouble: SegmindError, generation: Generation, words: str) -> None:
    tries = generation.tries + 1
    _look_later(generation, timing.pause(tries, trouble), error=words, tries=tries)
    holds.heed(generation, trouble)


def _look_later(generation: Generation, pause: timedelta, *, error: str = "", tries: int = 0) -> None:
    fields: dict[str, Any] = {"next_at": timezone.now() + pause, "tries": tries}
    if error != generation.error:
        fields |= {"error": error, "changed_at": timezone.now()}
    Generation.objects.filter(pk=generation.pk, state=State.WAITING).update(**fields)


def _expire(generation: Generation, reason: str) -> None:
    generation.move(frm=[State.WAITING], to=State.EXPIRED, error=f"{reason} It may have been billed.")


def _completed(generation: Generation, result: Result) -> Exchange | None:
    won = generation.move(
        frm=[State.WAITING],
        to=State.READY,
        # Pictures inside the answer are not kept in the row; if the fetch fails, they are asked for again by id.
        image_urls=[ref.url for ref in result.pictures] if all(ref.url for ref in result.pictures) else [],
        cost=result.metrics.cost,
        inference_seconds=result.metrics.inference_time,
        completed_at=timezone.now(),
        error="",
        tries=0,
        next_at=timezone.now() + collecting.LEASE,
    )
    return collecting.step(generation, result.pictures) if won else None
