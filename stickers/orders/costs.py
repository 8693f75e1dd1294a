"""The ledger: what each order cost, as Segmind told it. An order without a cost is "unpriced", never free."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from stickers.models import Generation, State
from stickers.models.generation import GenerationQuerySet

# A spreadsheet reads a cell that begins with one of these as a formula, and anybody may write such a prompt.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, kw_only=True)
class Totals:
    orders: int
    sheets: int
    dollars: Decimal  # the sum of all known costs
    unpriced: int  # orders without a cost

    @classmethod
    def of(cls, orders: QuerySet[Any]) -> Self:
        return cls(**orders.aggregate(**_SUMS))


_SUMS: dict[str, Any] = {
    "orders": Count("pk"),
    "sheets": Sum("samples", default=0),
    "dollars": Sum("cost", default=Decimal(0)),
    "unpriced": Count("pk", filter=Q(cost=None)),
}


def orders_of(user: User, *, everybodys: bool) -> GenerationQuerySet:
    """Orders that were sent and may be billed, newest first. Practice and paid orders never share a ledger."""
    orders = Generation.objects.filter(sandbox=settings.SANDBOX_IN_USE, submitted_at__isnull=False)
    orders = orders.exclude(state=State.FAILED).order_by("-submitted_at", "-pk")
    return orders if everybodys else orders.owned_by(user.pk)


def months(orders: GenerationQuerySet) -> list[datetime]:
    """The months that have orders, the latest first."""
    found = orders.order_by().annotate(month=TruncMonth("submitted_at")).values_list("month", flat=True).distinct()
    return sorted(found, reverse=True)


def in_month(orders: GenerationQuerySet, month: datetime) -> GenerationQuerySet:
    start = timezone.localtime(month).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    end = start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    return orders.filter(submitted_at__gte=start, submitted_at__lt=end)


def by_designer(orders: GenerationQuerySet) -> list[tuple[str, int, Totals]]:
    rows = orders.order_by().values("owner__username", "owner_id").annotate(**_SUMS).order_by("owner__username")
    return [(row.pop("owner__username"), row.pop("owner_id"), Totals(**row)) for row in rows]


def lines(orders: Iterable[Generation]) -> Iterator[str]:
    """The ledger as CSV, line by line."""
    yield _line("ordered", "designer", "prompt", "state", "sheets", "cost in US dollars", "sheet numbers", "model")
    for order in orders:
        yield _line(
            timezone.localtime(order.submitted_at).isoformat(timespec="seconds") if order.submitted_at else "",
            order.owner.username,
            order.prompt,
            order.get_state_display(),
            str(order.samples),
            "unpriced" if order.cost is None else f"{order.cost:f}",
            " ".join(str(sheet.pk) for sheet in order.sheets.all()),
            order.model,
        )


def _line(*cells: str) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell for cell in cells])
    return out.getvalue()
