"""Run processes together: start, watch, restart and stop them as one. This module knows nothing of the studio.

A part is a Python module that runs as a program. Each part has a session of its own, so that Ctrl-C in the terminal
reaches only the runner. The runner then stops the parts in order. If the runner is killed and cannot do that, the
kernel ends the parts, on Linux.

A warm part is a fork of the runner. It shares the memory of all modules that the runner has loaded, and it does not
load them again. This is safe because the runner has one thread and no open connection. A cold part is a new
interpreter. macOS needs it, because its system libraries do not allow a fork without an exec.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Never, Self

logger = logging.getLogger(__name__)

FIRST_RESTART_SECONDS: Final = 0.2
LONGEST_RESTART_SECONDS: Final = 30.0
# A part that lived this long was healthy. Its next end does not count as another failure in a row.
WELL_AFTER_SECONDS: Final = 20.0
STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_PR_SET_PDEATHSIG: Final = 1
_libc: Final = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(parent_pid: int, signal_number: int) -> None:
    """Ask the kernel to send `signal_number` to this process when its parent ends.

    Does nothing where that is not possible. `parent_pid` is the parent that the caller knew. A parent that ended before
    this call would send nothing any more.
    """
    if _libc is None:
        return
    _libc.prctl(_PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent_pid:
        os.kill(os.getpid(), signal_number)


@dataclass(frozen=True, kw_only=True)
class Part:
    """A process to keep running: `module` with `arguments`, as `python -m` runs it.

    `inherited`: open files that it needs. `orphan_signal`: the signal it gets if the runner dies without stopping it.
    `stops_last`: it is stopped only after the parts that talk to it have ended. `grace_seconds`: how long it may take
    to end before it is killed. `niceness`: how much it leaves the processor to others, from 0 to 19.
    """

    name: str
    module: str
    arguments: Sequence[str] = ()
    inherited: tuple[int, ...] = ()
    orphan_signal: int = signal.SIGKILL
    stops_last: bool = False
    grace_seconds: float = 8.0
    niceness: int = 0

    @property
    def command(self) -> tuple[str, ...]:
        nice = ("nice", "-n", str(self.niceness)) if self.niceness else ()
        return *nice, sys.executable, "-m", self.module, *self.arguments


class PartFailedError(Exception):
    """A part ended before everything was ready. Most likely it cannot start at all."""


class StopAskedError(Exception):
    """Somebody pressed Ctrl-C, sent SIGTERM or closed the terminal."""


class _Fork:
    """The process of a warm part, with as much of `subprocess.Popen` as the runner needs."""

    def __init__(self, part: Part, folder: Path, title: str) -> None:
        runner = os.getpid()
        # The runner's handlers would swallow a signal to the child, so it waits until the child has dropped them.
        unblocked = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        self.returncode: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            _live(part, folder, title, runner, unblocked)
        signal.pthread_sigmask(signal.SIG_SETMASK, unblocked)

    def poll(self) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    def wait(self) -> int:
        if self.returncode is None:
            self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.returncode

    def terminate(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGTERM)


def _live(part: Part, folder: Path, title: str, runner: int, unblocked: set[int | signal.Signals]) -> Never:
    """Run a part in a fork, to its end. It never returns, because its callers do the runner's work."""
    status = 1
    try:
        os.setsid()
        os.chdir(folder)
        _leave_files(part.inherited)
        _take_title(title)
        signal.set_wakeup_fd(-1)
        for number in (*STOP_SIGNALS, signal.SIGCHLD):
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, signal.SIG_DFL if number != signal.SIGINT else signal.default_int_handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, unblocked)
        os.nice(part.niceness)
        die_with_parent(runner, part.orphan_signal)
        sys.argv = [part.module, *part.arguments]
        runpy.run_module(part.module, run_name="__main__", alter_sys=True)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
    except BaseException:  # noqa: BLE001  # it must not reach the callers
        traceback.print_exc()
    ctypes.pythonapi.Py_Exit(status)  # like the end of a program: it waits for threads and closes SQLite's files
    os._exit(status)  # not reached, since Py_Exit does not return


def _leave_files(inherited: tuple[int, ...]) -> None:
    """Drop the files that an exec would close: the runner's locks, sockets and pipes.

    /dev/null takes their numbers. The runner's objects, which live on here, would close another file by its number.
    """
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    for number in [int(path.name) for path in Path("/proc/self/fd").iterdir()]:
        with contextlib.suppress(OSError):  # the file of the listing itself is closed by now
            if number != nothing and number not in inherited and not os.get_inheritable(number):
                os.dup2(nothing, number, inheritable=False)


def _take_title(title: str) -> None:
    """Show `title` as the command line of this process. What is longer than the runner's command line is cut off.

    The kernel reads the command line from the memory between arg_start and arg_end, see proc(5). These are fields 48
    and 49 of the file, and its first two end with a bracket.
    """
    fields = Path("/proc/self/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    start, end = int(fields[45]), int(fields[46])
    ctypes.memmove(start, title.encode()[: end - start - 1].ljust(end - start, b"\0"), end - start)


class _Running:
    """One part and its present process."""

    def __init__(self, part: Part, folder: Path, warm_title: str | None) -> None:
        self.part = part
        self._folder = folder
        self._warm_title = warm_title
        self._failures = 0
        self.restart_at: float | None = None
        self.start()

    def start(self) -> None:
        self.restart_at = None
        self.started_at = time.monotonic()
        self.process = self._cold() if self._warm_title is None else _Fork(self.part, self._folder, self._warm_title)

    def _cold(self) -> subprocess.Popen[bytes]:
        runner = os.getpid()
        return subprocess.Popen(  # noqa: S603
            self.part.command,
            cwd=self._folder,
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

    @staticmethod
    def ending(code: int) -> str:
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"


class Parts:
    """The parts of one program. As a context manager it stops all of them at the end.

    Once `ready` is set, a part that ends is started again. Before that, its end raises `PartFailedError`. With
    `warm_title` the parts are forks of this process. Lists of processes show this title and the part's name.
    """

    def __init__(self, *, folder: Path, warm_title: str | None = None) -> None:
        self.ready = False
        self._folder = folder
        self._warm_title = warm_title
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
        title = None if self._warm_title is None else f"{self._warm_title}: {part.name}"
        self._running.append(_Running(part, self._folder, title))

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
            elif (code := running.process.poll()) is not None:
                running.signal_group(signal.SIGKILL)  # what it left behind would disturb its successor
                if not self.ready:
                    raise PartFailedError(f"The {running.part.name} {running.ending(code)} while starting.")
                delay, name = running.plan_restart(), running.part.name
                logger.warning("The %s %s; starting it again in %.1f s.", name, running.ending(code), delay)

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
