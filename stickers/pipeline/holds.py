"""What may go out: a rate limit holds back every call of its key, and a refused key or an empty account every order.

What is known of a key stands in its `Upstream` row, so that it binds all workers, and orders that come later, too.
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
from stickers.segmind.errors import BadKey, NoCredits, RateLimited, SegmindError


@dataclass(frozen=True)
class Gate:
    """Whose orders may be sent, and whose jobs be looked at, in this step."""

    orders: Q = field(default_factory=Q)
    looks: Q = field(default_factory=Q)
    trials: Mapping[str, list[int]] = field(
        default_factory=dict
    )  # owners by stopped key; one order of theirs might try


OPEN: Final = Gate()


def look() -> Gate:
    now = timezone.now()
    shut = Upstream.objects.shut(now)
    if not shut:
        return OPEN
    owners = Generation.objects.claimable().order_by().values_list("owner_id", flat=True).distinct()
    rows = {owner: shut[name] for owner in owners if (name := name_of(owner)) in shut}
    held = _sent_with({name for name, row in shut.items() if row.is_held(now)}, rows)
    refused = _sent_with({name for name, row in shut.items() if row.trouble == Trouble.KEY}, rows)
    # With a refused key no look can succeed either. One last look at the end of its hour tells a job's fate.
    over = Q(submitted_at__lte=now - timing.RECORD_LIFE)
    trials: dict[str, list[int]] = {}
    for owner, row in rows.items():
        if row.trouble == Trouble.MONEY and not row.is_held(now):
            trials.setdefault(row.key, []).append(owner)
    return Gate(
        orders=~Q(owner_id__in=list(rows)),
        looks=~held & (~refused | over),
        trials=trials,
    )


def _sent_with(names: Set[str], rows: Mapping[int, Upstream]) -> Q:
    """The jobs whose looks carry one of these keys, which need not be the one of their owners' next orders."""
    of_the_studio = ~Q(key="") if api_keys.fingerprint(api_keys.studio_key()) in names else Q(pk__in=[])
    unnamed = [owner for owner, row in rows.items() if row.key in names]  # as keys.key_for has it
    return Q(own_key=True, key__in=names) | (Q(own_key=False) & of_the_studio) | Q(key="", owner_id__in=unnamed)


def name_of(owner_pk: int) -> str:
    return api_keys.name_of(owner_pk)


def heed(generation: Generation, error: SegmindError | None) -> None:
    """What an answer says about its key, and so about every other order that is sent with it."""
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
    """The question for the balance, which costs nothing, with each stopped key whose probe is due."""
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
        return  # as it was; the next probe is planned
    else:
        if row.trouble == Trouble.KEY or (row.credits is not None and left > row.credits):
            Upstream.objects.resume(row.key)
        elif row.credits is None:
            Upstream.objects.stopped().filter(key=row.key).update(credits=left)
