"""What is done to the studio: a part is killed, the queue's file torn away, the disk full, the database locked."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Final

from tests.chaos.studio import DATABASE_SECONDS, Studio, locked
from tests.running_studio import until

BACK_SECONDS: Final = 60
FULL_SECONDS: Final = 1.5
LOCKED_SECONDS: Final = DATABASE_SECONDS + 2.0  # longer than the studio waits for it


class Blow(StrEnum):
    WORKER = "worker"
    WEB = "web"
    SCHEDULER = "scheduler"
    BROKER_GONE = "broker, file gone"
    BROKER_TORN = "broker, file torn"
    DISK = "disk full"
    DATABASE = "database refuses"


@contextmanager
def struck(studio: Studio, blow: Blow) -> Iterator[Callable[[], None]]:
    """Strike on the way in. What is given waits until the studio is back: the process runs, the disk has room."""
    match blow:
        case Blow.WORKER | Blow.SCHEDULER:
            part = str(blow)
            said = studio.said(part)
            studio.running.kill(part)
            yield lambda: until(lambda: studio.said(part) > said, seconds=BACK_SECONDS, what=f"a new {part}")
        case Blow.WEB:
            studio.running.kill("web")
            yield lambda: until(studio.answers, seconds=BACK_SECONDS, what="a new web server")
        case Blow.BROKER_GONE:
            for file in _queue_files(studio):
                file.unlink(missing_ok=True)
            yield lambda: None
        case Blow.BROKER_TORN:
            _tear(_queue_files(studio)[0])
            yield lambda: None
        case Blow.DISK:
            studio.disk.fill()
            try:
                yield lambda: _mend(studio.disk.empty, FULL_SECONDS)
            finally:
                studio.disk.empty()
        case Blow.DATABASE:
            with locked(studio.running.data / "studio.sqlite3"):
                yield lambda: time.sleep(LOCKED_SECONDS)


def _mend(mend: Callable[[], None], after_seconds: float) -> None:
    time.sleep(after_seconds)
    mend()


def _queue_files(studio: Studio) -> list[Path]:
    file = studio.running.data / "broker.sqlite3"
    return [file, *(file.with_name(f"{file.name}-{suffix}") for suffix in ("wal", "shm"))]


def _tear(file: Path) -> None:
    """Noise over what is there, as a failing disk leaves it; those who have it open find it so."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT)
    try:
        os.pwrite(descriptor, os.urandom(8192), 0)
    finally:
        os.close(descriptor)
    for beside in ("wal", "shm"):
        file.with_name(f"{file.name}-{beside}").unlink(missing_ok=True)
