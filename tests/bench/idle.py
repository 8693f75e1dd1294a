"""`make bench-idle`: what an idle studio with one open page costs, and how soon it reacts to a click.

Each studio runs as `make run` starts it, over its own data folder with so many finished sheets. With `--against`
another checkout runs at the same time. The exit status is 1 if a wanted figure is missed. Linux only, because it reads
/proc. CPU is user and system time. A shared page counts in parts in PSS memory, and for each process in RSS memory.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

from tests.bench.__main__ import Line, table
from tests.bench.rig import percentile
from tests.support import chromium
from tests.support.running_studio import ROOT, RunningStudio, until

SETTLE_SECONDS: Final = 20.0
CLICKS: Final = 20
TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")
# The rows of one finished sheet, and new values for columns in which no two rows may be equal. Plain SQL, so that it
# fits the tables of another version, too. Columns that are not named keep the first row's values.
TABLES: Final[Mapping[str, Mapping[str, str]]] = {
    "stickers_generation": {"id": "id + n", "request_id": "''", "click": "NULL", "retry_of_id": "NULL"},
    "stickers_sheet": {"id": "id + n", "generation_id": "generation_id + n"},
    "stickers_segmentation": {"id": "id + n", "sheet_id": "sheet_id + n"},
}
NUMBERS: Final = "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?)"
LATEST: Final = "SELECT state FROM stickers_generation ORDER BY id DESC LIMIT 1"
LOOK_EVERY_SECONDS: Final = 0.005


@dataclass(frozen=True)
class Cost:
    """One process: its CPU seconds since its start, with those of its ended children, and its memory in kB."""

    name: str
    cpu_s: float
    pss_kb: int
    rss_kb: int


@dataclass
class Measured:
    """What one studio cost."""

    name: str
    before: dict[int, Cost] = field(default_factory=dict)
    after: dict[int, Cost] = field(default_factory=dict)
    clicks_s: list[float] = field(default_factory=list)

    @property
    def cpu_s(self) -> float:
        """A process that ended meanwhile counts among its parent's children, so the difference of the sums is right."""
        return sum(cost.cpu_s for cost in self.after.values()) - sum(cost.cpu_s for cost in self.before.values())

    @property
    def pss_mb(self) -> float:
        return sum(cost.pss_kb for cost in self.after.values()) / 1024

    @property
    def rss_mb(self) -> float:
        return sum(cost.rss_kb for cost in self.after.values()) / 1024


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m tests.bench.idle", description=__doc__)
    arguments.add_argument("--sheets", type=int, nargs="+", default=[1], help="a studio for each of these numbers")
    arguments.add_argument("--minutes", type=float, default=10.0)
    arguments.add_argument("--against", type=Path, help="the folder of another checkout, with its own .venv")
    asked = arguments.parse_args()
    checkouts = {"studio": ROOT} | ({"baseline": asked.against.resolve()} if asked.against else {})
    with tempfile.TemporaryDirectory(prefix="sticker-studio-bench-") as name, ExitStack() as stack:
        studios: dict[tuple[str, int], RunningStudio] = {}
        for which, checkout in checkouts.items():
            for sheets in asked.sheets:
                studio = RunningStudio(Path(name) / f"{which}-{sheets}", checkout=checkout, SEGMIND_API_KEY="")
                studios[which, sheets] = stack.enter_context(studio)
                _fill(studio, sheets)
        stack.enter_context(_open_pages(studios.values()))
        found = {key: Measured(f"{key[0]}, {key[1]} sheets") for key in studios}
        time.sleep(SETTLE_SECONDS)
        for key, studio in studios.items():
            found[key].before = _costs(studio)
        begun = time.monotonic()
        time.sleep(60 * asked.minutes)
        seconds = time.monotonic() - begun
        for key, studio in studios.items():
            found[key].after = _costs(studio)
        for _ in range(CLICKS):
            time.sleep(random.uniform(0, 1))  # so that clicks fall anywhere between two ticks
            for key, studio in studios.items():
                found[key].clicks_s.append(_click(studio))
    for measured in found.values():
        sys.stdout.write(f"{_processes(measured, seconds)}\n\n")
    lines = [
        line
        for sheets in asked.sheets
        for line in _lines(sheets, found["studio", sheets], found.get(("baseline", sheets)), seconds)
    ]
    sys.stdout.write(f"{table(lines)}\n")
    return int(any(line.reached is False for line in lines))


# --- What is measured ---------------------------------------------------------------------------------------------


def _order(studio: RunningStudio, prompt: str) -> None:
    with studio.browser() as browser:
        answer = browser.post("/", data={"prompt": prompt, "seed": "1", "add_trigger": "off"})
        if not answer.is_redirect:
            raise RuntimeError(answer.text)


def _finish(studio: RunningStudio) -> None:
    """Wait until the latest generation is done."""
    until(lambda: studio.rows(LATEST) == [("done",)], seconds=120, what="a sheet to be done")


def _fill(studio: RunningStudio, sheets: int) -> None:
    """Make many finished sheets: the first by the studio itself, the others as copies of its rows with its file."""
    _order(studio, "one sheet")
    _finish(studio)
    with closing(sqlite3.connect(studio.data / "studio.sqlite3", timeout=20)) as database, database:
        copy_first_sheet(database, sheets - 1)


