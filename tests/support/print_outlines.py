"""One order in every format, and the distance of each file's outline from its cut line, read from the bytes."""

from __future__ import annotations

import io
from typing import Any

import cv2
import ezdxf
import numpy as np
import numpy.typing as npt
import shapely
import svgelements
from ezdxf.document import Drawing
from PIL import Image
from shapely import Polygon

from stickers.printing.artwork.die_cut import DieCut
from stickers.printing.imposition.layout import Layout, Page, PlacedSticker
from stickers.printing.imposition.pages import PageOptions, PageSize
from stickers.printing.writers.dxf import Dialect, write_dxf
from stickers.printing.writers.pdf import write_pdf
from stickers.printing.writers.png import single_px, write_png, write_single
from stickers.printing.writers.svg import write_svg
from tests.support.print_checks import read_pdf

Points = npt.NDArray[np.float64]

MM_PER_PX = 25.4 / 96  # svgelements converts every length so
FORMATS = ("single PNG", "page PNG", "PDF", "SVG", "DXF R12", "DXF R2000")
AT_MM = 6.37  # of the sticker's box from the page's corner: no whole number of pixels


def distances(sticker: DieCut, *, dpi: int = 600) -> dict[str, float]:
    """By format, the largest distance in mm between the file's outline and the sticker's own cut line, both ways."""
    x_mm, y_mm = AT_MM + sticker.width_mm / 2, AT_MM + sticker.height_mm / 2
    placed = PlacedSticker(sticker=sticker, x_mm=x_mm, y_mm=y_mm)
    size = PageSize("proof", max(2 * x_mm, 20), max(2 * y_mm, 20))
    page = Page(1, (placed,))
    layout = Layout(options=PageOptions(size=size, margin_mm=5), pages=(page,))
    single_mm = tuple(side * 25.4 / dpi / 2 for side in single_px(sticker, dpi))
    found = {
        "single PNG": (png_rings(write_single(sticker, dpi=dpi), dpi), single_mm),
        "page PNG": (png_rings(write_png(layout, page, dpi=dpi), dpi), (x_mm, y_mm)),
        "PDF": ([_ring(one.polygon()) for one in read_pdf(write_pdf(layout))[0].strokes], (x_mm, y_mm)),
        "SVG": ([_ring(shape) for _, shape in svg_shapes(write_svg(layout, page))], (x_mm, y_mm)),
    }
    for name, dialect, mm in (("DXF R12", Dialect.R12_INCH, 25.4), ("DXF R2000", Dialect.R2000_MM, 1.0)):
        shapes = dxf_shapes(read_dxf(write_dxf(layout, page, dialect)), layout, mm)
        found[name] = [_ring(shape) for _, shape in shapes], (x_mm, y_mm)
    line = [loop.flattened(0.001) for loop in sticker.path.loops]
    return {name: apart(line, [ring - at for ring in rings]) for name, (rings, at) in found.items()}


def apart(ours: list[Points], theirs: list[Points]) -> float:
    """The Hausdorff distance of two sets of closed rings; infinite if their numbers differ."""
    if len(ours) != len(theirs):
        return float("inf")
    one, other = map(_boundary, (ours, theirs))
    return max(_farthest(one, other), _farthest(other, one))


def _boundary(rings: list[Points]) -> list[Points]:
    outer, *holes = sorted(rings, key=lambda ring: -Polygon(ring).area)
    shape = Polygon(outer, holes).segmentize(0.05)
    return [np.asarray(ring.coords, np.float64) for ring in (shape.exterior, *shape.interiors)]


def _farthest(ours: list[Points], theirs: list[Points]) -> float:
    """The largest distance from a point of ours to the nearest edge of theirs.

    A tree of edges finds it some ten times as fast as shapely's own `hausdorff_distance`, which tries every pair.
    """
    edges = shapely.linestrings(np.concatenate([np.stack([ring[:-1], ring[1:]], axis=1) for ring in theirs]))
    points = shapely.points(np.concatenate(ours))
    _, away = shapely.STRtree(edges).query_nearest(points, return_distance=True, all_matches=False)
    return float(away.max())


def _ring(shape: Polygon) -> Points:
    return np.asarray(shape.exterior.coords, np.float64)


def png_rings(data: bytes, dpi: int) -> list[Points]:
    """Where the alpha of a PNG crosses one half: rings in mm from the top left corner."""
    alpha = np.asarray(Image.open(io.BytesIO(data)).getchannel("A"))
    finer = 4
    fine = cv2.resize(alpha, None, fx=finer, fy=finer, interpolation=cv2.INTER_LINEAR)
    rings, _ = cv2.findContours((fine >= 128).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    # The centres of a part's outermost fine pixels lie half a fine pixel inside its edge. The rings of holes lie
    # inside.
    found = []
    for ring in rings:
        shape = Polygon((ring.reshape(-1, 2) + 0.5) / finer * 25.4 / dpi) if len(ring) > 3 else None
        if shape is not None and shape.area > 0.05:
            found.append(np.asarray(shape.exterior.coords, np.float64))
    return found


def svg_shapes(data: bytes) -> list[tuple[str, Polygon]]:
    """Layer and outline of each path, in mm."""
    found = []
    drawing = svgelements.SVG.parse(io.BytesIO(data), reify=True)
    for layer in drawing.select(lambda one: isinstance(one, svgelements.Group) and one.id):
        for path in layer.select(lambda one: isinstance(one, svgelements.Path)):
            assert isinstance(path[-1], svgelements.Close)
            assert path.fill.value is None
            curves = [part for part in path if isinstance(part, svgelements.CubicBezier)]
            points = [curve.npoint(np.linspace(0, 1, 17)[:-1]) for curve in curves]
            found.append((layer.id, Polygon(np.concatenate(points) * MM_PER_PX)))
    return found


def read_dxf(data: bytes) -> Drawing:
    return ezdxf.read(io.StringIO(data.decode()))  # type: ignore[attr-defined, no-any-return]


def dxf_shapes(drawing: Drawing, layout: Layout, mm: float) -> list[tuple[str, Polygon]]:
    """Layer and outline of each polyline, in mm from the page's top left. `mm` is the length of the file's unit."""
    found = []
    for line in drawing.modelspace():
        entity: Any = line
        if line.dxftype() == "POLYLINE":
            assert entity.is_closed
            points = [(point.dxf.location.x, point.dxf.location.y) for point in entity.vertices]
        else:
            assert line.dxftype() == "LWPOLYLINE"
            assert entity.closed
            points = [(x, y) for x, y, *_ in entity.get_points()]
        flipped = np.array(points) * mm * (1, -1) + (0, layout.options.size.height_mm)
        found.append((line.dxf.layer, Polygon(flipped)))
    return found
