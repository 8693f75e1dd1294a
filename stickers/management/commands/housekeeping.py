"""Delete what nobody needs any more, as the studio does by itself every hour."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from stickers.upkeep import housekeeping


class Command(BaseCommand):
    """`manage.py housekeeping [--dry-run]`."""

    help = "Purge what has lain in the trash too long, old exports, ended sessions and files without a row."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would go")

    def handle(self, *_args: Any, **options: Any) -> None:
        cleared = housekeeping.clear(dry_run=options["dry_run"])
        self.stdout.write(json.dumps(asdict(cleared)))
