"""`manage.py layout FOLDER`: lay PNGs of single stickers out on pages and write print files, without a database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from django.core.management.base import BaseCommand, CommandError, CommandParser

from stickers.management import page_options
from stickers.management.page_options import Sizing
from stickers.pictures.opening import UnreadableImage, header, open_image
from stickers.printing.artwork.die_cut import MAX_SOURCE_PX, art_px, die_cut
from stickers.printing.artwork.sizes import common_ppi, fitted_mm
from stickers.printing.errors import ArtError, PrintError
from stickers.printing.filenames import UniqueNames, safe_name
from stickers.printing.imposition.pages import PageOptions
from stickers.printing.options import PrintOptions
from stickers.printing.profiles import find_profile
from stickers.printing.words import counted

Bytes = npt.NDArray[np.uint8]


class Command(BaseCommand):
    help = "Lay out a folder of PNGs with transparent ground, one sticker each, as print files. Prints JSON."
    requires_system_checks = ()  # neither database nor settings matter here

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="FOLDER", help="its *.png, in the order of their names")
        page_options.add_page_arguments(parser)

    def handle(self, **options: Any) -> None:
        folder: Path = options["folder"]
        refused: list[dict[str, Any]] = []
        try:
            profile = find_profile(options["profile"]) if options["profile"] is not None else None
            sizing = page_options.sizing(options, profile)
            job = page_options.print_job(options, profile)
            job = replace(job, stem=safe_name(folder.resolve().name, "stickers"))
            pages = page_options.page_options(options, job)
            names = UniqueNames()
            paths = {names.take(safe_name(path.stem, "sticker")): path for path in _pictures(folder)}
            read: dict[str, Bytes] = {}
            for name, path in paths.items():
                try:
                    read[name] = _pixels(path)
                except ArtError as error:
                    refused.append(self._refused(name, path, error))
            orders = _orders(read, sizing, pages)
            cut = []
            for name, pixels in read.items():
                try:
                    cut.append(die_cut(pixels, orders[name], name=name, keep_holes=options["keep_holes"]))
                except PrintError as error:
                    refused.append(self._refused(name, paths[name], error))
            if not cut:
                raise CommandError(f"None of the pictures can be printed. {refused[0]['reason']}")
            layout = page_options.place(cut, pages, options)
            said = page_options.write_job(layout, job, options["out"])
        except PrintError as error:
            raise page_options.refusal(error) from None
        self.stdout.write(json.dumps(said | ({"refused": refused} if refused else {})))
        left = len(layout.overflow)
        if refused or left:
            words = counted(len(refused), "picture")
            raise CommandError(f"{words} could not be printed, {left} found no room on the pages.")

    def _refused(self, name: str, path: Path, error: PrintError) -> dict[str, Any]:
        self.stderr.write(f"{path.name}: {error.message}")
        return {"name": name, "reason": error.message}


def _orders(pictures: Mapping[str, Bytes], sizing: Sizing, pages: PageOptions) -> dict[str, PrintOptions]:
    """What is ordered of each picture; the folder counts as one sheet. Raises OptionsError."""
    if sizing.fit is None:
        return dict.fromkeys(pictures, sizing.order(sizing.usual_mm))
    bounds = sizing.bounds(pages)
    longest_px = {name: art_px(pixels) for name, pixels in pictures.items()}
    # A picture without an outline counts for nothing, and will be refused
    ppi = common_ppi([px for px in longest_px.values() if px] or [1], bounds)
    return {name: sizing.order(fitted_mm(sizing.fit, px, bounds, ppi=ppi)) for name, px in longest_px.items()}


def _pictures(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise CommandError(f"{folder} is no folder.")
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".png" and path.is_file())
    if not found:
        raise CommandError(f"There is no PNG in {folder}.")
    return found


def _pixels(path: Path) -> Bytes:
    """HxWx4 uint8 in sRGB. Raises ArtError for what is no picture, is too large or has no transparent ground."""
    try:
        data = path.read_bytes()
        if not header(data).has_alpha:
            raise ArtError("The picture has no transparent ground: there is no outline to cut along.")
        pixels = np.asarray(open_image(data, max_pixels=MAX_SOURCE_PX).convert("RGBA"))
    except UnreadableImage as error:
        raise ArtError(str(error)) from error
    except OSError as error:
        raise ArtError(f"The file cannot be read: {error.strerror or error}.") from error
    # A folder has no sheet that could end in the middle of a sticker: art at the picture's edge was drawn so.
    return np.pad(pixels, ((1, 1), (1, 1), (0, 0)))
