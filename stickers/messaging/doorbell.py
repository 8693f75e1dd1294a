"""A doorbell beside a file: a writer of the file rings it, and a process that waits for news wakes at once.

It is a FIFO, so that processes that know only the file's name find each other. A ring is one byte in it, and only a
hint. It can be lost with a killed process, or another process may read it first. So nobody waits for a ring without a
limit.
"""

from __future__ import annotations

import contextlib
import os
import select
import stat
import time
from typing import Final

_SUFFIX: Final = "-bell"
# How often to look where no FIFO can be made, as on some shared disks.
_WITHOUT_SECONDS: Final = 0.05


def ring(path: str) -> None:
    """Wake the processes that wait for news of the file, if there are any. Never blocks and never fails."""
    with contextlib.suppress(OSError):  # there is no bell, nobody listens, or it is full of rings
        bell = os.open(path + _SUFFIX, os.O_WRONLY | os.O_NONBLOCK)
        try:
            os.write(bell, b"!")
        finally:
            os.close(bell)


class Doorbell:
    """The waiting side, for one thread of one process."""

    def __init__(self, path: str) -> None:
        self._path = path + _SUFFIX
        self._bell: int | None = None
        self._file: tuple[int, int] | None = None
        self._process = 0

    def wait(self, seconds: float) -> bool:
        """Sleep until somebody rings, at most `seconds`. True if there may be news before that time is over.

        A ring since the last wait counts, too.
        """
        bell = self._opened()
        if bell is None:
            time.sleep(min(seconds, _WITHOUT_SECONDS))
            return seconds > _WITHOUT_SECONDS
        if not select.select([bell], [], [], seconds)[0]:
            return False
        with contextlib.suppress(BlockingIOError):  # another process was faster
            os.read(bell, 4096)
        return True

    def close(self) -> None:
        if self._bell is not None and self._process == os.getpid():
            os.close(self._bell)
        self._bell = None

    def _opened(self) -> int | None:
        """The FIFO with this name now. The data folder may have been deleted, and a fork needs its own."""
        try:
            found = os.stat(self._path)  # noqa: PTH116  with every wait
            if self._bell is None or self._file != (found.st_dev, found.st_ino) or self._process != os.getpid():
                self._open()
        except FileNotFoundError:
            with contextlib.suppress(OSError):
                os.mkfifo(self._path, 0o600)
                self._open()
        except OSError:
            self.close()
        return self._bell

    def _open(self) -> None:
        self.close()
        # Open for writing, too: a FIFO without any writer is always at its end.
        bell = os.open(self._path, os.O_RDWR | os.O_NONBLOCK)
        found = os.fstat(bell)
        if not stat.S_ISFIFO(found.st_mode):
            os.close(bell)
            return
        self._bell, self._file, self._process = bell, (found.st_dev, found.st_ino), os.getpid()
