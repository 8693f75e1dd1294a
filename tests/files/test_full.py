"""A full disk is known by what files, SQLite and PostgreSQL say of it."""

from __future__ import annotations

import errno
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError

from stickers.files.full import is_full


def test_files() -> None:
    assert is_full(OSError(errno.ENOSPC, "No space left on device"))
    assert is_full(OSError(errno.EDQUOT, "Disk quota exceeded"))
    assert not is_full(OSError(errno.EACCES, "Permission denied"))
    assert not is_full(None)


def test_sqlite(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "rows.sqlite3")) as rows:
        rows.execute("CREATE TABLE a (b TEXT)")
        rows.execute("PRAGMA max_page_count = 2")
        with pytest.raises(sqlite3.OperationalError) as raised:
            rows.execute("INSERT INTO a VALUES (?)", ["x" * 100_000])
    assert is_full(raised.value)
    assert is_full(from_the_driver(raised.value))
    with closing(sqlite3.connect(tmp_path / "rows.sqlite3")) as rows, pytest.raises(sqlite3.OperationalError) as other:
        rows.execute("SELECT nothing FROM a")
    assert not is_full(other.value)


def test_postgresql() -> None:
    assert is_full(from_the_driver(psycopg.errors.DiskFull()))
    assert not is_full(from_the_driver(psycopg.errors.UniqueViolation()))


def from_the_driver(error: Exception) -> OperationalError:
    """As Django passes it on."""
    ours = OperationalError(str(error))
    ours.__cause__ = error
    return ours
