"""manage.py sandbox: run the local stand-in of Segmind until it is told to stop."""

from __future__ import annotations

import signal
import threading
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from stickers.running import memory
from stickers.sandbox.easel import draw_with_artist
from stickers.sandbox.faults import Fault
from stickers.sandbox.jobs import SheetOrder
from stickers.sandbox.server import REAL_SECONDS, Sandbox


class Command(BaseCommand):
    help = "Run a local stand-in of Segmind's v2 API. GET /sandbox/ lists its addresses and its faults."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8010, help="0 takes a free one")
        parser.add_argument("--queue-seconds", type=_seconds, default=0.3, metavar="SECONDS")
        parser.add_argument("--run-seconds", type=_seconds, default=2.0, metavar="SECONDS")
        parser.add_argument(
            "--real-time", action="store_true", help=f"run for {REAL_SECONDS:g} s, as the real model does"
        )
        parser.add_argument("--jitter", type=_share, default=0.1, metavar="SHARE", help="0.1 is ± 10 %%")
        parser.add_argument("--expiry-seconds", type=_seconds, default=3600, metavar="SECONDS")
        parser.add_argument("--workers", type=int, metavar="N", help="how many jobs run at once; all by default")
        parser.add_argument("--balance", type=_dollars, default=Decimal(1000), help="a new account's dollars")
        parser.add_argument("--price", type=_dollars, default=Decimal("0.018"), help="dollars for one sheet")
        parser.add_argument(
            "--fault", action="append", default=[], metavar="NAME", help="misbehave from the start; may be repeated"
        )
        parser.add_argument("--state", type=Path, metavar="FILE", help="remember jobs, money and calls in this file")

    def handle(self, **options: Any) -> None:
        faults = [_fault(name) for name in options["fault"]]
        sandbox = Sandbox(
            host=options["host"],
            port=options["port"],
            queue_seconds=options["queue_seconds"],
            run_seconds=REAL_SECONDS if options["real_time"] else options["run_seconds"],
            jitter=options["jitter"],
            expiry_seconds=options["expiry_seconds"],
            workers=options["workers"],
            balance=options["balance"],
            price=options["price"],
            state=options["state"],
            models=settings.MODELS,
            draw=_draw,
        )
        for fault in faults:
            sandbox.set_fault(fault)
        try:
            sandbox.start()
        except (OSError, OverflowError) as error:
            raise CommandError(f"Port {options['port']} of {options['host']} is not to be had: {error}") from error
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        # without colour, because it is no error
        self.stderr.write(f"The stand-in for Segmind serves at {sandbox.url}", str)
        self.stderr.flush()
        stopped.wait()
        sandbox.stop()


def _draw(order: SheetOrder) -> bytes:
    with memory.returned():
        return draw_with_artist(order)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < 1e6:
        raise ValueError(text)
    return seconds


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share < 1:
        raise ValueError(text)
    return share


def _dollars(text: str) -> Decimal:
    try:
        dollars = Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None
    if not (dollars.is_finite() and 0 <= dollars < 1_000_000):
        raise ValueError(text)
    return dollars


def _fault(name: str) -> Fault:
    fault = Fault.named(name)
    if fault is None:
        raise CommandError(f"There is no fault {name!r}. Choose from: {', '.join(Fault)}")
    return fault
