"""The board: the pages as the browser draws them, SVG in millimetres, from the same cut lines as every file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import shapely
from PIL import Image
from shapely import Polygon

from stickers.models import Sticker
from stickers.printing.artwork.die_cut import DieCut
from stickers.printing.artwork.drawing import draw
from stickers.printing.artwork.ppi import ppi_verdict
from stickers.printing.imposition.bleed import bleed_areas, short_bleeds
from stickers.printing.imposition.layout import Page, PlacedSticker
from stickers.printing.imposition.marks import RegistrationMarks
from stickers.printing.imposition.pages import Box, PageSize
from stickers.printing.options import WHITE
from stickers.printing.writers.svg import path_data
from stickers.prints.cut_lines import Cuts
from stickers.prints.desk import Desk
from stickers.prints.imposing import Imposition
from stickers.prints.plan import Copy, Design

PICTURE_PX: Final = 512
_DRAWN_WITHIN_MM: Final = 0.05  # finer than a pixel of a screen, and a tenth of the points


@dataclass(frozen=True)
class BoardShape:
    """A sticker around (0, 0) in millimetres: its cut line as path data, and the box of its picture."""

    key: str
    sticker: Sticker
    cut: DieCut
    design: Design
    line: str
    left: float
    top: float
    width: float
    height: float
    number: int  # of its first copy, by which its pictures are asked for

    @property
    def is_fixed_up(self) -> bool:
        return bool(self.design.fixups)

    @property
    def is_coarse(self) -> bool:
        return ppi_verdict(self.cut.effective_ppi, redrawn=self.cut.redrawn).warns


@dataclass(frozen=True)
class BoardCopy:
    """A copy in its place. `bleed` is path data in its own millimetres where its bleed meets another; else empty."""

    copy: Copy
    shape: BoardShape
    clashes: tuple[str, ...]
    bleed: str = ""

    @property
    def transform(self) -> str:
        turned = f" rotate({self.copy.rotation_deg:g})" if self.copy.rotation_deg else ""
        return f"translate({self.copy.x_mm:g} {self.copy.y_mm:g}){turned}"


@dataclass(frozen=True)
class BoardPage:
    """One page with what lies on it."""

    number: int
    copies: tuple[BoardCopy, ...]
    use: float


@dataclass(frozen=True)
class BoardRow:
    """A line in the list beside the pages. It has no sticker if that is no longer shared with the designer."""

    shape: BoardShape | None
    sticker: Sticker | None
    design: Design
    copies: tuple[Copy, ...]
    reason: str = ""

    @property
    def key(self) -> str:
        return str(self.copies[0].number)


@dataclass(frozen=True)
class PrintBoard:
    size: PageSize
    live: Box
    marks: tuple[Box, ...]
    shapes: tuple[BoardShape, ...]
    pages: tuple[BoardPage, ...]
    unplaced: tuple[BoardCopy, ...]
    rows: tuple[BoardRow, ...]
    clashing: int

    @property
    def unshared(self) -> int:
        """Copies of stickers that are no longer shared."""
        return sum(len(row.copies) for row in self.rows if row.sticker is None)

    @property
    def placed(self) -> int:
        return sum(len(page.copies) for page in self.pages)

    @property
    def use(self) -> float:
        return sum(page.use for page in self.pages) / len(self.pages) if self.pages else 0.0


def board(desk: Desk) -> PrintBoard:
    """Raises OptionsError for settings that make no page."""
    cuts, imposed = desk.cuts, desk.pages
    clashing = imposed.clashing()
    drawn: dict[int, BoardCopy] = {}
    rows: list[BoardRow] = []
    for design, copies in desk.plan.designs.items():
        cut, sticker = cuts.made.get(design), cuts.stickers.get(design.sticker_pk)
        shape = _shape(f"s{len(rows)}", copies[0].number, design, cut, sticker) if cut and sticker else None
        rows.append(BoardRow(shape, sticker, design, tuple(copies), cuts.refused.get(design, "")))
        if shape:
            drawn |= {copy.number: BoardCopy(copy, shape, tuple(clashing.get(copy.number, ()))) for copy in copies}
    pages = tuple(
        BoardPage(
            page.number,
            _with_bleeds(page, [drawn[number] for number in imposed.numbers.get(page.number, ())], desk.plan.bleed_mm),
            imposed.layout.page_use_of(page),
        )
        for page in imposed.layout.pages
    ) or (BoardPage(1, (), 0.0),)
    options, marks = imposed.layout.options, imposed.job.marks
    return PrintBoard(
        size=options.size,
        live=options.live,
        marks=marks.boxes(options.size) if isinstance(marks, RegistrationMarks) else (),
        shapes=tuple(row.shape for row in rows if row.shape),
        pages=pages,
        unplaced=tuple(drawn[copy.number] for copy in imposed.unplaced),
        rows=tuple(rows),
        clashing=len(clashing),
    )


def picture(imposed: Imposition) -> bytes:
    """The first page, small, on white paper, as WebP for the gallery."""
    size = imposed.layout.options.size
    px_per_mm = PICTURE_PX / max(size.width_mm, size.height_mm)
    width, height = round(size.width_mm * px_per_mm), round(size.height_mm * px_per_mm)
    paper = Image.new("RGBA", (max(width, 1), max(height, 1)), (*WHITE, 255))
    for page in imposed.layout.pages[:1]:
        for one in page.placed:
            patch = draw(
                one.sticker, px_per_mm, x_mm=one.x_mm, y_mm=one.y_mm, rotation_deg=one.rotation_deg, bleed_mm=0
            )
            drawn = Image.fromarray(np.ascontiguousarray(patch.pixels))
            # A white border cannot be seen on white paper: a soft shadow shows where it ends.
            shade = Image.new("RGBA", drawn.size, (60, 60, 60, 255))
            shade.putalpha(drawn.getchannel("A").point(lambda alpha: alpha // 3))
            paper.paste(shade, (patch.left_px, patch.top_px + 1), shade)
            paper.paste(drawn, (patch.left_px, patch.top_px), drawn)
    out = io.BytesIO()
    paper.convert("RGB").save(out, "WEBP", quality=84, method=2)
    return out.getvalue()


def fixed_picture(cuts: Cuts, design: Design) -> bytes:
    """A sticker's own picture after its fixups, as PNG. Raises KeyError if the sticker has no cut line."""
    out = io.BytesIO()
    Image.fromarray(cuts.made[design].source).save(out, "PNG", compress_level=1)
    return out.getvalue()


