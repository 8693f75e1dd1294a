"""The Celery application of web and worker: thin hints over rows, no result backend."""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings

from stickers.messaging import broker
from stickers.messaging.reconnecting import AMQP
from stickers.running import logs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stickers.settings")
broker.register()
setup_logging.connect(logs.configure)

app = Celery("stickers", amqp=AMQP)
app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    # Remote control needs a broker that can broadcast; the embedded one cannot, and the rows tell more.
    worker_enable_remote_control=not settings.CELERY_BROKER_URL.startswith("embedded:"),
    worker_hijack_root_logger=False,
    worker_max_tasks_per_child=200,
    imports=["stickers.tasks"],
    timezone="UTC",
)
