"""Cut lines of a page as DXF: in inches and the oldest dialect for Silhouette's free edition, in mm for the rest."""

from __future__ import annotations

import io
import re
from enum import StrEnum
from typing import Final

import ezdxf
from ezdxf import units
from ezdxf.document import Drawing

from stickers.printing.geometry.curves import CutPath
from stickers.printing.geometry.lengths import MM_PER_INCH
from stickers.printing.imposition.layout import Layout, Page
from stickers.printing.imposition.marks import sheet_cut
from stickers.printing.writers.spots import Spots

# DXF of these kinds has no Bézier curves; a fiftieth of a millimetre is below what a blade can show
CHORD_MM: Final = 0.02


# No dates and random ids inside, so that equal pages give equal files; the library knows only this name for it
ezdxf.options.write_fixed_meta_data_for_testing = True  # type: ignore[attr-defined]


class Dialect(StrEnum):
    """R12: polylines in inches (Silhouette reads a DXF so, whatever units it names). R2000: in millimetres."""

    R12_INCH = "R12"
    R2000_MM = "R2000"


def write_dxf(layout: Layout, page: Page, dialect: Dialect, spots: Spots | None = None) -> bytes:
    """The kiss cuts of `page`, and where `spots` name one the through cut; (0, 0) is the page's lower left."""
    inks = spots or Spots()
    drawing = Drawing.new(dialect.value)
    if dialect is Dialect.R2000_MM:  # R12 has no place for a unit
        drawing.units = units.MM
        drawing.header["$MEASUREMENT"] = 1
    _add(drawing, dialect, inks.kiss.name, [one.path for one in page.placed], layout, colour=6)
    if inks.through is not None:
        _add(drawing, dialect, inks.through.name, [sheet_cut(layout.options)], layout, colour=4)
    _mark_extents(drawing, layout, dialect)
    file = io.StringIO()
    drawing.write(file)
    return file.getvalue().encode(drawing.output_encoding, errors="replace")


def _add(drawing: Drawing, dialect: Dialect, name: str, paths: list[CutPath], layout: Layout, *, colour: int) -> None:
    layer = layer_name(name)
    drawing.layers.add(layer, color=colour)
    space = drawing.modelspace()
    height_mm = layout.options.size.height_mm
    per_mm = _per_mm(dialect)
    for path in paths:
        for loop in path.loops:
            points = [(x * per_mm, (height_mm - y) * per_mm) for x, y in loop.flattened(CHORD_MM).tolist()]
            if dialect is Dialect.R12_INCH:
                space.add_polyline2d(points, close=True, dxfattribs={"layer": layer})
            else:
                space.add_lwpolyline(points, close=True, dxfattribs={"layer": layer})


def layer_name(name: str) -> str:
    """`name` without the signs that DXF forbids in a layer's name."""
    return re.sub(r"[^A-Za-z0-9_$-]", "_", name)[:31]


def _per_mm(dialect: Dialect) -> float:
    return 1 / MM_PER_INCH if dialect is Dialect.R12_INCH else 1.0


def _mark_extents(drawing: Drawing, layout: Layout, dialect: Dialect) -> None:
    # the page, so that a program which places by extents keeps the stickers where the print has them
    size, per_mm = layout.options.size, _per_mm(dialect)
    drawing.header["$EXTMIN"] = (0, 0, 0)
    drawing.header["$EXTMAX"] = (size.width_mm * per_mm, size.height_mm * per_mm, 0)
    drawing.header["$LIMMIN"] = (0, 0)
    drawing.header["$LIMMAX"] = (size.width_mm * per_mm, size.height_mm * per_mm)
