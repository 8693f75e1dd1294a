"""Part of the bench: many jobs through the baseline's worker, prefork with two processes."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from stickers.recipes.reading import read_models
from tests.bench.busy import Span, seconds
from tests.bench.rig import running, say
from tests.bench.sdk_worker import run
from tests.support.running_studio import until


def main(jobs: int) -> None:
    busy = Path(os.environ["BENCH_BUSY"])
    command = [sys.executable, "-m", "celery", "-A", "tests.bench.sdk_worker", "--quiet", "worker"]
    command += ["--pool", "prefork", "--concurrency", "2", "--without-gossip", "--without-mingle"]
    with running(command, busy.with_name("worker.log")):
        spec = next(iter(read_models().values()))
        values = spec.defaults() | {"prompt": "cats"}
        run.delay(spec.payload(values | {"seed": 1}))  # so that the worker's start does not count
        until(lambda: len(Span.read_all(busy)) == 1, seconds=150, what="the worker to start")
        begun = time.time()
        for number in range(jobs):
            run.delay(spec.payload(values | {"prompt": f"cats {number}", "seed": number}))
        until(lambda: len(Span.read_all(busy)) == 1 + jobs, seconds=120 + 60 * jobs, what="the baseline's jobs")
    spans = Span.read_all(busy)
    ended = max(span.ended for span in spans)
    say({"makespan_s": ended - begun, "waiting_s": seconds(spans, since=begun, until=ended)})


if __name__ == "__main__":
    main(int(sys.argv[1]))
