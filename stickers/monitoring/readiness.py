"""Say whether the studio can work: check each thing that it needs, within seconds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from celery.exceptions import OperationalError
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection

from stickers.messaging import wakeups
from stickers.models import Heartbeat

# A tick comes every five seconds. A busy worker may need a while to take it.
LONGEST_SILENCE: Final = timedelta(seconds=30)


def checks() -> dict[str, str]:
    """For each check, "ok" or the reason why not. Anybody may ask, so no reason holds an address or a name."""
    return {name: check() for name, check in _CHECKS.items()}


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "It does not answer."
    return "ok"


def _broker() -> str:
    try:
        wakeups.check()
    except OperationalError:
        return "It does not answer."
    return "ok"


def _storage() -> str:
    check: Callable[[], None] | None = getattr(default_storage, "check", None)
    try:
        if check is not None:
            check()
    except OSError:
        return "It does not answer, cannot be written, or is full."
    return "ok"


def _scheduler() -> str:
    """Whether a worker takes the scheduler's ticks from the broker. If so, scheduler and worker are both alive."""
    try:
        age = Heartbeat.objects.age(Heartbeat.SCHEDULER)
    except DatabaseError:
        return "Unknown without the database."
    if age is None:
        return "It has not ticked yet."
    return "ok" if age <= LONGEST_SILENCE else f"Its last tick was taken {age.total_seconds():.0f} s ago."


_CHECKS: Final[dict[str, Callable[[], str]]] = {
    "database": _database,
    "broker": _broker,
    "storage": _storage,
    "scheduler": _scheduler,
}
