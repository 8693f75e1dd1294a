"""Rows that workers share: due at a moment, leased while a worker has them, changed by a conditional UPDATE."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, Self, TypeVar

from django.db import models
from django.db.models import Count, Min, Q
from django.utils import timezone

L = TypeVar("L", bound="Leased")

# Longer than any lease and any pause. A row that would sleep longer was put to sleep before the clock was set back.
LONGEST_SLEEP: Final = timedelta(minutes=15)


class LeasedQuerySet(models.QuerySet[L]):
    def awake(self, now: datetime) -> Self:
        """The rows that are due, the longest due first."""
        return self.filter(Q(next_at__lte=now) | Q(next_at__gt=now + LONGEST_SLEEP)).order_by("next_at", "pk")

    def asleep(self, now: datetime) -> Self:
        """The rows that are leased, or that rest until their next try."""
        return self.filter(next_at__gt=now, next_at__lte=now + LONGEST_SLEEP)

    def next_at(self) -> datetime | None:
        """When the first of these rows is due, which may be in the past. None if none of them has a next step."""
        at: datetime | None = self.filter(next_at__isnull=False).aggregate(at=Min("next_at"))["at"]
        return at

    def by_owner(self) -> Counter[Any]:
        """How many of these rows each owner has."""
        return Counter(dict(self.order_by().values_list(self.model.OWNER).annotate(Count("pk"))))


class Leased(models.Model):
    OWNER: ClassVar[str]  # the column of the owner, because owners are served in turn

    # when it is due; while a worker has it, the end of the lease
    next_at = models.DateTimeField(null=True, default=timezone.now)
    tries = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True

    def change(self, condition: dict[str, Any], fields: dict[str, Any]) -> bool:
        """Change the row if it still meets the condition. True if this call did it."""
        rows = type(self)._default_manager  # noqa: SLF001  (Django's documented interface)
        won = rows.filter(pk=self.pk, **condition).update(**fields)
        if won:
            for name, value in fields.items():
                setattr(self, name, value)
        return bool(won)
