"""Send hints to the workers without waiting for the broker. A page sends them, and a designer waits for the page.

A hint that is not sent delays a generation until the next tick. So hints have connections of their own, which give up
within a second. After one failure, nobody tries again for a while.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from typing import Any, Final

from celery import Task
from kombu.exceptions import OperationalError

from stickers.messaging.app import app

logger = logging.getLogger(__name__)

PATIENCE_SECONDS: Final = 1
SILENCE_SECONDS: Final = 5.0
_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "redis": {"socket_connect_timeout": PATIENCE_SECONDS, "socket_timeout": PATIENCE_SECONDS},
    "amqp": {"read_timeout": PATIENCE_SECONDS, "write_timeout": PATIENCE_SECONDS},
}


class _Line(threading.local):
    """This thread's connection. It opens when the first hint is sent."""

    connection: Any = None


class Hints:
    """Sends a task within about a second, or gives up."""

    def __init__(self) -> None:
        self._line = _Line()
        self._silent_until = 0.0

    def send(self, task: Task, *, insists: bool = False) -> bool:
        """Send the hint; True if the broker took it.

        `insists` is for callers who can wait: they also try soon after a failure.
        """
        if not insists and time.monotonic() < self._silent_until:
            return False
        begun, was_open = time.monotonic(), self._line.connection is not None
        try:
            self._publish(task)
        except OperationalError:
            # A broker that was restarted since the last hint has closed the connection, which shows at once.
            hung_up = was_open and time.monotonic() - begun < PATIENCE_SECONDS / 2
            if not hung_up or not self._sent_again(task):
                if not self._silent_until:  # logged once for each time that it falls silent
                    logger.warning("The broker does not answer; the next tick will find the work.")
                self._silent_until = time.monotonic() + SILENCE_SECONDS
                return False
        self._silent_until = 0.0
        return True

    def _sent_again(self, task: Task) -> bool:
        with suppress(OperationalError):
            self._publish(task)
            return True
        return False

    def _publish(self, task: Task) -> None:
        connection = self._line.connection = self._line.connection or _connection()
        try:
            task.apply_async(connection=connection, retry=False)
        except OperationalError:
            self._line.connection = None
            connection.release()
            raise


def check() -> None:
    """Raise OperationalError, within about a second, unless the broker answers."""
    with _connection() as connection:
        _messages(connection)


def waiting() -> int | None:
    """How many hints no worker has taken yet; None if the broker does not answer."""
    try:
        with _connection() as connection:
            return _messages(connection)
    except OperationalError:
        return None


def _messages(connection: Any) -> int:
    connection.ensure_connection(max_retries=0, timeout=PATIENCE_SECONDS, reraise_as_library_errors=True)
    try:
        queue = connection.default_channel.queue_declare(app.conf.task_default_queue, passive=True)
    # no such queue: nothing was put there yet, or Redis forgot it because it is empty
    except connection.channel_errors:
        return 0
    except connection.recoverable_connection_errors as error:
        raise OperationalError(str(error)) from error
    return int(queue.message_count)


def _connection() -> Any:
    url: str = app.conf.broker_write_url
    # `rediss`, `amqps`, `pyamqp` and `py-amqp` are variants of the same two.
    options = next((options for name, options in _OPTIONS.items() if name in url.partition(":")[0]), {})
    return app.connection_for_write(connect_timeout=PATIENCE_SECONDS, transport_options={"max_retries": 0, **options})
