"""Keeps the ids of paid jobs on disk beside the database until their rows have them.

The id that Segmind gave for an order must never be lost, even when the worker dies, the database refuses or the disk
is full. So the file is made at its full size while all is well. A line is written over blanks, needs no new space,
and is flushed before anything else happens.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

logger = logging.getLogger(__name__)

SLOTS: Final = 256
SLOT_BYTES: Final = 256  # a row's number, a space, an id of at most 200 characters
_BLANK: Final = b" " * (SLOT_BYTES - 1) + b"\n"


@dataclass(frozen=True)
class Entry:
    """An id that waits to be saved."""

    generation_pk: int
    request_id: str


def path() -> Path:
    return Path(settings.DATA_DIR) / "unsaved_ids"


def prepare() -> None:
    """Make the file at its full size if it is missing. A worker calls this when it starts."""
    try:
        with _open() as file:
            _fill(file)
    except OSError as error:
        logger.warning(
            "%s cannot be made (%s): ids that the database refuses would be in the log alone.", path(), error
        )


def keep(generation_pk: int, request_id: str) -> None:
    """Write an id into the file. Raises OSError when the disk refuses that, too."""
    line = f"{generation_pk} {request_id}".encode()
    if len(line) >= SLOT_BYTES:
        raise OSError("The id is too long for the journal.")
    with _open() as file:
        _fill(file)
        free = next((slot for slot, content in _slots(file) if not content), None)
        if free is None:
            raise OSError("The journal is full.")
        os.pwrite(file, line.ljust(SLOT_BYTES - 1) + b"\n", free * SLOT_BYTES)
        os.fsync(file)


def entries() -> list[Entry]:
    """The ids that wait. Reading costs almost nothing, so every round may look."""
    try:
        data = path().read_bytes()
    except OSError:
        return []
    if not data.strip():
        return []
    with _open() as file:
        return [_entry(content) for _, content in _slots(file) if content.partition(" ")[0].isdecimal()]


def forget(generation_pk: int, request_id: str) -> None:
    """Remove an entry whose id the row now has."""
    line = f"{generation_pk} {request_id}"
    with _open() as file:
        for slot in [slot for slot, content in _slots(file) if content == line]:
            os.pwrite(file, _BLANK, slot * SLOT_BYTES)
            os.fsync(file)


def set_aside() -> Path | None:
    """Move away a file with ids from before a restore. Returns its new place, or None if it held no id."""
    if not entries():
        return None
    return path().replace(path().with_name(f"unsaved_ids.{int(time.time())}"))


@contextlib.contextmanager
def put_back_on_error() -> Iterator[Callable[[], None]]:
    """Set the file aside for the block. When the block ends with an error, the file is put back."""
    aside: list[Path] = []

    def set_it_aside() -> None:
        place = set_aside()
        if place is not None:
            aside.append(place)

    try:
        yield set_it_aside
    except BaseException:
        for place in aside:
            place.replace(path())
        raise


def _entry(content: str) -> Entry:
    number, _, request_id = content.partition(" ")
    return Entry(int(number), request_id)


@contextlib.contextmanager
def _open() -> Iterator[int]:
    """Open the file with a lock, so that no other process uses it meanwhile."""
    file = os.open(path(), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    finally:
        os.close(file)


def _fill(file: int) -> None:
    """Fill the file with blanks up to its full size. A file that is too short keeps its entries."""
    size = os.fstat(file).st_size
    missing = SLOTS * SLOT_BYTES - size
    if missing > 0:
        whole = size - size % SLOT_BYTES
        os.pwrite(file, _BLANK * ((SLOTS * SLOT_BYTES - whole) // SLOT_BYTES), whole)
        os.fsync(file)


def _slots(file: int) -> Iterator[tuple[int, str]]:
    data = os.pread(file, SLOTS * SLOT_BYTES, 0)
    for slot in range(len(data) // SLOT_BYTES):
        yield slot, data[slot * SLOT_BYTES : (slot + 1) * SLOT_BYTES].decode("ascii", errors="replace").strip()
