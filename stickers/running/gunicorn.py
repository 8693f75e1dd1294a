"""Configure gunicorn, beyond the runner's command line."""

from __future__ import annotations

import os
import select
from typing import Any

from django.conf import settings
from prometheus_client import multiprocess

from stickers.running import schema

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stickers.settings")
logconfig_dict = settings.LOGGING


def post_worker_init(worker: Any) -> None:
    """Take no request before the database fits the code. The pages load meanwhile.

    At the studio's start the runner migrates and then closes its end of ROWS_READY. A server that is started again
    later finds it closed, and asks the database itself, since somebody may have pulled a new release meanwhile.
    """
    if "ROWS_READY" in os.environ:
        rows_ready = int(os.environ["ROWS_READY"])
        while _is_wanted(worker) and not select.select([rows_ready], [], [], 1)[0]:
            pass
    schema.wait(lambda: _is_wanted(worker))


def _is_wanted(worker: Any) -> bool:
    if worker.alive:
        worker.notify()  # else the master takes this worker for hung
    return bool(worker.alive)


def child_exit(server: Any, worker: Any) -> None:  # noqa: ARG001
    """Keep the counts of a process that ended, but not the number of requests that it was busy with."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
