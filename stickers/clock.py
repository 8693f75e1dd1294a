"""The scheduler: one steady tick, on which everything that is due is looked at.

A Celery application of its own, which knows the tick's name and nothing else. It loads neither the rows nor the
slicing engine, so it starts at once and is the smallest of the studio's processes.
"""

from __future__ import annotations

import os
from typing import Final

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings

from stickers import broker, logs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stickers.settings")
broker.register()
setup_logging.connect(logs.configure)

TICK_SECONDS: Final = 0.5

app = Celery("clock", fixups=[])
app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    broker_connection_retry_on_startup=True,
    timezone="UTC",
    # In memory: a tick has no history to keep, and a schedule file can be torn by a kill.
    beat_scheduler="celery.beat:Scheduler",
    beat_schedule={
        "tick": {
            "task": "stickers.tasks.tick",
            "schedule": TICK_SECONDS,
            # The worker's threads are few; a tick that found none in time is worthless, the next one does its work.
            "options": {"expires": 2 * TICK_SECONDS},
        }
    },
)
