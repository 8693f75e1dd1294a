"""SVG and DXF read back by other libraries: closed, on their layer, true to size, and equal to the PDF's lines."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import numpy as np
import pytest
import svgelements
from shapely import Polygon

from stickers.printing.imposition.layout import Item, lay_out
from stickers.printing.imposition.pages import PageOptions, parse_page
from stickers.printing.writers.dxf import Dialect, layer_name, write_dxf
from stickers.printing.writers.pdf import write_pdf
from stickers.printing.writers.spots import THROUGH, Spot, Spots
from stickers.printing.writers.svg import write_svg
from tests.support.print_art import a4, die_cuts
from tests.support.print_checks import read_pdf
from tests.support.print_outlines import MM_PER_PX, dxf_shapes, read_dxf, svg_shapes


@cache
def svg() -> bytes:
    return write_svg(a4(), a4().pages[0])


def test_the_svg_reads_back_at_true_size() -> None:
    shapes = svg_shapes(svg())
    page = a4().pages[0]
    assert [layer for layer, _ in shapes] == ["CutContour"] * len(page.placed)
    for (_, shape), one in zip(shapes, page.placed, strict=True):
        assert shape.bounds == pytest.approx(one.path.bounds, abs=0.02)
    drawing = svgelements.SVG.parse(io.BytesIO(svg()))
    assert (drawing.width * MM_PER_PX, drawing.height * MM_PER_PX) == pytest.approx((210, 297), abs=0.01)


@pytest.mark.parametrize(("dialect", "mm"), [(Dialect.R12_INCH, 25.4), (Dialect.R2000_MM, 1.0)])
def test_the_dxf_reads_back_at_true_size(dialect: Dialect, mm: float) -> None:
    page = a4().pages[0]
    drawing = read_dxf(write_dxf(a4(), page, dialect))
    assert drawing.audit().errors == []
    assert drawing.acad_release == dialect.value
    shapes = dxf_shapes(drawing, a4(), mm)
    assert [layer for layer, _ in shapes] == ["CutContour"] * len(page.placed)
    for (_, shape), one in zip(shapes, page.placed, strict=True):
        assert shape.bounds == pytest.approx(one.path.bounds, abs=0.02)
        assert shape.is_valid


@pytest.mark.parametrize(("dialect", "mm"), [(Dialect.R12_INCH, 25.4), (Dialect.R2000_MM, 1.0)])
@pytest.mark.parametrize("name", ["A4", "A5 landscape"])
def test_the_dxf_s_header_places_and_scales_the_page(dialect: Dialect, mm: float, name: str) -> None:
    layout = lay_out([Item(die_cuts()[0])], PageOptions(size=parse_page(name)))
    drawing = read_dxf(write_dxf(layout, layout.pages[0], dialect))
    size, header = layout.options.size, drawing.header
    corner = (size.width_mm / mm, size.height_mm / mm)
    for least, most in (
        ("$EXTMIN", "$EXTMAX"),
        ("$PEXTMIN", "$PEXTMAX"),
        ("$LIMMIN", "$LIMMAX"),
        ("$PLIMMIN", "$PLIMMAX"),
    ):
        assert tuple(header[least])[:2] == (0, 0)
        assert tuple(header[most])[:2] == pytest.approx(corner, abs=1e-6)
    assert header["$INSBASE"] == (0, 0, 0)
    assert header["$LUNITS"] == 2
    [view] = drawing.viewports.get("*Active")
    assert view.dxf.height == pytest.approx(corner[1])
    assert tuple(view.dxf.center)[:2] == pytest.approx((corner[0] / 2, corner[1] / 2))
    assert header["$DIMLFAC"] == 1


def test_the_millimetre_dxf_names_its_unit_and_its_paper() -> None:
    drawing = read_dxf(write_dxf(a4(), a4().pages[0], Dialect.R2000_MM))
    assert (drawing.header["$INSUNITS"], drawing.header["$MEASUREMENT"], drawing.header["$PSVPSCALE"]) == (4, 1, 1)
    for space in (drawing.modelspace(), drawing.paperspace()):
        paper = space.dxf
        assert (paper.paper_size, paper.paper_width, paper.paper_height, paper.plot_paper_units) == ("A4", 210, 297, 1)
        assert (paper.left_margin, paper.bottom_margin, paper.right_margin, paper.top_margin) == (0, 0, 0, 0)
        assert tuple(paper.extmax) == (210, 297, 0)


def test_pdf_svg_and_dxf_agree() -> None:
    page = a4().pages[0]
    lines = [stroke.polygon() for stroke in read_pdf(write_pdf(a4()))[0].strokes]
    others = [
        svg_shapes(svg()),
        dxf_shapes(read_dxf(write_dxf(a4(), page, Dialect.R12_INCH)), a4(), 25.4),
        dxf_shapes(read_dxf(write_dxf(a4(), page, Dialect.R2000_MM)), a4(), 1.0),
    ]
    for shapes in others:
        assert len(shapes) == len(lines)
        for (_, shape), line in zip(shapes[:12], lines[:12], strict=True):
            away = shape.exterior.segmentize(0.4).hausdorff_distance(line.exterior.segmentize(0.4))
            assert away < 0.25  # points of both are 0.4 mm apart
            assert shape.symmetric_difference(line).area / line.length < 0.01
            assert all(line.exterior.distance(point) < 0.05 for point in _points(shape))


def _points(shape: Polygon) -> list[Any]:
    return [shape.exterior.interpolate(part, normalized=True) for part in np.linspace(0, 1, 60)]


def test_a_moved_line_is_seen() -> None:
    (_, first), *_ = svg_shapes(svg().replace(b"<g id=", b'<g transform="translate(5.67 0)" id=', 1))
    assert first.bounds[0] - a4().pages[0].placed[0].path.bounds[0] == pytest.approx(2, abs=0.02)


def test_a_through_cut_has_a_layer_of_its_own() -> None:
    spots = Spots(kiss=Spot("Kiss & <cut>"), through=THROUGH)
    page = a4().pages[0]
    layers = [layer for layer, _ in svg_shapes(write_svg(a4(), page, spots))]
    assert layers.count("PerfCutContour") == 1
    assert layers.count("Kiss & <cut>") == len(page.placed)
    drawing = read_dxf(write_dxf(a4(), page, Dialect.R12_INCH, spots))
    assert {layer for layer, _ in dxf_shapes(drawing, a4(), 25.4)} == {layer_name("Kiss & <cut>"), "PerfCutContour"}
    assert drawing.audit().errors == []
