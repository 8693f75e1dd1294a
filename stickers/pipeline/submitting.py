"""Send an order, once: the intent is committed before the POST, the id the moment it is known."""

from __future__ import annotations

import logging
from concurrent.futures import Future
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from stickers import keys
from stickers.models import Generation, State, Upstream
from stickers.models.generation import GenerationQuerySet
from stickers.pipeline import gate, journal, timing
from stickers.pipeline.gate import OPEN, Gate
from stickers.pipeline.step import Step
from stickers.segmind.errors import Ambiguous, NotSent, RateLimited, SegmindError
from stickers.segmind.messages import Submitted

logger = logging.getLogger(__name__)

AT_ONCE: Final = 8
GIVE_UP_TRIES: Final = 5


def lease() -> timedelta:
    """Longer than the POST may take in all, so that a lease that is over means a POST that nobody waits for."""
    timeouts = timing.timeouts()
    whole = timeouts.connect_s + timeouts.pool_s + timeouts.submit_s * timeouts.whole_factor
    return timedelta(seconds=1.2 * whole + 1)  # the rest is for the row's own way in and out


def give_up_lost_posts() -> None:
    """A POST whose sender died: the job may exist, so only the designer may order it again."""
    for generation in Generation.objects.due(State.SUBMITTING, timezone.now()):
        generation.move(
            frm=[State.SUBMITTING],
            to=State.UNKNOWN,
            error="The connection was lost while the order was being sent. It may have been made and billed.",
        )


def steps(opening: Gate = OPEN) -> list[Step]:
    orders = [_submission(order) for order in _claim(Generation.objects.filter(opening.orders), AT_ONCE)]
    for name, owners in opening.trials.items():
        orders_of_theirs = Generation.objects.filter(owner_id__in=owners)
        if orders_of_theirs.due(State.CREATED, timezone.now()).exists() and Upstream.objects.claim_trial(name):
            orders += [_submission(order, on_trial=True) for order in _claim(orders_of_theirs, 1)]
    return orders


def _claim(orders: GenerationQuerySet, limit: int) -> list[Generation]:
    now = timezone.now()
    return orders.claim(
        State.CREATED,
        limit=limit,
        lease_until=now + lease(),
        state=State.SUBMITTING,
        submitted_at=now,
        sandbox=settings.SANDBOX_IN_USE,
    )


def _submission(generation: Generation, *, on_trial: bool = False) -> Step:
    payload = generation.payload()
    return Step(
        generation.pk,
        keys.key_of(generation.owner_id),
        ask=lambda client: client.submit(payload),
        settle=lambda answer: _settle_submission(generation, answer, on_trial=on_trial),
    )


def _settle_submission(generation: Generation, answer: Future[Submitted], *, on_trial: bool) -> None:
    try:
        submitted = answer.result()
    except (NotSent, RateLimited) as error:
        _queue_again(generation, error)
    except Ambiguous as error:
        generation.move(
            frm=[State.SUBMITTING], to=State.UNKNOWN, error=f"{error.message} The order may have been made and billed."
        )
    except SegmindError as error:
        generation.move(frm=[State.SUBMITTING], to=State.FAILED, error=error.message)
        gate.heed(generation, error)
    else:
        try:
            _save_id(generation, submitted.request_id)
        except DatabaseError:
            _keep_elsewhere(generation.pk, submitted.request_id)
            raise
        if on_trial:
            Upstream.objects.resume(gate.name_of(generation.owner_id))


def _save_id(generation: Generation, request_id: str) -> None:
    # Also when the lease was given up meanwhile: the id is what makes the paid job reachable.
    if not generation.move(
        frm=[State.SUBMITTING, State.UNKNOWN],
        to=State.WAITING,
        request_id=request_id,
        error="",
        tries=0,
        next_at=timezone.now() + timing.first_look(sandbox=generation.sandbox),
        finished_at=None,
    ):
        # The designer stopped waiting while it was being sent; the id still lets them look again.
        Generation.objects.filter(pk=generation.pk).update(request_id=request_id)


def _keep_elsewhere(generation_pk: int, request_id: str) -> None:
    """The only copy of what makes a paid job reachable."""
    try:
        journal.keep(generation_pk, request_id)
    except OSError as error:
        # An operator can still find it in the log.
        logger.critical(
            "Segmind took generation %s as %s; saving that failed, and so did the journal: %s",
            *(generation_pk, request_id, error),
        )
    else:
        logger.error("Segmind took generation %s as %s; it is saved later.", generation_pk, request_id)


def save_late_ids() -> None:
    """Ids that the database refused when they came."""
    for entry in journal.entries():
        generation = Generation.objects.filter(pk=entry.generation_pk).first()
        if generation is not None and not generation.request_id:
            _save_id(generation, entry.request_id)
        journal.forget(entry)


def _queue_again(generation: Generation, error: SegmindError) -> None:
    """Surely nothing was made: back into the queue, for as long as an answer can be hoped for."""
    now = timezone.now()
    # An hour, and more than a moment of it: a clock that was set makes no answer hopeless.
    if now - generation.created_at > timing.RECORD_LIFE and generation.tries + 1 >= GIVE_UP_TRIES:
        generation.move(
            frm=[State.SUBMITTING], to=State.FAILED, submitted_at=None, error=f"{error.message} Given up; not billed."
        )
        return
    pause = timing.pause(generation.tries, error)
    generation.move(
        frm=[State.SUBMITTING],
        to=State.CREATED,
        submitted_at=None,
        tries=generation.tries + 1,
        next_at=now + pause,
        error=f"{error.message} Trying again; nothing was billed.",
    )
    gate.heed(generation, error)
