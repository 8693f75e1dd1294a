"""Everything a job hands out, from one layout: each format's files, a manifest of them and a README for the printer.

All of them draw from the same placed cut lines, so print and cut agree whichever two of them are used together.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import IO, Any, Final

from stickers.printing.artwork.ppi import ppi_verdict
from stickers.printing.errors import OptionsError
from stickers.printing.imposition.layout import Layout, PlacedSticker
from stickers.printing.imposition.marks import RegistrationMarks
from stickers.printing.imposition.pages import PageOptions
from stickers.printing.options import DPI_CHOICES
from stickers.printing.preflight.rules import Finding, examine
from stickers.printing.profiles import DEFAULT_PROFILE, FORMATS, Profile
from stickers.printing.writers.cutters import calibration, cricut_margin_mm, write_cricut, write_silhouette
from stickers.printing.writers.dxf import Dialect, write_dxf
from stickers.printing.writers.messengers import MESSENGERS, check_count, write_pack
from stickers.printing.writers.page_png import write_png
from stickers.printing.writers.pdf import PdfOptions, write_pdf
from stickers.printing.writers.spots import WHITE, Spots
from stickers.printing.writers.svg import write_svg

ALL_FORMATS: Final = (*FORMATS, "zip", *MESSENGERS)
MANIFEST: Final = "manifest.json"
README: Final = "README.txt"
_IN_EVERY_ZIP: Final = ("pdf", "png", "svg", "dxf")
_FIXED_DATE: Final = (2024, 1, 1, 0, 0, 0)  # equal jobs give equal archives
_STORED: Final = (".png", ".webp", ".pdf")  # compressed already


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be made of a layout. Raises OptionsError for formats that are none.

    `recipes` says by a sticker's name what it was made from: JSON values for the manifest.
    """

    formats: tuple[str, ...]
    stem: str = "stickers"
    dpi: int = 300
    bleed_mm: float = 0.0
    profile: Profile = DEFAULT_PROFILE
    white_underlay: bool = False
    recipes: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        unknown = [kind for kind in self.formats if kind not in ALL_FORMATS]
        if unknown or not self.formats:
            wrong = f"“{unknown[0][:24]}” is no format known here" if unknown else "A format is missing"
            raise OptionsError("format", f"{wrong}: use {', '.join(ALL_FORMATS)}.")
        if self.dpi not in DPI_CHOICES:
            raise OptionsError("dpi", f"The resolution must be {DPI_CHOICES[0]} or {DPI_CHOICES[1]} DPI.")
        if not 0 <= self.bleed_mm <= 3.2:
            raise OptionsError("bleed_mm", "The bleed must be from 0 to 3.2 mm.")

    @property
    def spots(self) -> Spots:
        return self.profile.spots(white=WHITE if self.white_underlay else None)

    @property
    def marks(self) -> RegistrationMarks | None:
        """The marks of a page for Silhouette, should one be made."""
        wanted = self.profile.marks
        if wanted is None and "silhouette" in self.formats:
            wanted = RegistrationMarks()
        return wanted

    def pages(self, options: PageOptions) -> PageOptions:
        """`options` with what the formats need besides: Cricut's area, room for registration marks."""
        margin_mm = options.margin_mm
        blocked = options.blocked
        if "cricut" in self.formats:
            margin_mm = max(margin_mm, cricut_margin_mm(options.size))
        if self.marks is not None:
            margin_mm = max(margin_mm, self.marks.least_margin_mm())
            blocked = (*blocked, *self.marks.boxes(options.size)[:1])
        return replace(options, margin_mm=margin_mm, blocked=blocked)


@dataclass(frozen=True)
class File:
    """A finished file. `page` is None where it holds all pages or none; `name` may have one folder in front."""

    format: str
    name: str
    data: bytes
    page: int | None = None


def write_files(layout: Layout, order: Order) -> Iterator[File]:
    """The files of `order` one after the other, so that one at a time is held; a ZIP holds them all.

    Raises OptionsError or ArtError where a format cannot be made of this layout; what can be known beforehand is
    found before the first file.
    """
    _check(layout, order)
    for kind in order.formats:
        if kind == "zip":
            yield File("zip", f"{order.stem}.zip", write_zip(layout, order))
        else:
            yield from _of_format(kind, layout, order)


def write_zip(layout: Layout, order: Order) -> bytes:
    """A ZIP of everything for a shop, what else was ordered, a manifest and a README."""
    archive = io.BytesIO()
    write_zip_into(archive, layout, order)
    return archive.getvalue()


