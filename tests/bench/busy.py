"""Writes down how long each task holds its worker's slot; loaded into a worker with `--include tests.bench.busy`."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from celery.signals import task_postrun, task_prerun

_begun: dict[str, float] = {}


@dataclass(frozen=True)
class Span:
    """One task's time in its slot; moments are Unix times in seconds."""

    task: str
    begun: float
    ended: float

    @classmethod
    def read_all(cls, file: Path) -> list[Self]:
        lines = map(str.split, file.read_text().splitlines())
        return [cls(task, float(begun), float(ended)) for task, begun, ended in lines]


def seconds(spans: Iterable[Span], *, since: float, until: float) -> float:
    """The part of all spans that lies between two moments."""
    return sum(max(0.0, min(span.ended, until) - max(span.begun, since)) for span in spans)


@task_prerun.connect
def _begin(task_id: str, **_: Any) -> None:
    _begun[task_id] = time.time()


@task_postrun.connect
def _end(task_id: str, task: Any, **_: Any) -> None:
    line = f"{task.name} {_begun.pop(task_id)} {time.time()}\n"
    with Path(os.environ["BENCH_BUSY"]).open("a") as file:  # short lines appended are whole lines
        file.write(line)
