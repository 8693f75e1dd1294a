"""A stand-in whose sheets are drawn before the clock starts: real ones by the artist, which cost nothing later.

`python -m tests.bench.stand_in PORT RUN_SECONDS [QUEUE_SECONDS]`
"""

from __future__ import annotations

import signal
import sys
import threading
from decimal import Decimal
from typing import Final

from stickers.sandbox.easel import draw_with_artist
from stickers.sandbox.jobs import SheetOrder
from stickers.sandbox.server import Sandbox

PROMPTS: Final = ("cats and stars", "forest animals", "planets", "a bakery", "sea animals", "flowers")
SIDES_PX: Final = (512, 1024)


def main(port: int, run_seconds: float, queue_seconds: float = 0.3) -> None:
    sheets = {
        (side, which): draw_with_artist(SheetOrder(prompt=prompt, seed=which, width_px=side, height_px=side))
        for side in SIDES_PX
        for which, prompt in enumerate(PROMPTS)
    }

    def draw(order: SheetOrder) -> bytes:
        return sheets[order.width_px, order.seed % len(PROMPTS)]

    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    with Sandbox(port=port, run_seconds=run_seconds, queue_seconds=queue_seconds, balance=Decimal(1000), draw=draw):
        stopped.wait()


if __name__ == "__main__":
    main(int(sys.argv[1]), *map(float, sys.argv[2:]))
