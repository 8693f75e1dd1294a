"""What an order will probably cost and how long it will take, judged by this designer's finished ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Any, Final

from stickers.models import Generation, State

PAST_ORDERS: Final = 50  # enough for a steady median, few enough to follow a change of price
TYPICAL_SECONDS: Final = 16  # the real model's usual run at its defaults, told while there is nothing to judge by
# What of a recipe decides over time and money.
SHAPE: Final = ("scheduler", "num_inference_steps", "samples", "img_width", "img_height")


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """None stands for "unknown", which is never the same as nothing."""

    cost: Decimal | None  # US dollars
    seconds: float | None  # from sent to cut
    pretend: bool  # the figures are the local stand-in's

    @property
    def words(self) -> str:
        """The time as a person would say it."""
        return "" if self.seconds is None else spell_seconds(max(1, round(self.seconds)))


def estimate(owner_pk: int, values: Mapping[str, Any], *, sandbox: bool) -> Estimate:
    """The medians of orders of the same shape; without such, those of all orders, scaled by their work.

    The stand-in's orders and paid ones are never mixed, since neither foretells the other.
    """
    orders = list(
        Generation.objects.owned_by(owner_pk)
        .filter(state=State.DONE, sandbox=sandbox)
        .order_by("-pk")
        .only(*SHAPE, "cost", "submitted_at", "finished_at")[:PAST_ORDERS]
    )
    prices = [(order, float(order.cost)) for order in orders if order.cost is not None]
    waits = [(order, seconds) for order in orders if (seconds := waited(order)) is not None]
    cost = _foretell(prices, values)
    return Estimate(
        cost=None if cost is None else Decimal(repr(cost)).quantize(Decimal("0.0001")),
        seconds=_foretell(waits, values),
        pretend=sandbox,
    )


def typical_seconds(owner_pk: int, *, sandbox: bool) -> float | None:
    """How long this designer's orders usually take; None for the stand-in's before the first."""
    orders = Generation.objects.owned_by(owner_pk).filter(state=State.DONE, sandbox=sandbox).order_by("-pk")
    moments = orders.only("submitted_at", "finished_at")[:PAST_ORDERS]
    waits = [seconds for order in moments if (seconds := waited(order)) is not None]
    if waits:
        return median(waits)
    return None if sandbox else TYPICAL_SECONDS


def waited(order: Generation) -> float | None:
    """Seconds from sent to done; the time spent queueing behind others is not the order's own."""
    if order.submitted_at is None or order.finished_at is None:
        return None
    return (order.finished_at - order.submitted_at).total_seconds()


def spell_seconds(seconds: int) -> str:
    """As the page's clock writes it while it ticks."""
    return f"{seconds} s" if seconds < 60 else f"{seconds // 60} min {seconds % 60:02d} s"


def _foretell(past: list[tuple[Generation, float]], values: Mapping[str, Any]) -> float | None:
    if not past:
        return None
    alike = [amount for order, amount in past if all(getattr(order, name) == values[name] for name in SHAPE)]
    if alike:
        return median(alike)
    # The service bills the seconds of its graphics card, which grow with pictures, steps and pixels.
    return median(amount / _work({name: getattr(order, name) for name in SHAPE}) for order, amount in past) * _work(
        values
    )


def _work(values: Mapping[str, Any]) -> float:
    pixels = float(values["img_width"] * values["img_height"])
    return float(values["samples"]) * float(values["num_inference_steps"]) * pixels
