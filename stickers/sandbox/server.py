"""The stand-in as one object: start it, give its `url` to a client, set faults, read what it recorded."""

from __future__ import annotations

import time
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from stickers.recipes.reading import read_models
from stickers.recipes.specs import ModelSpec
from stickers.sandbox.control import PREFIX, Control
from stickers.sandbox.database import JobStore
from stickers.sandbox.easel import Draw, Easel, draw_with_artist
from stickers.sandbox.faults import Fault, Faults
from stickers.sandbox.jobs import Job
from stickers.sandbox.recording import Call
from stickers.sandbox.replies import Reply
from stickers.sandbox.requests import Request
from stickers.sandbox.service import Pace, Service
from stickers.sandbox.sockets import Server

REAL_SECONDS: Final = 16.0  # what the model's page states for a sheet


class Sandbox:
    """A running stand-in. Use it in a `with`, or start and stop it. `port` 0 takes a free one; read it from `url`.

    Without `state` everything is forgotten at the end. With it, jobs, money and recording survive even a kill. It
    serves `models`, by their slugs, or else the built-in ones. `workers` bounds how many jobs run at once.
    `slow_seconds` and `hang_seconds` belong to the faults of those names. `draw` replaces the artist.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        queue_seconds: float = 0.3,
        run_seconds: float = 2.0,
        jitter: float = 0.1,
        expiry_seconds: float = 3600,
        balance: Decimal = Decimal(10),
        price: Decimal = Decimal("0.018"),
        state: Path | None = None,
        workers: int | None = None,
        slow_seconds: float = 3,
        hang_seconds: float = 120,
        reset_seconds: float = 2,
        draw: Draw = draw_with_artist,
        threads: int = 2,
        models: Mapping[str, ModelSpec] | None = None,
    ) -> None:
        self._models = read_models() if models is None else models
        self._address = (host, port)
        self._pace = Pace(
            queue_s=queue_seconds,
            run_s=run_seconds,
            jitter=jitter,
            expiry_s=expiry_seconds,
            slow_s=slow_seconds,
            reset_s=reset_seconds,
            workers=workers,
        )
        self._hang_s = hang_seconds
        self._balance = balance
        self._price = price
        self._state = state
        self._draw = draw
        self._threads = threads
        self._faults = Faults()
        self._ahead_s = 0.0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Serve in a thread. Raises OSError if the port is taken."""
        self._server = Server(self._address, self._answer, hang_s=self._hang_s)
        host, port = self._server.server_address[:2]
        self._address = (str(host), int(port))  # a second start takes the same port
        self._store = JobStore(self._state, models=self._models, balance=self._balance, now=self._now())
        self._easel = Easel(self._draw, threads=self._threads)
        self._control = Control(self._faults, self._store, self._now)
        self._service = Service(
            models=self._models,
            store=self._store,
            easel=self._easel,
            faults=self._faults,
            pace=self._pace,
            price=self._price,
            now=self._now,
        )
        self._server.start()

    def stop(self) -> None:
        """End every connection and thread."""
        self._server.stop()
        self._easel.close()
        self._store.close()

    @property
    def url(self) -> str:
        host, port = self._address
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every call so far, oldest first, without the calls under /sandbox/."""
        return self._store.calls()

    @property
    def jobs(self) -> tuple[Job, ...]:
        """Every job that was made, oldest first."""
        return tuple(self._store.jobs())

    @property
    def balance(self) -> Decimal:
        return self._store.balance(self._now())

    def posts(self, prompt: str | None = None) -> tuple[Call, ...]:
        """The submissions among the calls.

        With `prompt` only those with exactly this prompt, whatever its parameter is called.
        """
        return tuple(
            call
            for call in self.calls
            if call.method == "POST" and (prompt is None or prompt in (call.json or {}).values())
        )

    def clear(self) -> None:
        """Forget the recorded calls."""
        self._store.clear_calls()

    def set_fault(self, fault: Fault, times: int | None = None) -> None:
        """Let `fault` strike the next `times` calls of its stage; with None until it is cleared."""
        self._faults.set(fault, times)

    def clear_faults(self) -> None:
        self._faults.clear()

    def age(self, seconds: float) -> None:
        """Move the stand-in's own clock forward."""
        self._ahead_s += seconds

    def _answer(self, request: Request) -> Reply:
        own = request.path == PREFIX or request.path.startswith(f"{PREFIX}/")
        return self._control.answer(request) if own else self._service.answer(request)

    def _now(self) -> float:
        return time.time() + self._ahead_s
