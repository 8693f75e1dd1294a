"""`manage.py layout FOLDER`: lay PNGs of single stickers out on pages and write print files, without a database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from django.core.management.base import BaseCommand, CommandError, CommandParser

from stickers.management import page_options
from stickers.pictures.opening import UnreadableImage, header, open_image
from stickers.printing.artwork.die_cut import MAX_SOURCE_PX, die_cut
from stickers.printing.errors import ArtError, PrintError
from stickers.printing.filenames import UniqueNames, safe_name
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
            order = page_options.print_options(options, profile)
            job = page_options.print_job(options, safe_name(folder.resolve().name, "stickers"), profile)
            pages = page_options.page_options(options, job)
            names = UniqueNames()
            cut = []
            for path in _pictures(folder):
                name = names.take(safe_name(path.stem, "sticker"))
                try:
                    cut.append(die_cut(_pixels(path), order, name=name, keep_holes=options["keep_holes"]))
                except PrintError as error:
                    self.stderr.write(f"{path.name}: {error.message}")
                    refused.append({"name": name, "reason": error.message})
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
