"""manage.py sandbox as a process of its own: it can be killed, started again, and told to stop."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from django.core.management import CommandError, call_command

from stickers.segmind.client import Client
from stickers.segmind.messages import JobState
from tests.support.stand_in import KEY, ORDER, SLUG, wait_for

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"


@contextmanager
def running(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process, and the address that it prints once it serves."""
    command = [sys.executable, MANAGE, "sandbox", "--port", "0", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            said = process.stderr.readline()
            address = re.search(r"http://\S+", said)
            assert address, said + process.stderr.read()
            yield process, address[0]
        finally:
            process.kill()


def test_jobs_money_and_recording_survive_a_kill(tmp_path: Path) -> None:
    state = str(tmp_path / "sandbox.sqlite3")
    with (
        running("--state", state, "--run-seconds", "600") as (process, url),
        Client(api_key=KEY, base_url=url) as client,
    ):
        request_id = client.submit(SLUG, ORDER).request_id
        assert not client.status(request_id).state.final
        process.send_signal(signal.SIGKILL)
        process.wait()
    with running("--state", state, "--run-seconds", "0", "--queue-seconds", "0") as (process, url):
        calls = httpx.get(f"{url}/sandbox/calls", params={"method": "POST"}, trust_env=False).json()
        (job,) = httpx.get(f"{url}/sandbox/jobs", trust_env=False).json()
        assert len(calls) == 1
        assert (job["request_id"], job["seed"], job["failure"]) == (request_id, 7, "")
        with Client(api_key=KEY, base_url=url) as client:
            assert client.status(request_id).state is JobState.PROCESSING  # it keeps the moments that it was given
            wait_for(client, client.submit(SLUG, ORDER).request_id)
            assert str(client.credits()) == "999.982"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_faults_from_the_start(tmp_path: Path) -> None:
    with running("--fault", "status-502", "--fault", "moderation") as (process, url):
        faults = httpx.get(f"{url}/sandbox/faults", trust_env=False).json()
        assert faults == {"status-502": None, "moderation": None}
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0


def test_an_unknown_fault() -> None:
    with pytest.raises(CommandError, match=r"There is no fault 'nonsense'.*moderation"):
        call_command("sandbox", "--fault", "nonsense")


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(CommandError, match="not to be had"):
        call_command("sandbox", "--port", str(taken.getsockname()[1]))


@pytest.mark.parametrize("option", ["--balance", "--price", "--jitter"])
@pytest.mark.parametrize("number", ["nan", "-1", "inf", "much"])
def test_numbers_that_are_none(option: str, number: str) -> None:
    with pytest.raises(CommandError, match=f"{option}: invalid"):
        call_command("sandbox", f"{option}={number}")


@pytest.mark.parametrize("seconds", ["-1", "nan", "soon"])
def test_seconds_that_are_none(seconds: str) -> None:
    with pytest.raises(CommandError, match="--run-seconds"):
        call_command("sandbox", "--run-seconds", seconds)
