"""`manage.py export`: print files of chosen stickers into a folder, as the page would hand them out."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from stickers import exports
from stickers.models import Sheet, Sticker
from stickers.printing import (
    DPI_CHOICES,
    MANIFEST_NAME,
    Entry,
    OptionsError,
    PrintError,
    PrintOptions,
    UniqueNames,
    default_border_mm,
    describe,
    manifest,
    parse_length,
)

FORMATS = ("png",)


class Command(BaseCommand):
    help = "Write print files of sheets or single stickers into a folder. Prints JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--sheet", type=int, nargs="+", action="extend", default=[], metavar="ID")
        parser.add_argument("--sticker", type=int, nargs="+", action="extend", default=[], metavar="ID")
        parser.add_argument("--format", choices=FORMATS, default=FORMATS[0])
        parser.add_argument(
            "--size", type=_length, default=50.0, help="longest side of the cut line: 50mm, 5cm, 2in (50mm)"
        )
        parser.add_argument("--dpi", type=int, choices=DPI_CHOICES, default=DPI_CHOICES[0])
        parser.add_argument("--border", type=_border, help="white border: 2mm, or none (2mm, wider under an inch)")
        parser.add_argument("--out", type=Path, required=True, help="the folder to write into; made when missing")

    def handle(self, **options: Any) -> None:
        size_mm, border_mm = options["size"], options["border"]
        try:
            order = PrintOptions(
                size_mm=size_mm,
                dpi=options["dpi"],
                border_mm=default_border_mm(size_mm) if border_mm is None else border_mm,
            )
        except OptionsError as error:
            raise CommandError(f"--{error.field.removesuffix('_mm')}: {error.message}") from None
        entries = [exports.entry(sticker, order) for sticker in _chosen(options["sheet"], options["sticker"])]
        files, refused = self._write(entries, options["out"])
        self.stdout.write(json.dumps({"files": files, "refused": refused}))
        if refused:
            raise CommandError(f"{len(refused)} of {len(entries)} stickers could not be printed.")

    def _write(self, entries: Sequence[Entry], folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CommandError(f"--out: {folder} cannot be made: {error.strerror}.") from None
        names = UniqueNames()
        names.take(MANIFEST_NAME)
        files: list[dict[str, Any]] = []
        refused: list[dict[str, Any]] = []
        for entry in entries:
            try:
                printed = entry.make()
            except PrintError as error:
                self.stderr.write(f"{entry.stem}: {error.message}")
                refused.append({"name": entry.stem, "reason": error.message, "source": dict(entry.source)})
                continue
            path = folder / names.take(entry.stem, printed.suffix)
            path.write_bytes(printed.data)
            files.append(describe(path.name, printed, entry) | {"path": str(path.resolve())})
            for warning in printed.warnings:
                self.stderr.write(f"{path.name}: {warning}")
        (folder / MANIFEST_NAME).write_bytes(manifest(files, refused, datetime.now(UTC)))
        return files, refused


def _chosen(sheet_pks: Sequence[int], sticker_pks: Sequence[int]) -> list[Sticker]:
    """The stickers in the order asked for. Raises CommandError for ids that do not exist and for nothing at all."""
    if not sheet_pks and not sticker_pks:
        raise CommandError("Say what to export: --sheet ID or --sticker ID.")
    sheets = Sheet.objects.kept().select_related("generation").in_bulk(sheet_pks)
    stickers = Sticker.objects.kept().select_related("sheet__generation").in_bulk(sticker_pks)
    missing = [f"sheet {pk}" for pk in sheet_pks if pk not in sheets]
    missing += [f"sticker {pk}" for pk in sticker_pks if pk not in stickers]
    if missing:
        raise CommandError(f"Not found: {', '.join(missing)}.")
    found = exports.ordered([sheets[pk] for pk in sheet_pks], [stickers[pk] for pk in sticker_pks])
    if not found:
        raise CommandError("There are no stickers on it: a sheet has to be cut before it can be exported.")
    return found


def _length(text: str) -> float:
    try:
        return parse_length(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def _border(text: str) -> float:
    if text.strip().lower() == "none":
        return 0.0
    try:
        return parse_length(text, zero_ok=True)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None
