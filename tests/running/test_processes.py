"""Parts that run together: watched, restarted with growing pauses, stopped in order."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stickers.running import processes
from stickers.running.processes import Part, PartFailedError, Parts, StopAskedError
from tests.conftest import wait_until

ROOT = Path(__file__).parents[2]
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


def python(folder: Path, script: str, name: str = "part", **options: Any) -> Part:
    """A part of that name whose module is `script`."""
    (folder / f"{name}.py").write_text(f"NAME = {name!r}\n{script}")
    return Part(name=name, module=name, **options)


def wait_for(parts: Parts, path: Path) -> None:
    for _ in range(1000):
        if path.exists():
            return
        parts.wait(0.02)
    pytest.fail(f"{path.name} never appeared.")


def test_it_works(tmp_path: Path) -> None:
    with Parts(folder=tmp_path) as parts:
        parts.start(python(tmp_path, ORDERLY, "server", stops_last=True))
        parts.start(python(tmp_path, ORDERLY, "client"))
        wait_for(parts, tmp_path / "server")
        wait_for(parts, tmp_path / "client")
    assert (tmp_path / "order").read_text() == "client server "


def test_a_cold_part_is_a_command_of_its_own() -> None:
    part = Part(name="worker", module="celery", arguments=("--quiet",))
    assert part.command == (sys.executable, "-m", "celery", "--quiet")
    assert replace(part, niceness=15).command == ("nice", "-n", "15", *part.command)


def test_asked_to_stop(tmp_path: Path) -> None:
    with Parts(folder=tmp_path) as parts:
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGTERM)).start()
        with pytest.raises(StopAskedError):
            parts.wait(60)


def test_death_while_starting(tmp_path: Path) -> None:
    with Parts(folder=tmp_path) as parts:
        parts.start(python(tmp_path, "import sys; sys.exit(3)", "worker"))
        with pytest.raises(PartFailedError, match="The worker ended with status 3 while starting"):
            parts.wait(60)


def test_restart(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    counting = "open('starts', 'a').write('x'); import os, time; os.kill(os.getpid(), 9)"
    with Parts(folder=tmp_path) as parts:
        parts.ready = True
        parts.start(python(tmp_path, counting, "worker"))
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
    with Parts(folder=tmp_path) as parts:
        parts.start(python(tmp_path, STUBBORN, grace_seconds=0.2))
        wait_for(parts, tmp_path / "part")
        [running] = parts._running
    assert running.process.returncode == -signal.SIGKILL


def test_a_part_ends_what_it_is_at_in_its_own_time(tmp_path: Path) -> None:
    """A part that does not obey is killed meanwhile. A part that works longer than that is not."""
    slow = ORDERLY.replace("    sys.exit(0)", "    time.sleep(1.5)\n    open('whole', 'w')\n    sys.exit(0)")
    with Parts(folder=tmp_path) as parts:
        parts.start(python(tmp_path, slow, "worker", grace_seconds=60))
        parts.start(python(tmp_path, STUBBORN, "web", grace_seconds=0.1))
        wait_for(parts, tmp_path / "worker")
        wait_for(parts, tmp_path / "web")
        worker, web = parts._running
    assert (worker.process.returncode, web.process.returncode) == (0, -signal.SIGKILL)
    assert (tmp_path / "whole").exists()


def test_a_second_request_waits_for_nobody(tmp_path: Path) -> None:
    insisting = STUBBORN.replace("signal.SIG_IGN", "lambda *_: os.kill(os.getppid(), signal.SIGINT)")
    with Parts(folder=tmp_path) as parts:
        parts.start(python(tmp_path, f"import os; {insisting}", "worker", grace_seconds=600))
        wait_for(parts, tmp_path / "worker")
        [running] = parts._running
    assert running.process.returncode == -signal.SIGKILL


def test_children_of_a_part_go_with_it(tmp_path: Path) -> None:
    script = "import subprocess, time; print(subprocess.Popen(['sleep', '60']).pid, file=open('pid', 'w'), flush=True)"
    with Parts(folder=tmp_path) as parts:
        parts.start(python(tmp_path, f"{script}; time.sleep(60)"))
        wait_for(parts, tmp_path / "pid")
        pid = int((tmp_path / "pid").read_text() or wait_until((tmp_path / "pid").read_text))
    wait_until(lambda: not is_alive(pid), message="A part's own child outlived it.")


def test_pause_grows_and_is_forgiven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Parts(folder=tmp_path) as parts:
        parts.start(python(tmp_path, "import time; time.sleep(60)"))
        [running] = parts._running
        pauses = [running.plan_restart() for _ in range(10)]
        assert pauses[:4] == [0.2, 0.4, 0.8, 1.6]
        assert pauses[-1] == processes.LONGEST_RESTART_SECONDS
        running.started_at = time.monotonic() - processes.WELL_AFTER_SECONDS - 1
        assert running.plan_restart() == processes.FIRST_RESTART_SECONDS
        running.restart_at = None


# --- Warm parts ------------------------------------------------------------------------------------------------------

# Each runs in an interpreter of its own: a fork of the tests' process would also end as that one does.
linux = pytest.mark.skipif(sys.platform != "linux", reason="Elsewhere every part is cold.")
RUNNER = """
import socket, sys
from pathlib import Path
from stickers.running.processes import Part, PartFailedError, Parts
import loaded
with socket.socket() as kept, open("lock", "w") as lock, Parts(folder=Path.cwd(), warm_title="a studio") as parts:
    parts.ready = "{ready}" == "ready"
    parts.start(Part(name="part", module="part", arguments=("one", "two"), inherited=(kept.fileno(),), niceness=3))
    Path("files").write_text(f"{{kept.fileno()}} {{lock.fileno()}}")
    while not Path("done").exists():
        parts.wait(0.02)
    [running] = parts._running
