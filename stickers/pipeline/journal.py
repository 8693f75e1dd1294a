"""Ids of paid jobs whose rows could not be written: on disk beside the database, until a later step writes them.

The one thing that must not be lost when the database refuses or the disk is full is the id that Segmind gave for an
order. So the file is made, at its full size, while all is well: a line is written over blanks, needs no new space, and
is flushed before anything else happens.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
from collections.abc import Iterator
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
    """An id that waits to be saved, and the slot of the file that holds it."""

    slot: int
    generation_pk: int
    request_id: str


def path() -> Path:
    return Path(settings.DATA_DIR) / "unsaved_ids"


def prepare() -> None:
    """Make the file at its full size, if it is not there; for a worker that starts."""
    try:
        with _open() as file:
            _fill(file)
    except OSError as error:
        logger.warning(
            "%s cannot be made (%s): ids that the database refuses would be in the log alone.", path(), error
        )


def keep(generation_pk: int, request_id: str) -> None:
    """Write an id down. Raises OSError when the disk refuses that as well."""
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
    """What waits; reading costs next to nothing, so that every step may look."""
    try:
        data = path().read_bytes()
    except OSError:
        return []
    if not data.strip():
        return []
    with _open() as file:
        return [_entry(slot, content) for slot, content in _slots(file) if content.partition(" ")[0].isdecimal()]


def forget(entry: Entry) -> None:
    """The row has it. Only if the slot still holds this very entry: another worker may have been here."""
    with _open() as file:
        if dict(_slots(file)).get(entry.slot) == f"{entry.generation_pk} {entry.request_id}":
            os.pwrite(file, _BLANK, entry.slot * SLOT_BYTES)
            os.fsync(file)


def _entry(slot: int, content: str) -> Entry:
    number, _, request_id = content.partition(" ")
    return Entry(slot, int(number), request_id)


@contextlib.contextmanager
def _open() -> Iterator[int]:
    """The file, to this process alone."""
    file = os.open(path(), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    finally:
        os.close(file)


def _fill(file: int) -> None:
    """Blanks up to the full size; a file that was cut short keeps what it holds."""
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
