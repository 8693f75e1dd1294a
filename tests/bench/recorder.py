"""Records how long each task holds its worker's slot. A worker loads it with `--include tests.bench.recorder`."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from celery.signals import task_postrun, task_prerun

_begun: dict[str, float] = {}


@task_prerun.connect
def _begin(task_id: str, **_: Any) -> None:
    _begun[task_id] = time.time()


@task_postrun.connect
def _end(task_id: str, task: Any, **_: Any) -> None:
    line = f"{task.name} {_begun.pop(task_id)} {time.time()}\n"
    with Path(os.environ["BENCH_BUSY"]).open("a") as file:  # a short appended line is written whole
        file.write(line)
