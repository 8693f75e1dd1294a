"""Write the cut lines of a page as DXF: R12 in inches for Silhouette's free edition, R2000 in mm for all others."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

import ezdxf
from ezdxf import units
from ezdxf.document import Drawing

from stickers.printing.geometry.curves import CutPath
from stickers.printing.geometry.lengths import MM_PER_INCH
from stickers.printing.imposition.layout import Layout, Page
from stickers.printing.imposition.marks import sheet_cut
from stickers.printing.writers.formats import File, WriterJob
from stickers.printing.writers.spots import Spots

# These dialects have no Bézier curves, so a line is a chain of chords. A blade shows no error of 0.02 mm.
CHORD_MM: Final = 0.02

# Leaves dates and random ids out, so that equal pages give equal files. ezdxf has no other switch for it.
ezdxf.options.write_fixed_meta_data_for_testing = True  # type: ignore[attr-defined]


class Dialect(StrEnum):
    """R12 has polylines in inches, since Silhouette takes every DXF for inches. R2000 has millimetres."""

    R12_INCH = "R12"
    R2000_MM = "R2000"


def dxf_files(layout: Layout, job: WriterJob) -> Iterator[File]:
    """Two files for each page, one in each dialect. Raises OptionsError if a through cut has no room on the page."""
    for page in layout.pages:
        for dialect, unit in ((Dialect.R12_INCH, "inch"), (Dialect.R2000_MM, "mm")):
            data = write_dxf(layout, page, dialect, job.spots)
            yield File(f"{job.stem}-page-{page.number}-cut-{unit}.dxf", data, page.number)


def write_dxf(layout: Layout, page: Page, dialect: Dialect, spots: Spots | None = None) -> bytes:
    """The kiss cuts of `page`, and the through cut if `spots` name one. (0, 0) is the page's lower left corner.

    Raises OptionsError if a through cut has no room on the page.
    """
    inks = spots or Spots()
    drawing = Drawing.new(dialect.value)
    _add(drawing, dialect, inks.kiss.name, [one.path for one in page.placed], layout, colour=6)
    if inks.through is not None:
        _add(drawing, dialect, inks.through.name, [sheet_cut(layout.options)], layout, colour=4)
    _set_page(drawing, layout, dialect)
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
    """`name` without the characters that DXF forbids in a layer's name."""
    return re.sub(r"[^A-Za-z0-9_$-]", "_", name)[:31]


def _per_mm(dialect: Dialect) -> float:
    return 1 / MM_PER_INCH if dialect is Dialect.R12_INCH else 1.0


def _set_page(drawing: Drawing, layout: Layout, dialect: Dialect) -> None:
    """Say in the header where the page lies, how large it is and in which unit.

    The area is the page, not the box of the lines: a program that places a drawing by its extents then keeps the
    stickers where the print has them. ezdxf writes the extents and limits of its layouts over those of the header. It
    passes over extents that start at (0, 0, 0), which it takes for none, so these are set in both places.
    """
    size, per_mm = layout.options.size, _per_mm(dialect)
    width, height = size.width_mm * per_mm, size.height_mm * per_mm
    header = drawing.header
    header["$EXTMIN"], header["$EXTMAX"] = (0, 0, 0), (width, height, 0)
    for space in (drawing.modelspace(), drawing.paperspace()):
        space.reset_extents((0, 0, 0), (width, height, 0))
        space.reset_limits((0, 0), (width, height))
    drawing.set_modelspace_vport(height, center=(width / 2, height / 2))  # what a program shows first
    header["$LUNITS"] = 2  # decimal numbers
    if dialect is Dialect.R2000_MM:  # R12 has no place for these
        paper = {"paper_size": size.name, "paper_width": width, "paper_height": height, "plot_paper_units": 1}
        margins = dict.fromkeys(("left_margin", "bottom_margin", "right_margin", "top_margin"), 0.0)
        for space in (drawing.modelspace(), drawing.paperspace()):
            space.dxf.update(paper | margins)
        drawing.units = units.MM
        header["$MEASUREMENT"] = 1
        header["$PSVPSCALE"] = 1.0  # LibreCAD prints at this scale, and ezdxf writes 0
