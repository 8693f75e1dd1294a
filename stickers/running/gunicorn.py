"""Configure gunicorn, beyond the runner's command line."""

from __future__ import annotations

import os
import select
from typing import Any

from django.conf import settings
from prometheus_client import multiprocess

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stickers.settings")
logconfig_dict = settings.LOGGING


def post_worker_init(worker: Any) -> None:
    """Take no request before the runner has migrated the database. The pages load meanwhile."""
    if "ROWS_READY" in os.environ:
        rows_ready = int(os.environ["ROWS_READY"])
        while worker.alive and not select.select([rows_ready], [], [], 1)[0]:
            worker.notify()  # else the master takes this worker for hung


def child_exit(server: Any, worker: Any) -> None:  # noqa: ARG001
    """Keep the counts of a process that ended, but not the number of requests that it was busy with."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
