"""Cost and time, estimated from past orders."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from stickers.models import Generation, State
from stickers.orders.estimate import Estimate, estimate, typical_seconds
from tests.support.models import SPEC, recipe

SHAPE = {name: value for name, value in SPEC.defaults().items() if name not in {"prompt", "seed"}}


def done(owner: User, *, cost: str | None = "0.01", seconds: float = 10, **fields: Any) -> Generation:
    now = timezone.now()
    values = {"prompt": "cats", "seed": 1, "state": State.DONE, "sandbox": False} | fields
    return Generation.objects.create(
        owner=owner,
        cost=None if cost is None else Decimal(cost),
        submitted_at=now - timedelta(seconds=seconds),
        finished_at=now,
        **values,
    )


def test_it_works(designer: User) -> None:
    for cost, seconds in (("0.01", 10), ("0.02", 12), ("0.09", 50)):
        done(designer, cost=cost, seconds=seconds)
    assert estimate(designer.pk, SPEC, SHAPE, sandbox=False) == Estimate(
        cost=Decimal("0.0200"), seconds=12, pretend=False
    )
    assert typical_seconds(designer.pk, SPEC, sandbox=False) == 12


def test_without_past_orders_everything_is_unknown(designer: User) -> None:
    assert estimate(designer.pk, SPEC, SHAPE, sandbox=False) == Estimate(cost=None, seconds=None, pretend=False)
    assert typical_seconds(designer.pk, SPEC, sandbox=False) == SPEC.typical_seconds == 16
    assert typical_seconds(designer.pk, SPEC, sandbox=True) is None


def test_unpriced_orders_leave_the_cost_unknown(designer: User) -> None:
    done(designer, cost=None)
    assert estimate(designer.pk, SPEC, SHAPE, sandbox=False).cost is None
    assert estimate(designer.pk, SPEC, SHAPE, sandbox=False).words == "10 s"


def test_another_shape_is_scaled_by_its_work(designer: User) -> None:
    done(designer, cost="0.01", seconds=10, samples=1, recipe=recipe(num_inference_steps=20))
    found = estimate(designer.pk, SPEC, SHAPE | {"samples": 4, "num_inference_steps": 40}, sandbox=False)
    assert found == Estimate(cost=Decimal("0.0800"), seconds=80, pretend=False)
    assert found.words == "1 min 20 s"


def test_the_same_shape_counts_before_others(designer: User) -> None:
    done(designer, seconds=100, samples=4)
    done(designer, seconds=7)
    assert estimate(designer.pk, SPEC, SHAPE, sandbox=False).seconds == 7


def test_pretend_money_and_real_money_are_not_mixed(designer: User) -> None:
    done(designer, cost="0.5", sandbox=True)
    assert estimate(designer.pk, SPEC, SHAPE, sandbox=False).cost is None
    pretended = estimate(designer.pk, SPEC, SHAPE, sandbox=True)
    assert (pretended.cost, pretended.pretend) == (Decimal("0.5000"), True)


def test_other_designers_and_failed_orders_do_not_count(designer: User, other_designer: User) -> None:
    done(other_designer)
    done(designer, state=State.FAILED)
    assert estimate(designer.pk, SPEC, SHAPE, sandbox=False).seconds is None
