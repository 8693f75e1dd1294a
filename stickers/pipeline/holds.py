"""Say what may be sent now. A rate limit stops every call with its key; a refused key, an empty account or a service
that gives no clear answer stops every POST.

What is known about a key is in its `Upstream` row. So it holds for all workers, and for later generations, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from concurrent.futures import Future
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from django.db.models import Q
from django.utils import timezone

from stickers.models import Generation, Trouble, Upstream
from stickers.orders import api_keys
from stickers.pipeline import timing
from stickers.pipeline.exchange import Exchange
from stickers.segmind.errors import Ambiguous, BadKey, NoCredits, NotSent, RateLimited, SegmindError


@dataclass(frozen=True)
class Allowed:
    """Which generations may be sent, and which jobs may be polled, in this round."""

    orders: Q = field(default_factory=Q)
    polls: Q = field(default_factory=Q)
    # By stopped key, its owners: one generation of theirs may try whether the key works again.
    trials: Mapping[str, list[int]] = field(default_factory=dict)


ALL_ALLOWED: Final = Allowed()


def allowed_now() -> Allowed:
    now = timezone.now()
    shut = Upstream.objects.shut(now)
    if not shut:
        return ALL_ALLOWED
    names = api_keys.names_of(Generation.objects.claimable().owners())
    rows = {owner: shut[name] for owner, name in names.items() if name in shut}
    held = _sent_with({name for name, row in shut.items() if row.is_held(now)}, rows)
    refused = _sent_with({name for name, row in shut.items() if row.trouble == Trouble.KEY}, rows)
    # With a refused key no poll can succeed either. One last poll at the end of its hour tells how the job ended.
    over = Q(submitted_at__lte=now - timing.RECORD_LIFE)
    trials: dict[str, list[int]] = {}
    for owner, row in rows.items():
        if row.trouble in {Trouble.MONEY, Trouble.DOUBT} and not row.is_held(now):
            trials.setdefault(row.key, []).append(owner)
    return Allowed(
        orders=~Q(owner_id__in=list(rows)),
        polls=~held & (~refused | over),
        trials=trials,
    )


def _sent_with(names: Set[str], rows: Mapping[int, Upstream]) -> Q:
    """The jobs that are polled with one of these keys. It need not be the key of their owners' next generation."""
    of_the_studio = ~Q(key="") if api_keys.fingerprint(api_keys.studio_key()) in names else Q(pk__in=[])
    unnamed = [owner for owner, row in rows.items() if row.key in names]  # as api_keys.key_for does
    return Q(own_key=True, key__in=names) | (Q(own_key=False) & of_the_studio) | Q(key="", owner_id__in=unnamed)


def heed_submission(generation: Generation, error: SegmindError | None) -> None:
    """Write down what came of an order: an answer, doubt, or nothing at all where Segmind could not be reached."""
    match error:
        case Ambiguous():
            Upstream.objects.doubt(api_keys.name_for(generation), error.message)
        case NotSent():
            pass
        case _:
            Upstream.objects.answered(api_keys.name_for(generation))
    heed(generation, error)


def heed(generation: Generation, error: SegmindError | None) -> None:
    """Write down what an answer says about its key, and so about everything else that is sent with it."""
    name = api_keys.name_for(generation)
    match error:
        case RateLimited():
            pause = timing.pause(generation.tries, error)
            Upstream.objects.hold(name, seconds=pause.total_seconds())
        case BadKey():
            Upstream.objects.stop(name, Trouble.KEY, error.message)
        case NoCredits():
            Upstream.objects.stop(name, Trouble.MONEY, error.message)


def probes() -> list[Exchange]:
    """Ask for the balance, which is free, with each stopped key whose probe is due."""
    in_use = {api_keys.fingerprint(key): key for key in api_keys.in_use()}
    names = Upstream.objects.stopped().filter(key__in=list(in_use)).values_list("key", flat=True)
    claimed = [(name, row) for name in names if (row := Upstream.objects.claim_probe(name))]
    return [_probe(in_use[name], row) for name, row in claimed]


def _probe(key: str, row: Upstream) -> Exchange:
    return Exchange(None, key, ask=lambda client: client.credits(), settle=lambda answer: _settle_probe(row, answer))


def _settle_probe(row: Upstream, answer: Future[Decimal]) -> None:
    try:
        left = answer.result()
    except RateLimited as error:
        Upstream.objects.hold(row.key, seconds=timing.pause(row.probes, error).total_seconds())
    except SegmindError:
        return  # nothing new; the next probe is planned already
    else:
        if row.trouble == Trouble.KEY or (row.credits is not None and left > row.credits):
            Upstream.objects.resume(row.key)
        elif row.credits is None:
            Upstream.objects.stopped().filter(key=row.key).update(credits=left)
