"""What is known of one key at Segmind: whether a rate limit holds its calls, and whether its orders are stopped."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from stickers.models.ownkey import OwnKey

logger = logging.getLogger(__name__)

# more than any rate limit asks for; a later end comes from a clock that was set back
LONGEST_HOLD: Final = timedelta(minutes=10)
PROBE_AFTER: Final = timedelta(seconds=5)
PROBE_AT_MOST: Final = timedelta(minutes=1)
TRIAL_AFTER: Final = timedelta(hours=1)


class Trouble(models.TextChoices):
    """The reason why nothing is ordered with a key."""

    KEY = "key", "Segmind does not accept the studio's key"
    MONEY = "money", "Segmind does not let this account order"


class UpstreamQuerySet(models.QuerySet["Upstream"]):
    def stopped(self) -> Self:
        return self.exclude(trouble="")

    def hold(self, key: str, *, seconds: float) -> None:
        """Let no worker call with this key for so long. A hold that ends later stays."""
        now = timezone.now()
        until = now + min(timedelta(seconds=seconds), LONGEST_HOLD)
        self.get_or_create(key=key)
        held = self.filter(key=key)
        held.filter(Q(held_until=None) | Q(held_until__lt=until) | Q(held_until__gt=now + LONGEST_HOLD)).update(
            held_until=until
        )

    def stop(self, key: str, trouble: Trouble, reason: str) -> None:
        """Send no more orders with this key. The operator is told once, even if many orders get the same refusal."""
        now = timezone.now()
        self.get_or_create(key=key)
        if self.filter(key=key, trouble="").update(
            trouble=trouble, reason=reason, stopped_at=now, changed_at=now, probe_at=now, probes=0, credits=None
        ):
            whose = "a designer's own" if OwnKey.objects.filter(fingerprint=key).exists() else "the studio's"
            logger.error("%s Nothing more is ordered with it until that is solved.", self.get(key=key).told(whose))

    def resume(self, key: str) -> None:
        """Send orders again. A rate limit still holds."""
        if self.filter(key=key).stopped().update(trouble="", reason="", probe_at=None, changed_at=timezone.now()):
            logger.warning("Segmind takes orders again.")

    def ask_now(self, key: str) -> None:
        """The operator says that it works again. Probe at once, and let one order try if the probe can't tell."""
        now = timezone.now()
        self.filter(key=key).stopped().update(probe_at=now, probes=0, stopped_at=now - TRIAL_AFTER, changed_at=now)

    def claim_probe(self, key: str) -> Upstream | None:
        """Return the row to the one worker that may probe now. The next probe is planned in the same step."""
        now = timezone.now()
        row = self.filter(key=key).stopped().first()
        if row is None or row.probe_at is None:
            return None
        pause = min(PROBE_AFTER * 2 ** min(row.probes, 10), PROBE_AT_MOST)
        # A probe planned too far ahead was planned before the clock was set back.
        due = Q(probe_at__lte=now) | Q(probe_at__gt=now + PROBE_AT_MOST)
        won = (
            self.filter(due, key=key, probes=row.probes).stopped().update(probe_at=now + pause, probes=F("probes") + 1)
        )
        return row if won else None

    def claim_trial(self, key: str) -> bool:
        """Whether one order may be sent although the key is stopped: once an hour, when no probe can tell."""
        now = timezone.now()
        due = Q(stopped_at__lte=now - TRIAL_AFTER) | Q(stopped_at__gt=now)
        return bool(self.filter(due, key=key, trouble=Trouble.MONEY).update(stopped_at=now))

    def shut(self, now: datetime) -> dict[str, Upstream]:
        """The keys with which nothing may be ordered now, each with its row."""
        return {row.key: row for row in self.filter(~Q(trouble="") | Q(held_until__gt=now)) if row.is_shut(now)}


class Upstream(models.Model):
    """One row for each key that ever met a rate limit or a refusal. No row means that all is well.

    ::

        open ──401, or 402/406 for want of money──▶ stopped ──probe says it is solved, or an order gets through──▶ open

    While stopped, no order is sent. A probe asks for the balance, which is free. The first one goes out after 5 s,
    later ones ever more rarely, down to one a minute. An answered probe ends a stop for the key. A grown balance ends
    a stop for money. No balance shows a spend cap, so once an hour, or when the operator says so, one order tries.
    """

    key = models.CharField(max_length=24, primary_key=True)  # the key's fingerprint, never the key
    held_until = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=5, choices=Trouble, blank=True, default="")
    reason = models.TextField(blank=True, default="")  # the API's own words
    stopped_at = models.DateTimeField(null=True, blank=True)
    probe_at = models.DateTimeField(null=True, blank=True)
    probes = models.PositiveIntegerField(default=0)
    credits = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)  # US dollars, at the stop
    changed_at = models.DateTimeField(default=timezone.now)

    is_own = False  # whether the reader of `words` owns this key

    objects = UpstreamQuerySet.as_manager()

    def __str__(self) -> str:
        return f"upstream {self.key}, {self.trouble or 'open'}"

    def is_held(self, now: datetime) -> bool:
        """Whether a rate limit holds it. An end too far ahead is from before the clock was set back."""
        return self.held_until is not None and now < self.held_until <= now + LONGEST_HOLD

    def is_shut(self, now: datetime) -> bool:
        return bool(self.trouble) or self.is_held(now)

    @property
    def words(self) -> str:
        """What is wrong, with the API's own reason, for the designers who order with this key."""
        return self.told("your" if self.is_own else "the studio's")

    def told(self, whose: str) -> str:
        reason = self.reason if self.reason.endswith((".", "!", "?")) else f"{self.reason}."
        what = f"accept {whose} key" if self.trouble == Trouble.KEY else f"let {whose} account order"
        return f"Segmind does not {what}: {reason}"
