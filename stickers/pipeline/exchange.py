"""One conversation with Segmind, in two halves."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from stickers.segmind.client import Client


@dataclass(frozen=True)
class Exchange:
    """`ask` runs in a helper thread and sees no rows; `settle` writes its answer into the row.

    `settle` may return a step that follows from the answer.
    """

    generation_pk: int | None  # None: about none in particular
    key: str = field(repr=False)  # what the client is to show
    ask: Callable[[Client], Any]
    settle: Callable[[Future[Any]], Exchange | None]
