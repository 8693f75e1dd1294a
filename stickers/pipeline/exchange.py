"""An exchange with Segmind in two halves: ask, and settle the answer."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from stickers.segmind.client import Client


@dataclass(frozen=True)
class Exchange:
    """`ask` runs in a helper thread and touches no rows. `settle` writes its answer into the row.

    `settle` may return another exchange that follows from the answer.
    """

    generation_pk: int | None  # None: about no generation in particular
    key: str = field(repr=False)  # the API key that the client sends
    ask: Callable[[Client], Any]
    settle: Callable[[Future[Any]], Exchange | None]
