"""A pulse: when a part of the studio was last seen alive, in a row that every web process can read."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import models
from django.utils import timezone

NOTED_EVERY: Final = timedelta(seconds=5)  # a row is not written with every beat


class PulseQuerySet(models.QuerySet["Pulse"]):
    def beat(self, name: str) -> None:
        """Note that `name` lives, unless that was noted a moment ago."""
        now = timezone.now()
        # A pulse of the future is one from before the clock was set back.
        if not self.filter(name=name, at__gt=now - NOTED_EVERY, at__lte=now).exists():
            self.update_or_create(name=name, defaults={"at": now})

    def age(self, name: str) -> timedelta | None:
        """How long ago `name` was seen; None if never."""
        at = self.filter(name=name).values_list("at", flat=True).first()
        return None if at is None else abs(timezone.now() - at)


class Pulse(models.Model):
    SCHEDULER: Final = "scheduler"

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    objects = PulseQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%Y-%m-%d %H:%M:%S}"
