"""Estimates what an order will cost and how long it will take, from this designer's finished orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Any, Final

from stickers.models import Generation, State
from stickers.recipes.specs import ModelSpec

PAST_ORDERS: Final = 50  # enough for a steady median, few enough to follow a change of price


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What an order will probably take. None means unknown, which is never the same as nothing."""

    cost: Decimal | None  # US dollars
    seconds: float | None  # from sent to cut
    pretend: bool  # the figures are the local stand-in's
    price: str = ""  # what the model's file says of its price

    @property
    def words(self) -> str:
        """The time as a person would say it."""
        return "" if self.seconds is None else spell_seconds(max(1, round(self.seconds)))


def estimate(owner_pk: int, spec: ModelSpec, values: Mapping[str, Any], *, sandbox: bool) -> Estimate:
    """The medians over the model's past orders of the same shape, or over all of them scaled by their work.

    The shape is every value that cost and time depend on. Practice orders and paid orders are never mixed, because
    neither foretells the other.
    """
    orders = list(
        Generation.objects.owned_by(owner_pk)
        .filter(state=State.DONE, sandbox=sandbox, model=spec.slug)
        .order_by("-pk")
        .only("model", "recipe", "prompt", "samples", "seed", "cost", "submitted_at", "finished_at")[:PAST_ORDERS]
    )
    prices = [(order, float(order.cost)) for order in orders if order.cost is not None]
    waits = [(order, seconds) for order in orders if (seconds := waited(order)) is not None]
    cost = _foretell(prices, spec, values)
    return Estimate(
        cost=None if cost is None else Decimal(repr(cost)).quantize(Decimal("0.0001")),
        seconds=_foretell(waits, spec, values),
        pretend=sandbox,
        price="" if sandbox else spec.price,
    )


def typical_seconds(owner_pk: int, spec: ModelSpec, *, sandbox: bool) -> float | None:
    """How long this designer's orders of a model usually take; None in practice before the first order."""
    done = Generation.objects.owned_by(owner_pk).filter(state=State.DONE, sandbox=sandbox, model=spec.slug)
    orders = done.order_by("-pk")
    moments = orders.only("submitted_at", "finished_at")[:PAST_ORDERS]
    waits = [seconds for order in moments if (seconds := waited(order)) is not None]
    if waits:
        return median(waits)
    return None if sandbox else spec.typical_seconds


def waited(order: Generation) -> float | None:
    """Seconds from sent to done, without the wait in the queue behind other orders."""
    if order.submitted_at is None or order.finished_at is None:
        return None
    return (order.finished_at - order.submitted_at).total_seconds()


def spell_seconds(seconds: int) -> str:
    """A duration as the page's clock writes it."""
    return f"{seconds} s" if seconds < 60 else f"{seconds // 60} min {seconds % 60:02d} s"


def _foretell(past: list[tuple[Generation, float]], spec: ModelSpec, values: Mapping[str, Any]) -> float | None:
    if not past:
        return None
    known = [(order.values, amount) for order, amount in past]
    shape = [parameter.name for parameter in spec.priced]
    alike = [amount for old, amount in known if all(old.get(name) == values.get(name) for name in shape)]
    if alike:
        return median(alike)
    return median(amount / spec.work(old) for old, amount in known) * spec.work(values)
