"""Processes that run together: started, watched, restarted and stopped as one. Knows nothing of the studio.

A part lives in a session of its own, so that Ctrl-C in the terminal reaches the runner alone, which then stops the
parts in order. On Linux the kernel ends a part when the runner is killed without a chance to do that.
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
# A part that lived this long was well; its next death is not blamed on the one before.
WELL_AFTER_SECONDS: Final = 20.0
STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_PR_SET_PDEATHSIG: Final = 1
_libc: Final = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(parent_pid: int, signal_number: int) -> None:
    """Have the kernel send `signal_number` to this process when its parent ends; harmless where it cannot.

    `parent_pid` is the parent as the caller knew it: one that ended before this call sends nothing any more.
    """
    if _libc is None:
        return
    _libc.prctl(_PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent_pid:
        os.kill(os.getpid(), signal_number)


@dataclass(frozen=True, kw_only=True)
class Part:
    """A process to keep running.

    `inherited` are open files that it needs, `orphan_signal` is what it gets when the runner dies without stopping
    it, and with `stops_last` it is stopped only after the parts that talk to it have ended. `grace_seconds` is how
    long it may take to end what it is at before it is killed.
    """

    name: str
    command: Sequence[str]
    inherited: tuple[int, ...] = ()
    orphan_signal: int = signal.SIGKILL
    stops_last: bool = False
    grace_seconds: float = 8.0


class PartFailedError(Exception):
    """A part ended before everything was ready: most likely it cannot start at all."""


class StopAskedError(Exception):
    """Ctrl-C, SIGTERM or a closed terminal."""


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
            # Safe: the runner has one thread. It must be that one, too: the kernel watches the thread that forked.
            preexec_fn=lambda: die_with_parent(runner, self.part.orphan_signal),  # noqa: PLW1509
        )

    def plan_restart(self) -> float:
        """Seconds until the next try, doubling while the part keeps dying young."""
        now = time.monotonic()
        self._failures = 0 if now - self.started_at > WELL_AFTER_SECONDS else self._failures + 1
        delay = min(FIRST_RESTART_SECONDS * 2.0 ** max(self._failures - 1, 0), LONGEST_RESTART_SECONDS)
        self.restart_at = now + delay
        return delay

    def signal_group(self, number: int) -> None:
        """Signal the part and whatever it started itself; its session's group outlives it while one of them does."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)

    def ending(self) -> str:
        code = self.process.returncode
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"


class Parts:
    """The parts of one program. Use as a context: on the way out all are stopped.

    Once `ready` is set, a part that dies is started again; before, its death raises `PartFailedError`.
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
        # The handlers do nothing: each signal writes its number to the socket, and `wait` reads it there.
        # So no signal ever interrupts the runner halfway through a step.
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
        """Watch over the parts for `seconds`; raises `StopAskedError` as soon as the program is asked to stop."""
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
                running.signal_group(signal.SIGKILL)  # what it left behind would be in the next one's way
                if not self.ready:
                    raise PartFailedError(f"The {running.part.name} {running.ending()} while starting.")
                delay = running.plan_restart()
                logger.warning("The %s %s; starting it again in %.1f s.", running.part.name, running.ending(), delay)

    def _stop(self) -> None:
        """SIGTERM to each in order, its own time to obey, then SIGKILL; a second Ctrl-C cuts the time short."""
        self._stop_asked = False
        for last in (False, True):
            asked = [running for running in self._running if running.part.stops_last is last]
            for running in asked:
                running.process.terminate()
            # Those with the least time first, so that none waits for another's time to be over.
            begun = time.monotonic()
            for running in sorted(asked, key=lambda running: running.part.grace_seconds):
                for _ in self._until(begun + running.part.grace_seconds):
                    if self._stop_asked or running.process.poll() is not None:
                        break
                running.signal_group(signal.SIGKILL)
                running.process.wait()

    def _until(self, end: float) -> Iterator[None]:
        """Once at first, then after every signal (a child's end is one), until the clock says `end`."""
        yield
        while (left := end - time.monotonic()) > 0:
            self._sleep(left)
            yield
