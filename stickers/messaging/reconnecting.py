"""Connect to the broker again every second, for as long as it is away.

Celery's own connections pause longer after each try, up to half a minute, and give up after a hundred tries. Every
generation would then wait that much longer than the broker was away.
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
    """Gives the application its connections, whatever protocol its broker speaks."""

    Connection = Connection
