"""Parts that run together: watched, restarted with growing pauses, stopped in order."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stickers.running import processes
from stickers.running.processes import Part, PartFailedError, Parts, StopAskedError
from tests.conftest import wait_until

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); open(NAME, 'w'); time.sleep(60)"
ORDERLY = """
import signal, sys, time
def stop(*_):
    open("order", "a").write(NAME + " ")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
open(NAME, "w")
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """The runner takes over signals; the tests' own handlers come back afterwards."""
    numbers = (*processes.STOP_SIGNALS, signal.SIGCHLD)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def python(script: str, name: str = "part", **options: object) -> Part:
    return Part(name=name, command=(sys.executable, "-c", f"NAME = {name!r}\n{script}"), **options)  # type: ignore[arg-type]


def parts_in(folder: Path) -> Parts:
    return Parts(folder=folder, environment=os.environ)


def wait_for(parts: Parts, path: Path) -> None:
    for _ in range(1000):
        if path.exists():
            return
        parts.wait(0.02)
    pytest.fail(f"{path.name} never appeared.")


def test_it_works(tmp_path: Path) -> None:
    with parts_in(tmp_path) as parts:
        parts.start(python(ORDERLY, "server", stops_last=True))
        parts.start(python(ORDERLY, "client"))
        wait_for(parts, tmp_path / "server")
        wait_for(parts, tmp_path / "client")
    assert (tmp_path / "order").read_text() == "client server "


def test_asked_to_stop(tmp_path: Path) -> None:
    with parts_in(tmp_path) as parts:
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGTERM)).start()
        with pytest.raises(StopAskedError):
            parts.wait(60)


def test_death_while_starting(tmp_path: Path) -> None:
    with parts_in(tmp_path) as parts:
        parts.start(python("import sys; sys.exit(3)", "worker"))
        with pytest.raises(PartFailedError, match="The worker ended with status 3 while starting"):
            parts.wait(60)


def test_restart(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    counting = "open('starts', 'a').write('x'); import os, time; os.kill(os.getpid(), 9)"
    with parts_in(tmp_path) as parts:
        parts.ready = True
        parts.start(python(counting, "worker"))
        for _ in range(1000):
            if (tmp_path / "starts").exists() and len((tmp_path / "starts").read_text()) >= 3:
                break
            parts.wait(0.02)
    lines = [record.getMessage() for record in caplog.records]
    assert lines[:2] == [
        "The worker was ended by SIGKILL; starting it again in 0.2 s.",
        "The worker was ended by SIGKILL; starting it again in 0.4 s.",
    ]


def test_stubborn_part_is_killed(tmp_path: Path) -> None:
    with parts_in(tmp_path) as parts:
        parts.start(python(STUBBORN, grace_seconds=0.2))
        wait_for(parts, tmp_path / "part")
        [running] = parts._running
    assert running.process.returncode == -signal.SIGKILL


def test_a_part_ends_what_it_is_at_in_its_own_time(tmp_path: Path) -> None:
    """A part that does not obey is killed meanwhile. A part that works longer than that is not."""
    slow = ORDERLY.replace("    sys.exit(0)", "    time.sleep(1.5)\n    open('whole', 'w')\n    sys.exit(0)")
    with parts_in(tmp_path) as parts:
        parts.start(python(slow, "worker", grace_seconds=60))
        parts.start(python(STUBBORN, "web", grace_seconds=0.1))
        wait_for(parts, tmp_path / "worker")
        wait_for(parts, tmp_path / "web")
        worker, web = parts._running
    assert (worker.process.returncode, web.process.returncode) == (0, -signal.SIGKILL)
    assert (tmp_path / "whole").exists()


def test_a_second_request_waits_for_nobody(tmp_path: Path) -> None:
    with parts_in(tmp_path) as parts:
        parts.start(python(STUBBORN, "worker", grace_seconds=600))
        wait_for(parts, tmp_path / "worker")
        [running] = parts._running
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    assert running.process.returncode == -signal.SIGKILL


def test_children_of_a_part_go_with_it(tmp_path: Path) -> None:
    script = "import subprocess, time; print(subprocess.Popen(['sleep', '60']).pid, file=open('pid', 'w'), flush=True)"
    with parts_in(tmp_path) as parts:
        parts.start(python(f"{script}; time.sleep(60)"))
        wait_for(parts, tmp_path / "pid")
        pid = int((tmp_path / "pid").read_text() or wait_until((tmp_path / "pid").read_text))
    wait_until(lambda: not is_alive(pid), message="A part's own child outlived it.")


def test_pause_grows_and_is_forgiven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with parts_in(tmp_path) as parts:
        parts.start(python("import time; time.sleep(60)"))
        [running] = parts._running
        pauses = [running.plan_restart() for _ in range(10)]
        assert pauses[:4] == [0.2, 0.4, 0.8, 1.6]
        assert pauses[-1] == processes.LONGEST_RESTART_SECONDS
        running.started_at = time.monotonic() - processes.WELL_AFTER_SECONDS - 1
        assert running.plan_restart() == processes.FIRST_RESTART_SECONDS
        running.restart_at = None


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
