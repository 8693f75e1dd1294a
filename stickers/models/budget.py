"""Limits what one designer or the whole studio may order in a calendar month, in dollars and in sheets.

An order counts with its cost. While that is unknown, it counts with an estimate: its sheets times the last price
that Segmind reported for the same model. While no price is known at all, a budget in dollars lets one order through
at a time. The first one brings the price.

An order sent with a designer's own key costs the studio nothing. It counts against that designer's budget alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from django.template.defaultfilters import pluralize
from django.utils import timezone


class OrderRefused(Exception):  # noqa: N818  no fault: an answer to the designer
    """The studio does not take this order now; `message` says why, for the designer."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class TooManyOrders(OrderRefused):
    """The designer orders faster than the studio allows."""

    def __init__(self, most: int, wait: timedelta) -> None:
        self.retry_after = max(1, round(wait.total_seconds()))
        wait_words = f"{self.retry_after} second{pluralize(self.retry_after)}"
        orders = f"{most} order{pluralize(most)}"
        super().__init__(f"That is more than {orders} within a minute. Please try again in {wait_words}.")


def month_start(now: datetime) -> datetime:
    """When this month began, in the studio's time zone."""
    return timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


@dataclass(frozen=True, kw_only=True)
class Spent:
    """The sum of some orders. A sheet without a cost counts at its model's price; without a price it is `unpriced`."""

    sheets: int = 0
    dollars: Decimal = Decimal(0)
    unpriced: int = 0  # unfinished sheets whose price nobody knows

    @classmethod
    def by(cls, orders: QuerySet[Any], prices: Mapping[str, Decimal]) -> Self:
        # An order that has ended without a price never gets one.
        sums = (
            orders.order_by()
            .values("model")
            .annotate(
                sheets=Sum("samples", default=0),
                known=Sum("cost", default=Decimal(0)),
                open=Sum("samples", filter=Q(cost=None), default=0),
                unpriced=Sum("samples", filter=Q(cost=None, finished_at=None), default=0),
            )
        )
        return cls(
            sheets=sum(row["sheets"] for row in sums),
            dollars=sum((row["known"] + row["open"] * prices.get(row["model"], 0) for row in sums), Decimal(0)),
            unpriced=sum(row["unpriced"] for row in sums if row["model"] not in prices),
        )

    def with_order(self, sheets: int, price: Decimal | None) -> Spent:
        return Spent(
            sheets=self.sheets + sheets,
            dollars=self.dollars + sheets * (price or 0),
            unpriced=self.unpriced + (sheets if price is None else 0),
        )


class BudgetQuerySet(models.QuerySet["Budget"]):
    def binding(self, owner_pks: Collection[int | None]) -> Self:
        """The budgets of these designers, and the studio's if None is among them."""
        whose = Q(owner_id__in=[pk for pk in owner_pks if pk is not None])
        if None in owner_pks:
            whose |= Q(owner=None)
        return self.filter(whose).exclude(dollars=None, sheets=None).order_by("pk")

    def rooms(self, counted: QuerySet[Any], owner_pk: int, own_keys: Collection[int] = ()) -> list[str]:
        """What is left of each budget that binds this designer, the designer's own first."""
        budgets = self.binding({owner_pk} if owner_pk in own_keys else {owner_pk, None})
        if not budgets:
            return []
        prices = last_prices(counted.model._default_manager.all())  # noqa: SLF001  (Django's documented interface)
        spent = _spent(budgets, counted, own_keys, prices)
        return [budget.room(spent[budget]) for budget in sorted(budgets, key=lambda budget: budget.owner_id is None)]

    def objections(
        self, counted: QuerySet[Any], candidates: Sequence[Any], own_keys: Collection[int] = ()
    ) -> list[str]:
        """For each candidate, the reason why a budget has no room for it after the ones before; empty if all have room.

        `own_keys` are the designers who order with keys of their own now.

        Call it in a transaction. It locks the budgets, so that the second of two simultaneous orders sees the first.
        """
        budgets = list(self.binding({None, *(order.owner_id for order in candidates)}).select_for_update())
        if not budgets:
            return [""] * len(candidates)
        prices = last_prices(type(candidates[0]).objects.all())
        spent = _spent(budgets, counted, own_keys, prices)
        words = []
        for order in candidates:
            whose = {order.owner_id} if order.owner_id in own_keys else {order.owner_id, None}
            binding = [budget for budget in budgets if budget.owner_id in whose]
            price = prices.get(order.model)
            after = {budget: spent[budget].with_order(order.samples, price) for budget in binding}
            objection = next(filter(None, (budget.objection(spent[budget], after[budget]) for budget in binding)), "")
            if not objection:
                spent |= after
            words.append(objection)
        return words


