"""The registry of file formats: names, labels, media types, how many files each gives, and what writes them.

Forms, commands, profiles, the ZIP and the downloads read this list. A new format needs two files: its writer beside
this module, and one entry in `FORMATS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pkgutil import resolve_name
from typing import Final, Literal, Protocol

from stickers.printing.artwork.cmyk import PrintingCondition
from stickers.printing.imposition.layout import Layout, Page
from stickers.printing.imposition.marks import RegistrationMarks
from stickers.printing.imposition.pages import PageSize
from stickers.printing.writers.cutters import cricut_margin_mm, write_cricut, write_silhouette
from stickers.printing.writers.messengers import MESSENGERS, Messenger, check_count, split, write_pack
from stickers.printing.writers.pack_details import PackDetails
from stickers.printing.writers.pdf import PdfOptions, write_pdf
from stickers.printing.writers.png import write_png
from stickers.printing.writers.spots import Spots
from stickers.printing.writers.svg import write_svg


class WriterJob(Protocol):
    """What a writer may ask of the print job. Lengths are millimetres."""

    @property
    def stem(self) -> str: ...
    @property
    def dpi(self) -> int: ...
    @property
    def bleed_mm(self) -> float: ...
    @property
    def spots(self) -> Spots: ...
    @property
    def pack(self) -> PackDetails: ...
    @property
    def marks(self) -> RegistrationMarks | None: ...
    @property
    def condition(self) -> PrintingCondition | None: ...


@dataclass(frozen=True)
class File:
    """A finished file. `page` is None if it holds all pages or none. `name` may have one folder in front.

    `format` is the name of its format. `Format.files` sets it.
    """

    name: str
    data: bytes
    page: int | None = None
    format: str = ""


Write = Callable[[Layout, WriterJob], Iterator[File]]


def _no_margin(size: PageSize) -> float:
    del size
    return 0.0


def _takes_any(layout: Layout) -> None:
    del layout


@dataclass(frozen=True, kw_only=True)
class FileKind:
    """A file's name and media type."""

    name: str
    label: str
    suffix: str
    media_type: str


@dataclass(frozen=True, kw_only=True)
class Format(FileKind):
    """One format. `write` yields its files one by one: one per sticker, per page or per job, as `per` says.

    `margin` is the least page margin in mm that the format needs on a page. `needs_marks` says that the format
    prints registration marks. `check` raises OptionsError for a layout that the format cannot take. `in_every_zip`
    formats are in each ZIP, ordered or not. `in_cmyk` says that it needs the job's printing condition. `draws`: its
    files show the art, else only cut lines. `contents` are the lines of the ZIP's README: a pattern of names, and what
    such a file holds.
    """

    per: Literal["sticker", "page", "job"]
    write: Write
    margin: Callable[[PageSize], float] = _no_margin
    needs_marks: bool = False
    check: Callable[[Layout], None] = _takes_any
    in_every_zip: bool = False
    in_cmyk: bool = False
    draws: bool = True
    contents: tuple[tuple[str, str], ...] = ()

    def files(self, layout: Layout, job: WriterJob) -> Iterator[File]:
        """The files, made one after the other. Raises OptionsError or ArtError."""
        for file in self.write(layout, job):
            yield replace(file, format=self.name)

    def count(self, layout: Layout) -> int:
        """About how many files `files` yields, for a progress bar."""
        return {"sticker": len(layout.stickers), "page": len(layout.pages), "job": 1}[self.per]


def _each_page(ending: str, write: Callable[[Layout, Page, WriterJob], bytes]) -> Write:
    def files(layout: Layout, job: WriterJob) -> Iterator[File]:
        for page in layout.pages:
            yield File(f"{job.stem}-page-{page.number}{ending}", write(layout, page, job), page.number)

    return files


def _pdf(layout: Layout, job: WriterJob) -> Iterator[File]:
    wanted = PdfOptions(dpi=job.dpi, bleed_mm=job.bleed_mm, spots=job.spots, title=job.stem)
    yield File(f"{job.stem}.pdf", write_pdf(layout, wanted))


def _pdfx(layout: Layout, job: WriterJob) -> Iterator[File]:
    wanted = PdfOptions(dpi=job.dpi, bleed_mm=job.bleed_mm, spots=job.spots, title=job.stem, condition=job.condition)
    yield File(f"{job.stem}-x4.pdf", write_pdf(layout, wanted))


def _silhouette(layout: Layout, job: WriterJob) -> Iterator[File]:
    marks = job.marks or RegistrationMarks()
    yield File(f"{job.stem}-silhouette.pdf", write_silhouette(layout, marks, dpi=job.dpi, bleed_mm=job.bleed_mm))


def _by_name(writer: str) -> Write:
    """The writer of that name, `module:function`. Its module is loaded for the first file, because it is large."""

    def files(layout: Layout, job: WriterJob) -> Iterator[File]:
        yield from resolve_name(f"stickers.printing.writers.{writer}")(layout, job)

    return files


