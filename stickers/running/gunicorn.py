"""How gunicorn serves the studio, beyond what the runner says on its command line."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from prometheus_client import multiprocess

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stickers.settings")
logconfig_dict = settings.LOGGING


def child_exit(server: Any, worker: Any) -> None:  # noqa: ARG001
    """The counts of a process that ended stay; what it was in the middle of does not."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
