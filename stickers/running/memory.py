"""Return freed memory to the system, so that a process is small again after heavy work."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_libc: Final = ctypes.CDLL(None) if sys.platform == "linux" else None
_mallopt: Final = getattr(_libc, "mallopt", None)
_M_ARENA_MAX: Final = -8  # of malloc.h
_malloc_trim: Final = getattr(_libc, "malloc_trim", None)  # glibc has it, musl does not


@contextmanager
def returned() -> Iterator[None]:
    """Run work that takes much memory for a moment. At its end, what it freed goes back to the system.

    glibc keeps freed memory for each thread: a worker that has cut one sheet of 1024 px keeps 53 MB. The call takes
    about 10 ms, and the next cut is as fast as before. Where the C library can't do it, the memory stays with the
    process.
    """
    try:
        yield
    finally:
        _return()


def _return() -> None:
    gc.collect()  # Django's forms and rows refer to each other in circles, and hold the pictures that were made of them
    if _malloc_trim is not None:
        _malloc_trim(0)


def share_arenas() -> None:
    """Let the threads of this process, and of those that it forks, share two of glibc's arenas.

    By default there are eight for each processor. A worker whose threads cut by turns kept 80 MB in the holes between
    what still lived in each.
    """
    if _mallopt is not None:
        _mallopt(_M_ARENA_MAX, 2)


class Watch:
    """Returns freed memory whenever the process has grown by so much since the last time.

    This is for work whose need is known only afterwards: most requests take nothing, but a page of large stickers takes
    hundreds of megabytes for a moment. A look costs 10 µs. Where the system tells no size, nothing happens.
    """

    def __init__(self, *, grown_mb: int) -> None:
        self._grown_bytes = grown_mb * 2**20
        self._size_then: int | None = None  # after the last return; None before the first look

    def look(self, **_: object) -> None:
        """Give memory back if much was taken since the smallest size. A signal's own arguments do not matter."""
        size = _resident_bytes()
        if size is None:
            return
        if self._size_then is None or size < self._size_then:
            self._size_then = size
        elif size - self._size_then > self._grown_bytes:
            _return()
            # Another request may still be at heavy work. What it takes must not pass for the size that is wanted.
            self._size_then = min(_resident_bytes() or size, self._size_then + self._grown_bytes)


def _resident_bytes() -> int | None:
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return None
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
