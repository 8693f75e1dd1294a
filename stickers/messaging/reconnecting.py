"""Connections to the broker that are tried anew every second, for as long as it is away.

Celery's own pause longer after each try, up to half a minute, and end after a hundred: every order would stand still
for that much longer than the broker itself did.
"""

from __future__ import annotations

from typing import Any, Final

from celery.app import amqp
from kombu import connection

PAUSE_SECONDS: Final = 1


class Connection(connection.Connection):
    def ensure_connection(
        self,
        errback: Any = None,
        max_retries: int | None = None,
        interval_start: float = PAUSE_SECONDS,
        interval_step: float = 0,
        interval_max: float = PAUSE_SECONDS,
        **options: Any,
    ) -> Any:
        pauses = (interval_start, interval_step, interval_max)
        return super().ensure_connection(errback, max_retries, *pauses, **options)  # type: ignore[no-untyped-call]


class AMQP(amqp.AMQP):  # type: ignore[misc]  # Celery has no types
    """What an application takes its connections from, whatever its broker speaks."""

    Connection = Connection
