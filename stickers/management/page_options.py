"""Shared by `export` and `layout`: their options, and a folder that is filled completely or not at all."""

from __future__ import annotations

import shutil
import tempfile
from argparse import ArgumentTypeError, BooleanOptionalAction
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from django.core.management.base import CommandError, CommandParser

from stickers.management import negative_values
from stickers.printing.artwork.die_cut import DieCut
from stickers.printing.artwork.ppi import GOOD_PPI, SHARP_PPI
from stickers.printing.artwork.sizes import FITS, SAME_SCALE, Bounds, Fit
from stickers.printing.delivery.job import PrintJob
from stickers.printing.delivery.manifest import listing, summary
from stickers.printing.delivery.package import write_files
from stickers.printing.errors import OptionsError, PrintError
from stickers.printing.geometry.lengths import MAX_LENGTH_MM, parse_length
from stickers.printing.imposition.layout import Item, Layout, lay_out
from stickers.printing.imposition.marks import RegistrationMarks
from stickers.printing.imposition.pages import PAGE_SIZES, PageOptions, parse_page
from stickers.printing.imposition.spyrrow_nesting import lay_out_tighter
from stickers.printing.options import DPI_CHOICES, PrintOptions, default_border_mm
from stickers.printing.preflight.rules import examine
from stickers.printing.profiles import DEFAULT_PROFILE, PROFILES, Profile
from stickers.printing.writers import formats
from stickers.printing.writers.pack_details import DEFAULT_AUTHOR, DEFAULT_EMOJI, PackDetails
from stickers.prints import colours

# The name of a field's option on the command line.
_FLAGS = {"size_mm": "size", "border_mm": "border", "gap_mm": "gap", "margin_mm": "margin", "bleed_mm": "bleed"}

_MARK_WORDS: Final = {
    "square_mm": "side of the square",
    "inset_mm": "from the page's edge",
    "arm_mm": "length of the L's",
    "line_mm": "width of the L's lines",
    "clearance_mm": "free of art in each mark's corner",
}


def add_page_arguments(parser: CommandParser) -> None:
    negative_values.allow(parser)
    parser.add_argument(
        "--format", type=_formats, default=("png",), help=f"one or more of {', '.join(_known())}, with commas"
    )
    parser.add_argument(
        "--size",
        type=_size,
        help="longest side of the cut line: one length for all (50mm, 5cm, 2in); or same-scale, which keeps the"
        " relation of the sheet's or the folder's stickers, at the profile's size for a usual one or as large as all"
        f" have {GOOD_PPI} ppi; or sharp, each as large as it has {SHARP_PPI} ppi (same-scale; for packs, 50mm)",
    )
    parser.add_argument("--dpi", type=int, choices=DPI_CHOICES, help="300, or the profile's")
    parser.add_argument(
        "--as-drawn", action="store_true", help="enlarge art with few pixels evenly, do not redraw its outlines"
    )
    parser.add_argument("--border", type=_border, help="white border: 2mm, or none (2mm, wider under an inch)")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write into; made when missing")
    pages = parser.add_argument_group("pages")
    known = ", ".join(size.name for size in PAGE_SIZES.values())
    pages.add_argument("--page", help=f"{known}, A4-landscape, or sides such as 100x150mm")
    pages.add_argument("--gap", type=_length_or_zero, help="between any two cut lines (3mm, or the profile's)")
    pages.add_argument("--margin", type=_length_or_zero, help="free on every side of a page (10mm, or the profile's)")
    pages.add_argument("--copies", type=int, default=1, help="of each sticker (1)")
    pages.add_argument("--bleed", type=_length_or_zero, help="colour past the cut line (none, or the profile's)")
    pages.add_argument("--profile", metavar="NAME", help=f"a shop's or cutter's requirements: {', '.join(PROFILES)}")
    pages.add_argument(
        "--upright", action=BooleanOptionalAction, default=True, help="never turn a sticker; turning may save paper"
    )
    pages.add_argument("--keep-holes", action="store_true", help="cut holes of the art out, too")
    pages.add_argument("--white", action="store_true", help="a white underlay in the PDF")
    pages.add_argument(
        "--cmyk", metavar="NAME", help="for pdfx: the ICC profile of the press, by name or path (the print profile's)"
    )
    pages.add_argument("--tighter", type=float, metavar="SECONDS", help="nest tighter, for so long at most")

    packs = parser.add_argument_group("messenger packs")
    packs.add_argument("--cover", metavar="NAME", default="", help="the sticker on the cover (the first)")
    packs.add_argument("--pack-title", default="", help="the name of the folder, or of the files")
    packs.add_argument("--pack-author", default=DEFAULT_AUTHOR, help=DEFAULT_AUTHOR)
    packs.add_argument("--pack-emoji", default=DEFAULT_EMOJI, help=f"one to three for each sticker ({DEFAULT_EMOJI})")
    marks = parser.add_argument_group("registration marks, instead of the profile's")
    for field, (least, most) in RegistrationMarks.RANGES_MM.items():
        words = _MARK_WORDS[field]
        marks.add_argument(f"--marks-{_mark_name(field)}", type=_length, help=f"{words}, {least:g} to {most:g} mm")
    marks.add_argument(
        "--marks-count", type=int, choices=RegistrationMarks.COUNTS, help="a square and two L's, or four L's"
    )
    marks.add_argument(
        "--marks-centred", action="store_true", default=None, help="the inset is to the middle of the lines"
    )


