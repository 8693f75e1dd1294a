"""A stand-in for tests that are not about pictures: it answers within milliseconds, and its sheets are small discs."""

from __future__ import annotations

import io
import random
import time
from typing import Any

from PIL import Image, ImageDraw

from stickers.recipes.reading import read_models
from stickers.sandbox.jobs import SheetOrder
from stickers.sandbox.server import Sandbox
from stickers.segmind.client import Client
from stickers.segmind.messages import Status
from stickers.segmind.wire import Timeouts

KEY = "SG_0123456789abcdef"
SLUG = next(iter(read_models()))
ORDER = {"prompt": "cats", "seed": 7, "img_width": 512, "img_height": 512}
# For calls that are never answered.
IMPATIENT = Timeouts(submit_s=0.1, read_s=0.1, download_s=0.1, whole_factor=50)


def draw_discs(order: SheetOrder) -> bytes:
    """A small JPEG that differs with everything in the order except its size."""
    rng = random.Random(repr(order))
    image = Image.new("RGB", (64, 64), "white")
    pen = ImageDraw.Draw(image)
    for x in (4, 36):
        pen.ellipse((x, 4, x + 24, 56), fill=tuple(rng.randrange(200) for _ in range(3)))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=90)
    return file.getvalue()


def quick_sandbox(**options: Any) -> Sandbox:
    """A stand-in whose jobs are done at once, unless `options` say otherwise."""
    quick = {"queue_seconds": 0, "run_seconds": 0.01, "jitter": 0, "slow_seconds": 0.05, "draw": draw_discs}
    return Sandbox(**{**quick, **options})


def quick_client(sandbox: Sandbox, **options: Any) -> Client:
    """A client for `sandbox`."""
    return Client(**{"api_key": KEY, "base_url": sandbox.url, **options})


def wait_for(client: Client, request_id: str) -> Status:
    """The job's final status."""
    end = time.monotonic() + 60  # for a machine that does other things, too
    while not (status := client.status(request_id)).state.final:
        assert time.monotonic() < end, status
        time.sleep(0.005)
    return status
