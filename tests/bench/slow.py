"""`make bench-slow`: what clients that read slowly cost everybody else, as a ratio to the quiet run of the same build.

A studio runs as `make run` starts it, with a picture of 25 MB in it. The first page is measured without slow readers
and then beside eight of them, each of which takes the picture and stops reading after a few bytes. Both are measured at
the studio's own port and, where nginx is installed, behind `deploy/nginx.conf`. `--against` names the folder of another
checkout that is measured afterwards, with its own file for nginx. The exit status is 1 when a ratio of this checkout is
missed.
"""

from __future__ import annotations

import argparse
import io
import math
import shutil
import socket
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import httpx
import numpy as np
from PIL import Image

from tests.bench.__main__ import Line, table
from tests.support.proxy import before
from tests.support.running_studio import ROOT, RunningStudio, until

READERS: Final = 8
ROUNDS: Final = 15
WANTED: Final = 2.0
GIVEN_UP_SECONDS: Final = 20.0
PATIENCE_SECONDS: Final = 180
SIDE_PX: Final = 2900


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m tests.bench.slow", description=__doc__)
    arguments.add_argument("--against", type=Path, help="the folder of another checkout, with its own .venv")
    against: Path | None = arguments.parse_args().against
    lines = _measure(ROOT, "")
    missed = any(line.reached is False for line in lines)
    if against is not None:
        lines += _measure(against.resolve(), "baseline: ")
    missing = "" if shutil.which("nginx") else " nginx is not installed here, so nothing is measured behind it."
    sys.stdout.write(
        f"{table(lines)}\n\nMedians of {ROUNDS}. “Baseline” is the quiet run of the same build.{missing}\n"
    )
    return int(missed)


def _measure(checkout: Path, whose: str) -> list[Line]:
    with (
        tempfile.TemporaryDirectory(prefix="sticker-studio-bench-") as name,
        RunningStudio(Path(name) / "data", checkout=checkout) as studio,
    ):
        _import(studio)
        lines = [_line(f"{whose}at the studio's port", studio.port)]
        if shutil.which("nginx"):
            with before(studio.port, folder=Path(name), checkout=checkout) as port:
                lines.append(_line(f"{whose}behind nginx", port))
        return lines


def _import(studio: RunningStudio) -> None:
    """Noise, which no format makes small."""
    noise = np.random.default_rng(1).integers(0, 255, (SIDE_PX, SIDE_PX, 3), dtype=np.uint8)
    picture = io.BytesIO()
    Image.fromarray(noise).save(picture, "PNG", compress_level=1)
    with studio.browser() as browser:
        answer = browser.post("/import/", files={"files": ("noise.png", picture.getvalue(), "image/png")})
        if not answer.is_redirect:
            raise RuntimeError(answer.text)
    is_cut = "SELECT 1 FROM stickers_sheet WHERE thumb_256 != ''"
    until(lambda: studio.rows(is_cut), seconds=PATIENCE_SECONDS, what="the picture to be cut")


def _line(where: str, port: int) -> Line:
    quiet_s = _page_seconds(port)
    with ExitStack() as stack:
        for _ in range(READERS):
            stack.enter_context(_reader(port))
        slow_s = _page_seconds(port)
    ratio = slow_s / quiet_s
    said = f"{1000 * slow_s:.0f} ms" if math.isfinite(slow_s) else f"none within {GIVEN_UP_SECONDS:.0f} s"
    return Line(
        f"the first page beside {READERS} slow readers, {where}",
        said,
        f"{1000 * quiet_s:.0f} ms",
        f"{ratio:.2f} ×",
        f"≤ {WANTED:g} ×",
        ratio <= WANTED,
    )


def _page_seconds(port: int) -> float:
    """The median time of the first page; infinite when one does not come at all."""
    taken = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        try:
            httpx.get(f"http://127.0.0.1:{port}/", timeout=GIVEN_UP_SECONDS, trust_env=False).raise_for_status()
        except httpx.TimeoutException:
            return math.inf
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def _reader(port: int) -> socket.socket:
    """A client that asks for the picture, reads a few bytes of it and no more."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", port))
    client.sendall(f"GET /sheets/1/file/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    client.recv(10)
    return client


if __name__ == "__main__":
    sys.exit(main())
