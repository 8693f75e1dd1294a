"""Segment sheet images into sticker files: no database, no worker, one process for all images."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import pluralize
from PIL import Image

from stickers.cutting import CutOptions, Cutout
from stickers.cutting.cutout import cutouts_of, plane_of
from stickers.cutting.edits import play
from stickers.cutting.operations import EditError, Operation, read_file
from stickers.cutting.pixels import Pixels
from stickers.management import negative_values
from stickers.pictures.opening import UnreadableImage, open_image

LIST_NAME: Final = "stickers.json"


class OutsideError(ValueError):
    """A seed or a box lies outside the picture. The message names it."""


@dataclass(frozen=True)
class Outcome:
    """The result of one image: its folder and number of stickers, or the error in words."""

    image: str
    folder: str | None
    stickers: int
    error: str | None


class Command(BaseCommand):
    """`manage.py cut IMAGE… --out DIR`."""

    help = "Cut sheet images into single stickers: one folder of PNGs with a stickers.json per image."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        negative_values.allow(parser)
        parser.add_argument("images", nargs="+", metavar="IMAGE", type=Path)
        parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder for the results")
        parser.add_argument(
            "--tolerance", type=float, default=CutOptions.tolerance, help="0 to 1; %(default)s by itself"
        )
        parser.add_argument("--join", type=float, metavar="PX", help="join satellites up to this far (1024² pixels)")
        parser.add_argument("--min-size", type=int, default=0, metavar="PX", help="drop stickers smaller than this")
        parser.add_argument("--trim-border", action="store_true", help="cut the white border off")
        parser.add_argument("--keep-captions", action="store_true", help="titles, words and numbers are stickers, too")
        parser.add_argument("--keep-furniture", action="store_true", help="grid lines and cards are stickers, too")
        parser.add_argument("--background", type=_colour, metavar="#RRGGBB", help="the sheet's own colour")
        parser.add_argument("--count", type=int, metavar="N", help="how many stickers the sheet holds")
        parser.add_argument("--seed", type=_numbers(2), action="append", default=[], metavar="X,Y")
        parser.add_argument("--box", type=_numbers(4), action="append", default=[], metavar="X,Y,W,H")
        parser.add_argument(
            "--edits",
            type=Path,
            metavar="FILE",
            help="operations by hand (docs/edits.md), for one image",
        )

    def handle(self, *_args: Any, **given: Any) -> None:
        try:
            options = CutOptions(
                tolerance=given["tolerance"],
                join_px=given["join"],
                min_size_px=given["min_size"],
                keep_border=not given["trim_border"],
                keep_captions=given["keep_captions"],
                keep_furniture=given["keep_furniture"],
                background=given["background"],
                expected_count=given["count"],
                seeds=tuple(given["seed"]),
                boxes=tuple(given["box"]),
            )
        except ValueError as error:
            raise CommandError(str(error)) from error
        if given["edits"] and len(given["images"]) > 1:
            raise CommandError("The edits are places on one sheet: give one image with --edits.")
        edits = _operations(given["edits"]) if given["edits"] else ()
        outcomes = list(self.cut_all(given["images"], given["out"], options, edits))
        self.stdout.write(json.dumps({"images": [asdict(outcome) for outcome in outcomes]}))
        failed = [outcome for outcome in outcomes if outcome.error is not None]
        if failed:
            raise CommandError(f"Could not be cut: {len(failed)} of {len(outcomes)} image{pluralize(outcomes)}.")

    def cut_all(
        self, images: Iterable[Path], out: Path, options: CutOptions, edits: Sequence[Operation]
    ) -> Iterable[Outcome]:
        """Segment one image after the other. An error ends only its own image."""
        taken: set[str] = set()
        for path in images:
            try:
                image = open_image(path)
                _check_places(options, image.width, image.height)
                pixels = Pixels.of(image)
                plane = play(pixels, plane_of(pixels, options), edits).plane
                cutouts = cutouts_of(pixels, plane.renumbered())
                folder = out / _free_name(path.stem, taken)
                write_folder(folder, cutouts)
            except (UnreadableImage, OutsideError, EditError) as error:
                self.stderr.write(f"{path}: {error}")
                yield Outcome(str(path), None, 0, str(error))
            except OSError as error:
                words = f"The stickers cannot be written: {error.strerror or error}."
                self.stderr.write(f"{path}: {words}")
                yield Outcome(str(path), None, 0, words)
            else:
                yield Outcome(str(path), str(folder), len(cutouts), None)


def _check_places(options: CutOptions, width_px: int, height_px: int) -> None:
    """Refuse seeds and boxes that touch no pixel: nothing would be cut, without a word. Raises OutsideError."""
    picture = f"lies outside the picture, which has {width_px} × {height_px} pixels."
    for x, y in options.seeds:
        if not (0 <= x < width_px and 0 <= y < height_px):
            raise OutsideError(f"The seed {x},{y} {picture}")
    for x, y, width, height in options.boxes:
        if not (-width < x < width_px and -height < y < height_px):
            raise OutsideError(f"The box {x},{y},{width},{height} {picture}")


def write_folder(folder: Path, cutouts: list[Cutout]) -> None:
    """Write `000.png` … and `stickers.json`. Files of an earlier cut in the same folder are removed."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("[0-9][0-9][0-9]*.png"):
        old.unlink()
    listed = []
    for index, cutout in enumerate(cutouts):
        name = f"{index:03d}.png"
        Image.fromarray(cutout.rgba).save(folder / name, compress_level=4)
        x, y, width, height = cutout.box
        listed.append(
            {
                "file": name,
                "x": x,
                "y": y,
                "w": width,
                "h": height,
                "label": cutout.label,
                "confidence": round(cutout.confidence, 4),
                "reason": cutout.reason,
                "contour": [[round(float(px), 1), round(float(py), 1)] for px, py in cutout.contour],
            }
        )
    (folder / LIST_NAME).write_text(json.dumps({"stickers": listed}), encoding="utf-8")


def _operations(path: Path) -> tuple[Operation, ...]:
    try:
        return read_file(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}.") from error
    except EditError as error:
        raise CommandError(f"{path}: {error}") from error


def _free_name(stem: str, taken: set[str]) -> str:
    """A folder name that no image of this run has yet: a.png and a.jpg become a and a-2."""
    name, number = stem, 1
    while name.casefold() in taken:
        number += 1
        name = f"{stem}-{number}"
    taken.add(name.casefold())
    return name


def _colour(text: str) -> tuple[int, int, int]:
    digits = text.removeprefix("#")
    if not re.fullmatch("[0-9a-fA-F]{6}", digits):
        raise argparse.ArgumentTypeError(f"{text!r} is no colour like #F4C2D0")
    value = int(digits, 16)
    return value >> 16, value >> 8 & 255, value & 255


def _numbers(count: int) -> Any:
    def parse(text: str) -> tuple[int, ...]:
        try:
            values = tuple(int(part) for part in text.split(","))
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{text!r} holds something that is no whole number") from error
        if len(values) != count:
            raise argparse.ArgumentTypeError(f"{text!r} needs {count} numbers with commas between them")
        return values

    return parse
