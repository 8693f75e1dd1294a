"""The whole studio as one command: real processes on a free port, over a data folder of their own."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pytest_django import Settings

from stickers.pipeline import submitting
from stickers.running import data_folder, runner
from tests.conftest import wait_until
from tests.support.running_studio import free_port

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "stickers.running.runner"]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Processes are found through /proc.")


@dataclass
class Studio:
    """A studio, started as a person would, and its output so far."""

    port: int
    data: Path
    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.listener = threading.Thread(target=self.listen)

    def listen(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as said:
            for line in said:
                self.lines.append(line)

    def said(self, pattern: str) -> str | None:
        return next((line for line in self.lines if re.search(pattern, line)), None)

    def says(self, pattern: str) -> bool:
        """Wait for the line, because output is read a little later."""
        wait_until(lambda: self.said(pattern), message=f"Nothing said {pattern!r}: {self.lines}")
        return True

    def get(self, path: str = "/") -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with contextlib.closing(connection):
            connection.request("GET", path)
            return connection.getresponse().status

    def processes(self, words: str = "") -> set[int]:
        """Every process over this data folder whose command line holds `words`."""
        return {pid for pid, command in processes_over(self.data) if words in command}


def processes_over(data: Path) -> Iterator[tuple[int, str]]:
    mark = f"STUDIO_DATA={data}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            is_ours = mark in (folder / "environ").read_bytes().split(b"\0")
            # A zombie has ended; its parent has not collected it yet.
            if is_ours and "\nState:\tZ" not in (folder / "status").read_text():
                yield int(folder.name), (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()


Start = Callable[..., Studio]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Studio] = []

    def start_one(data: Path = tmp_path / "data", *, port: int = 0, **variables: str) -> Studio:
        port = port or free_port()
        environment = {"PATH": os.environ["PATH"], "STUDIO_DATA": str(data), "PORT": str(port), **variables}
        process = subprocess.Popen(
            COMMAND, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        studio = Studio(port, data, process)
        studio.listener.start()
        started.append(studio)
        return studio

    yield start_one
    for studio in started:
        studio.process.kill()
        studio.process.wait()
        for pid in studio.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        studio.listener.join()


def is_ready(studio: Studio) -> bool:
    wait_until(lambda: studio.said("is ready") or studio.process.poll() is not None, seconds=60)
    return studio.said("is ready") is not None


def test_it_works(start: Start, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/broker.sqlite3").write_text("This is no queue. " * 100)
    studio = start()
    assert is_ready(studio), studio.lines
    assert studio.says(rf"Sticker Studio is ready at http://127\.0\.0\.1:{studio.port}$")
    assert studio.says(r"stand-in at http://127\.0\.0\.1:\d+: nothing is billed")
    assert studio.says(rf"Your sheets are in {studio.data}")
    assert studio.says("starting with an empty one")
    assert studio.get() == 200
    wait_until(lambda: studio.processes(": worker") and studio.processes(": scheduler"))
    assert studio.processes(": stand-in")

    # What is forked later must find no thread and no open database in the runner.
    of_runner = Path(f"/proc/{studio.process.pid}")
    assert len(list((of_runner / "task").iterdir())) == 1
    assert not [file for file in (of_runner / "fd").iterdir() if ".sqlite3" in str(file.readlink())]

    # A killed worker is replaced, and the runner says so.
    [worker] = studio.processes(": worker")
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: studio.processes(": worker") - {worker})
    assert studio.says("The worker was ended by SIGKILL; starting it again")

    # So is the web server. Its successor serves a request made meanwhile.
    servers = studio.processes(": web server")
    for pid in servers:
        os.kill(pid, signal.SIGKILL)
    assert studio.get() == 200
    assert not studio.processes(": web server") & servers

    # Nobody else on this machine may look in, whatever file a part has made.
    open_files = [path for path in studio.data.rglob("*") if path.lstat().st_mode & 0o077]
    assert open_files == []

    # All stop in order, and none is left.
    studio.process.send_signal(signal.SIGTERM)
    assert studio.process.wait(30) == 0
    assert studio.processes() == set()
    assert studio.said("Traceback") is None, "".join(studio.lines)


@pytest.mark.thorough
def test_two_side_by_side_and_one_runner_killed(start: Start, tmp_path: Path) -> None:
    first, second = start(tmp_path / "a"), start(tmp_path / "b")
    assert is_ready(first), first.lines
    assert is_ready(second), second.lines
    assert all(each.says("stand-in at") for each in (first, second))
    assert first.said("stand-in at") != second.said("stand-in at")
    first.process.kill()
    first.process.wait()
    wait_until(lambda: not first.processes(), message="Something outlived the runner.")
    assert second.get() == 200


def test_interrupt_while_starting(start: Start) -> None:
    studio = start()
    wait_until(lambda: studio.processes(": web server"))
    studio.process.send_signal(signal.SIGINT)
    assert studio.process.wait(30) == 0
    assert studio.processes() == set()
    assert not studio.said("is ready")


def refusal(studio: Studio) -> list[str]:
    """The words of a studio that refuses to start. It leaves nothing running."""
    assert studio.process.wait(30) == 1
    studio.listener.join()
    assert studio.processes() == set()
    return studio.lines


def test_port_in_use(start: Start) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        [line] = refusal(start(port=port))
    assert line.startswith(f"Cannot listen at http://127.0.0.1:{port}: Address already in use. PORT=")


def test_data_folder_in_use(start: Start, tmp_path: Path) -> None:
    with (tmp_path / "studio.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert refusal(start(tmp_path)) == [f"A studio is already running over {tmp_path}.\n"]


def test_nonsense_in_the_environment(start: Start) -> None:
    assert refusal(start(WEB_THREADS="many")) == ["WEB_THREADS must be a whole number, not 'many'.\n"]


def test_a_data_folder_that_cannot_be_made(start: Start, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert refusal(start(tmp_path / "file" / "data")) == [
        f"Cannot write to the data folder {tmp_path}/file/data: Not a directory.\n"
    ]


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_takes_nothing(
    fault: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise OSError(fault, os.strerror(fault))

    monkeypatch.setattr(runner, "_make_data_folder", fail)
    monkeypatch.setattr(sys, "argv", ["runner"])
    assert runner.main() == 1
    said = capsys.readouterr().err
    assert said == f"Cannot write to the data folder {data_folder.path()}: {os.strerror(fault)}.\n"


def test_database_that_is_none(start: Start, tmp_path: Path) -> None:
    (tmp_path / "studio.sqlite3").write_text("This is no database. " * 100)
    assert refusal(start(tmp_path))[-1] == "The database could not be brought up to date; the reason is above.\n"


def test_only_a_web_server_begins_to_count_again(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    settings.PARTS = ["web"]
    folder = Path(runner._environment()["PROMETHEUS_MULTIPROC_DIR"])
    counted = folder / "histogram_1.db"
    counted.touch()
    settings.PARTS = ["worker", "scheduler"]  # restarted beside it
    assert "PROMETHEUS_MULTIPROC_DIR" not in runner._environment()
    assert counted.exists()
    settings.PARTS = ["web"]
    assert runner._environment()["PROMETHEUS_MULTIPROC_DIR"] == str(folder)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("submit_seconds", [1, 30, 300])
def test_a_worker_may_end_the_post_that_it_is_at(settings: Settings, submit_seconds: int) -> None:
    settings.SEGMIND_SUBMIT_SECONDS = submit_seconds
    assert runner._worker().grace_seconds >= submitting.lease().total_seconds()


def test_machines_may_share_a_data_folder(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DATA_DIR = tmp_path
    settings.PARTS = ["web", "worker"]
    with runner._data_folder_to_itself():
        counted = Path(runner._environment()["PROMETHEUS_MULTIPROC_DIR"]) / "histogram_1.db"
        counted.touch()
        with pytest.raises(runner.CannotStartError, match=r"The same part of a studio \(web, worker\) is already"):
            runner._data_folder_to_itself().__enter__()
        monkeypatch.setattr(socket, "gethostname", lambda: "another-machine")
        with runner._data_folder_to_itself():
            runner._environment()
        assert counted.exists()


def test_machines_may_not_share_a_stand_in(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DATA_DIR = tmp_path
    settings.PARTS = ["sandbox", "worker"]
    with runner._data_folder_to_itself():
        monkeypatch.setattr(socket, "gethostname", lambda: "another-machine")
        with pytest.raises(runner.CannotStartError, match="is already running"):
            runner._data_folder_to_itself().__enter__()
