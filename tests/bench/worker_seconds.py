"""Part of the bench: many jobs through the studio's worker, with the flags that `make run` gives it."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from stickers.running import runner
from tests.bench import rows
from tests.bench.busy import Span, seconds
from tests.bench.rig import running, say
from tests.support.running_studio import until


def main(jobs: int) -> None:
    busy = Path(os.environ["BENCH_BUSY"])
    rows.migrate()
    worker = (*runner._worker().command, "--include", "tests.bench.recorder")
    with (
        running(worker, busy.with_name("worker.log"), CELERY_SKIP_CHECKS="1"),
        running(runner._scheduler().command, busy.with_name("scheduler.log")),
    ):
        rows.order("warm up")  # so that the worker's start does not count
        until(lambda: not rows.unfinished(), seconds=90, what="the worker to start")
        begun = time.time()
        rows.order(*(f"cats {number}" for number in range(jobs)))
        until(lambda: not rows.unfinished(), seconds=10 * jobs, what="the studio's jobs")
    if undone := rows.undone():
        raise RuntimeError(f"Not everything is done: {undone}")
    ended = rows.last_end()
    spans = Span.read_all(busy)
    reconciling = [span for span in spans if span.task.endswith((".reconcile", ".tick"))]
    cutting = [span for span in spans if span.task.endswith(".cut")]
    say(
        {
            "makespan_s": ended - begun,
            "waiting_s": seconds(reconciling, since=begun, until=ended),
            "cutting_s": seconds(cutting, since=begun, until=ended),
        }
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
