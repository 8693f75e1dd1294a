"""Send an order exactly once: the row says so before the POST, and the id is on disk as soon as it is read."""

from __future__ import annotations

import logging
from concurrent.futures import Future
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, DataError, IntegrityError, transaction
from django.utils import timezone

from stickers.models import Generation, State, Upstream
from stickers.models.generation import GenerationQuerySet
from stickers.orders import api_keys
from stickers.pipeline import holds, journal, timing
from stickers.pipeline.exchange import Exchange
from stickers.pipeline.holds import ALL_ALLOWED, Allowed
from stickers.pipeline.journal import Entry
from stickers.recipes.specs import offered
from stickers.segmind.client import Client
from stickers.segmind.errors import Ambiguous, NotSent, RateLimited, Retired, SegmindError
from stickers.segmind.messages import Submitted

logger = logging.getLogger(__name__)

AT_ONCE: Final = 8
UNPROVEN_AT_ONCE: Final = 2
PROVEN_FOR: Final = timedelta(minutes=1)  # after an answer to an order with the same key
GIVE_UP_TRIES: Final = 5


def lease() -> timedelta:
    """How long a submit is leased: longer than the POST can take. When the lease is over, nobody waits for the POST."""
    timeouts = timing.timeouts()
    whole = timeouts.connect_s + timeouts.pool_s + timeouts.submit_s * timeouts.whole_factor
    return timedelta(seconds=1.2 * whole + 1)  # the rest is the time to write the row before and after


def give_up_lost_posts() -> None:
    """End POSTs whose sender died. The job may exist, so only the designer may order it again."""
    for generation in Generation.objects.due(State.SUBMITTING, timezone.now()):
        generation.move(
            frm=[State.SUBMITTING],
            to=State.UNKNOWN,
            error="The connection was lost while the order was being sent. It may have been made and billed.",
        )


def give_up_orders_of_the_switched_off() -> None:
    """End the queued orders of accounts that were switched off. Orders that were sent are paid for, and go on."""
    due = Generation.objects.due(State.CREATED, timezone.now())
    for generation in due.exclude(pk__in=due.of_the_active()):
        generation.move(
            frm=[State.CREATED], to=State.CANCELLED, error="Not sent: the account was switched off. Nothing was billed."
        )


def _give_up_orders_of_the_retired(generation: Generation, error: Retired) -> None:
    """End all queued orders of a model after one 410. A later order asks again, which costs nothing."""
    others = ", ".join(spec.label for spec in offered(settings.MODELS.values()) if spec.slug != generation.model)
    words = (
        f"Segmind has retired the model {generation.spec.label} and makes no more sheets with it: "
        f"“{error.message.rstrip('.')}”. Nothing was billed. Gallery, cutting, import and export work as before."
    )
    if others:
        words += f" You can still order from: {others}."
    generation.move(frm=[State.SUBMITTING], to=State.FAILED, error=words)
    for queued in Generation.objects.filter(state=State.CREATED, model=generation.model):
        queued.move(frm=[State.CREATED], to=State.FAILED, error=words)


def exchanges(allowed: Allowed = ALL_ALLOWED, *, limit: int = AT_ONCE) -> list[Exchange]:
    """Claim up to `limit` orders, and return their POSTs. The key with the fewest under way comes first."""
    queued = Generation.objects.due(State.CREATED, timezone.now())
    if not queued.exists():
        return []
    under_way = Generation.objects.under_way_by_key()
    posts = []
    for name, owners in allowed.trials.items():
        orders_of_theirs = queued.filter(owner_id__in=owners)
        if not under_way[name] and orders_of_theirs.exists() and Upstream.objects.claim_trial(name):
            posts += [_submission(order, on_trial=True) for order in _claim(orders_of_theirs, 1)]
    owners_of: dict[str, list[int]] = {}
    for owner, name in api_keys.names_of(queued.filter(allowed.orders).owners()).items():
        owners_of.setdefault(name, []).append(owner)
    for name in sorted(owners_of, key=under_way.__getitem__):
        room = min(limit - len(posts), _posts_at_once(name) - under_way[name])
        posts += [_submission(order) for order in _claim(queued.filter(owner_id__in=owners_of[name]), room)]
    return posts


def _posts_at_once(name: str) -> int:
    """How many POSTs of one key may be under way: few until a service that gives no clear answer is ruled out.

    Such a service may bill each order, so the first ones feel their way. Two workers that claim at the same moment may
    both count before the other's.
    """
    if Upstream.objects.filter(key=name, doubts__gt=0).exists():
        return 1
    is_proven = Generation.objects.answered_since(name, timezone.now() - PROVEN_FOR)
    return AT_ONCE if is_proven else UNPROVEN_AT_ONCE


def _claim(orders: GenerationQuerySet, limit: int) -> list[Generation]:
    now = timezone.now()
    # An order whose model's file is gone rests until it is back.
    known = orders.filter(model__in=settings.MODELS)
    return known.of_the_active().claim(
        State.CREATED,
        limit=limit,
        lease_until=now + lease(),
        state=State.SUBMITTING,
        submitted_at=now,
        sandbox=settings.SANDBOX_IN_USE,
        key=api_keys.fingerprint(api_keys.studio_key()),  # or the owner's own key, if there is one
    )


