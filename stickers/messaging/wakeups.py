"""Hints to the workers from whoever must not wait for the broker: a page, and the designer in front of it.

A hint that is not sent costs an order the time until the next tick. So it has connections of its own, which give up
within a second; and after one failure nobody tries again for a while.
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
    """This thread's connection; opened when the first hint is sent."""

    connection: Any = None


class Hints:
    """Sends tasks, or does not, within about a second."""

    def __init__(self) -> None:
        self._line = _Line()
        self._silent_until = 0.0

    def send(self, task: Task, *, insists: bool = False) -> bool:
        """Whether the broker took it; `insists` is for whoever may wait, and tries soon after a failure, too."""
        if not insists and time.monotonic() < self._silent_until:
            return False
        begun, was_open = time.monotonic(), self._line.connection is not None
        try:
            self._publish(task)
        except OperationalError:
            # A broker that was started again since the last hint has hung up, and says so at once.
            hung_up = was_open and time.monotonic() - begun < PATIENCE_SECONDS / 2
            if not hung_up or not self._sent_again(task):
                if not self._silent_until:  # said once for each time that it falls silent
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
    """Raises OperationalError, within about a second, unless the broker answers."""
    with _connection() as connection:
        _messages(connection)


def waiting() -> int | None:
    """How many hints no worker has taken yet; None when the broker does not answer."""
    try:
        with _connection() as connection:
            return _messages(connection)
    except OperationalError:
        return None


def _messages(connection: Any) -> int:
    connection.ensure_connection(max_retries=0, timeout=PATIENCE_SECONDS, reraise_as_library_errors=True)
    try:
        queue = connection.default_channel.queue_declare(app.conf.task_default_queue, passive=True)
    except connection.channel_errors:  # no such queue: nothing was ever put there, or Redis has forgotten an empty one
        return 0
    except connection.recoverable_connection_errors as error:
        raise OperationalError(str(error)) from error
    return int(queue.message_count)


def _connection() -> Any:
    url: str = app.conf.broker_write_url
    # `rediss` and `amqps`, `pyamqp` and `py-amqp` are the same two in other clothes.
    options = next((options for name, options in _OPTIONS.items() if name in url.partition(":")[0]), {})
    return app.connection_for_write(connect_timeout=PATIENCE_SECONDS, transport_options={"max_retries": 0, **options})
