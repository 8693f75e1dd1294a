"""`make bench`: the studio against plain baselines, on the same machine at the same time.

Read the ratios: absolute figures depend on the machine. The exit status is 1 if a wanted ratio is missed.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from stickers.sandbox.server import REAL_SECONDS
from tests.bench.load import CONNECTIONS
from tests.bench.rig import answer, percentile, stand_in, start_part

JOBS: Final = 50
QUICK_RUN_SECONDS: Final = 2.0  # with the stand-in's default queue: a finished sheet within 3 s
ALONE_SECONDS: Final = 70
TOGETHER: Final = 20
TOGETHER_SECONDS: Final = 45
PRINTED: Final = 12  # sheets


@dataclass(frozen=True)
class Line:
    """One line of the table. `reached` is None for a figure without a goal."""

    what: str
    studio: str
    baseline: str
    ratio: str
    wanted: str = ""
    reached: bool | None = None


def main() -> int:
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sticker-studio-bench-") as name:
        folder = Path(name)
        with stand_in(folder, run_seconds=QUICK_RUN_SECONDS) as quick:
            studio = answer(start_part("worker_seconds", str(JOBS), data=folder / "studio", url=quick), seconds=300)
            with stand_in(folder, run_seconds=REAL_SECONDS) as real:
                # Both run at the same time, because both only wait and neither keeps a processor busy.
                sdk = start_part("sdk_seconds", str(JOBS), data=folder / "sdk", url=quick)
                single = start_part("visible", "1", str(ALONE_SECONDS), data=folder / "alone", url=real)
                baseline = answer(sdk, seconds=300)
                alone = answer(single, seconds=300)
            printed = answer(start_part("default_path", str(PRINTED), data=folder / "printed", url=quick), seconds=900)
        requests = answer(start_part("status_requests", data=folder / "status", url=quick), seconds=200)
        with stand_in(folder, run_seconds=REAL_SECONDS) as real:
            part = start_part("visible", str(TOGETHER), str(TOGETHER_SECONDS), data=folder / "together", url=real)
            together = answer(part, seconds=300)
    lines = [
        *worker_seconds(studio, baseline),
        *status_requests(requests),
        visible("1 job in flight", alone),
        visible(f"{TOGETHER} jobs in flight", together, wanted_s=2.0),
        default_path(printed),
    ]
    sys.stdout.write(f"{table(lines)}\n\n{NOTES}\nMeasured in {time.monotonic() - begun:.0f} s.\n")
    return int(any(line.reached is False for line in lines))


NOTES: Final = f"""\
Worker-seconds: how long tasks hold the worker's slots, per job, {JOBS} jobs queued at once at the stand-in's default
timing, its sheets drawn beforehand. Baseline: a Celery task that calls the official SDK's run(), prefork 2, on the
same stand-in and embedded broker; it neither downloads nor cuts, so the first line compares like with like.
Status requests: {CONNECTIONS} keep-alive connections to one gunicorn as `make run` starts it. Baseline: an empty view.
Visible: from the stand-in's "completed" to the card that shows the cut sheet, 1024 px sheets, {REAL_SECONDS:g} s a job,
a new order whenever one is finished. The baseline is the job's own time.
Not in red: from a prompt over a print sheet to a PDF with no setting touched, as the preflight judges the stickers. A
sheet is ready if the preflight asks for no look at it."""


def worker_seconds(studio: Any, baseline: Any) -> list[Line]:
    waiting = studio["waiting_s"] / JOBS
    whole = waiting + studio["cutting_s"] / JOBS
    sdk = baseline["waiting_s"] / JOBS
    return [
        Line(
            "worker-seconds per job",
            f"{waiting:.3f} s",
            f"{sdk:.3f} s",
            f"{sdk / waiting:.1f} × fewer",
            "≥ 8 × fewer",
            sdk / waiting >= 8,
        ),
        Line("  with the studio's cutting", f"{whole:.3f} s", f"{sdk:.3f} s", f"{sdk / whole:.1f} × fewer"),
        Line(
            f"makespan of {JOBS} jobs, cut",
            f"{studio['makespan_s']:.1f} s",
            f"{baseline['makespan_s']:.1f} s",
            f"{baseline['makespan_s'] / studio['makespan_s']:.1f} × shorter",
        ),
    ]


def status_requests(rates: Any) -> list[Line]:
    empty = rates["empty"]

    def line(what: str, name: str, *, wanted: float | None = None) -> Line:
        ratio = rates[name] / empty
        return Line(
            what,
            f"{rates[name]:.0f} /s",
            f"{empty:.0f} /s",
            f"{ratio:.2f} ×",
            "" if wanted is None else f"≥ {wanted:g} ×",
            None if wanted is None else ratio >= wanted,
        )

    return [
        line("status requests, nothing new", "unchanged", wanted=0.4),
        line("  the fragment with 1 card", "one card"),
        line("  the fragment with 20 cards", "20 cards"),
    ]


def visible(what: str, found: Any, *, wanted_s: float | None = None) -> Line:
    delays = found["delays_s"]
    p50, p95 = percentile(delays, 0.5), percentile(delays, 0.95)
    return Line(
        f"completed to visible, {what}",
        f"p50 {p50:.2f} s, p95 {p95:.2f} s",
        f"{REAL_SECONDS:g} s ({len(delays)} jobs)",
        f"{p95 / REAL_SECONDS:.2f} ×",
        "" if wanted_s is None else f"p95 ≤ {wanted_s:g} s",
        None if wanted_s is None else p95 <= wanted_s,
    )


def default_path(found: Any) -> Line:
    share = 1 - found.get("error", 0) / found["stickers"]
    return Line(
        f"stickers not in red, {found['sheets']} sheets",
        f"{share:.1%} of {found['stickers']}",
        "",
        f"{found['ready']} of {found['sheets']} ready",
        "≥ 90 %",
        share >= 0.9,
    )


def table(lines: Sequence[Line]) -> str:
    cells = [("", "studio", "baseline", "ratio", "wanted", "")]
    words = {True: "yes", False: "NO", None: ""}
    cells += [(line.what, line.studio, line.baseline, line.ratio, line.wanted, words[line.reached]) for line in lines]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    )


if __name__ == "__main__":
    sys.exit(main())
