"""`make bench-load`: 500 orders of 10 designers at once, 50 open pages, PostgreSQL and Redis, one worker.

The exit status is 1 if a goal is missed. Needs PostgreSQL and Redis, as `make test-engines` does.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from stickers.sandbox.server import REAL_SECONDS
from tests.bench.__main__ import Line, table
from tests.bench.rig import answer, percentile, stand_in, start_part
from tests.engines.servers import postgres, redis_server

DESIGNERS: Final = 10
ORDERS: Final = 50  # of each designer
PAGES: Final = 50
JOBS: Final = DESIGNERS * ORDERS
# The time in the queue that a burst meets at a busy service, in addition to the model's own time. It is long enough to
# have all in flight together.
QUEUE_SECONDS: Final = 45.0
BASELINE_JOBS: Final = 4  # a job holds its slot for its whole life, so the figure per job does not depend on the number
WEB_PROCESSES: Final = 2


def main() -> int:
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sticker-studio-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL, which does not run as root, must get through
        for engine in ("postgres", "redis"):
            (folder / engine).mkdir()
        with (
            postgres(folder / "postgres") as database,
            redis_server(folder / "redis") as broker,
            stand_in(folder, run_seconds=REAL_SECONDS, queue_seconds=QUEUE_SECONDS) as url,
        ):
            sdk = start_part(
                "sdk_seconds",
                str(BASELINE_JOBS),
                data=folder / "sdk",
                url=url,
                CELERY_BROKER_URL=broker.url.removesuffix("/0") + "/1",
            )
            studio = start_part(
                "crowd_studio",
                *map(str, (DESIGNERS, ORDERS, PAGES)),
                data=folder / "studio",
                url=url,
                CELERY_BROKER_URL=broker.url,
                DATABASE_URL=database.url,
                STUDIO_ACCOUNTS="1",
                WEB_PROCESSES=str(WEB_PROCESSES),
            )
            found = answer(studio, seconds=1200)
            baseline = answer(sdk, seconds=600)
    lines = report(found, baseline["waiting_s"] / BASELINE_JOBS)
    sys.stdout.write(f"{table(lines)}\n\n{NOTES}\n")
    for error in [*found["errors"], *found["undone"]][:10]:
        sys.stdout.write(f"error: {error}\n")
    sys.stdout.write(f"Measured in {time.monotonic() - begun:.0f} s.\n")
    return int(any(line.reached is False for line in lines))


NOTES: Final = f"""\
{JOBS} orders of {DESIGNERS} designers, queued at once; 512 px sheets, drawn beforehand, {QUEUE_SECONDS:g} s in the
stand-in's queue and {REAL_SECONDS:g} s at work; PostgreSQL, Redis, {WEB_PROCESSES} web processes, one worker process.
Status: what an open page asks every two seconds, {PAGES} pages, until the last sheet is cut; they are opened as the
orders are queued, which is no look. Worker-seconds: how long tasks hold the worker's slots, per job. Baseline: a Celery
task that calls the official SDK's run(), prefork 2, on the same stand-in and Redis at the same time, {BASELINE_JOBS}
jobs; it neither downloads nor cuts."""


def report(found: Any, sdk: float) -> list[Line]:
    errors = len(found["errors"]) + len(found["undone"])
    times = found["times_s"]
    p50, p95 = percentile(times, 0.5), percentile(times, 0.95)
    waiting = found["waiting_s"] / JOBS
    whole = waiting + found["cutting_s"] / JOBS
    return [
        Line("errors", str(errors), "", "", "0", errors == 0),
        Line("in flight at once", str(found["in_flight"]), "2", "", f"{JOBS}", found["in_flight"] == JOBS),
        Line("status, p50", f"{1000 * p50:.0f} ms", f"({len(times)} looks)", ""),
        Line("status, p95", f"{1000 * p95:.0f} ms", "", "", "< 200 ms", p95 < 0.2),
        Line(
            "worker-seconds per job",
            f"{waiting:.3f} s",
            f"{sdk:.2f} s",
            f"{sdk / waiting:.0f} × fewer",
            "≥ 20 × fewer",
            sdk / waiting >= 20,
        ),
        Line(
            "  if the service had no queue",
            f"{waiting:.3f} s",
            f"{REAL_SECONDS:g} s (reckoned)",
            f"{REAL_SECONDS / waiting:.0f} × fewer",
        ),
        Line("  with the studio's cutting", f"{whole:.3f} s", f"{sdk:.2f} s", f"{sdk / whole:.0f} × fewer"),
        Line("worker's processor time per job", f"{found['worker_cpu_s'] / JOBS:.3f} s", "", ""),
        Line(f"makespan of {JOBS} jobs, cut", f"{found['makespan_s']:.0f} s", f"{sdk * JOBS / 2:.0f} s (reckoned)", ""),
    ]


if __name__ == "__main__":
    sys.exit(main())
