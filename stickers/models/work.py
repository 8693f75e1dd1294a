"""What the worker does for a print sheet: a row that is claimed, leased, reports how far it is, and ends once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final, Self

from django.db import models
from django.db.models import Count, Q
from django.utils import timezone

from stickers.models.fair_share import in_turn, one_worker_at_a_time
from stickers.models.generation import LONGEST_SLEEP


class WorkState(models.TextChoices):
    """QUEUED -> WORKING -> DONE | FAILED; WORKING is offered again when its lease is over."""

    QUEUED = "queued", "Queued"
    WORKING = "working", "Working"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


OPEN: Final = (WorkState.QUEUED, WorkState.WORKING)
# Without a word of progress; then the worker is taken for dead. Fifty pages at 600 DPI are minutes of work, and a
# worker that starts takes over at once anyway.
LEASE: Final = timedelta(minutes=10)
# Until a worker begins: a hint that was lost with the broker costs so long.
OFFER: Final = timedelta(seconds=1.5)
# Who has had work done within this time comes after who has not: one's many must not starve another's few.
TURN: Final = timedelta(minutes=10)
OWNER: Final = "print_sheet__owner_id"


class WorkQuerySet(models.QuerySet[Any]):
    def open(self) -> Self:
        return self.filter(state__in=OPEN)

    def claim(self, *, at_once: int) -> list[int]:
        """The ids of what is to be done now, as many as make it `at_once` under way; each is offered for a moment.

        Whose owner was served least of late comes first, then what is due longest.
        """
        now = timezone.now()
        # A lease that ends later than any does is from before the clock was set back.
        awake = Q(next_at__lte=now) | Q(next_at__gt=now + LONGEST_SLEEP)
        due = self.open().filter(awake).order_by("next_at", "pk")
        if not due.exists():  # spares an idle studio the write lock twice a second
            return []
        with one_worker_at_a_time(self.model):
            free = max(0, at_once - self.under_way(now).count())
            had = self._turns_had(now)
            pks = [row.pk for row in in_turn(due, owner=OWNER, key="next_at", limit=free, turns_had=had)]
            self.filter(pk__in=pks).update(state=WorkState.WORKING, next_at=now + OFFER)
        return pks

    def under_way(self, now: datetime) -> Self:
        """What a worker has in hand, as far as its lease tells."""
        return self.filter(state=WorkState.WORKING, next_at__gt=now, next_at__lte=now + LONGEST_SLEEP)

    def _turns_had(self, now: datetime) -> Counter[int]:
        lately = self.filter(finished_at__gt=now - TURN, finished_at__lte=now).order_by()
        return Counter(dict(lately.values_list(OWNER).annotate(Count("pk"))))

    def take_over(self, now: datetime) -> None:
        """Offer everything that is being worked at again, at once: most likely its worker is gone."""
        self.filter(state=WorkState.WORKING, next_at__gt=now).update(next_at=now)


class Work(models.Model):
    state = models.CharField(max_length=7, choices=WorkState, default=WorkState.QUEUED)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    next_at = models.DateTimeField(null=True, default=timezone.now)  # when to begin; a lease while being worked at
    tries = models.PositiveSmallIntegerField(default=0)
    progress = models.FloatField(default=0.0)  # 0-1
    error = models.TextField(blank=True, default="")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def percent(self) -> int:
        return round(100 * self.progress)

    def move(self, *, frm: Iterable[WorkState], to: WorkState, **fields: Any) -> bool:
        """Change the state if it still is one of `frm`; True when this call was the one that did it."""
        fields = {"state": to, **fields}
        if to not in OPEN:
            fields = {"next_at": None, "finished_at": timezone.now(), **fields}
        return self._update({"state__in": list(frm)}, fields)

    def begin(self) -> bool:
        """Take it in hand for a lease, unless somebody has it there: a slow hint is sent more than once."""
        now = timezone.now()
        free = Q(next_at__lte=now + OFFER) | Q(next_at__gt=now + LONGEST_SLEEP)
        mine = type(self)._default_manager.filter(free, pk=self.pk, state=WorkState.WORKING, tries=self.tries)  # noqa: SLF001
        won = bool(mine.update(next_at=now + LEASE, tries=self.tries + 1))
        self.tries += won
        return won

    def report(self, progress: float) -> bool:
        """How far it is, which also renews the lease; False when it is no longer this try's to do."""
        fields = {"progress": min(max(progress, 0.0), 1.0), "next_at": timezone.now() + LEASE}
        return self._update({"state": WorkState.WORKING, "tries": self.tries}, fields)

    def end(self, to: WorkState, **fields: Any) -> bool:
        """End it, if it still is this try's to end: one that was thought dead must not end the newer one's work."""
        fields = {"state": to, "next_at": None, "finished_at": timezone.now(), **fields}
        return self._update({"state": WorkState.WORKING, "tries": self.tries}, fields)

    def _update(self, condition: dict[str, Any], fields: dict[str, Any]) -> bool:
        rows = type(self)._default_manager  # noqa: SLF001  (Django's documented interface)
        won = rows.filter(pk=self.pk, **condition).update(**fields)
        if won:
            for name, value in fields.items():
                setattr(self, name, value)
        return bool(won)
