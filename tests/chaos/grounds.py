"""The database and the broker that a studio runs on: where they are, how to read rows, and how to strike them."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, Final, Protocol, Self

import psycopg

from tests.chaos.disks import DATA
from tests.engines.servers import Server, postgres, redis_server

LOCK_SECONDS: Final = 2  # how long the studio waits for a locked SQLite
LOCKED_SECONDS: Final = LOCK_SECONDS + 2.0  # longer than that
REDIS_AWAY_SECONDS: Final = 1.5
REDIS_LONG_AWAY_SECONDS: Final = 7.0  # pauses that grow by 2 s from try to try would end 5 s later
POSTGRES_AWAY_SECONDS: Final = 3.0
WRITTEN: Final = "stickers_generation, stickers_sheet, stickers_export"


class Blow(StrEnum):
    WORKER = "worker"
    WEB = "web"
    SCHEDULER = "scheduler"
    DISK = "disk full"
    DISK_LONG = "disk full for long"
    BROKER_GONE = "broker, file gone"
    BROKER_TORN = "broker, file torn"
    DATABASE = "database refuses"
    REDIS = "Redis killed"
    REDIS_LONG = "Redis away for long"
    POSTGRES = "PostgreSQL killed"


# These fall on the studio itself, whatever it runs on. Each ground adds DISK_LONG at a place where the diagonals of a
# short plan meet it at a fitting state.
ANYWHERE: Final = (Blow.WORKER, Blow.WEB, Blow.SCHEDULER, Blow.DISK)


class Ground(Protocol):
    """`environment` leads the studio to its engines. `blows` are all that can fall on it here."""

    blows: ClassVar[tuple[Blow, ...]]
    environment: dict[str, str]

    @classmethod
    def laid(cls, folder: Path) -> AbstractContextManager[Self]:
        """Prepare the engines for the studio of this folder."""

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the studio's database, read from outside; `?` stands for a value."""

    def struck(self, blow: Blow) -> AbstractContextManager[Callable[[], None]]:
        """Strike on entry, as `blows.struck` does, for the blows that are not `ANYWHERE`."""


class Embedded:
    """SQLite and the embedded broker: files among the studio's own data."""

    blows: ClassVar = (*ANYWHERE, Blow.BROKER_GONE, Blow.BROKER_TORN, Blow.DISK_LONG, Blow.DATABASE)

    def __init__(self, data: Path) -> None:
        self._database = data / "studio.sqlite3"
        queue = data / "broker.sqlite3"
        self._queue_files = [queue, *(queue.with_name(f"{queue.name}-{suffix}") for suffix in ("wal", "shm"))]
        self.environment = {"DATABASE_URL": f"sqlite:///{self._database}?timeout={LOCK_SECONDS}"}

    @classmethod
    @contextmanager
    def laid(cls, folder: Path) -> Iterator[Self]:
        yield cls(folder / DATA)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self._database, timeout=20)) as database:
            return database.execute(query, values).fetchall()

    @contextmanager
    def struck(self, blow: Blow) -> Iterator[Callable[[], None]]:
        match blow:
            case Blow.BROKER_GONE:
                for file in self._queue_files:
                    file.unlink(missing_ok=True)
                yield lambda: None
            case Blow.BROKER_TORN:
                _tear(self._queue_files)
                yield lambda: None
            case Blow.DATABASE:
                with self._locked():
                    yield lambda: time.sleep(LOCKED_SECONDS)
            case _:
                raise ValueError(f"Nothing here to strike so: {blow}.")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Nobody else writes to the database meanwhile."""
        with closing(sqlite3.connect(self._database, timeout=20, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            finally:
                connection.execute("ROLLBACK")


class Engines:
    """A PostgreSQL and a Redis of the studio's own, in processes that are killed and started again."""

    blows: ClassVar = (*ANYWHERE, Blow.REDIS, Blow.POSTGRES, Blow.DISK_LONG, Blow.REDIS_LONG)

    def __init__(self, started: ExitStack, database: Path, broker: Path) -> None:
        self._started = started
        self._database_folder, self._broker_folder = database, broker
        self._database: Server = started.enter_context(postgres(database))
        self._broker: Server = started.enter_context(redis_server(broker))
        self._reading: psycopg.Connection | None = None
        self.environment = {"DATABASE_URL": self._database.url, "CELERY_BROKER_URL": self._broker.url}

    @classmethod
    @contextmanager
    def laid(cls, folder: Path) -> Iterator[Self]:
        with ExitStack() as started:
            places = [folder / name for name in ("postgres", "redis")]
            for place in places:
                place.mkdir()
            yield cls(started, *places)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """By one connection that stays open: a read every few milliseconds must not cost the studio its processor."""
        if self._reading is None or self._reading.closed:
            self._reading = psycopg.connect(self._database.url, autocommit=True)
        return self._reading.execute(query.replace("?", "%s").encode(), values).fetchall()

    @contextmanager
    def struck(self, blow: Blow) -> Iterator[Callable[[], None]]:
        match blow:
            case Blow.REDIS | Blow.REDIS_LONG:
                away_seconds = REDIS_LONG_AWAY_SECONDS if blow is Blow.REDIS_LONG else REDIS_AWAY_SECONDS
                self._broker.kill()
                with _once(self._start_broker) as start:
                    yield lambda: _after(away_seconds, start)
            case Blow.POSTGRES:
                # Nobody writes from here to the kill: what is read now is what is struck.
                with self._locked(), _once(self._kill_and_start_database) as kill_and_start:
                    yield kill_and_start
            case _:
                raise ValueError(f"Nothing here to strike so: {blow}.")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with closing(psycopg.connect(self._database.url)) as connection:
            connection.execute(f"LOCK TABLE {WRITTEN} IN SHARE MODE".encode())
            yield

    def _start_broker(self) -> None:
        """Empty, because it never writes anything to disk."""
        self._broker = self._started.enter_context(redis_server(self._broker_folder, port=self._broker.port))

    def _kill_and_start_database(self) -> None:
        if self._reading is not None:
            self._reading.close()
        self._database.kill()
        time.sleep(POSTGRES_AWAY_SECONDS)
        self._database = self._started.enter_context(postgres(self._database_folder, port=self._database.port))


@contextmanager
def _once(act: Callable[[], None]) -> Iterator[Callable[[], None]]:
    """The given function acts. If nobody calls it, it acts at the end, because the next run needs its engines."""
    done = False

    def do() -> None:
        nonlocal done
        done = True
        act()

    try:
        yield do
    finally:
        if not done:
            do()


def _after(seconds: float, act: Callable[[], None]) -> None:
    time.sleep(seconds)
    act()


def _tear(queue_files: list[Path]) -> None:
    """Noise over the files, as a failing disk leaves it. Processes that have them open meet it, too."""
    file, *beside = queue_files
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT)
    try:
        os.pwrite(descriptor, os.urandom(8192), 0)
    finally:
        os.close(descriptor)
    for other in beside:
        other.unlink(missing_ok=True)