@dataclass(frozen=True, kw_only=True)
class Sizing:
    """What `--size`, `--border`, `--dpi` and `--as-drawn` ask for. Without a `fit`, every size is `usual_mm`."""

    fit: Fit | None
    usual_mm: float
    border_mm: float
    least_mm: float
    dpi: int
    as_drawn: bool

    def order(self, size_mm: float) -> PrintOptions:
        """Raises OptionsError."""
        return PrintOptions(size_mm=size_mm, dpi=self.dpi, border_mm=self.border_mm, as_drawn=self.as_drawn)

    def bounds(self, pages: PageOptions | None = None) -> Bounds:
        """What fitted sizes have to keep to, on `pages` if there are any."""
        most_mm = min(pages.live.width_mm, pages.live.height_mm) if pages else MAX_LENGTH_MM
        return Bounds(usual_mm=self.usual_mm, border_mm=self.border_mm, least_mm=self.least_mm, most_mm=most_mm)


def sizing(options: dict[str, Any], profile: Profile | None) -> Sizing:
    """What is not said comes from the profile. Raises OptionsError for a fixed size that cannot be printed."""
    wanted = profile or DEFAULT_PROFILE
    size: float | Fit | None = options["size"]
    if size is None:
        packs = {kind.name for kind in formats.packs()}
        # each picture of a pack is filled by its sticker: only one size gives borders of one width
        size = wanted.size_mm if packs.issuperset(options["format"]) else SAME_SCALE
    usual_mm = wanted.size_mm if isinstance(size, str) else size
    border_mm = options["border"]
    if border_mm is None:
        border_mm = profile.border_for(usual_mm) if profile else default_border_mm(usual_mm)
    found = Sizing(
        fit=size if isinstance(size, str) else None,
        usual_mm=usual_mm,
        border_mm=border_mm,
        least_mm=wanted.least_cut_mm,
        dpi=_dpi(options, profile),
        as_drawn=options["as_drawn"] or wanted.as_drawn,
    )
    if found.fit is None:
        found.order(usual_mm)
    return found


def _dpi(options: dict[str, Any], profile: Profile | None) -> int:
    return options["dpi"] or (profile or DEFAULT_PROFILE).dpi


def print_job(options: dict[str, Any], profile: Profile | None) -> PrintJob:
    """What to make, still without a name. Raises OptionsError."""
    wanted = with_marks(profile or DEFAULT_PROFILE, options)
    job = PrintJob(
        formats=options["format"],
        dpi=_dpi(options, profile),
        bleed_mm=wanted.bleed_mm if options["bleed"] is None else options["bleed"],
        profile=wanted,
        white_underlay=options["white"],
        pack=PackDetails(
            title=options["pack_title"],
            author=options["pack_author"],
            emoji=options["pack_emoji"],
            cover=options["cover"],
        ),
    )
    if not job.needs_condition:
        return job
    return replace(job, condition=colours.chosen(options["cmyk"]) if options["cmyk"] else colours.condition_of(wanted))


