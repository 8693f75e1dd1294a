"""A studio in processes with data of its own, for tests that kill them and for the bench."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx

ROOT: Final = Path(__file__).resolve().parents[2]
START_SECONDS: Final = 90  # for a machine that does other things, too
# What is in the title of this part only. The second word is for a checkout of an older release.
PARTS: Final = {
    "web": (": web server", "gunicorn"),
    "worker": (": worker", " worker "),
    "scheduler": (": scheduler", " beat "),
    "stand-in": (": stand-in", " sandbox "),
}


class RunningStudio:
    """`python -m stickers.running.runner` and what it starts. Use it in a `with`. `environment` goes to every part.

    `checkout` is the folder of another version, which has an environment of its own.
    """

    def __init__(self, data: Path, *, checkout: Path = ROOT, **environment: str) -> None:
        self.data = data
        self._checkout = checkout
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_file = data.with_name(f"{data.name}.log")
        self.environment = {
            **{name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"},
            "STUDIO_DATA": str(data),
            "PORT": str(self.port),
            **environment,
        }

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def log(self) -> str:
        """The output of the parts since the last start."""
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def start(self) -> None:
        """Start, and wait until every part is there."""
        with self.log_file.open("w", encoding="utf-8") as log:
            self._runner = subprocess.Popen(
                [*self._program(), "--follow-parent"],
                cwd=self._checkout,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        until(
            lambda: "is ready at" in self.log or self._runner.poll() is not None,
            seconds=START_SECONDS,
            what="the studio to start",
        )
        if self._runner.poll() is not None:
            raise RuntimeError(f"The studio did not start:\n{self.log}")

    def _program(self) -> Sequence[str]:
        if self._checkout == ROOT:
            return sys.executable, "-m", "stickers.running.runner"
        is_old = (self._checkout / "stickers" / "runner.py").exists()  # the runner's former place
        module = "stickers.runner" if is_old else "stickers.running.runner"
        return str(self._checkout / ".venv" / "bin" / "python"), "-m", module

    def stop(self) -> None:
        if self._runner.poll() is None:
            self._runner.terminate()
            try:
                self._runner.wait(30)
            except subprocess.TimeoutExpired:
                self.kill_all()

    def kill(self, part: str) -> None:
        """SIGKILL to all processes of one part. The runner starts it again."""
        _kill([pid for pid, name in self.processes().items() if name == part])

    def pids(self) -> list[int]:
        """The runner and all that it started."""
        return [self._runner.pid, *descendants(self._runner.pid)]

    def processes(self) -> dict[int, str]:
        """What each process is: the runner or a part."""
        commands = descendants(self._runner.pid)
        return {self._runner.pid: "runner", **{pid: _part(command) for pid, command in commands.items()}}

    def kill_all(self) -> None:
        """SIGKILL to every process, the runner included."""
        kill_family(self._runner)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the studio's database, read from outside."""
        with closing(sqlite3.connect(self.data / "studio.sqlite3", timeout=20)) as database:
            return database.execute(query, values).fetchall()

    @contextmanager
    def browser(self) -> Iterator[httpx.Client]:
        """A client that may send forms."""
        with httpx.Client(base_url=self.url, timeout=30, trust_env=False) as browser:
            browser.get("/").raise_for_status()
            browser.headers["x-csrftoken"] = browser.cookies["csrftoken"]
            yield browser


def begun(data: Path, tables: Path) -> Path:
    """`data` as the folder of a studio whose database has its tables: a copy of the file `tables`."""
    data.mkdir(mode=0o700)
    shutil.copyfile(tables, data / "studio.sqlite3")
    return data


def until(condition: Callable[[], object], *, seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"Waited {seconds:g} s for {what}.")
        time.sleep(0.02)


def free_port() -> int:
    """A port where nobody listens, below those that systems give to connections, so that none of these gets it."""
    while True:
        port = 10_000 + secrets.randbelow(20_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def descendants(pid: int) -> dict[int, str]:
    """The command lines of all descendants of a process, by their ids."""
    parents = {int(path.name): _parent(path) for path in Path("/proc").iterdir() if path.name.isdecimal()}
    family = {pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return {child: _command(child) for child in family - {pid}}


def kill_family(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to a process and all that it started."""
    _kill([process.pid, *descendants(process.pid)])
    process.wait()


def _kill(pids: list[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):  # the kernel ends the parts with their runner
            os.kill(pid, signal.SIGKILL)
    until(lambda: not any(map(_command, pids)), seconds=10, what="killed processes to end")


def _part(command: str) -> str:
    return next((part for part, words in PARTS.items() if any(word in command for word in words)), "other")


def _parent(process: Path) -> int:
    try:
        # The name before it stands in brackets and may hold anything.
        return int((process / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0  # it ended meanwhile


def _command(pid: int) -> str:
    """The command line; empty if the process has ended, even if nobody has collected it yet."""
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ""
    return line.replace(b"\0", b" ").decode(errors="replace")
