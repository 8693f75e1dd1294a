"""Write files for home cutters: Cricut's picture without marks, Silhouette's page with marks, a calibration page."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from stickers.printing.errors import OptionsError
from stickers.printing.geometry.curves import CutPath
from stickers.printing.imposition.layout import Layout, Page
from stickers.printing.imposition.marks import RegistrationMarks, rounded
from stickers.printing.imposition.pages import Box, PageSize
from stickers.printing.writers import pdf_content, pdf_parts
from stickers.printing.writers.pdf import PdfOptions, write_pdf
from stickers.printing.writers.png import encode, paint
from stickers.printing.writers.spots import KISS, Spot

Bytes = npt.NDArray[np.uint8]

# Cricut's Print Then Cut: the width and height that its software can print inside its own marks.
CRICUT_AREAS_MM: Final = {"A4": (183.0, 269.8), "Letter": (189.0, 252.5)}
_CRICUT_BORDER_MM: Final = 13.5  # taken off each side of pages for which Cricut has published no area


def cricut_area_mm(size: PageSize) -> tuple[float, float]:
    """The largest picture, width and height, that Cricut prints on this page."""
    sides = CRICUT_AREAS_MM.get(size.name.removesuffix(" landscape"))
    if sides is None:
        return size.width_mm - 2 * _CRICUT_BORDER_MM, size.height_mm - 2 * _CRICUT_BORDER_MM
    return (sides[1], sides[0]) if size.name.endswith(" landscape") else sides


def cricut_margin_mm(size: PageSize) -> float:
    """The margin that keeps everything inside within Cricut's area."""
    width_mm, height_mm = cricut_area_mm(size)
    return max((size.width_mm - width_mm) / 2, (size.height_mm - height_mm) / 2)


def write_cricut(layout: Layout, page: Page, *, dpi: int = 300) -> bytes:
    """The stickers of `page` as PNG, cropped to them. The cutter takes the cut lines from the alpha.

    So the picture has no bleed, no line and no mark. Raises OptionsError if the stickers need a larger area than Cricut
    prints.
    """
    if not page.placed:
        raise OptionsError("page", "There is nothing on this page to cut.")
    bounds = np.array([one.polygon.bounds for one in page.placed])
    left, top = bounds[:, :2].min(axis=0)
    right, bottom = bounds[:, 2:].max(axis=0)
    most_wide, most_high = cricut_area_mm(layout.options.size)
    if right - left > most_wide + 0.01 or bottom - top > most_high + 0.01:
        raise OptionsError(
            "margin_mm",
            f"Cricut prints at most {most_wide:g} × {most_high:g} mm on {layout.options.size.name}; the stickers"
            f" reach over {right - left:.1f} × {bottom - top:.1f} mm. A wider margin helps.",
        )
    edge = 2 * 25.4 / dpi  # transparent, so that the outline is closed
    area = Box(
        left_mm=float(left) - edge,
        top_mm=float(top) - edge,
        right_mm=float(right) + edge,
        bottom_mm=float(bottom) + edge,
    )
    return encode(paint(page, area, dpi=dpi), dpi)


def write_silhouette(
    layout: Layout, marks: RegistrationMarks, *, dpi: int = 300, bleed_mm: float = 0.0, note: str = ""
) -> bytes:
    """The pages to print, with registration marks and their values. The lines to cut come from the DXF or SVG."""
    return write_pdf(
        layout, PdfOptions(dpi=dpi, bleed_mm=bleed_mm, cut_lines=False, marks=marks, note=note, title="Print and cut")
    )


def calibration(size: PageSize, marks: RegistrationMarks | None = None, spot: Spot = KISS) -> bytes:
    """One PDF page to print and measure: rulers of 100 mm both ways, a square of 50 mm with its cut line, marks.

    Raises OptionsError if the page is too small for a ruler.
    """
    if min(size.width_mm, size.height_mm) < 95:
        raise OptionsError("page", "The calibration page needs sides of 95 mm or more.")
    writer = pdf_content.Content(size)
    ruler_mm = 100 if min(size.width_mm, size.height_mm) >= 150 else 50
    left, top = (size.width_mm - ruler_mm) / 2, (size.height_mm - ruler_mm) / 2
    ends = [(left, top, left + ruler_mm, top), (left, top, left, top + ruler_mm)]
    for tick in range(ruler_mm + 1):
        long_mm = 4.0 if tick % 10 == 0 else 3.0 if tick % 5 == 0 else 2.0
        ends.append((left + tick, top, left + tick, top - long_mm))
        ends.append((left, top + tick, left - long_mm, top + tick))
    writer.lines(ends, 0.1)
    for tick in range(0, ruler_mm + 1, 10):
        writer.words(str(tick), left + tick - 1.5, top - 5, 6)
    writer.words(f"{ruler_mm} mm: measure both rulers. If they differ, print at 100 %.", left, top - 9, 8)
    square = ruler_mm / 2
    box = Box(
        left_mm=left + square / 2, top_mm=top + square / 2, right_mm=left + square * 1.5, bottom_mm=top + square * 1.5
    )
    writer.words(f"Cut this square: its line must meet the printed one. {square:g} mm.", box.left_mm, box.top_mm - 2, 7)
    middle_x, middle_y = (box.left_mm + box.right_mm) / 2, (box.top_mm + box.bottom_mm) / 2
    writer.lines(
        [(middle_x - 5, middle_y, middle_x + 5, middle_y), (middle_x, middle_y - 5, middle_x, middle_y + 5)], 0.1
    )
    path = rounded(box, 2.0)
    writer.lines([(*start, *end) for start, end in _sides(path.outer.flattened(0.01))], 0.15)
    if marks is not None:
        writer.black_boxes(marks.boxes(size))
        writer.foot_note(marks.words())
    with Pdf.new() as pdf:
        return _calibration_file(pdf, size, writer, path, spot)


def _sides(points: npt.NDArray[np.float64]) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    return [(tuple(one), tuple(other)) for one, other in zip(points, np.roll(points, -1, axis=0), strict=True)]


def _calibration_file(pdf: Pdf, size: PageSize, writer: pdf_content.Content, path: CutPath, spot: Spot) -> bytes:
    layer = pdf_parts.layer(pdf, spot.name)
    with writer.layer(spot.name), writer.overprinting():
        writer.stroke_ink(spot.name, spot.tint, spot.stroke_pt)
        writer.stroke(path.outer)
    sides = Array([0, 0, size.width_mm * pdf_content.POINTS_PER_MM, size.height_mm * pdf_content.POINTS_PER_MM])
    name = pdf_content.resource_name(spot.name)
    resources = Dictionary(
        Font=Dictionary({pdf_content.FONT: pdf_parts.font(pdf)}),
        ColorSpace=Dictionary({name: pdf_parts.separation(pdf, spot)}),
        ExtGState=Dictionary({pdf_content.OVERPRINT: pdf_parts.overprint(pdf)}),
        Properties=Dictionary({name: layer}),
    )
    page = Dictionary(
        Type=Name.Page, MediaBox=sides, TrimBox=sides, Contents=Stream(pdf, writer.bytes()), Resources=resources
    )
    pdf.pages.append(pikepdf.Page(page))
    return pdf_parts.saved(pdf, [layer], "Calibration")
