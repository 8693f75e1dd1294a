"""Surround a measurement: processes that end with it, the stand-in, and a way to run one part on its own."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import httpx

from tests.support.running_studio import ROOT, free_port, until

START_SECONDS: Final = 90


@contextmanager
def running(
    command: Sequence[str], log: Path, *, inherited: tuple[int, ...] = (), **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A process in the checkout's folder, as long as the context lasts. `inherited` are open files that it needs."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **environment},
            stdout=out,
            stderr=subprocess.STDOUT,
            pass_fds=inherited,
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def stand_in(folder: Path, *, run_seconds: float, queue_seconds: float = 0.3) -> Iterator[str]:
    """The address of a stand-in in its own process, so that it shares no lock with the measured code."""
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.stand_in", str(port), str(run_seconds), str(queue_seconds)]
    log = folder / f"stand-in-{port}.log"
    with running(command, log) as process:
        url = f"http://127.0.0.1:{port}"
        wait_for_page(f"{url}/sandbox/", process, log)
        yield url


def wait_for_page(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until `process` serves this page."""

    def serves() -> bool:
        if process.poll() is not None:
            raise RuntimeError(f"It ended before it served {url}:\n{log.read_text()}")
        with suppress(httpx.TransportError):
            return httpx.get(url, trust_env=False).is_success
        return False

    until(serves, seconds=START_SECONDS, what=url)


def start_part(name: str, *arguments: str, data: Path, url: str, **environment: str) -> subprocess.Popen[str]:
    """Start one part of the bench as a process with its own settings. It answers with JSON on stdout."""
    data.mkdir()
    (data / "busy").touch()
    return subprocess.Popen(
        [sys.executable, "-m", f"tests.bench.{name}", *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            "STUDIO_DATA": str(data),
            "CELERY_BROKER_URL": f"embedded://{data}/broker.sqlite3",
            "BENCH_BUSY": str(data / "busy"),
            "SEGMIND_BASE_URL": url,
            "SEGMIND_API_KEY": "",
            "DJANGO_SETTINGS_MODULE": "stickers.settings",
            "NO_PROXY": "127.0.0.1",
            **environment,
        },
        stdout=subprocess.PIPE,
        text=True,
    )


def answer(part: subprocess.Popen[str], *, seconds: float) -> Any:
    """The result of a part."""
    try:
        out, _ = part.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        part.terminate()
        part.wait()
        raise
    if part.returncode != 0:
        raise RuntimeError(f"{part.args} ended with {part.returncode}.")
    return json.loads(out)


def say(found: Mapping[str, Any]) -> None:
    """Print a part's result."""
    sys.stdout.write(json.dumps(found))


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of all values do not exceed."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values: Sequence[float]) -> float:
    return statistics.median(values)
