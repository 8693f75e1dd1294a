"""The pages as the browser draws them: SVG in millimetres, from the same cut lines as every file."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from stickers.models import Sticker
from stickers.printing.artwork.die_cut import DieCut
from stickers.printing.artwork.drawing import draw
from stickers.printing.imposition.marks import RegistrationMarks
from stickers.printing.imposition.pages import Box, PageSize
from stickers.printing.options import WHITE
from stickers.printing.writers.svg import path_data
from stickers.prints.cut_lines import Cuts
from stickers.prints.imposing import Laid, job_of
from stickers.prints.plan import Copy, Kind, Plan

PICTURE_PX: Final = 512


@dataclass(frozen=True)
class Shape:
    """A sticker around (0, 0): its cut line as path data, and where its picture lies. Millimetres."""

    key: str
    sticker: Sticker
    cut: DieCut
    kind: Kind
    line: str
    left: float
    top: float
    width: float
    height: float

    @property
    def is_mended(self) -> bool:
        return bool(self.kind.mends)

    @property
    def is_coarse(self) -> bool:
        return self.cut.effective_ppi < 200


@dataclass(frozen=True)
class Spot:
    """A copy in its place."""

    copy: Copy
    shape: Shape
    clashes: tuple[str, ...]

    @property
    def transform(self) -> str:
        turned = f" rotate({self.copy.rotation_deg:g})" if self.copy.rotation_deg else ""
        return f"translate({self.copy.x_mm:g} {self.copy.y_mm:g}){turned}"


@dataclass(frozen=True)
class Sheet:
    """One page with what lies on it."""

    number: int
    spots: tuple[Spot, ...]
    use: float


@dataclass(frozen=True)
class Row:
    """A sticker in the list beside the pages; without one where it is no longer shared with the designer."""

    shape: Shape | None
    sticker: Sticker | None
    kind: Kind
    copies: tuple[Copy, ...]
    reason: str = ""

    @property
    def key(self) -> str:
        return str(self.copies[0].number)


@dataclass(frozen=True)
class Board:
    size: PageSize
    live: Box
    marks: tuple[Box, ...]
    shapes: tuple[Shape, ...]
    sheets: tuple[Sheet, ...]
    unplaced: tuple[Spot, ...]
    rows: tuple[Row, ...]
    clashing: int

    @property
    def unshared(self) -> int:
        """Copies of stickers that are no longer shared."""
        return sum(len(row.copies) for row in self.rows if row.sticker is None)

    @property
    def placed(self) -> int:
        return sum(len(sheet.spots) for sheet in self.sheets)

    @property
    def use(self) -> float:
        return sum(sheet.use for sheet in self.sheets) / len(self.sheets) if self.sheets else 0.0


def board(plan: Plan, cuts: Cuts, pages: Laid) -> Board:
    shapes = {kind: _shape(key, kind, cut, cuts) for key, (kind, cut) in enumerate(cuts.made.items())}
    clashing = pages.clashing()
    copies = {copy.number: copy for copy in plan.copies}

    def spot(number: int) -> Spot:
        copy = copies[number]
        return Spot(copy, shapes[copy.kind], tuple(clashing.get(number, ())))

    sheets = tuple(
        Sheet(page.number, tuple(map(spot, pages.numbers.get(page.number, ()))), pages.layout.page_use_of(page))
        for page in pages.layout.pages
    ) or (Sheet(1, (), 0.0),)
    rows = tuple(
        Row(shapes.get(kind), cuts.stickers.get(kind.sticker_pk), kind, tuple(of_kind), cuts.refused.get(kind, ""))
        for kind, of_kind in plan.kinds.items()
    )
    marks = job_of(plan, cuts.profile).marks
    return Board(
        size=pages.layout.options.size,
        live=pages.layout.options.live,
        marks=marks.boxes(pages.layout.options.size) if isinstance(marks, RegistrationMarks) else (),
        shapes=tuple(shapes.values()),
        sheets=sheets,
        unplaced=tuple(spot(copy.number) for copy in pages.unplaced if copy.kind in shapes),
        rows=rows,
        clashing=len(clashing),
    )


def picture(pages: Laid) -> bytes:
    """The first page, small, on white paper: WebP for the gallery."""
    size = pages.layout.options.size
    px_per_mm = PICTURE_PX / max(size.width_mm, size.height_mm)
    width, height = round(size.width_mm * px_per_mm), round(size.height_mm * px_per_mm)
    paper = Image.new("RGBA", (max(width, 1), max(height, 1)), (*WHITE, 255))
    for page in pages.layout.pages[:1]:
        for one in page.placed:
            patch = draw(
                one.sticker, px_per_mm, x_mm=one.x_mm, y_mm=one.y_mm, rotation_deg=one.rotation_deg, bleed_mm=0
            )
            drawn = Image.fromarray(np.ascontiguousarray(patch.pixels))
            # a white border on white paper would not be seen: a soft shadow says where it ends
            shade = Image.new("RGBA", drawn.size, (60, 60, 60, 255))
            shade.putalpha(drawn.getchannel("A").point(lambda alpha: alpha // 3))
            paper.paste(shade, (patch.left_px, patch.top_px + 1), shade)
            paper.paste(drawn, (patch.left_px, patch.top_px), drawn)
    out = io.BytesIO()
    paper.convert("RGB").save(out, "WEBP", quality=84, method=2)
    return out.getvalue()


def mended_picture(cuts: Cuts, kind: Kind) -> bytes:
    """A sticker's own picture after mending: PNG. Raises KeyError where it cannot be cut."""
    out = io.BytesIO()
    Image.fromarray(cuts.made[kind].source).save(out, "PNG", compress_level=1)
    return out.getvalue()


def _shape(key: int, kind: Kind, cut: DieCut, cuts: Cuts) -> Shape:
    left, top, width, height = cut.source_box_mm
    line = "".join(path_data(loop, 1.0) for loop in cut.path.loops)
    return Shape(f"s{key}", cuts.stickers[kind.sticker_pk], cut, kind, line, left, top, width, height)
