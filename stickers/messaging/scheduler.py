"""The scheduler: one steady tick, on which everything that is due is looked at, and an hourly broom.

A Celery application of its own, which knows the tick's name and nothing else. It loads neither the rows nor the
slicing engine, so it starts at once and is the smallest of the studio's processes.
"""

from __future__ import annotations

import logging
import os
import time
from typing import Any, Final

from celery import Celery, beat
from celery.signals import beat_init, setup_logging
from django.conf import settings

from stickers.messaging import broker
from stickers.messaging.reconnecting import AMQP
from stickers.running import logs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stickers.settings")
broker.register()
setup_logging.connect(logs.configure)

TICK_SECONDS: Final = 0.5
TICK_EXPIRES_SECONDS: Final = 30
HOUSEKEEPING_SECONDS: Final = 3600
JUMP_SECONDS: Final = 1.0

logger = logging.getLogger(__name__)


class Scheduler(beat.Scheduler):  # type: ignore[misc]  # Celery has no types
    """In memory: a tick has no history to keep, and a schedule file can be torn by a kill.

    Celery's own goes by the wall clock: set back by hours, it would not tick for as long.
    """

    _ahead: float | None = None

    def tick(self, *arguments: Any, **options: Any) -> float:
        ahead = time.time() - time.monotonic()
        if self._ahead is not None and abs(ahead - self._ahead) > JUMP_SECONDS:
            logger.warning("The clock was set by %+.0f s.", ahead - self._ahead)
            for entry in self.schedule.values():
                entry.last_run_at = entry.default_now()
            self._heap = None
        self._ahead = ahead
        seconds: float = super().tick(*arguments, **options)
        return seconds


def _say_so(**_: Any) -> None:
    logger.info("The scheduler is ready.")


beat_init.connect(_say_so)

app = Celery("clock", fixups=[], amqp=AMQP)
app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    timezone="UTC",
    beat_scheduler="stickers.messaging.scheduler:Scheduler",
    beat_schedule={
        "tick": {
            "task": "stickers.tasks.tick",
            "schedule": TICK_SECONDS,
            # A tick that found no worker for so long is worthless, the next one does its work. No shorter: the moment
            # is one on the worker's clock, and clocks of two machines differ.
            "options": {"expires": TICK_EXPIRES_SECONDS},
        },
        # An hour, not a time of night: a studio on a desk is off at night.
        "housekeeping": {
            "task": "stickers.tasks.housekeeping",
            "schedule": HOUSEKEEPING_SECONDS,
            "options": {"expires": HOUSEKEEPING_SECONDS},
        },
    },
)
