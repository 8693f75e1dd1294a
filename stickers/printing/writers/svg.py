"""Write the cut lines of a page as SVG: true size in millimetres, one layer for each kind of cut, nothing else."""

from __future__ import annotations

from html import escape  # the one of `xml.sax` loads a whole HTTP client
from typing import Final

from stickers.printing.geometry.curves import CutPath, Loop
from stickers.printing.geometry.lengths import MM_PER_INCH
from stickers.printing.imposition.layout import Layout, Page
from stickers.printing.imposition.marks import sheet_cut
from stickers.printing.writers.spots import Spot, Spots

# Programs disagree on the size of a "px" (72, 90 or 96 per inch). So the outside is in millimetres and the inside in
# points.
_POINTS_PER_MM: Final = 72 / MM_PER_INCH


def write_svg(layout: Layout, page: Page, spots: Spots | None = None) -> bytes:
    """The kiss cuts of `page`, and the through cut around the sheet if `spots` name one. UTF-8."""
    inks = spots or Spots()
    size = layout.options.size
    width, height = size.width_mm, size.height_mm
    layers = [_layer(inks.kiss, [one.path for one in page.placed])]
    if inks.through is not None:
        layers.append(_layer(inks.through, [sheet_cut(layout.options)]))
    body = "\n".join(layers)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"'
        f' version="1.1" width="{_number(width)}mm" height="{_number(height)}mm"'
        f' viewBox="0 0 {_number(width * _POINTS_PER_MM)} {_number(height * _POINTS_PER_MM)}">\n'
        f"{body}\n</svg>\n"
    ).encode()


def _layer(spot: Spot, paths: list[CutPath]) -> str:
    lines = "\n".join(f'<path d="{path_data(loop)}"/>' for path in paths for loop in path.loops)
    return (
        f'<g id="{escape(spot.name)}" inkscape:groupmode="layer" inkscape:label="{escape(spot.name)}"'
        f' fill="none" stroke="{_shown(spot)}" stroke-width="{_number(spot.stroke_pt)}" stroke-linejoin="round">\n'
        f"{lines}\n</g>"
    )


def path_data(loop: Loop, units_per_mm: float = _POINTS_PER_MM) -> str:
    """The `d` of an SVG path, closed; in points unless said otherwise."""
    points = loop.curves * units_per_mm
    said = [f"M{_number(points[0, 0, 0])} {_number(points[0, 0, 1])}"]
    said += ["C" + " ".join(_number(value) for value in curve[1:].reshape(-1)) for curve in points]
    return "".join(said) + "Z"


def _shown(spot: Spot) -> str:
    cyan, magenta, yellow, black = spot.cmyk
    channels = (round(255 * (1 - ink) * (1 - black)) for ink in (cyan, magenta, yellow))
    return "#" + "".join(f"{channel:02x}" for channel in channels)


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")
