"""manage.py studio: the whole studio as one foreground command. The program itself is `stickers/running/runner.py`."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Start web server, worker, scheduler and the stand-in of Segmind; Ctrl-C stops them all."
    requires_system_checks: list[str] = []

    def handle(self, **_: Any) -> None:
        os.chdir(settings.BASE_DIR)
        os.execv(sys.executable, (sys.executable, "-m", "stickers.running.runner"))  # noqa: S606
