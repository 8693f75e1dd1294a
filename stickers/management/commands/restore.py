"""Restore the studio from a backup. The studio has to be stopped meanwhile."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import pluralize

from stickers.upkeep import backup


class Command(BaseCommand):
    """`manage.py restore FILE.tar`."""

    help = "Replace rows and files by those of a backup, whatever engines it was made with. Stop the studio first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="even if this studio is not empty")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            report = backup.restore(options["file"], replace=options["replace"])
        except backup.BackupError as error:
            raise CommandError(str(error)) from error
        if report.doubtful_orders:
            orders = f"{report.doubtful_orders} order{pluralize(report.doubtful_orders)}"
            self.stderr.write(f"{orders} may have been sent since the backup: now “unknown”.")
        self.stdout.write(json.dumps(asdict(report)))
