"""SVG and DXF read back by other libraries: closed, on their layer, true to size, and equal to the PDF's lines."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import numpy as np
import pytest
import svgelements
from shapely import Polygon

from stickers.printing.writers.dxf import Dialect, layer_name, write_dxf
from stickers.printing.writers.pdf import write_pdf
from stickers.printing.writers.spots import THROUGH, Spot, Spots
from stickers.printing.writers.svg import write_svg
from tests.support.print_art import a4
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
    if dialect is Dialect.R2000_MM:
        assert drawing.header["$INSUNITS"] == 4


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
            assert away < 0.25  # between points of either, 0.4 mm apart
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
