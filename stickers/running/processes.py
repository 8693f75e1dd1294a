"""Run processes together: start, watch, restart and stop them as one. This module knows nothing of the studio.

Each part has a session of its own, so that Ctrl-C in the terminal reaches only the runner. The runner then stops the
parts in order. If the runner is killed and cannot do that, the kernel ends the parts, on Linux.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

logger = logging.getLogger(__name__)

FIRST_RESTART_SECONDS: Final = 0.2
LONGEST_RESTART_SECONDS: Final = 30.0
# A part that lived this long was healthy. Its next end does not count as another failure in a row.
WELL_AFTER_SECONDS: Final = 20.0
STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_PR_SET_PDEATHSIG: Final = 1
_libc: Final = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(parent_pid: int, signal_number: int) -> None:
    """Ask the kernel to send `signal_number` to this process when its parent ends. Does nothing where that is not
    possible.

    `parent_pid` is the parent that the caller knew. A parent that ended before this call would send nothing any more.
    """
    if _libc is None:
        return
    _libc.prctl(_PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent_pid:
        os.kill(os.getpid(), signal_number)


@dataclass(frozen=True, kw_only=True)
class Part:
    """A process to keep running.

    `inherited`: open files that it needs. `orphan_signal`: the signal it gets if the runner dies without stopping it.
    `stops_last`: it is stopped only after the parts that talk to it have ended. `grace_seconds`: how long it may take
    to end before it is killed.
    """

    name: str
    command: Sequence[str]
    inherited: tuple[int, ...] = ()
    orphan_signal: int = signal.SIGKILL
    stops_last: bool = False
    grace_seconds: float = 8.0


class PartFailedError(Exception):
    """A part ended before everything was ready. Most likely it cannot start at all."""


class StopAskedError(Exception):
    """Somebody pressed Ctrl-C, sent SIGTERM or closed the terminal."""


class _Running:
    """One part and its present process."""

    def __init__(self, part: Part, folder: Path, environment: Mapping[str, str]) -> None:
        self.part = part
        self._folder = folder
        self._environment = dict(environment)
        self._failures = 0
        self.restart_at: float | None = None
        self.start()

    def start(self) -> None:
        runner = os.getpid()
        self.restart_at = None
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603
            self.part.command,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            pass_fds=self.part.inherited,
            start_new_session=True,
            # Safe, because the runner has one thread. It must be this thread, too, because the kernel watches the
            # thread that forked.
            preexec_fn=lambda: die_with_parent(runner, self.part.orphan_signal),  # noqa: PLW1509
        )

    def plan_restart(self) -> float:
        """Plan the next start and return the seconds until then. The pause doubles while the part ends early."""
        now = time.monotonic()
        self._failures = 0 if now - self.started_at > WELL_AFTER_SECONDS else self._failures + 1
        delay = min(FIRST_RESTART_SECONDS * 2.0 ** max(self._failures - 1, 0), LONGEST_RESTART_SECONDS)
        self.restart_at = now + delay
        return delay

    def signal_group(self, number: int) -> None:
        """Signal the part and everything that it started. The session's group lives as long as one of them does."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)

    def ending(self) -> str:
        code = self.process.returncode
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"


class Parts:
    """The parts of one program. As a context manager it stops all of them at the end.

    Once `ready` is set, a part that ends is started again. Before that, its end raises `PartFailedError`.
    """

    def __init__(self, *, folder: Path, environment: Mapping[str, str]) -> None:
        self.ready = False
        self._folder = folder
        self._environment = environment
        self._running: list[_Running] = []
        self._wakeup, self._wakeup_end = socket.socketpair()
        self._stop_asked = False

    def __enter__(self) -> Self:
        self._wakeup.settimeout(0)
        self._wakeup_end.settimeout(0)
        # The handlers do nothing. Each signal writes its number to the socket, and `wait` reads it there. So no signal
        # interrupts the runner in the middle of a step.
        signal.set_wakeup_fd(self._wakeup_end.fileno(), warn_on_full_buffer=False)
        for number in (*STOP_SIGNALS, signal.SIGCHLD):
            if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
                signal.signal(number, lambda *_: None)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()
        signal.set_wakeup_fd(-1)
        self._wakeup.close()
        self._wakeup_end.close()

    def start(self, part: Part) -> None:
        self._running.append(_Running(part, self._folder, self._environment))

    def wait(self, seconds: float) -> None:
        """Watch the parts for `seconds`. Raises `StopAskedError` as soon as the program is asked to stop."""
        end = time.monotonic() + seconds
        while True:
            if self._stop_asked:
                raise StopAskedError
            self._tend()
            left = end - time.monotonic()
            if left <= 0:
                return
            planned = [running.restart_at - time.monotonic() for running in self._running if running.restart_at]
            self._sleep(max(min([left, *planned]), 0))

    def _sleep(self, seconds: float) -> None:
        """Sleep until a signal comes or the time is over."""
        if select.select([self._wakeup], [], [], seconds)[0]:
            with contextlib.suppress(BlockingIOError):
                self._stop_asked = self._stop_asked or any(number in STOP_SIGNALS for number in self._wakeup.recv(64))

    def _tend(self) -> None:
        for running in self._running:
            if running.restart_at is not None:
                if time.monotonic() >= running.restart_at:
                    running.start()
            elif running.process.poll() is not None:
                running.signal_group(signal.SIGKILL)  # what it left behind would disturb its successor
                if not self.ready:
                    raise PartFailedError(f"The {running.part.name} {running.ending()} while starting.")
                delay = running.plan_restart()
                logger.warning("The %s %s; starting it again in %.1f s.", running.part.name, running.ending(), delay)

    def _stop(self) -> None:
        """Send each SIGTERM in order, wait its grace time, then send SIGKILL. A second Ctrl-C ends the wait."""
        self._stop_asked = False
        for last in (False, True):
            asked = [running for running in self._running if running.part.stops_last is last]
            for running in asked:
                running.process.terminate()
            # The part with the shortest grace comes first, so that no part gets more time than its own.
            begun = time.monotonic()
            for running in sorted(asked, key=lambda running: running.part.grace_seconds):
                for _ in self._until(begun + running.part.grace_seconds):
                    if self._stop_asked or running.process.poll() is not None:
                        break
                running.signal_group(signal.SIGKILL)
                running.process.wait()

    def _until(self, end: float) -> Iterator[None]:
        """Yield at first, then after every signal (a child's end is one), until the monotonic clock says `end`."""
        yield
        while (left := end - time.monotonic()) > 0:
            self._sleep(left)
            yield