def write_zip_into(
    archive: IO[bytes], layout: Layout, order: Order, *, each: Callable[[], object] | None = None
) -> None:
    """`write_zip` into an open file, so that no more than one of its members is held in memory; `each` is called
    after every member."""
    _check(layout, order)
    findings = examine(layout, order.profile, bleed_mm=order.bleed_mm)
    listed: list[tuple[str, str, int | None]] = []
    with zipfile.ZipFile(archive, "w") as folder:
        for kind in _zipped(order):
            for file in _of_format(kind, layout, order):
                listed.append((file.format, file.name, file.page))
                _store(folder, file.name, file.data)
                if each is not None:
                    each()
        if _calibrates(layout, order):
            listed.append(("calibration", "calibration.pdf", None))
            _store(folder, "calibration.pdf", calibration(layout.options.size, order.marks, order.spots.kiss))
        said = manifest(layout, order, findings)
        said["files"] = [{"format": kind, "path": name, "page": page} for kind, name, page in listed]
        _store(folder, MANIFEST, (json.dumps(said, ensure_ascii=False, indent=2) + "\n").encode())
        _store(folder, README, readme(layout, order, findings).encode())


def expected_files(layout: Layout, order: Order) -> int:
    """About how many files `write_files` gives: what a progress bar goes by."""
    return sum(
        1
        if kind in {"pdf", "silhouette", "zip"}
        else len(layout.stickers)
        if kind in MESSENGERS
        else len(layout.pages) * (2 if kind == "dxf" else 1)
        for kind in order.formats
    )


def _zipped(order: Order) -> list[str]:
    return list(dict.fromkeys((*_IN_EVERY_ZIP, *(kind for kind in order.formats if kind != "zip"))))


def _calibrates(layout: Layout, order: Order) -> bool:
    size = layout.options.size
    return order.profile.kind != "shop" and min(size.width_mm, size.height_mm) >= 95


def describe(one: PlacedSticker, page: int, warnings: Sequence[str] = ()) -> dict[str, Any]:
    """What is said of one placed copy: JSON values."""
    return {
        "name": one.sticker.name,
        "page": page,
        "cut_mm": [round(one.sticker.width_mm, 2), round(one.sticker.height_mm, 2)],
        "effective_ppi": one.sticker.effective_ppi,
        "warnings": list(dict.fromkeys((*one.sticker.warnings, *warnings))),
    }


def summary(layout: Layout, files: Iterable[Mapping[str, Any]], findings: Sequence[Finding] = ()) -> dict[str, Any]:
    """What a job made, for scripts: JSON values. `files` as they were written; warnings of the doctor are added to
    their stickers."""
    by_name: dict[str, list[str]] = {}
    for finding in findings:
        # the sticker's own warnings say the same of its resolution and size in the same words
        if finding.level != "note" and finding.rule != "ppi":
            by_name.setdefault(finding.sticker, []).append(finding.words)
    stickers = [
        describe(one, page.number, by_name.get(one.sticker.name, ())) for page in layout.pages for one in page.placed
    ]
    return {
        "pages": len(layout.pages),
        "placed": len(stickers),
        "page_use": round(layout.page_use, 4),
        "files": list(files),
        "stickers": stickers,
    }


def manifest(layout: Layout, order: Order, findings: Sequence[Finding]) -> dict[str, Any]:
    """All that is known of a job: sizes, resolution, inks, places, warnings, recipes. JSON values."""
    options, spots = layout.options, order.spots
    said = summary(layout, [])
    for entry, one in zip(said["stickers"], layout.placed, strict=True):
        entry |= {
            "x_mm": round(one.x_mm, 3),
            "y_mm": round(one.y_mm, 3),
            "rotation_deg": one.rotation_deg,
            "border_mm": one.sticker.border_mm,
            "sharpness": ppi_verdict(one.sticker.effective_ppi).level,
        }
    return said | {
        "page": {
            "name": options.size.name,
            "width_mm": round(options.size.width_mm, 3),
            "height_mm": round(options.size.height_mm, 3),
            "margin_mm": round(options.margin_mm, 3),
            "gap_mm": options.gap_mm,
        },
        "dpi": order.dpi,
        "bleed_mm": order.bleed_mm,
        "profile": order.profile.as_json(),
        "spots": {
            "kiss": spots.kiss.name,
            "through": spots.through.name if spots.through else None,
            "white": spots.white.name if spots.white else None,
        },
        "overflow": [sticker.name for sticker in layout.overflow],
        "warnings": [
            {
                "rule": found.rule,
                "level": found.level,
                "sticker": found.sticker,
                "page": found.page,
                "words": found.words,
            }
            for found in findings
        ],
        "recipes": dict(order.recipes),
    }


