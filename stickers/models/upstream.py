"""What is known of one key at Segmind: whether a rate limit holds its calls, and whether its orders are stopped."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from stickers.models.mail import Mail
from stickers.models.ownkey import OwnKey

logger = logging.getLogger(__name__)

# more than any rate limit asks for; a later end comes from a clock that was set back
LONGEST_HOLD: Final = timedelta(minutes=10)
PROBE_AFTER: Final = timedelta(seconds=5)
PROBE_AT_MOST: Final = timedelta(minutes=1)
TRIAL_AFTER: Final = timedelta(hours=1)
DOUBTS: Final = 2  # orders in a row without a clear answer, after which the others wait
# Each trial may cost the price of an order, so the pauses double, up to TRIAL_AFTER.
DOUBT_TRIAL_AFTER: Final = timedelta(minutes=1)


class Trouble(models.TextChoices):
    """The reason why nothing is ordered with a key."""

    KEY = "key", "Segmind does not accept the studio's key"
    MONEY = "money", "Segmind does not let this account order"
    DOUBT = "doubt", "Segmind gives no clear answer to orders"


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
        # A clear answer may have come since the last doubt.
        still = Q(doubts__gte=DOUBTS) if trouble == Trouble.DOUBT else Q()
        if self.filter(still, key=key, trouble="").update(
            trouble=trouble,
            reason=reason,
            stopped_at=now,
            changed_at=now,
            probe_at=None if trouble == Trouble.DOUBT else now,  # a balance says nothing about orders
            probes=0,
            credits=None,
        ):
            is_own = OwnKey.objects.filter(fingerprint=key).exists()
            words = self.get(key=key).told("a designer's own" if is_own else "the studio's")
            words += " Nothing more is ordered with it until that is solved."
            logger.error(words)
            if not is_own:
                Mail.objects.alarm(words)

    def resume(self, key: str, *solved: Trouble) -> None:
        """Send orders again, if it is stopped for one of these; for anything if none is named. A rate limit holds."""
        stopped = self.filter(key=key, trouble__in=solved or Trouble.values)
        if stopped.update(trouble="", reason="", probe_at=None, changed_at=timezone.now()):
            logger.warning("Segmind takes orders again.")

    def doubt(self, key: str, reason: str) -> None:
        """An order with this key got no clear answer: it may be made and billed. After a few in a row, stop."""
        self.get_or_create(key=key)
        self.filter(key=key).update(doubts=F("doubts") + 1)
        if self.filter(key=key, doubts__gte=DOUBTS).exists():
            self.stop(key, Trouble.DOUBT, reason)

    def answered(self, key: str) -> None:
        """An order with this key got a clear answer, whatever it says. So doubt is over."""
        self.filter(key=key, doubts__gt=0).update(doubts=0)
        self.resume(key, Trouble.DOUBT)

    def ask_now(self, key: str) -> None:
        """The operator says that it works again. Probe at once, and let one order try if the probe can't tell."""
        now = timezone.now()
        stopped = self.filter(key=key).stopped()
        stopped.update(probes=0, stopped_at=now - TRIAL_AFTER, changed_at=now)
        stopped.exclude(trouble=Trouble.DOUBT).update(probe_at=now)

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
        """Whether one order may be sent although the key is stopped, because no probe can tell whether it works again.

        For want of money once an hour. In doubt after a minute, two, four and so on, up to an hour.
        """
        now = timezone.now()
        row = self.filter(key=key, trouble__in=[Trouble.MONEY, Trouble.DOUBT]).first()
        if row is None:
            return False
        is_in_doubt = row.trouble == Trouble.DOUBT
        pause = min(DOUBT_TRIAL_AFTER * 2 ** min(row.probes, 10), TRIAL_AFTER) if is_in_doubt else TRIAL_AFTER
        due = Q(stopped_at__lte=now - pause) | Q(stopped_at__gt=now)  # a later moment is of a clock that was set back
        claimed = self.filter(due, key=key, trouble=row.trouble, stopped_at=row.stopped_at)
        return bool(claimed.update(stopped_at=now, probes=F("probes") + (1 if is_in_doubt else 0)))

    def shut(self, now: datetime) -> dict[str, Upstream]:
        """The keys with which nothing may be ordered now, each with its row."""
        return {row.key: row for row in self.filter(~Q(trouble="") | Q(held_until__gt=now)) if row.is_shut(now)}


class Upstream(models.Model):
    """One row for each key that ever met a rate limit, a refusal or doubt. No row means that all is well.

    ::

        open ──401, or 402/406 for want of money──▶ stopped ──probe says it is solved, or an order gets through──▶ open
        open ──two orders in a row without a clear answer──▶ stopped ──an order is answered──▶ open

    While stopped, no order is sent. A probe asks for the balance, which is free. The first one goes out after 5 s,
    later ones ever more rarely, down to one a minute. An answered probe ends a stop for the key. A grown balance ends
    a stop for money. No balance shows a spend cap, so once an hour, or when the operator says so, one order tries.

    A service that takes orders and never answers may bill each of them. Then no balance is asked, and one order at a
    time tries: after a minute, and ever more rarely, down to one an hour. Any clear answer, a refusal too, ends it.
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
    doubts = models.PositiveIntegerField(default=0, db_default=0)  # orders in a row without a clear answer

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
        match self.trouble:
            case Trouble.KEY:
                what = f"does not accept {whose} key"
            case Trouble.MONEY:
                what = f"does not let {whose} account order"
            case _:
                what = f"gives no clear answer to orders with {whose} key"
        return f"Segmind {what}: {reason}"
