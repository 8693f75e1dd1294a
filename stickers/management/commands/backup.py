"""Write all rows and files of the studio into one tar, while it runs."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import pluralize

from stickers.upkeep import backup


class Command(BaseCommand):
    """`manage.py backup --out FILE.tar`. What a timer runs unseen must fail when it does not save the work."""

    help = "Write rows, files and the secret key into one tar. The studio may run meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="a new file")
        parser.add_argument("--allow-missing", action="store_true", help="succeed although files are not there")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            report = backup.backup(options["out"])
        except backup.BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(asdict(report)))
        if report.missing:
            files = f"{len(report.missing)} file{pluralize(report.missing)}"
            words = f"Missing: {files} that rows name. The rest is in the backup."
            if not options["allow_missing"]:
                raise CommandError(f"{words} With --allow-missing that is a success.")
            self.stderr.write(words)