def _with_bleeds(page: Page, copies: Sequence[BoardCopy], bleed_mm: float) -> tuple[BoardCopy, ...]:
    """The copies of a page, with the bleed as it is printed where two of them meet half-way."""
    meeting = {index for short in short_bleeds(page, bleed_mm) for index in (short.index, short.other)}
    if not meeting:
        return tuple(copies)
    areas = bleed_areas(page, bleed_mm, is_rough=True)
    return tuple(
        replace(copy, bleed=_ring(one, area)) if index in meeting else copy
        for index, (copy, one, area) in enumerate(zip(copies, page.placed, areas, strict=True))
    )


def _ring(one: PlacedSticker, area: Polygon) -> str:
    """The part of `area` outside the cut line, as path data (even-odd) around the sticker's own (0, 0)."""
    turn = np.deg2rad(one.rotation_deg)
    back = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])  # from the right: turns backwards
    path = ""
    for outline in (area.exterior, one.polygon.exterior):
        spots = (
            shapely.get_coordinates(shapely.simplify(outline, _DRAWN_WITHIN_MM))[:-1] - (one.x_mm, one.y_mm)
        ) @ back
        path += f"M{'L'.join(f'{x:.2f} {y:.2f}' for x, y in spots)}Z"
    return path


def _shape(key: str, number: int, design: Design, cut: DieCut, sticker: Sticker) -> BoardShape:
    left, top, width, height = cut.source_box_mm
    line = "".join(path_data(loop, 1.0) for loop in cut.path.loops)
    return BoardShape(key, sticker, cut, design, line, left, top, width, height, number)