def _pack(rules: Messenger) -> Format:
    def write(layout: Layout, job: WriterJob) -> Iterator[File]:
        # The pictures have the messenger's size, whatever is printed.
        title = job.pack.title or job.stem
        packs = split(layout.stickers, rules)
        for number, stickers in enumerate(packs, 1):
            numbered = len(packs) > 1
            details = replace(job.pack, title=f"{title[:120]} {number}" if numbered else title)
            cover = next((one for one in layout.stickers if one.name == job.pack.cover), stickers[0])
            folder = f"{rules.name}-{number}" if numbered else rules.name
            for file in write_pack(stickers, rules, details, cover=cover):
                yield File(f"{folder}/{file.name}", file.data)

    return Format(
        name=rules.name,
        label=rules.label,
        suffix=rules.suffix,
        media_type=f"image/{rules.suffix.removeprefix('.')}",
        per="sticker",
        write=write,
        check=lambda layout: check_count(len(layout.stickers), rules),
        contents=((f"{rules.name}*/", f"a sticker pack for {rules.label}, or several, each with a number"),),
    )


FORMATS: tuple[Format, ...] = (
    Format(
        name="pdf",
        label="PDF",
        suffix=".pdf",
        media_type="application/pdf",
        per="job",
        write=_pdf,
        in_every_zip=True,
        contents=(("*.pdf", "artwork and cut lines of all pages"),),
    ),
    Format(
        name="pdfx",
        label="PDF/X-4 (CMYK)",
        suffix=".pdf",
        media_type="application/pdf",
        per="job",
        write=_pdfx,
        in_cmyk=True,
        contents=(("*-x4.pdf", "the same as PDF/X-4, its colours converted to the inks of the press"),),
    ),
    Format(
        name="png",
        label="Page PNG",
        suffix=".png",
        media_type="image/png",
        per="page",
        write=_each_page(".png", lambda layout, page, job: write_png(layout, page, dpi=job.dpi, bleed_mm=job.bleed_mm)),
        in_every_zip=True,
        contents=(("*-page-N.png", "artwork of one page, transparent between the stickers"),),
    ),
    Format(
        name="svg",
        label="SVG cut lines",
        suffix=".svg",
        media_type="image/svg+xml",
        per="page",
        write=_each_page("-cut.svg", lambda layout, page, job: write_svg(layout, page, job.spots)),
        in_every_zip=True,
        draws=False,
        contents=(("*-cut.svg", "cut lines of one page, in millimetres; Inkscape reads these best"),),
    ),
    Format(
        name="dxf",
        label="DXF cut lines",
        suffix=".dxf",
        media_type="image/vnd.dxf",
        per="page",
        write=_by_name("dxf:dxf_files"),
        in_every_zip=True,
        draws=False,
        contents=(
            ("*-cut-mm.dxf", "the same as DXF R2000 in millimetres"),
            ("*-cut-inch.dxf", "the same as DXF R12 in inches, for Silhouette"),
        ),
    ),
    Format(
        name="cricut",
        label="Cricut PNG",
        suffix=".png",
        media_type="image/png",
        per="page",
        write=_each_page("-cricut.png", lambda layout, page, job: write_cricut(layout, page, dpi=job.dpi)),
        margin=cricut_margin_mm,
        contents=(("*-cricut.png", "the stickers of one page for Cricut's Print Then Cut"),),
    ),
    Format(
        name="silhouette",
        label="Silhouette PDF",
        suffix=".pdf",
        media_type="application/pdf",
        per="job",
        write=_silhouette,
        needs_marks=True,
        contents=(("*-silhouette.pdf", "pages with registration marks for Silhouette"),),
    ),
    *map(_pack, MESSENGERS.values()),
)

ZIP: Final = FileKind(name="zip", label="ZIP of it all", suffix=".zip", media_type="application/zip")


def named(name: str) -> Format:
    """The format of that name. Raises KeyError. A ZIP is none, because it holds the others."""
    return {wanted.name: wanted for wanted in FORMATS}[name]


def is_in_cmyk(name: str) -> bool:
    """Whether the files of this format, if it is one, hold the inks of a press."""
    return any(wanted.in_cmyk for wanted in FORMATS if wanted.name == name)


def of_pages() -> tuple[FileKind, ...]:
    """What can be made of whole pages; the ZIP comes last."""
    return (*(wanted for wanted in FORMATS if wanted.per != "sticker"), ZIP)


def packs() -> tuple[FileKind, ...]:
    """What can be made of single stickers."""
    return tuple(wanted for wanted in FORMATS if wanted.per == "sticker")


def offered() -> tuple[FileKind, ...]:
    """Everything that can be ordered, as menus list it."""
    return (*of_pages(), *packs())


def media_type(suffix: str) -> str:
    """The media type of a file with this suffix."""
    known = {kind.suffix: kind.media_type for kind in (*FORMATS, ZIP)}
    return known.get(suffix, "application/octet-stream")