def _spent(
    budgets: Iterable[Budget], counted: QuerySet[Any], own_keys: Collection[int], prices: Mapping[str, Decimal]
) -> dict[Budget, Spent]:
    queued = Q(state="created")  # which key sends them is decided later
    not_the_studios = (Q(own_key=True) & ~queued) | (Q(owner_id__in=list(own_keys)) & queued)
    of_the_studio = counted.exclude(not_the_studios)
    return {
        budget: Spent.by(counted.filter(owner_id=budget.owner_id) if budget.owner_id else of_the_studio, prices)
        for budget in budgets
    }


def last_prices(orders: QuerySet[Any]) -> dict[str, Decimal]:
    """US dollars per sheet for each model, from its latest order with a cost. Models without one are missing."""
    priced = orders.filter(cost__isnull=False, sandbox=settings.SANDBOX_IN_USE).order_by("-pk")
    latest = [priced.filter(model=model).first() for model in settings.MODELS]
    return {order.model: Decimal(order.cost) / max(1, order.samples) for order in latest if order is not None}


class Budget(models.Model):
    """What one designer may order in a calendar month. Without an owner: the whole studio. None means no limit."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="budgets"
    )
    dollars = models.DecimalField(
        max_digits=9, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(Decimal(0))]
    )
    sheets = models.PositiveIntegerField(null=True, blank=True)

    objects = BudgetQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(Coalesce("owner", Value(0)), name="budget_one_each")]

    def __str__(self) -> str:
        return f"budget of {self.owner or 'the studio'}"

    @property
    def whose(self) -> str:
        return "Your budget" if self.owner_id else "The studio's budget"

    @property
    def _sheets(self) -> str:
        return f"{self.sheets} sheet{pluralize(self.sheets)}"

    def room(self, spent: Spent) -> str:
        """What is left this month, in the words beside the form."""
        left = []
        if self.dollars is not None:
            left.append(f"${max(Decimal(0), self.dollars - spent.dollars):.2f} of ${self.dollars:.2f}")
        if self.sheets is not None:
            left.append(f"{max(0, self.sheets - spent.sheets)} of {self._sheets}")
        unpriced = f" + {spent.unpriced} unpriced" if self.dollars is not None and spent.unpriced else ""
        return f"{self.whose}: {' and '.join(left)} left this month{unpriced}"

    def objection(self, spent: Spent, after: Spent) -> str:
        """Why spending must not go from `spent` to `after`; empty when it may."""
        if self.sheets is not None and after.sheets > self.sheets:
            left = max(0, self.sheets - spent.sheets)
            return f"{self.whose} of {self._sheets} this month has room for {left or 'no'} more."
        if self.dollars is None:
            return ""
        if after.dollars > self.dollars or (self.dollars == 0 and after.sheets):
            left_dollars = max(Decimal(0), self.dollars - spent.dollars)
            cost = after.dollars - spent.dollars
            about = f"; this order takes about ${cost:.3f}" if cost else ""
            return f"{self.whose} of ${self.dollars:.2f} this month has ${left_dollars:.2f} left{about}."
        if spent.unpriced and after.unpriced:
            return (
                f"{self.whose} is in dollars and no price is known yet, "
                "so one order at a time is taken until the first one tells it."
            )
        return ""
