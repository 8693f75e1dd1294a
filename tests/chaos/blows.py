"""What is done to the studio: a part is killed, its disk is filled, or its database or broker is struck."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from tests.chaos.grounds import Blow
from tests.chaos.studio import Studio
from tests.support.running_studio import until

BACK_SECONDS: Final = 60
FULL_SECONDS: Final = 1.5
FULL_FOR_LONG_SECONDS: Final = 25.0  # five tries with doubling pauses would have ended by then


@contextmanager
def struck(studio: Studio, blow: Blow) -> Iterator[Callable[[], None]]:
    """Strike on entry. The given function waits until the studio is back: the process runs, the disk has room."""
    match blow:
        case Blow.WORKER | Blow.SCHEDULER:
            part = str(blow)
            said = studio.said(part)
            studio.running.kill(part)
            yield lambda: until(lambda: studio.said(part) > said, seconds=BACK_SECONDS, what=f"a new {part}")
        case Blow.WEB:
            studio.running.kill("web")
            yield lambda: until(studio.answers, seconds=BACK_SECONDS, what="a new web server")
        case Blow.DISK | Blow.DISK_LONG:
            full_seconds = FULL_FOR_LONG_SECONDS if blow is Blow.DISK_LONG else FULL_SECONDS
            studio.disk.fill()
            try:
                yield lambda: _mend(studio.disk.empty, full_seconds)
            finally:
                studio.disk.empty()
        case _:
            with studio.ground.struck(blow) as wait_until_back:
                yield wait_until_back


def _mend(mend: Callable[[], None], after_seconds: float) -> None:
    time.sleep(after_seconds)
    mend()
