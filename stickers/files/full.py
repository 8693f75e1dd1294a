"""Tells whether an error means that a disk is full: of files, of SQLite or of PostgreSQL."""

from __future__ import annotations

import errno
import sqlite3
from typing import Final

_FULL: Final = {errno.ENOSPC, errno.EDQUOT}
# SQLITE_FULL; and the two with which SQLite says that a file of its own can't grow.
_SQLITE_FULL: Final = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_WRITE}
_POSTGRESQL_FULL: Final = "53100"  # disk_full, in the appendix “PostgreSQL Error Codes” of its manual


def is_full(error: BaseException | None) -> bool:
    """Whether this error, or one that led to it, was raised for want of room on a disk."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        if getattr(error, "sqlite_errorcode", None) in _SQLITE_FULL:
            return True
        if getattr(error, "sqlstate", None) == _POSTGRESQL_FULL:
            return True
        error = error.__cause__
    return False
