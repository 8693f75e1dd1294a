"""`make bench-hanging`: what status calls that hang cost everything else, as ratios to the quiet run of the same build.

A studio runs as `make run` starts it, with 32 orders whose status calls hang for 12 s. From an import to its cut, and
from an order to its sending, is measured first without them and then with them. `--against` names the folder of another
checkout that is measured afterwards. The exit status is 1 when a ratio of this checkout is missed.
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stickers.sandbox.easel import draw_with_artist
from stickers.sandbox.faults import Fault
from stickers.sandbox.jobs import SheetOrder
from stickers.sandbox.server import Sandbox
from tests.bench.__main__ import Line, table
from tests.support.running_studio import ROOT, RunningStudio, until

HANGING: Final = 32
HANG_SECONDS: Final = 12
SETTLE_SECONDS: Final = 30  # until the calls that hang no longer begin together
ROUNDS: Final = 10
WANTED: Final = 2.0
LOOK_SECONDS: Final = 0.01
PATIENCE_SECONDS: Final = 180


@dataclass(frozen=True)
class Means:
    cut_s: float
    sent_s: float


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m tests.bench.hanging", description=__doc__)
    arguments.add_argument("--against", type=Path, help="the folder of another checkout, with its own .venv")
    against: Path | None = arguments.parse_args().against
    lines = _lines("", *_measure(ROOT))
    missed = any(line.reached is False for line in lines)
    if against is not None:
        lines += _lines("baseline: ", *_measure(against.resolve()))
    sys.stdout.write(f"{table(lines)}\n\nMeans of {ROUNDS}. “Baseline” is the quiet run of the same build.\n")
    return int(missed)


def _measure(checkout: Path) -> tuple[Means, Means]:
    """Without and with calls that hang."""
    picture = draw_with_artist(SheetOrder(prompt="cats and stars", seed=1, width_px=1024, height_px=1024))
    with (
        tempfile.TemporaryDirectory(prefix="sticker-studio-bench-") as name,
        Sandbox(run_seconds=0.3, queue_seconds=0, hang_seconds=HANG_SECONDS, draw=lambda _: picture) as service,
        RunningStudio(
            Path(name) / "data", checkout=checkout, SEGMIND_API_KEY="", SEGMIND_BASE_URL=service.url
        ) as studio,
    ):
        _rounds(studio, picture, rounds=1)  # loads what is loaded once
        quiet = _rounds(studio, picture)
        service.set_fault(Fault.STUCK)
        for number in range(HANGING):
            _order(studio, f"hangs {number}")
        until(lambda: _count(studio, "state = 'waiting'") == HANGING, seconds=PATIENCE_SECONDS, what="the orders")
        service.clear_faults()
        service.set_fault(Fault.STATUS_HUNG)
        time.sleep(SETTLE_SECONDS)
        return quiet, _rounds(studio, picture)


def _rounds(studio: RunningStudio, picture: bytes, rounds: int = ROUNDS) -> Means:
    cuts = [_seconds(studio, lambda: _import(studio, picture), _is_cut) for _ in range(rounds)]
    sendings = [_seconds(studio, lambda: _order(studio, "next"), _is_sent) for _ in range(rounds)]
    return Means(statistics.fmean(cuts), statistics.fmean(sendings))


def _seconds(studio: RunningStudio, act: Callable[[], None], is_over: Callable[[sqlite3.Connection], bool]) -> float:
    with closing(sqlite3.connect(studio.data / "studio.sqlite3", timeout=20)) as rows:
        begun = time.perf_counter()
        act()
        while not is_over(rows):
            if time.perf_counter() - begun > PATIENCE_SECONDS:
                raise TimeoutError(studio.log[-2000:])
            time.sleep(LOOK_SECONDS)
        return time.perf_counter() - begun


def _is_cut(rows: sqlite3.Connection) -> bool:
    latest = "SELECT max(id) FROM stickers_sheet WHERE generation_id IS NULL"
    state = f"SELECT state FROM stickers_segmentation WHERE sheet_id = ({latest})"  # noqa: S608  from here
    return rows.execute(state).fetchone() == ("done",)


def _is_sent(rows: sqlite3.Connection) -> bool:
    latest = "SELECT request_id != '' FROM stickers_generation ORDER BY id DESC LIMIT 1"
    return rows.execute(latest).fetchone() == (1,)


def _import(studio: RunningStudio, picture: bytes) -> None:
    with studio.browser() as browser:
        answer = browser.post("/import/", files={"files": ("own.jpg", picture, "image/jpeg")})
        if not answer.is_redirect:
            raise RuntimeError(answer.text)


def _order(studio: RunningStudio, prompt: str) -> None:
    with studio.browser() as browser:
        answer = browser.post("/", data={"prompt": prompt, "seed": "1", "add_trigger": "off"})
        if not answer.is_redirect:
            raise RuntimeError(answer.text)


def _count(studio: RunningStudio, condition: str) -> int:
    [(count,)] = studio.rows(f"SELECT count(*) FROM stickers_generation WHERE {condition}")  # noqa: S608  from here
    return int(count)


def _lines(whose: str, quiet: Means, hanging: Means) -> list[Line]:
    return [
        Line(
            f"{whose}{what}, {HANGING} status calls hang",
            f"{now:.2f} s",
            f"{before:.2f} s",
            f"{now / before:.2f} ×",
            f"≤ {WANTED:g} ×",
            now / before <= WANTED,
        )
        for what, before, now in (
            ("from an import to its cut", quiet.cut_s, hanging.cut_s),
            ("from an order to its id", quiet.sent_s, hanging.sent_s),
        )
    ]


if __name__ == "__main__":
    sys.exit(main())
