"""The Celery application of web and worker. Its messages are hints about rows, and it has no result backend."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import celeryd_after_setup, setup_logging, worker_shutting_down
from django.conf import settings

from stickers.messaging import broker
from stickers.messaging.reconnecting import AMQP
from stickers.running import logs, schema

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stickers.settings")
broker.register()
setup_logging.connect(logs.configure)


def _wake_to_end(**_: Any) -> None:
    """Wake a worker that waits at the doorbell, so that it ends at once."""
    broker.wake(settings.CELERY_BROKER_URL)


def _wait_for_rows(**_: Any) -> None:
    """Take no work while the code is newer than the database. Celery has set up the log, but starts nothing yet."""
    schema.wait()


worker_shutting_down.connect(_wake_to_end)
celeryd_after_setup.connect(_wait_for_rows)


app = Celery("stickers", amqp=AMQP)
app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    # Remote control needs a broker that can broadcast. The embedded one cannot, and the rows tell more anyway.
    worker_enable_remote_control=not settings.CELERY_BROKER_URL.startswith("embedded:"),
    worker_hijack_root_logger=False,
    worker_max_tasks_per_child=200,
    imports=["stickers.tasks"],
    timezone="UTC",
)
