"""What a command says when the machine is at fault: one line and exit code 1, and no traceback."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.db.utils import IntegrityError, OperationalError

from stickers.management.refusals import in_words

ROOT = Path(__file__).parents[2]


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    known = {"PATH": os.environ["PATH"], **environment}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=known, capture_output=True, text=True, check=False)


def test_it_works(tmp_path: Path) -> None:
    """A database that cannot be opened."""
    address = f"sqlite:///{tmp_path}/nowhere/rows.sqlite3"
    done = manage("backup", "--out", str(tmp_path / "x.tar"), STUDIO_DATA=str(tmp_path / "data"), DATABASE_URL=address)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "The database cannot be used: unable to open database file.\n"


def test_a_traceback_is_shown_on_demand(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/nowhere/rows.sqlite3"
    done = manage("housekeeping", "--traceback", STUDIO_DATA=str(tmp_path / "data"), DATABASE_URL=address)
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_a_data_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = manage("migrate", STUDIO_DATA=str(tmp_path / "file/data"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"Cannot write to the data folder {tmp_path}/file/data: Not a directory.\n"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device", "/data/x"),
            "The disk is full: No space left on device, /data/x.",
        ),
        (
            OSError(errno.EROFS, "Read-only file system", "/x"),
            "A file or folder cannot be used: Read-only file system, /x.",
        ),
        (PermissionError(errno.EACCES, "Permission denied"), "A file or folder cannot be used: Permission denied."),
        (
            OperationalError("attempt to write a readonly database"),
            "The database cannot be used: attempt to write a readonly database.",
        ),
        (
            OperationalError("connection failed:\n  refused.\n"),
            "The database cannot be used: connection failed: refused.",
        ),
    ],
)
def test_words(error: Exception, words: str) -> None:
    assert in_words(error) == words


def test_a_full_database() -> None:
    error, cause = OperationalError("database or disk is full"), sqlite3.OperationalError()
    cause.sqlite_errorcode = sqlite3.SQLITE_FULL
    error.__cause__ = cause
    assert in_words(error) == "The disk is full: database or disk is full."


@pytest.mark.parametrize("error", [KeyError("x"), FileNotFoundError(2, "No such file"), IntegrityError("UNIQUE")])
def test_other_errors_keep_their_traceback(error: Exception) -> None:
    assert in_words(error) is None
