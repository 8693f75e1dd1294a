"""The embedded broker: a kombu transport over one SQLite file, for a studio without Redis or RabbitMQ.

Messages here are hints. The truth is in the rows, and a hint that a killed worker took with it costs one lease,
so a message is simply deleted as it is taken. That keeps the file empty, the code short and the worker alive
through a SIGKILL. Kombu's own file transports were measured and left: `filesystem` ends the worker on a
half-written message (celery/kombu#1551), `sqlalchemy` keeps every message for ever and is unsupported upstream.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import threading
import time
from pathlib import Path
from queue import Empty
from typing import Any, Final
from urllib.parse import unquote

from kombu.transport import TRANSPORT_ALIASES, virtual

POLL_SECONDS: Final = 0.05
_SCHEMA = """
CREATE TABLE IF NOT EXISTS message (id INTEGER PRIMARY KEY, queue TEXT NOT NULL, payload TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS message_queue ON message (queue, id);
"""
_PREFIX = "embedded://"

logger = logging.getLogger(__name__)


class _Handle:
    """One thread's connection to the file, closed with the thread that it belongs to."""

    process = 0  # while there is nothing to close

    def __init__(self, path: str) -> None:
        self.path = path
        # Another thread closes it when this one has ended, hence no check of threads.
        self.connection = sqlite3.connect(path, timeout=20, isolation_level=None, check_same_thread=False)
        self.process = os.getpid()
        self.file = _file_at(path)
        # OFF would do for hints, but NORMAL costs nothing measurable and keeps the file whole in a power cut.
        self.connection.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; {_SCHEMA}")

    def __del__(self) -> None:
        # Closing a connection that came through a fork would take the parent's locks away.
        if self.process == os.getpid():
            self.connection.close()


_handles = threading.local()
_inherited: list[_Handle] = []


def _file_at(path: str) -> tuple[int, int] | None:
    """Which file it is that has this name now; None when there is none."""
    try:
        stat = os.stat(path)  # noqa: PTH116  twenty times a second
    except OSError:
        return None
    return stat.st_dev, stat.st_ino


def _open(url: str) -> sqlite3.Connection:
    """This thread's handle on the file; a child after a fork opens its own, as SQLite demands."""
    path = unquote(url.removeprefix(_PREFIX))
    handle: _Handle | None = getattr(_handles, "handle", None)
    # A file that was deleted or replaced lives on for those who have it open; they would talk to nobody.
    if handle is None or handle.path != path or handle.process != os.getpid() or handle.file != _file_at(path):
        if handle is not None and handle.process != os.getpid():
            _inherited.append(handle)
        handle = _handles.handle = _Handle(path)
    return handle.connection


def _discard(path: str, file: tuple[int, int] | None, error: sqlite3.DatabaseError) -> None:
    """Away with an unreadable file, if it is still the one that was read: it holds hints alone, the rows know all."""
    if file is None or _file_at(path) != file:
        return
    logger.warning("The queue in %s is unreadable (%s); an empty one takes its place.", path, error)
    for torn in (path, f"{path}-wal", f"{path}-shm"):
        Path(torn).unlink(missing_ok=True)


class Channel(virtual.Channel):
    """One queue is the rows of one name, oldest first."""

    do_restore = False  # the lease offers the work again; a restore would only double the hint

    @property
    def _database(self) -> sqlite3.Connection:
        return _open(self.connection.client.hostname)

    def _ask(self, statement: str, *values: Any) -> list[Any]:
        path = unquote(self.connection.client.hostname.removeprefix(_PREFIX))
        file = _file_at(path)
        try:
            return self._database.execute(statement, values).fetchall()
        except sqlite3.OperationalError:
            raise  # locked, or the disk is full: whole all the same
        except sqlite3.DatabaseError as error:
            _discard(path, file, error)
            raise

    def _put(self, queue: str, message: dict[str, Any], **_: Any) -> None:
        self._ask("INSERT INTO message (queue, payload) VALUES (?, ?)", queue, json.dumps(message))

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:  # noqa: ARG002
        # Reading first keeps an idle worker from taking the write lock twenty times a second.
        if not self._ask("SELECT 1 FROM message WHERE queue = ? LIMIT 1", queue):
            raise Empty
        row = self._ask(
            "DELETE FROM message WHERE id = (SELECT min(id) FROM message WHERE queue = ?) RETURNING payload", queue
        )
        if not row:
            raise Empty  # another worker was quicker
        message: dict[str, Any] = json.loads(row[0][0])
        return message

    def _size(self, queue: str) -> int:
        [(messages,)] = self._ask("SELECT count(*) FROM message WHERE queue = ?", queue)
        return int(messages)

    def _purge(self, queue: str) -> int:
        return len(self._ask("DELETE FROM message WHERE queue = ? RETURNING id", queue))

    def _delete(self, queue: str, *_: Any, **__: Any) -> None:
        self._purge(queue)


class Transport(virtual.Transport):
    """Kombu's side of the door."""

    Channel = Channel
    can_parse_url = True  # the address stays whole: its path is a file's, not a virtual host
    default_port = None
    driver_type = driver_name = "sqlite"
    cycle: Any
    polling_interval: float = POLL_SECONDS
    # DatabaseError: a torn file, too, is a broker that does not answer, and no reason to refuse an order.
    connection_errors: Any = (*virtual.Transport.connection_errors, sqlite3.DatabaseError)

    def drain_events(self, connection: Any, timeout: float | None = None, **_: Any) -> None:  # noqa: ARG002
        """Deliver one message, or return after one look; only a time-out shorter than the pause is reported as one.

        Kombu's own looks on for the whole time-out, which is two seconds of a worker's loop. The loop's other work,
        acknowledgements among it, waits meanwhile: with all threads at late-acknowledged tasks, for nothing.
        A connection that returns empty-handed is allowed: brokers on a socket do so at each heartbeat.
        """
        while True:
            try:
                self.cycle.get(self._deliver, timeout=timeout)
            except Empty:
                if timeout is not None and timeout <= self.polling_interval:
                    time.sleep(timeout)
                    raise TimeoutError from None
                time.sleep(self.polling_interval)
                if timeout is None:
                    continue
            return

    def driver_version(self) -> str:
        return sqlite3.sqlite_version


def register() -> None:
    """Make `embedded:///path/to/file` a broker address."""
    TRANSPORT_ALIASES["embedded"] = f"{__name__}:Transport"
