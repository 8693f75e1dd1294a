"""Return freed memory to the system, so that a process is small again after heavy work."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_libc: Final = ctypes.CDLL(None) if sys.platform == "linux" else None
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
        if _malloc_trim is not None:
            _malloc_trim(0)
