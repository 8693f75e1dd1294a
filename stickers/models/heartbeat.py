"""Heartbeats: when a part of the studio was last seen alive, as a row that every web process can read."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import models
from django.utils import timezone

NOTED_EVERY: Final = timedelta(seconds=4)  # two beats within this time cost one write


class HeartbeatQuerySet(models.QuerySet["Heartbeat"]):
    def beat(self, name: str) -> None:
        """Note that `name` is alive, unless that was noted a moment ago."""
        now = timezone.now()
        # A heartbeat of the future was noted before the clock was set back.
        if not self.filter(name=name, at__gt=now - NOTED_EVERY, at__lte=now).exists():
            self.update_or_create(name=name, defaults={"at": now})

    def age(self, name: str) -> timedelta | None:
        """How long ago `name` was seen alive; None if never."""
        at = self.filter(name=name).values_list("at", flat=True).first()
        return None if at is None else abs(timezone.now() - at)


class Heartbeat(models.Model):
    SCHEDULER: Final = "scheduler"

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    objects = HeartbeatQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%Y-%m-%d %H:%M:%S}"