print(running.process.wait())
"""
LOOKING = """
import json, os, signal, sys, time
from pathlib import Path
while len(files := Path("files").read_text().split() if Path("files").exists() else []) < 2:
    time.sleep(0.02)
seen = {
    "name": __name__, "arguments": sys.argv[1:], "is shared": "loaded" in sys.modules, "niceness": os.nice(0),
    "title": Path("/proc/self/cmdline").read_text().rstrip("\\0"), "leads": os.getsid(0) == os.getpid(),
    "files": [os.readlink(f"/proc/self/fd/{number}").partition(":")[0] for number in ("0", *files)],
    "signals": [signal.getsignal(number).name for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)],
    "blocked": len(signal.pthread_sigmask(signal.SIG_BLOCK, [])), "wakeup": signal.set_wakeup_fd(-1),
}
Path("draft").write_text(json.dumps(seen))
Path("draft").rename("done")
time.sleep(60)
"""


def run_warm(folder: Path, script: str, *, ready: bool = True) -> str:
    """What a program says that runs `script` as a warm part until there is a file "done", and how the part ended."""
    (folder / "part.py").write_text(script)
    (folder / "loaded.py").touch()
    program = [sys.executable, "-c", RUNNER.format(ready="ready" if ready else "")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}
    with subprocess.Popen(
        program, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        return running.communicate(timeout=60)[0]


@linux
def test_a_warm_part_shares_what_is_loaded_and_nothing_else(tmp_path: Path) -> None:
    assert run_warm(tmp_path, LOOKING) == f"{-signal.SIGTERM}\n"
    assert json.loads((tmp_path / "done").read_text()) == {
        "name": "__main__",
        "arguments": ["one", "two"],
        "is shared": True,
        "niceness": os.nice(0) + 3,
        "title": "a studio: part",
        "leads": True,
        "files": ["/dev/null", "socket", "/dev/null"],
        "signals": ["SIG_DFL", "SIG_DFL", "SIG_DFL"],
        "blocked": 0,
        "wakeup": -1,
    }


@linux
@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("import sys; sys.exit(3)", "The part ended with status 3 while starting"),
        ("import sys; sys.exit()", "The part ended with status 0 while starting"),
        ("import sys; sys.exit('No disk.')", "No disk.\n"),
        ("import sys; sys.exit('No disk.')", "The part ended with status 1 while starting"),
        ("raise ValueError('nonsense')", "ValueError: nonsense\n"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "The part was ended by SIGKILL while starting"),
    ],
)
def test_a_warm_part_ends_as_a_program_does(tmp_path: Path, script: str, said: str) -> None:
    assert said in run_warm(tmp_path, script, ready=False)


@linux
def test_a_warm_part_closes_its_connections_and_waits_for_its_threads(tmp_path: Path) -> None:
    script = """
import sqlite3, sys, threading, time
rows = sqlite3.connect("rows.sqlite3")
rows.executescript("PRAGMA journal_mode=WAL; CREATE TABLE sheet (id)")
threading.Thread(target=lambda: (time.sleep(0.3), open("waited", "w").close())).start()
sys.exit()
"""
    run_warm(tmp_path, script, ready=False)
    assert (tmp_path / "waited").exists()
    assert not (tmp_path / "rows.sqlite3-wal").exists()


@linux
def test_a_warm_part_is_started_again(tmp_path: Path) -> None:
    script = """
import os, signal
with open("starts", "a") as starts:
    starts.write("x")
if os.path.getsize("starts") == 3:
    open("done", "w").close()
    signal.pause()
os.kill(os.getpid(), signal.SIGKILL)
"""
    said = run_warm(tmp_path, script)
    assert "The part was ended by SIGKILL; starting it again in 0.4 s." in said
    assert (tmp_path / "starts").read_text() == "xxx"


@linux
def test_a_warm_part_stops_at_once(tmp_path: Path) -> None:
    """A signal that comes before the fork has given up the runner's handlers is not lost in them."""
    (tmp_path / "done").touch()
    assert run_warm(tmp_path, "import time; time.sleep(60)") == f"{-signal.SIGTERM}\n"


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
