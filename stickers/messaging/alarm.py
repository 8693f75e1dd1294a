"""Let a worker set an alarm for the moment when the next row is due, so that it can sleep until then."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Alarm:
    """Calls `ring` once, in a thread of its own, at the moment that was set last.

    `ask` says in how many seconds the next row is due; None means never.
    """

    def __init__(self, ask: Callable[[], float | None], ring: Callable[[], object]) -> None:
        self._ask = ask
        self._ring = ring
        self._asking = threading.Lock()
        self._changed = threading.Condition()
        self._at: float | None = None
        self._thread: threading.Thread | None = None

    def set(self, seconds: float | None) -> None:
        """Ring in `seconds` instead of at the moment set before. None means never."""
        with self._changed:
            self._at = None if seconds is None else time.monotonic() + seconds
            if self._thread is None and seconds is not None:
                self._thread = threading.Thread(target=self._wait, name="alarm", daemon=True)
                self._thread.start()
            self._changed.notify()

    def set_by_rows(self) -> None:
        """Ring when the rows say so.

        Only one thread asks at a time, because an older answer must not replace a newer one.
        """
        with self._asking:
            self.set(self._ask())

    def _wait(self) -> None:
        while True:
            with self._changed:
                while self._at is None or self._at > time.monotonic():
                    self._changed.wait(None if self._at is None else self._at - time.monotonic())
                self._at = None
            self._ring()
