"""Says in words why a command cannot go on, where the cause is the machine: a disk, a folder, a database."""

from __future__ import annotations

import errno
from typing import Final

from django.db.utils import OperationalError

from stickers.files.full import is_full

_NOT_WRITABLE: Final = {errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}


def in_words(error: BaseException) -> str | None:
    """One line for the operator; None if the error is no fault of the machine, so that its traceback is wanted."""
    if is_full(error):
        return f"The disk is full: {_plain(error)}."
    if isinstance(error, OperationalError):
        return f"The database cannot be used: {_plain(error)}."
    if isinstance(error, OSError) and error.errno in _NOT_WRITABLE:
        return f"A file or folder cannot be used: {_plain(error)}."
    return None


def _plain(error: BaseException) -> str:
    """The error's own words in one line, with the file that it names."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}, {error.filename}" if error.filename else error.strerror
    return " ".join(str(error).split()).rstrip(".")
