"""The baseline: a Celery task that calls the official SDK's `run()`, which waits in the worker's slot."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from segmind import SegmindClient

from stickers.messaging import broker
from stickers.recipes.reading import read_models

broker.register()
SLUG = next(iter(read_models()))

app = Celery("sdk")
app.conf.update(
    broker_url=os.environ["CELERY_BROKER_URL"],
    broker_connection_retry_on_startup=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    worker_enable_remote_control=False,
    include=["tests.bench.recorder"],
)


@app.task(name="run")
def run(payload: dict[str, Any]) -> None:
    SegmindClient(api_key="SG_bench", base_url=f"{os.environ['SEGMIND_BASE_URL']}/v1").run(SLUG, **payload)