def readme(layout: Layout, order: Order, findings: Sequence[Finding]) -> str:
    """Words for whoever prints and cuts: plain text."""
    size, spots = layout.options.size, order.spots
    placed = sum(len(page.placed) for page in layout.pages)
    lines = [
        f"{placed} stickers on {len(layout.pages)} pages of {size.width_mm:g} x {size.height_mm:g} mm ({size.name}).",
        "",
        "Print at 100 %, without fitting to the page.",
        f"Pictures: {order.dpi} DPI, sRGB. Bleed: {order.bleed_mm:g} mm.",
        f"Kiss cut: spot colour “{spots.kiss.name}”, {spots.kiss.stroke_pt:g} pt, overprinting, on a layer of its own.",
    ]
    if spots.through is not None:
        lines.append(f"Through cut around the sheet: spot colour “{spots.through.name}”.")
    if spots.white is not None:
        lines.append(f"White under the art: spot colour “{spots.white.name}”.")
    if order.marks is not None:
        lines.append(order.marks.words() + ". Set these values in the cutter's software.")
    lines += [
        "",
        "*.pdf            artwork and cut lines of all pages",
        "*-page-N.png     artwork of one page, transparent between the stickers",
        "*-cut.svg        cut lines of one page, in millimetres",
        "*-cut-mm.dxf     the same as DXF R2000 in millimetres",
        "*-cut-inch.dxf   the same as DXF R12 in inches, for Silhouette",
        "manifest.json    every sticker's size, place and source",
    ]
    grave = [found for found in findings if found.level != "note"]
    if grave:
        lines += ["", "To look at before printing:"]
        lines += [f"- {found.sticker + ': ' if found.sticker else ''}{found.words}" for found in grave]
    return "\n".join(lines) + "\n"


def _of_format(kind: str, layout: Layout, order: Order) -> Iterator[File]:
    stem = order.stem
    if kind in MESSENGERS:
        for file in write_pack(layout.stickers, MESSENGERS[kind]):
            yield File(kind, f"{kind}/{file.name}", file.data)
    elif kind == "pdf":
        how = PdfOptions(dpi=order.dpi, bleed_mm=order.bleed_mm, spots=order.spots, title=stem)
        yield File("pdf", f"{stem}.pdf", write_pdf(layout, how))
    elif kind == "silhouette":
        marks = order.marks or RegistrationMarks()
        data = write_silhouette(layout, marks, dpi=order.dpi, bleed_mm=order.bleed_mm)
        yield File("silhouette", f"{stem}-silhouette.pdf", data)
    else:
        yield from _of_pages(kind, layout, order)


def _of_pages(kind: str, layout: Layout, order: Order) -> Iterator[File]:
    for page in layout.pages:
        name = f"{order.stem}-page-{page.number}"
        if kind == "png":
            data = write_png(layout, page, dpi=order.dpi, bleed_mm=order.bleed_mm)
            yield File(kind, f"{name}.png", data, page.number)
        elif kind == "cricut":
            yield File(kind, f"{name}-cricut.png", write_cricut(layout, page, dpi=order.dpi), page.number)
        elif kind == "svg":
            yield File(kind, f"{name}-cut.svg", write_svg(layout, page, order.spots), page.number)
        elif kind == "dxf":
            for dialect, unit in ((Dialect.R12_INCH, "inch"), (Dialect.R2000_MM, "mm")):
                data = write_dxf(layout, page, dialect, order.spots)
                yield File(kind, f"{name}-cut-{unit}.dxf", data, page.number)


def _check(layout: Layout, order: Order) -> None:
    if not layout.pages:
        raise OptionsError("size_mm", "None of the stickers fits on this page: choose a larger page or a smaller size.")
    for kind in order.formats:
        if kind in MESSENGERS:
            check_count(len(layout.stickers), MESSENGERS[kind])


def _store(folder: zipfile.ZipFile, name: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(name, date_time=_FIXED_DATE)
    entry.external_attr = 0o100644 << 16
    entry.compress_type = zipfile.ZIP_STORED if name.endswith(_STORED) else zipfile.ZIP_DEFLATED
    folder.writestr(entry, data)
