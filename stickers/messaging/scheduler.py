"""The scheduler: a rare tick, at which a worker looks at everything that is due, and housekeeping once an hour.

The tick is the safety net. A click is handled at once by its hint, and a worker sets an alarm for the moment when the
next row is due. If a hint or an alarm is lost with a broker or a worker, the next tick finds its work.

It is a Celery application of its own, which knows the names of two tasks and nothing else.
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

TICK_SECONDS: Final = 5.0  # the longest wait after a hint or an alarm was lost
TICK_EXPIRES_SECONDS: Final = 30
HOUSEKEEPING_SECONDS: Final = 3600
JUMP_SECONDS: Final = 1.0

logger = logging.getLogger(__name__)


class Scheduler(beat.Scheduler):  # type: ignore[misc]  # Celery has no types
    """Celery's scheduler in memory. A tick needs no history, and a kill can tear a schedule file.

    Celery's own scheduler follows the wall clock. If the clock is set back by hours, it does not tick for hours.
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

app = Celery("scheduler", fixups=[], amqp=AMQP)
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
            # A tick that no worker took for so long is worthless, because the next one does its work. The time is no
            # shorter, because the worker compares it with its own clock, and the clocks of two machines differ.
            "options": {"expires": TICK_EXPIRES_SECONDS},
        },
        # An interval, not a time of night: a studio on a desk is off at night.
        "housekeeping": {
            "task": "stickers.tasks.housekeeping",
            "schedule": HOUSEKEEPING_SECONDS,
            "options": {"expires": HOUSEKEEPING_SECONDS},
        },
    },
)
