"""The embedded broker: a kombu transport over one SQLite file, for a studio without Redis or RabbitMQ.

Messages are hints and the rows are the truth. A hint that is lost with a killed worker costs one lease. So a message is
deleted when it is taken. That keeps the file empty, the code short, and the queue whole after a SIGKILL.

A waiting worker sleeps until the sender rings the doorbell beside the file. A lost ring costs a second.

Kombu's own file transports were measured and rejected. `filesystem` ends the worker when a message is half written
(celery/kombu#1551). `sqlalchemy` keeps every message for ever and is unsupported upstream.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import threading
from pathlib import Path
from queue import Empty
from typing import Any, Final
from urllib.parse import unquote

from kombu.transport import TRANSPORT_ALIASES, virtual

from stickers.messaging.doorbell import Doorbell, ring

LOOK_SECONDS: Final = 1.0  # how often a worker looks without a ring, and so the longest wait after a lost ring
_SCHEMA = """
CREATE TABLE IF NOT EXISTS message (id INTEGER PRIMARY KEY, queue TEXT NOT NULL, payload TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS message_queue ON message (queue, id);
"""
_PREFIX = "embedded://"

logger = logging.getLogger(__name__)


class _Handle:
    """One thread's connection to the file. It closes with its thread."""

    process = 0  # there is nothing to close yet

    def __init__(self, path: str) -> None:
        self.path = path
        # Another thread closes the connection once this one has ended, so SQLite must not check threads.
        self.connection = sqlite3.connect(path, timeout=20, isolation_level=None, check_same_thread=False)
        self.process = os.getpid()
        self.file = _file_at(path)
        # OFF is enough for hints. But NORMAL has no measurable cost, and keeps the file whole in a power cut.
        self.connection.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; {_SCHEMA}")

    def __del__(self) -> None:
        # Closing a connection inherited by a fork would drop the parent's locks.
        if self.process == os.getpid():
            self.connection.close()


_handles = threading.local()
_inherited: list[_Handle] = []


def _file_at(path: str) -> tuple[int, int] | None:
    """The device and inode of the file that has this name now; None if there is none."""
    try:
        stat = os.stat(path)  # noqa: PTH116  with every look
    except OSError:
        return None
    return stat.st_dev, stat.st_ino


def _open(url: str) -> sqlite3.Connection:
    """This thread's connection to the file. A child after a fork opens its own, as SQLite demands."""
    path = _path(url)
    handle: _Handle | None = getattr(_handles, "handle", None)
    # Whoever has a deleted or replaced file open keeps the old one, and would talk to nobody.
    if handle is None or handle.path != path or handle.process != os.getpid() or handle.file != _file_at(path):
        if handle is not None and handle.process != os.getpid():
            _inherited.append(handle)
        handle = _handles.handle = _Handle(path)
    return handle.connection


def _path(url: str) -> str:
    return unquote(url.removeprefix(_PREFIX))


def _discard(path: str, file: tuple[int, int] | None, error: sqlite3.DatabaseError) -> None:
    """Delete an unreadable file, if it is still the one that was read. It holds only hints; the rows know all."""
    if file is None or _file_at(path) != file:
        return
    logger.warning("The queue in %s is unreadable (%s); an empty one takes its place.", path, error)
    for torn in (path, f"{path}-wal", f"{path}-shm"):
        Path(torn).unlink(missing_ok=True)


class Channel(virtual.Channel):
    """A queue is the rows with one name, oldest first."""

    do_restore = False  # the lease offers the work again; a restored message would only double the hint

    @property
    def _database(self) -> sqlite3.Connection:
        return _open(self.connection.client.hostname)

    @property
    def path(self) -> str:
        return _path(self.connection.client.hostname)

    def _ask(self, statement: str, *values: Any) -> list[Any]:
        path = self.path
        file = _file_at(path)
        try:
            return self._database.execute(statement, values).fetchall()
        except sqlite3.OperationalError:
            raise  # locked, or the disk is full: the file itself is whole
        except sqlite3.DatabaseError as error:
            _discard(path, file, error)
            raise

    def _put(self, queue: str, message: dict[str, Any], **_: Any) -> None:
        self._ask("INSERT INTO message (queue, payload) VALUES (?, ?)", queue, json.dumps(message))
        ring(self.path)

    def basic_ack(self, *arguments: Any, **options: Any) -> None:
        super().basic_ack(*arguments, **options)  # type: ignore[no-untyped-call]
        ring(self.path)  # this process waits, too, while it holds as many messages as it may

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:  # noqa: ARG002
        # Reading first spares an idle worker the write lock.
        if not self._ask("SELECT 1 FROM message WHERE queue = ? LIMIT 1", queue):
            raise Empty
        row = self._ask(
            "DELETE FROM message WHERE id = (SELECT min(id) FROM message WHERE queue = ?) RETURNING payload", queue
        )
        if not row:
            raise Empty  # another worker was faster
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
    """Tells kombu how to get messages, and how to wait for them."""

    Channel = Channel
    can_parse_url = True  # the address stays whole: its path is the file's, not a virtual host
    default_port = None
    driver_type = driver_name = "sqlite"
    cycle: Any
    # An unreadable file counts as a broker that does not answer. That is no reason to refuse an order.
    connection_errors: Any = (*virtual.Transport.connection_errors, sqlite3.DatabaseError)

    def __init__(self, client: Any, **options: Any) -> None:
        super().__init__(client, **options)  # type: ignore[no-untyped-call]
        self._doorbell = Doorbell(_path(client.hostname))

    def close_connection(self, connection: Any) -> None:
        super().close_connection(connection)  # type: ignore[no-untyped-call]
        self._doorbell.close()

    def drain_events(self, connection: Any, timeout: float | None = None, **_: Any) -> None:  # noqa: ARG002
        """Deliver one message, or return without one after one wait, which a ring ends early.

        A connection may return without a message: brokers on a socket do so at each heartbeat. The worker's loop then
        does its other work, such as ending. A time-out is reported only if it is no longer than one wait.
        """
        while True:
            try:
                self.cycle.get(self._deliver, timeout=timeout)
            except Empty:
                is_early = self._doorbell.wait(LOOK_SECONDS if timeout is None else min(timeout, LOOK_SECONDS))
                if timeout is None:
                    continue
                if timeout <= LOOK_SECONDS and not is_early:
                    raise TimeoutError from None
            return

    def driver_version(self) -> str:
        return sqlite3.sqlite_version


def wake(url: str) -> None:
    """Let a worker look now, also for its own end, if `url` is an embedded broker's."""
    if url.startswith(_PREFIX):
        ring(_path(url))


def register() -> None:
    """Make `embedded:///path/to/file` a broker address."""
    TRANSPORT_ALIASES["embedded"] = f"{__name__}:Transport"
