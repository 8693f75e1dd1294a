"""`manage.py export`: write print files of chosen stickers into a folder, the same as the page gives.

`--format png` without `--page` writes each sticker as a file of its own. Everything else is laid out on pages.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from stickers.accounts.current_user import owner_named
from stickers.management import page_options
from stickers.management.page_options import Sizing
from stickers.models import Sheet, Sticker
from stickers.printing.artwork.sizes import Bounds
from stickers.printing.delivery.manifest import MANIFEST
from stickers.printing.delivery.singles import Single, Singles
from stickers.printing.errors import OptionsError, PrintError
from stickers.printing.filenames import UniqueNames
from stickers.printing.options import PrintOptions
from stickers.printing.profiles import Profile, find_profile
from stickers.printing.words import counted
from stickers.prints import artwork, sizes
from stickers.prints.profiles import profile_named

SINGLE = ("png",)


class Command(BaseCommand):
    help = "Write print files of sheets or single stickers into a folder. Prints JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--sheet", type=int, nargs="+", action="extend", default=[], metavar="ID")
        parser.add_argument("--sticker", type=int, nargs="+", action="extend", default=[], metavar="ID")
        parser.add_argument("--owner", help="whose profile is meant; needed for one of these where accounts are on")
        page_options.add_page_arguments(parser)

    def handle(self, **options: Any) -> None:
        try:
            profile = _profile(options["profile"], options["owner"])
            sizing = page_options.sizing(options, profile)
            stickers = _chosen(options["sheet"], options["sticker"])
            if options["format"] == SINGLE and options["page"] is None:
                orders = _orders(stickers, sizing, sizing.bounds())
                singles = [artwork.single(sticker, orders[sticker.pk]) for sticker in stickers]
                self._singly(singles, sizing.dpi, options["out"])
            else:
                self._on_pages(stickers, sizing, profile, options)
        except PrintError as error:
            raise page_options.refusal(error) from None

    def _singly(self, singles: Sequence[Single], dpi: int, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CommandError(f"--out: {folder} cannot be made: {error.strerror}.") from None
        made = Singles(singles, dpi=dpi)
        for file in made:
            (folder / file.name).write_bytes(file.data)
        (folder / MANIFEST).write_bytes(made.manifest(datetime.now(UTC)))
        for listed in made.files:
            for warning in listed["warnings"]:
                self.stderr.write(f"{listed['file']}: {warning}")
        for refused in made.refused:
            self.stderr.write(f"{refused['name']}: {refused['reason']}")
        files = [listed | {"path": str((folder / listed["file"]).resolve())} for listed in made.files]
        self.stdout.write(json.dumps({"files": files, "refused": made.refused}))
        if made.refused:
            raise CommandError(f"Could not be printed: {len(made.refused)} of {counted(len(singles), 'sticker')}.")

    def _on_pages(
        self, stickers: Sequence[Sticker], sizing: Sizing, profile: Profile | None, options: dict[str, Any]
    ) -> None:
        refused: list[dict[str, Any]] = []
        job = page_options.print_job(options, profile)
        pages = page_options.page_options(options, job)
        orders = _orders(stickers, sizing, sizing.bounds(pages))
        stem = artwork.archive_stem(stickers, {order.size_mm for order in orders.values()})
        cut, recipes = [], {}
        names = UniqueNames()
        for sticker in stickers:
            name = names.take(artwork.stem(sticker))
            try:
                cut.append(artwork.die_cut_of(sticker, orders[sticker.pk], name, keep_holes=options["keep_holes"]))
            except PrintError as error:
                self.stderr.write(f"{name}: {error.message}")
                refused.append({"name": name, "reason": error.message})
                continue
            recipes[name] = artwork.provenance(sticker)
        if not cut:
            raise CommandError(f"None of the stickers can be printed. {refused[0]['reason']}")
        layout = page_options.place(cut, pages, options)
        said = page_options.write_job(layout, replace(job, stem=stem, recipes=recipes), options["out"])
        self.stdout.write(json.dumps(said | ({"refused": refused} if refused else {})))
        left = len(layout.overflow)
        if refused or left:
            words = counted(len(refused), "sticker")
            raise CommandError(f"{words} could not be printed, {left} found no room on the pages.")


def _orders(stickers: Sequence[Sticker], sizing: Sizing, bounds: Bounds) -> dict[int, PrintOptions]:
    """What is ordered of each sticker, by its key. Raises OptionsError."""
    if sizing.fit is None:
        return dict.fromkeys((sticker.pk for sticker in stickers), sizing.order(sizing.usual_mm))
    return {pk: sizing.order(size_mm) for pk, size_mm in sizes.fitted(sizing.fit, stickers, bounds).items()}


def _profile(name: str | None, owner: str | None) -> Profile | None:
    """The built-in profile, or the designer's own, with this name.

    Raises OptionsError, and CommandError if only an owner could tell which profile is meant.
    """
    if name is None:
        return None
    if owner is None:
        with suppress(OptionsError):
            return find_profile(name)
    return profile_named(name, owner_named(owner).pk)


def _possible(pks: Sequence[int]) -> list[int]:
    """Without those that no row can have: databases refuse larger numbers with an error of their own."""
    return [pk for pk in pks if 0 < pk < 2**63]


def _chosen(sheet_pks: Sequence[int], sticker_pks: Sequence[int]) -> list[Sticker]:
    """The stickers in the order asked for. Raises CommandError for unknown ids, and if nothing is chosen."""
    if not sheet_pks and not sticker_pks:
        raise CommandError("Say what to export: --sheet ID or --sticker ID.")
    sheets = Sheet.objects.kept().select_related("generation").in_bulk(_possible(sheet_pks))
    stickers = Sticker.objects.kept().select_related("sheet__generation").in_bulk(_possible(sticker_pks))
    missing = [f"sheet {pk}" for pk in sheet_pks if pk not in sheets]
    missing += [f"sticker {pk}" for pk in sticker_pks if pk not in stickers]
    if missing:
        raise CommandError(f"Not found: {', '.join(missing)}.")
    found = artwork.ordered([sheets[pk] for pk in sheet_pks], [stickers[pk] for pk in sticker_pks])
    if not found:
        raise CommandError("There are no stickers on it: a sheet has to be cut before it can be exported.")
    return found
