"""`make bench-memory`: whether web server and worker are small again after heavy work, against their idle figure.

A studio runs as `make run` starts it. Idle is after a small sheet was imported, cut, laid out and exported once, so
that everything is loaded. Then large pictures (4096 × 4096 pixels, 22 MB each) are imported one after the other and all
at once, and the stickers of one of them are laid out and exported. The exit status is 1 when a figure is missed. Linux
only: it reads /proc.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import numpy as np
from PIL import Image, ImageDraw

from tests.bench.__main__ import Line, table
from tests.support.running_studio import RunningStudio, until

SIDE_PX: Final = 4096
SETTLE_SECONDS: Final = 5.0
PATIENCE_SECONDS: Final = 600
WANTED: Final = 1.3
PARTS: Final = ("web", "worker")


@dataclass(frozen=True)
class Size:
    """Resident memory of one part's processes together, in MB, and the most that it ever was."""

    now_mb: int
    peak_mb: int


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m tests.bench.memory", description=__doc__)
    arguments.add_argument("--imports", type=int, default=7)
    pictures = [_picture(SIDE_PX, number) for number in range(arguments.parse_args().imports)]
    with (
        tempfile.TemporaryDirectory(prefix="sticker-studio-bench-") as name,
        RunningStudio(Path(name) / "data", SEGMIND_API_KEY="") as studio,
        studio.browser() as browser,
    ):
        browser.timeout = PATIENCE_SECONDS
        _import(browser, _picture(1024, 0))
        _print(studio, browser, sheet_pk=1)
        found = {"idle": _sizes(studio)}
        for picture in pictures:
            _import(browser, picture)
        _wait(studio, "stickers_segmentation")
        found["imported one after the other"] = _sizes(studio)
        with ThreadPoolExecutor(len(pictures)) as pool:
            list(pool.map(lambda picture: _import(browser, picture), pictures))
        _wait(studio, "stickers_segmentation")
        found["imported all at once"] = _sizes(studio)
        _print(studio, browser, sheet_pk=2)
        found["laid out and exported"] = _sizes(studio)
    idle = found.pop("idle")
    lines = [_line(what, part, sizes[part], idle[part]) for part in PARTS for what, sizes in found.items()]
    sys.stdout.write(f"{table(lines)}\n")
    return int(any(line.reached is False for line in lines))


def _picture(side_px: int, seed: int) -> bytes:
    """Sixteen discs on grainy paper: noise makes the file large, not the figures."""
    image = Image.new("RGB", (side_px, side_px), (245, 245, 245))
    pen = ImageDraw.Draw(image)
    cell = side_px // 4
    for left in range(0, 4 * cell, cell):
        for top in range(0, 4 * cell, cell):
            box = (left + cell // 8, top + cell // 8, left + 7 * cell // 8, top + 7 * cell // 8)
            pen.ellipse(box, fill=(40 + 20 * seed, 60 + left // 32, 80 + top // 32))
    pixels = np.asarray(image).astype(np.int16)
    pixels += np.random.default_rng(seed).integers(-2, 3, pixels.shape, dtype=np.int16)
    out = io.BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(out, "PNG", compress_level=1)
    return out.getvalue()


def _import(browser: httpx.Client, picture: bytes) -> None:
    _redirected(browser.post("/import/", files={"files": ("own.png", picture, "image/png")}))


def _print(studio: RunningStudio, browser: httpx.Client, *, sheet_pk: int) -> None:
    _wait(studio, "stickers_segmentation")
    page = _redirected(browser.post("/prints/new/", data={"sheets": str(sheet_pk), "into": "new"}))
    for _ in range(3):
        browser.get(page).raise_for_status()
    browser.get(f"{page}thumb/").raise_for_status()
    _redirected(browser.post(f"{page}export/", data={"formats": "pdf", "dpi": "300"}))
    _wait(studio, "stickers_export")


def _redirected(answer: httpx.Response) -> str:
    if not answer.is_redirect:
        raise RuntimeError(answer.text)
    return answer.headers["location"]


def _wait(studio: RunningStudio, work: str) -> None:
    open_ones = f"SELECT count(*) FROM {work} WHERE state IN ('queued', 'working')"  # noqa: S608  from here
    until(lambda: studio.rows(open_ones) == [(0,)], seconds=PATIENCE_SECONDS, what=work)


def _sizes(studio: RunningStudio) -> dict[str, Size]:
    time.sleep(SETTLE_SECONDS)
    kilobytes = dict.fromkeys(PARTS, (0, 0))
    for pid, part in studio.processes().items():
        if part in PARTS:
            status = Path(f"/proc/{pid}/status").read_text()
            read = [int(found) for found in re.findall(r"^Vm(?:HWM|RSS):\s+(\d+) kB", status, re.MULTILINE)]
            kilobytes[part] = (kilobytes[part][0] + read[1], kilobytes[part][1] + read[0])
    return {part: Size(now // 1024, peak // 1024) for part, (now, peak) in kilobytes.items()}


def _line(what: str, part: str, size: Size, idle: Size) -> Line:
    ratio = size.now_mb / idle.now_mb
    return Line(
        f"{part}, {what}",
        f"{size.now_mb} MB, at most {size.peak_mb} MB",
        f"{idle.now_mb} MB",
        f"{ratio:.2f} ×",
        f"≤ {WANTED:g} ×",
        ratio <= WANTED,
    )


if __name__ == "__main__":
    sys.exit(main())
