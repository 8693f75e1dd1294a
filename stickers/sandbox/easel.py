"""Has sheets drawn in the background while their jobs "run", so that a finished picture is there at once."""

from __future__ import annotations

import io
import random
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from PIL import Image, ImageDraw

from stickers.sandbox.jobs import SheetOrder

Draw = Callable[[SheetOrder], bytes]

# about 300 KB each. A picture that has been dropped is drawn again when it is asked for: the artist repeats itself
_KEPT: Final = 128


def draw_with_artist(order: SheetOrder) -> bytes:
    """The sheet as a JPEG file, as the model would return it."""
    rng = random.Random(f"{order.prompt}/{order.seed}/{order.index}")
    image = Image.new("RGB", (order.width_px, order.height_px), "#fdf6ec")
    pen = ImageDraw.Draw(image)
    for row in range(3):
        for column in range(3):
            cell = order.width_px // 3, order.height_px // 3
            x, y = column * cell[0] + cell[0] // 2, row * cell[1] + cell[1] // 2
            r = min(cell) * rng.uniform(0.28, 0.4)
            pen.ellipse((x - r, y - r, x + r, y + r), fill="white")
            pen.ellipse(
                (x - r + 9, y - r + 9, x + r - 9, y + r - 9), fill=tuple(rng.randrange(40, 220) for _ in range(3))
            )
    file = io.BytesIO()
    image.save(file, "JPEG", quality=92)
    return file.getvalue()


class Easel:
    """Draws each order once, on a few threads, and keeps the newest pictures."""

    def __init__(self, draw: Draw, *, threads: int) -> None:
        self._draw = draw
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="artist")
        self._lock = threading.Lock()
        self._sheets: OrderedDict[SheetOrder, Future[bytes]] = OrderedDict()

    def close(self) -> None:
        """Finish the strokes under way and forget what is only ordered."""
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
