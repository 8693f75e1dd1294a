"""A stand-in with gates: orders wait at the exact point that a run wants to strike."""

from __future__ import annotations

import io
import json
import threading
import time
from collections import Counter, defaultdict
from enum import StrEnum
from typing import Any, Final

from PIL import Image, ImageDraw

from stickers.sandbox.jobs import SheetOrder
from stickers.sandbox.replies import Reply, json_reply
from stickers.sandbox.requests import Request
from stickers.sandbox.server import Sandbox

DISCS: Final = 4
LONGEST_S: Final = 30.0  # for a gate that nobody opens
CUTTING: Final = "cutting"  # in a prompt: a sheet whose segmentation takes a while


class Gate(StrEnum):
    """Where a call waits while its gate is shut."""

    POST = "the POST has arrived, no job is made yet"
    POSTED = "the job is made, its id is not told yet"
    QUEUED = "every look is told QUEUED"
    PROCESSING = "every look is told PROCESSING"
    RESULT = "COMPLETED was told, the result is not"
    PICTURE = "the picture is asked for and does not come"


class GatedSandbox(Sandbox):
    """At most one gate is shut at a time. `arrived` counts the calls that came to it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(draw=draw, queue_seconds=0.05, run_seconds=0.1, jitter=0, threads=1, **options)
        self._gate: Gate | None = None
        self._changed = threading.Condition()
        self._arrived: Counter[Gate] = Counter()
        self._held_s: defaultdict[str, float] = defaultdict(float)

    def shut(self, gate: Gate) -> None:
        with self._changed:
            self._gate = gate
            self._arrived.clear()

    def open(self) -> None:
        with self._changed:
            self._gate = None
            self._changed.notify_all()

    def arrived(self) -> int:
        with self._changed:
            return sum(self._arrived.values())

    def held_s(self, prompt: str) -> float:
        """For how long the answer to this order's POST was held back."""
        with self._changed:
            return self._held_s[prompt]

    def _answer(self, request: Request) -> Reply:
        match request.method, request.path.strip("/").split("/"):
            case "POST", ["v2", _]:
                begun = time.monotonic()
                self._wait_at(Gate.POST)
                reply = super()._answer(request)
                self._wait_at(Gate.POSTED)
                with self._changed:
                    self._held_s[str(json.loads(request.body).get("prompt"))] += time.monotonic() - begun
                return reply
            case "GET", ["v2", "requests", request_id, "status"]:
                for gate in (Gate.QUEUED, Gate.PROCESSING):
                    if self._comes_to(gate):
                        super()._answer(request)  # to record the call
                        return json_reply({"status": gate.name, "request_id": request_id, "metrics": {}})
            case "GET", ["v2", "requests", _]:
                self._wait_at(Gate.RESULT)
            case "GET", ["generations", _]:
                self._wait_at(Gate.PICTURE)
        return super()._answer(request)

    def _comes_to(self, gate: Gate) -> bool:
        with self._changed:
            is_shut = self._gate is gate
            self._arrived[gate] += is_shut
            return is_shut

    def _wait_at(self, gate: Gate) -> None:
        if self._comes_to(gate):
            with self._changed:
                self._changed.wait_for(lambda: self._gate is not gate, LONGEST_S)


def draw(order: SheetOrder) -> bytes:
    """Discs, drawn and cut in no time, except where a run has to hit the segmentation."""
    side = 320 if CUTTING in order.prompt else 48
    image = Image.new("RGB", (2 * side, 2 * side), (250, 205, 215))
    pen = ImageDraw.Draw(image)
    for number in range(DISCS):
        left, top = number % 2 * side + side // 6, number // 2 * side + side // 6
        pen.ellipse((left, top, left + side * 2 // 3, top + side * 2 // 3), fill=(60, 50 * number, 160))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=92)
    return out.getvalue()