def copy_first_sheet(database: sqlite3.Connection, copies: int) -> None:
    for name, changed in TABLES.items():
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({name})")]
        if not columns:
            continue  # an older version does not have this table
        names = ", ".join(f'"{column}"' for column in columns)
        values = ", ".join(changed.get(column, f'"{column}"') for column in columns)
        copied = f"SELECT {values} FROM {name}, number WHERE {name}.rowid = 1 AND n <= ?"  # noqa: S608
        database.execute(f"{NUMBERS} INSERT INTO {name} ({names}) {copied}", (copies, copies))


@contextmanager
def _open_pages(studios: Iterable[RunningStudio]) -> Iterator[None]:
    """Open the studio's first page in a Chromium for each studio. Chromium itself is not measured."""
    executable = chromium.executable()
    if executable is None:
        raise SystemExit(f"This needs a browser, and none of {', '.join(chromium.NAMES)} is installed.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=chromium.FLAGS)
        for studio in studios:
            browser.new_page().goto(studio.url)
        yield
        browser.close()


def _costs(studio: RunningStudio) -> dict[int, Cost]:
    return {pid: _cost(pid, name) for pid, name in studio.processes().items()}


def _cost(pid: int, name: str) -> Cost:
    # utime, stime, cutime and cstime of proc(5), after the command's name in brackets.
    fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    memory = dict(re.findall(r"^(Pss|Rss):\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE))
    cpu_s = sum(map(int, fields[11:15])) / TICKS_PER_SECOND
    return Cost(name, cpu_s, int(memory["Pss"]), int(memory["Rss"]))


def _click(studio: RunningStudio) -> float:
    """Seconds from sending the form until the row has left the state "created"."""
    with studio.browser() as browser, closing(sqlite3.connect(studio.data / "studio.sqlite3", timeout=20)) as rows:
        [(latest,)] = rows.execute("SELECT max(id) FROM stickers_generation")
        begun = time.perf_counter()
        answer = browser.post("/", data={"prompt": "click", "seed": "1", "add_trigger": "off"})
        if not answer.is_redirect:
            raise RuntimeError(answer.text)
        state = "SELECT count(*) FROM stickers_generation WHERE id > ? AND state != 'created'"
        while rows.execute(state, [latest]).fetchone() == (0,):
            time.sleep(LOOK_EVERY_SECONDS)
        taken = time.perf_counter() - begun
    _finish(studio)
    return taken


# --- What is told -------------------------------------------------------------------------------------------------


def _processes(measured: Measured, seconds: float) -> str:
    """A line for each process that lived all the time, and the sum of all."""
    lines = [measured.name, f"  {'':12}{'CPU':>10}{'of a core':>12}{'PSS':>10}{'RSS':>12}"]
    both = measured.before.keys() & measured.after.keys()
    costs = [(measured.after[pid], measured.after[pid].cpu_s - measured.before[pid].cpu_s) for pid in sorted(both)]
    total = Cost("sum", 0, round(measured.pss_mb * 1024), round(measured.rss_mb * 1024))
    for cost, cpu_s in [*costs, (total, measured.cpu_s)]:
        lines.append(
            f"  {cost.name:12}{cpu_s:8.2f} s{cpu_s / seconds:12.2%}"
            f"{cost.pss_kb / 1024:7.1f} MB{cost.rss_kb / 1024:9.1f} MB"
        )
    return "\n".join(lines)


def _lines(sheets: int, studio: Measured, baseline: Measured | None, seconds: float) -> Sequence[Line]:
    """The figures for one number of sheets, beside those of the baseline if there is one."""
    share = studio.cpu_s / seconds
    p50, p95 = percentile(studio.clicks_s, 0.5), percentile(studio.clicks_s, 0.95)
    lines = [
        Line(f"CPU in {seconds:.0f} s, {sheets} sheets", f"{studio.cpu_s:.2f} s", "", f"{share:.2%} of a core",
             "< 1 %", share < 0.01),
        Line("  from a click to its sending", f"p50 {p50:.3f} s, p95 {p95:.3f} s", "",
             f"at most {max(studio.clicks_s):.3f} s", "p95 < 0.5 s", p95 < 0.5),
        Line("  memory (PSS)", f"{studio.pss_mb:.0f} MB", "", ""),
    ]  # fmt: skip
    if baseline is None:
        return lines
    cpu, memory = studio.cpu_s / baseline.cpu_s, studio.pss_mb / baseline.pss_mb
    b50, b95 = percentile(baseline.clicks_s, 0.5), percentile(baseline.clicks_s, 0.95)
    return [
        *lines[:2],
        Line("  CPU against the baseline", f"{studio.cpu_s:.2f} s", f"{baseline.cpu_s:.2f} s", f"{cpu:.2f} ×",
             "≤ 0.2 ×", cpu <= 0.2),
        Line("  click", f"p50 {p50:.3f} s", f"p50 {b50:.3f} s, p95 {b95:.3f} s", f"{p50 / b50:.2f} ×"),
        Line("  memory (PSS)", f"{studio.pss_mb:.0f} MB", f"{baseline.pss_mb:.0f} MB", f"{memory:.2f} ×",
             "≤ 0.7 ×", memory <= 0.7),
    ]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
