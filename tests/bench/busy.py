"""Sum how long tasks held their worker's slots, from the records of `tests.bench.recorder`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True)
class Span:
    """One task's time in its slot. Moments are Unix times in seconds."""

    task: str
    begun: float
    ended: float

    @classmethod
    def read_all(cls, file: Path) -> list[Self]:
        lines = map(str.split, file.read_text().splitlines())
        return [cls(task, float(begun), float(ended)) for task, begun, ended in lines]


def seconds(spans: Iterable[Span], *, since: float, until: float) -> float:
    """The part of all spans between two moments."""
    return sum(max(0.0, min(span.ended, until) - max(span.begun, since)) for span in spans)