def _submission(generation: Generation, *, on_trial: bool = False) -> Exchange:
    model, payload = generation.model, generation.payload()
    return Exchange(
        generation.pk,
        api_keys.key_for(generation),
        ask=lambda client: _submitted(client, generation.pk, model, payload),
        settle=lambda answer: _settle_submission(generation, answer, on_trial=on_trial),
    )


def _submitted(client: Client, generation_pk: int, model: str, payload: dict[str, Any]) -> Submitted:
    """Send the POST. The id is written down before anything, such as a locked database, can delay it."""
    submitted = client.submit(model, payload)
    try:
        journal.keep(generation_pk, submitted.request_id)
    except OSError as error:
        # The row most likely takes the id in a moment. Until then the log has the only copy.
        logger.warning(
            "Segmind took generation %s as %s; the journal could not be written: %s",
            *(generation_pk, submitted.request_id, error),
        )
    return submitted


def _settle_submission(generation: Generation, answer: Future[Submitted], *, on_trial: bool) -> None:
    trouble: SegmindError | None = None
    try:
        submitted = answer.result()
    except SegmindError as error:
        trouble = error
        _unsuccessful(generation, error)
    else:
        _save_id_or_cry(generation, submitted.request_id)
        journal.forget(generation.pk, submitted.request_id)
        if on_trial:
            Upstream.objects.resume(api_keys.name_for(generation))
    holds.heed_submission(generation, trouble)


def _unsuccessful(generation: Generation, error: SegmindError) -> None:
    match error:
        case NotSent() | RateLimited():
            _queue_again(generation, error)
        case Ambiguous():
            words = f"{error.message} The order may have been made and billed."
            generation.move(frm=[State.SUBMITTING], to=State.UNKNOWN, error=words)
        case Retired():
            _give_up_orders_of_the_retired(generation, error)
        case _:
            generation.move(frm=[State.SUBMITTING], to=State.FAILED, error=error.message)


def _save_id_or_cry(generation: Generation, request_id: str) -> None:
    """Save the id. If row and journal both refuse it, only the log has it."""
    try:
        _save_id(generation, request_id)
    except DatabaseError:
        if Entry(generation.pk, request_id) not in journal.entries():
            logger.critical("Neither the row nor the journal took generation %s as %s.", generation.pk, request_id)
        raise


def _save_id(generation: Generation, request_id: str) -> bool:
    """Save the id even if the lease was given up meanwhile. Only the id makes the paid job reachable."""
    return generation.move(
        frm=[State.SUBMITTING, State.UNKNOWN],
        to=State.WAITING,
        request_id=request_id,
        error="",
        tries=0,
        next_at=timezone.now() + timing.first_poll(generation),
        finished_at=None,
    ) or bool(
        # The designer stopped waiting while the order was being sent. With the id they can look again.
        Generation.objects.filter(pk=generation.pk, state=State.CANCELLED, request_id="").update(request_id=request_id)
    )


def save_late_ids() -> None:
    """Save ids whose rows could not be written when they came, or whose worker died before that."""
    for entry in journal.entries():
        generation = Generation.objects.filter(pk=entry.generation_pk).first()
        try:
            with transaction.atomic():
                is_known = generation is None or bool(generation.request_id) or _save_id(generation, entry.request_id)
        except (IntegrityError, DataError):
            is_known = False  # no row will ever take it
        except DatabaseError:
            raise  # the database refuses everything at the moment
        except Exception:  # one bad row must not stop the others in every round
            logger.exception("Generation %s cannot take its id now; it waits on disk.", entry.generation_pk)
            continue
        if not is_known and _is_without_its_id(entry):
            logger.critical("Generation %s cannot take the id %s.", entry.generation_pk, entry.request_id)
        journal.forget(entry.generation_pk, entry.request_id)


def _is_without_its_id(entry: Entry) -> bool:
    """Read the row again: since it was read, the worker that sent the order may have saved the id itself."""
    return Generation.objects.filter(pk=entry.generation_pk).exclude(request_id=entry.request_id).exists()


def _queue_again(generation: Generation, error: SegmindError) -> None:
    """Put the order back into the queue while there is hope for an answer. Certainly no job was made."""
    now = timezone.now()
    # It takes an hour and several tries to give up. A clock that was set is no reason.
    if now - generation.created_at > timing.RECORD_LIFE and generation.tries + 1 >= GIVE_UP_TRIES:
        generation.move(
            frm=[State.SUBMITTING], to=State.FAILED, submitted_at=None, error=f"{error.message} Given up; not billed."
        )
        return
    pause = timing.pause(generation.tries, error)
    if not generation.move(
        frm=[State.SUBMITTING],
        to=State.CREATED,
        submitted_at=None,
        tries=generation.tries + 1,
        next_at=now + pause,
        error=f"{error.message} Trying again; nothing was billed.",
    ):
        # The answer came after the lease was over. It settles what was in doubt.
        generation.move(
            frm=[State.UNKNOWN], to=State.FAILED, submitted_at=None, error=f"{error.message} Not sent; not billed."
        )
