"""The bench of a start: `python -m tests.bench.start --against DIR` times a fresh clone until its first page.

It clones this checkout's commit and that of DIR, and runs both in turns: `make run` until `GET /` answers 200, and
`make setup-dev`. Cold means empty caches; warm means a second fresh clone with the caches of the first. A busy machine
slows both alike, because they take turns. For the same reason processor seconds are shown beside the clock's.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from tests.support.running_studio import ROOT, free_port

SECONDS: Final = 900  # no install takes longer, however busy the machine is


@dataclass(frozen=True)
class Spent:
    seconds: float
    processor_seconds: float


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m tests.bench.start", description=__doc__)
    arguments.add_argument("--against", type=Path, required=True, metavar="DIR", help="a checkout of the build before")
    arguments.add_argument("--python", default=sys.executable, help="the interpreter that both are set up with")
    arguments.add_argument("--against-python", help="another one for DIR, where it refuses this one")
    arguments.add_argument("--rounds", type=int, default=1)
    arguments.add_argument("--page-only", action="store_true", help="leave `make setup-dev` out")
    given = arguments.parse_args()
    builds = {
        "before": (given.against.resolve(), given.against_python or given.python),
        "now": (ROOT, given.python),
    }
    spent: dict[str, dict[str, list[Spent]]] = defaultdict(lambda: defaultdict(list))
    for _ in range(given.rounds):
        for name, (checkout, python) in builds.items():
            with tempfile.TemporaryDirectory(prefix="sticker-studio-start-", ignore_cleanup_errors=True) as folder:
                measure(checkout, python, Path(folder), spent[name], page_only=given.page_only)
    for what in spent["now"]:
        report(what, spent["before"][what], spent["now"][what])


def measure(checkout: Path, python: str, folder: Path, spent: dict[str, list[Spent]], *, page_only: bool) -> None:
    """Measure everything of one build in `folder`. Its caches are empty at first."""
    caches = {"HOME": "home", "XDG_CACHE_HOME": "cache", "PIP_CACHE_DIR": "cache/pip", "UV_CACHE_DIR": "cache/uv"}
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("STUDIO_", "MAKE", "UV_"))}
    variables |= {name: str(folder / path) for name, path in caches.items()} | {"PYTHON": python}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)  # a container sets this, a designer's machine does not
    for measured, what in ((first_page, "first page"), (setup_dev, "setup-dev"))[: 1 if page_only else 2]:
        shutil.rmtree(folder / "cache", ignore_errors=True)
        for cache in ("cold", "warm"):
            clone = folder / f"{measured.__name__}-{cache}"
            subprocess.run(["git", "clone", "--quiet", str(checkout), str(clone)], check=True)
            spent[f"{what}, {cache}"].append(measured(clone, variables))


def first_page(clone: Path, variables: dict[str, str]) -> Spent:
    port = free_port()
    begun, processor = time.monotonic(), processor_seconds()
    command = ["make", "--silent", "run"]
    with subprocess.Popen(
        command, cwd=clone, env={**variables, "PORT": str(port)}, stdout=subprocess.DEVNULL
    ) as studio:
        try:
            wait_for_page(f"http://127.0.0.1:{port}/", studio)
            seconds = time.monotonic() - begun
        finally:
            studio.send_signal(signal.SIGTERM)
            studio.wait(60)
    return Spent(seconds, processor_seconds() - processor)


def wait_for_page(address: str, studio: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS
    while studio.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(address, timeout=60).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise SystemExit(f"{address} never answered.")


def setup_dev(clone: Path, variables: dict[str, str]) -> Spent:
    begun, processor = time.monotonic(), processor_seconds()
    command = ["make", "--silent", "setup-dev"]
    subprocess.run(command, cwd=clone, env=variables, stdout=subprocess.DEVNULL, check=True, timeout=SECONDS)
    return Spent(time.monotonic() - begun, processor_seconds() - processor)


def processor_seconds() -> float:
    """Processor seconds of all ended children, and of their children."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def report(what: str, before: list[Spent], now: list[Spent]) -> None:
    """One line: the medians, and the median of the pairs' quotients."""
    clock = [statistics.median(one.seconds for one in build) for build in (before, now)]
    processor = [statistics.median(one.processor_seconds for one in build) for build in (before, now)]
    ratio = statistics.median(b.seconds / a.seconds for a, b in zip(before, now, strict=True))
    sys.stdout.write(
        f"{what:16} {clock[0]:6.1f} s → {clock[1]:6.1f} s (× {ratio:.2f}); processor {processor[0]:6.1f} s → "
        f"{processor[1]:6.1f} s (× {processor[1] / processor[0]:.2f}); load {os.getloadavg()[0]:.1f}\n"
    )


if __name__ == "__main__":
    main()
