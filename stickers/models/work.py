"""Work for the workers: a row that is claimed, leased, fenced and ended once. All claims and leases of work are here.

::

    QUEUED ──claim──▶ WORKING ──begin, renew──▶ WORKING ──end──▶ DONE | FAILED
      ▲  ▲              │                          │  │
      │  └─ claim again ┴── lease over, take over ─┘  │
      └───────────────── put off ─────────────────────┘

- A claim only offers the row for a moment, because the hint that names it may be lost. `begin` takes it for a lease.
- The lease is renewed while the worker lives, so a slow worker is not taken for a dead one.
- Every `begin` has a number, the `fence`. Only the newest may renew, put off and end. So a worker that was taken for
  dead and finishes late publishes nothing.
- `tries` counts begins that were not ended. After `TRIES` of them the work is given up, with a reason.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, Self, TypeVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from stickers.models.fair_share import in_turn, one_worker_at_a_time
from stickers.models.leases import LONGEST_SLEEP, Leased, LeasedQuerySet

W = TypeVar("W", bound="Work")


class WorkState(models.TextChoices):
    QUEUED = "queued", "Queued"
    WORKING = "working", "Working"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


OPEN: Final = (WorkState.QUEUED, WorkState.WORKING)
# How long a claim waits for its `begin`. A hint that is lost with the broker costs this time.
OFFER: Final = timedelta(seconds=1.5)


class WorkQuerySet(LeasedQuerySet[W]):
    def open(self) -> Self:
        return self.filter(state__in=OPEN)

    def claim(self, *, at_once: int) -> list[int]:
        """The ids of the work to begin now, so that `at_once` are under way. Each is offered for a moment.

        Owners who were served least of late come first, then what has been due longest.
        """
        now = timezone.now()
        due = self.open().awake(now)
        if not due.exists():  # spares an idle studio the write lock
            return []
        with one_worker_at_a_time(self.model):
            under_way = self.filter(state=WorkState.WORKING).asleep(now)
            free = at_once - under_way.count()
            if free <= 0:
                return []
            had = under_way.by_owner() + self._served(now)
            pks = [row.pk for row in in_turn(due, owner=self.model.OWNER, key="next_at", limit=free, turns_had=had)]
            self.filter(pk__in=pks).update(state=WorkState.WORKING, next_at=now + OFFER)
        return pks

    def _served(self, now: datetime) -> Counter[Any]:
        return self.filter(finished_at__gt=now - self.model.TURN, finished_at__lte=now).by_owner()

    def begin(self, pk: int) -> W | None:
        """The row, taken for a lease. None unless it is offered now, because a slow hint is sent more than once."""
        now = timezone.now()
        offered = Q(next_at__lte=now + OFFER) | Q(next_at__gt=now + LONGEST_SLEEP)
        row = self.filter(offered, pk=pk, state=WorkState.WORKING).first()
        if row is None:
            return None
        fields = {"next_at": now + row.LEASE, "tries": row.tries + 1, "fence": row.fence + 1}
        return row if row.change(row.mine(), fields) else None

    def take_over(self, now: datetime) -> None:
        """Offer again everything that a worker has in hand, because most likely that worker is gone."""
        self.filter(state=WorkState.WORKING, next_at__gt=now).update(next_at=now)


class Work(Leased):
    # A worker that gives no sign of life for so long is taken for dead.
    LEASE: ClassVar = timedelta(minutes=2)
    # How long the lease of a worker is renewed that lives but reports no progress: it may hang.
    PATIENCE: ClassVar = timedelta(minutes=30)
    # So many, because restarts of workers and refusals of the database use up some of them.
    TRIES: ClassVar = 12
    # Owners who had work done within this time come after those who had none, so that one's many don't starve another's
    # few.
    TURN: ClassVar = timedelta(minutes=10)
    DOING: ClassVar[str]  # what is being done; messages on a page begin with it

    state = models.CharField(max_length=7, choices=WorkState, default=WorkState.QUEUED)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    fence = models.PositiveIntegerField(default=0, editable=False)  # the number of the newest begin
    error = models.TextField(blank=True, default="")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        indexes = [
            # The condition is on `next_at`, not on the states. The index `generation_due` says why.
            models.Index(fields=["state", "next_at"], condition=Q(next_at__isnull=False), name="%(class)s_due"),
            models.Index(fields=["finished_at"], name="%(class)s_finished"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}, {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def mine(self) -> dict[str, Any]:
        """The condition under which the row still belongs to this try."""
        return {"state": WorkState.WORKING, "fence": self.fence}

    def renew(self, **fields: Any) -> bool:
        """Renew the lease. False if the row no longer belongs to this try."""
        return self.change(self.mine(), {"next_at": timezone.now() + self.LEASE, **fields})

    def put_off(self, pause: timedelta, *, counts: bool = True) -> bool:
        """Try again after a pause. `counts` says whether this one counts as a try."""
        fields = {"state": WorkState.QUEUED, "next_at": timezone.now() + pause}
        return self.change(self.mine(), fields if counts else {**fields, "tries": self.tries - 1})

    def end(self, to: WorkState, **fields: Any) -> bool:
        """End it, if it still belongs to this try. Only then may the result be published."""
        return self.change(self.mine(), {"state": to, "next_at": None, "finished_at": timezone.now(), **fields})
