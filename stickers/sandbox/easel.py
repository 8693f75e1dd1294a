"""Draws sheets in the background while their jobs "run", so that a finished picture is ready at once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from stickers.sandbox.artist import draw_sheet, jpeg
from stickers.sandbox.jobs import SheetOrder

Draw = Callable[[SheetOrder], bytes]

# About 300 KB each. A dropped picture is drawn again on demand, and comes out the same.
_KEPT: Final = 128


def draw_with_artist(order: SheetOrder) -> bytes:
    """The sheet as a JPEG file, as the model would return it."""
    drawing = draw_sheet(
        order.prompt,
        seed=order.seed,
        width_px=order.width_px,
        height_px=order.height_px,
        index=order.index,
    )
    return jpeg(drawing)


class Easel:
    """Draws each order once, on a few threads, and keeps the newest pictures."""

    def __init__(self, draw: Draw, *, threads: int) -> None:
        self._draw = draw
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="artist")
        self._lock = threading.Lock()
        self._sheets: OrderedDict[SheetOrder, Future[bytes]] = OrderedDict()

    def close(self) -> None:
        """Finish the pictures under way and drop those that are only ordered."""
        self._pool.shutdown(cancel_futures=True)

    def order(self, order: SheetOrder) -> Future[bytes]:
        """The picture, once it is drawn."""
        with self._lock:
            sheet = self._sheets.get(order)
            if sheet is None:
                sheet = self._sheets[order] = self._pool.submit(self._draw, order)
            self._sheets.move_to_end(order)
            while len(self._sheets) > _KEPT and next(iter(self._sheets.values())).done():
                self._sheets.popitem(last=False)
            return sheet