def with_marks(profile: Profile, options: dict[str, Any]) -> Profile:
    """The profile with the registration marks that were said. Raises OptionsError."""
    names = [*RegistrationMarks.RANGES_MM, "count", "centred"]
    said = {name: options[f"marks_{_mark_name(name)}"] for name in names}
    given = {name: value for name, value in said.items() if value is not None}
    return replace(profile, marks=replace(profile.marks or RegistrationMarks(), **given)) if given else profile


def _mark_name(field: str) -> str:
    return field.removesuffix("_mm")


def page_options(options: dict[str, Any], job: PrintJob) -> PageOptions:
    """How the pages are filled. Raises OptionsError."""
    wanted = job.profile
    return job.pages(
        PageOptions(
            size=parse_page(options["page"] or "A4"),
            margin_mm=wanted.margin_mm if options["margin"] is None else options["margin"],
            gap_mm=wanted.gap_mm if options["gap"] is None else options["gap"],
            keep_upright=options["upright"],
        )
    )


def place(stickers: Sequence[DieCut], pages: PageOptions, options: dict[str, Any]) -> Layout:
    """Lay the stickers out. Raises OptionsError."""
    items = [Item(sticker, options["copies"]) for sticker in stickers]
    if options["tighter"]:
        return lay_out_tighter(items, pages, seconds=options["tighter"])
    return lay_out(items, pages)


def write_job(layout: Layout, job: PrintJob, folder: Path) -> dict[str, Any]:
    """Write all files of the job into `folder`, or none. Returns what was made, as JSON values. Raises PrintError."""
    files: list[dict[str, Any]] = []

    def fill(beside: Path) -> None:
        for file in write_files(layout, job):
            path = beside / file.name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(file.data)
            files.append(listing(file, str((folder / file.name).resolve())))

    whole_or_nothing(folder, fill)
    return summary(layout, files, examine(layout, job.profile, bleed_mm=job.bleed_mm))


def whole_or_nothing(folder: Path, fill: Callable[[Path], None]) -> None:
    """Call `fill` with an empty folder beside `folder`, and move what it wrote there once it is complete."""
    try:
        parent = next(path for path in folder.absolute().parents if path.is_dir())
        with tempfile.TemporaryDirectory(dir=parent, prefix=".making-") as beside:
            fill(Path(beside))
            folder.mkdir(parents=True, exist_ok=True)
            for path in sorted(Path(beside).rglob("*")):
                target = folder / path.relative_to(beside)
                if path.is_dir():
                    target.mkdir(exist_ok=True)
                else:
                    shutil.move(path, target)
    except OSError as error:
        raise CommandError(f"--out: {folder} cannot be written to: {error.strerror or error}.") from None


def refusal(error: PrintError) -> CommandError:
    """The error in the words of a command line: with its option."""
    if isinstance(error, OptionsError):
        flag = _FLAGS.get(error.field, _mark_name(error.field).replace("marks.", "marks-").replace("pack_", "pack-"))
        return CommandError(f"--{flag}: {error.message}")
    return CommandError(error.message)


def _known() -> list[str]:
    return [kind.name for kind in formats.offered()]


def _formats(text: str) -> tuple[str, ...]:
    kinds = tuple(dict.fromkeys(part.strip().lower() for part in text.split(",") if part.strip()))
    unknown = [kind for kind in kinds if kind not in _known()]
    if unknown or not kinds:
        raise ArgumentTypeError(f"invalid choice: {text!r} (choose from {', '.join(_known())})")
    return kinds


def _size(text: str) -> float | Fit:
    return next((fit for fit in FITS if fit == text.strip().lower()), None) or _length(text)


def _length(text: str) -> float:
    try:
        return parse_length(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def _length_or_zero(text: str) -> float:
    try:
        return parse_length(text, zero_ok=True)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def _border(text: str) -> float:
    return 0.0 if text.strip().lower() == "none" else _length_or_zero(text)
