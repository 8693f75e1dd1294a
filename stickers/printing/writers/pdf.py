"""Writes pages as PDF for a shop's RIP: the artwork, and the cut lines in a spot colour and on a layer of their own.

The cut line is a real Separation that overprints: it knocks out no ink under it, and no ink prints it. The pictures
carry the sRGB profile. With a printing condition the file is a PDF/X-4, and the pictures hold the inks of that press.
The cut line clips them, moved outward by the bleed as far as the neighbours allow. Only see-through art has a soft
mask, since blending beside a line that overprints changes the plates under it in some RIPs. With a white underlay there
is no soft mask at all: see-through art is mixed onto white. Each sticker's picture is stored once for all its copies.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, Final

import cv2
import numpy as np
import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from stickers.printing.artwork.cmyk import PrintingCondition
from stickers.printing.artwork.die_cut import DieCut
from stickers.printing.artwork.drawing import Bytes, Patch, draw
from stickers.printing.geometry.lengths import mm_to_px
from stickers.printing.imposition.bleed import bleed_areas
from stickers.printing.imposition.layout import Layout, Page, PlacedSticker
from stickers.printing.imposition.marks import RegistrationMarks, sheet_cut
from stickers.printing.imposition.pages import Box, PageSize
from stickers.printing.writers import pdf_content, pdf_parts, pdf_x4
from stickers.printing.writers.spots import Spot, Spots

POINTS_PER_MM: Final = pdf_content.POINTS_PER_MM
_ARTWORK, _MARKS = "Artwork", "Marks"
# Measured on drawings at 300 DPI: as small as Pillow's level 4, in a third of the time. The level has to come first: it
# sets OpenCV's strategy back.
_PNG_OPTIONS: Final = (
    *(cv2.IMWRITE_PNG_COMPRESSION, 1),
    *(cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE),
    *(cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_PAETH),
)
# By the number of channels, from their order here to the order that OpenCV expects.
_TO_PNG: Final = {1: None, 3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}
_CHOKE_MM: Final = 0.1  # white ends this far inside the cut, so that a shift of the blade does not show it


@dataclass(frozen=True, kw_only=True)
class PdfOptions:
    """What goes into the file. `note` is printed along the foot of each page, together with the marks' values.

    `condition`: the press whose inks the pictures are converted to; the file is then a PDF/X-4.
    """

    dpi: int = 300
    bleed_mm: float = 0.0
    spots: Spots = field(default_factory=Spots)
    cut_lines: bool = True
    marks: RegistrationMarks | None = None
    note: str = ""
    title: str = "Stickers"
    condition: PrintingCondition | None = None


def write_pdf(layout: Layout, options: PdfOptions | None = None) -> bytes:
    """All pages of `layout` as one PDF 1.6 or PDF/X-4, the same bytes for the same layout.

    Raises OptionsError when a through cut has no room on the pages.
    """
    wanted = options or PdfOptions()
    with Pdf.new() as pdf:
        document = _Document(pdf, layout, wanted)
        for page in layout.pages:
            document.add(page)
        return document.saved()


class _Document:
    def __init__(self, pdf: Pdf, layout: Layout, options: PdfOptions) -> None:
        self._pdf = pdf
        self._layout = layout
        self._options = options
        self._through = sheet_cut(layout.options) if options.spots.through and options.cut_lines else None
        self._pictures: dict[int, tuple[Any, Patch]] = {}
        self._space = Name.DeviceCMYK if options.condition else pdf_parts.srgb(pdf)
        layers = [_ARTWORK]
        if options.marks is not None or options.note:
            layers.append(_MARKS)
        if options.cut_lines:
            layers += [spot.name for spot in (options.spots.kiss, options.spots.through) if spot is not None]
        if options.spots.white is not None:
            layers.insert(0, options.spots.white.name)
        self._layers = {name: pdf_parts.layer(pdf, name) for name in layers}
        self._inks = {spot.name: pdf_parts.separation(pdf, spot) for spot in options.spots.used}
        self._font = pdf_parts.font(pdf)
        self._overprint = pdf_parts.overprint(pdf)

    def add(self, page: Page) -> None:
        size, options = self._layout.options.size, self._options
        writer = pdf_content.Content(size)
        if options.spots.white is not None:
            self._white(writer, page, options.spots.white)
        pictures = self._artwork(writer, page)
        if _MARKS in self._layers:
            self._marks(writer, size)
        if options.cut_lines:
            self._cut(writer, options.spots.kiss, [one.path for one in page.placed])
            if self._through is not None and options.spots.through is not None:
                self._cut(writer, options.spots.through, [self._through])
        whole = Box(left_mm=0, top_mm=0, right_mm=size.width_mm, bottom_mm=size.height_mm)
        trim = whole
        if self._through is not None:
            left, top, right, bottom = self._through.bounds
            trim = Box(left_mm=left, top_mm=top, right_mm=right, bottom_mm=bottom)
        made = Dictionary(
            Type=Name.Page,
            MediaBox=_corners(whole, size),
            BleedBox=_corners(_grown(trim, options.bleed_mm, whole), size),
            TrimBox=_corners(trim, size),
            Resources=self._resources(pictures),
            Contents=Stream(self._pdf, writer.bytes()),
        )
        if options.condition and any("/SMask" in picture for picture in made.Resources.XObject.values()):
            made.Group = pdf_x4.page_group()
        self._pdf.pages.append(pikepdf.Page(made))

    def saved(self) -> bytes:
        options = self._options
        return pdf_parts.saved(self._pdf, list(self._layers.values()), options.title, options.condition)

    def _artwork(self, writer: pdf_content.Content, page: Page) -> list[str]:
        names = []
        # Art that overprints keeps the white under it. All of its own inks are painted as well.
        over = writer.overprinting() if self._options.spots.white is not None else nullcontext()
        with writer.layer(_ARTWORK), over:
            bleed_mm = self._options.bleed_mm
            clips = bleed_areas(page, bleed_mm) if bleed_mm else [one.path for one in page.placed]
            for one, clip in zip(page.placed, clips, strict=True):
                name, patch = self._picture(one.sticker)
                writer.picture(name, _matrix(one, patch, self._options.dpi), clip)
                names.append(name)
        return names

    def _white(self, writer: pdf_content.Content, page: Page, spot: Spot) -> None:
        with writer.layer(spot.name), writer.overprinting():
            writer.fill_ink(spot.name, spot.tint)
            for one in page.placed:
                writer.fill(one.polygon.buffer(-_CHOKE_MM))

    def _marks(self, writer: pdf_content.Content, size: PageSize) -> None:
        said = [self._options.note] if self._options.note else []
        with writer.layer(_MARKS):
            if self._options.marks is not None:
                writer.black_boxes(self._options.marks.boxes(size))
                said.append(self._options.marks.words())
            if said:
                writer.foot_note(" · ".join([*said, "Print at 100 %, not fitted to the page"]))

    def _cut(self, writer: pdf_content.Content, spot: Spot, paths: Iterable[Any]) -> None:
        with writer.layer(spot.name), writer.overprinting():
            writer.stroke_ink(spot.name, spot.tint, spot.stroke_pt)
            for path in paths:
                for loop in path.loops:
                    writer.stroke(loop)

    def _picture(self, sticker: DieCut) -> tuple[str, Patch]:
        if id(sticker) not in self._pictures:
            art = sticker.art
            if self._options.spots.white is not None and not sticker.border_mm:
                # Ghostscript's separations have no white under a picture with a soft mask (10.00 and 10.06).
                art = art.on_white()
            drawn = replace(sticker, art=art)
            masked = not sticker.border_mm and art.opacity is not None
            px_per_mm = mm_to_px(1, self._options.dpi)
            patch = draw(drawn, px_per_mm, bleed_mm=self._options.bleed_mm, alpha=masked)
            height, width = patch.pixels.shape[:2]
            picture = _image(self._pdf, self._inks_of(patch.pixels[..., :3]), self._space)
            if masked:
                picture.SMask = _image(self._pdf, patch.pixels[..., 3], Name.DeviceGray)
            frame = Patch(np.empty((height, width, 0), np.uint8), patch.left_px, patch.top_px)
            self._pictures[id(sticker)] = self._pdf.make_indirect(picture), frame
        return f"Sticker{list(self._pictures).index(id(sticker)) + 1}", self._pictures[id(sticker)][1]

    def _inks_of(self, rgb: Bytes) -> Bytes:
        condition = self._options.condition
        return condition.inks(rgb, mm_to_px(1, self._options.dpi)) if condition else rgb

    def _resources(self, pictures: Sequence[str]) -> Dictionary:
        made = list(self._pictures.values())
        used = {name: made[int(name.removeprefix("Sticker")) - 1][0] for name in pictures}
        return Dictionary(
            XObject=Dictionary({f"/{name}": picture for name, picture in used.items()}),
            ColorSpace=Dictionary({pdf_content.resource_name(name): ink for name, ink in self._inks.items()}),
            ExtGState=Dictionary({pdf_content.OVERPRINT: self._overprint}),
            Properties=Dictionary({pdf_content.resource_name(name): layer for name, layer in self._layers.items()}),
            Font=Dictionary({pdf_content.FONT: self._font}) if _MARKS in self._layers else Dictionary(),
        )


def _image(pdf: Pdf, pixels: Bytes, space: Any) -> Stream:
    """A picture of 1, 3 or 4 channels (HxW or HxWxC) in the colour space `space`.

    A PNG's compressed rows are what PDF calls Flate with predictor 15, so they are copied as they are. Four inks
    pass as RGBA, since PNG has no CMYK.
    """
    height, width = pixels.shape[:2]
    turned = _TO_PNG[1 if pixels.ndim == 2 else pixels.shape[2]]
    straight = np.ascontiguousarray(pixels)
    _, png = cv2.imencode(".png", straight if turned is None else cv2.cvtColor(straight, turned), _PNG_OPTIONS)
    picture = Stream(
        pdf,
        _rows_of(png.tobytes()),
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=width,
        Height=height,
        ColorSpace=space,
        BitsPerComponent=8,
        Interpolate=False,
    )
    picture.Filter = Name.FlateDecode
    picture.DecodeParms = Dictionary(
        Predictor=15, Colors=1 if pixels.ndim == 2 else pixels.shape[2], BitsPerComponent=8, Columns=width
    )
    return picture


def _rows_of(png: bytes) -> bytes:
    found, at = [], 8
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at : at + 8])
        if name == b"IDAT":
            found.append(png[at + 8 : at + 8 + length])
        at += 12 + length
    return b"".join(found)


def _matrix(one: PlacedSticker, patch: Patch, dpi: int) -> tuple[float, ...]:
    """Where the unit square of the picture goes: from the picture's lower left, along its width and its height."""
    mm_per_px = 1 / mm_to_px(1, dpi)
    height, width = patch.pixels.shape[:2]
    turned = pdf_content.turn(one.rotation_deg)
    across = turned @ (width * mm_per_px, 0)
    upward = turned @ (0, -height * mm_per_px)
    corner = turned @ (patch.left_px * mm_per_px, (patch.top_px + height) * mm_per_px) + (one.x_mm, one.y_mm)
    return (*across, *upward, *corner)


def _corners(box: Box, size: PageSize) -> Array:
    sides = (box.left_mm, size.height_mm - box.bottom_mm, box.right_mm, size.height_mm - box.top_mm)
    return Array([round(side * POINTS_PER_MM, 4) for side in sides])


def _grown(box: Box, by_mm: float, within: Box) -> Box:
    return Box(
        left_mm=max(box.left_mm - by_mm, within.left_mm),
        top_mm=max(box.top_mm - by_mm, within.top_mm),
        right_mm=min(box.right_mm + by_mm, within.right_mm),
        bottom_mm=min(box.bottom_mm + by_mm, within.bottom_mm),
    )
