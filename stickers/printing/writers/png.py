"""Write PNG at true size: a page, or a single sticker.

It is transparent outside the stickers; their edge is the cut line.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from PIL import Image
from shapely import Polygon

from stickers.printing.artwork.die_cut import DieCut
from stickers.printing.artwork.drawing import MAX_PX, bands
from stickers.printing.artwork.icc import SRGB_V2
from stickers.printing.errors import OptionsError
from stickers.printing.geometry.lengths import MAX_LENGTH_MM, mm_to_px, px_to_mm
from stickers.printing.imposition.bleed import bleed_areas
from stickers.printing.imposition.layout import Layout, Page, PlacedSticker
from stickers.printing.imposition.pages import Box

Bytes = npt.NDArray[np.uint8]

# Measured on a page at 300 DPI: level 9 takes four times as long and saves 2 %.
COMPRESS_LEVEL: Final = 4
EDGE_PX: Final = 1  # of transparency around a single sticker, because a cutter's tracing needs a closed outline
_SOFT_PX: Final = 0.3  # the softness of both edges may reach this far past the cut line


def write_png(layout: Layout, page: Page, *, dpi: int = 300, bleed_mm: float = 0.0) -> bytes:
    """`page` as RGBA PNG of the page's size. Raises OptionsError (field `dpi`) if it would be too large."""
    size = layout.options.size
    whole = Box(left_mm=0, top_mm=0, right_mm=size.width_mm, bottom_mm=size.height_mm)
    return encode(paint(page, whole, dpi=dpi, bleed_mm=bleed_mm), dpi)


def write_single(sticker: DieCut, *, dpi: float = 300) -> bytes:
    """`sticker` alone as RGBA PNG: whole pixels, one pixel larger on each side than its cut line.

    Raises OptionsError (field `size_mm`) if the file would be too large; the message names the largest size.
    """
    width_px, height_px = single_px(sticker, dpi)
    if width_px * height_px > MAX_PX:
        raise OptionsError(
            "size_mm",
            f"At {dpi:g} DPI this sticker can be at most {largest_mm(sticker, dpi)} mm: a larger file would have more"
            f" than {MAX_PX / 1e6:g} million pixels.",
        )
    width_mm, height_mm = px_to_mm(width_px, dpi), px_to_mm(height_px, dpi)
    page = Page(1, (PlacedSticker(sticker=sticker, x_mm=width_mm / 2, y_mm=height_mm / 2),))
    return encode(paint(page, Box(left_mm=0, top_mm=0, right_mm=width_mm, bottom_mm=height_mm), dpi=dpi), dpi)


def single_px(sticker: DieCut, dpi: float) -> tuple[int, int]:
    """Width and height of the picture that `write_single` makes."""
    width_px, height_px = (
        math.ceil(mm_to_px(side_mm, dpi) + _SOFT_PX) + 2 * EDGE_PX for side_mm in (sticker.width_mm, sticker.height_mm)
    )
    return width_px, height_px


def largest_mm(sticker: DieCut, dpi: float) -> int:
    """The largest whole size in mm at which `write_single` makes a file of `sticker`.

    The cut is L long and 2b + (L - 2b)·ρ wide; b is the border, ρ the art's shorter side by its longer one. L solves
    the quadratic for the pixels that a file may have.
    """
    border_mm = sticker.border_mm
    shorter_mm, longer_mm = sorted((sticker.width_mm, sticker.height_mm))
    slimness = max(shorter_mm - 2 * border_mm, 0.001) / (longer_mm - 2 * border_mm)
    room_mm2 = MAX_PX * px_to_mm(1, dpi) ** 2
    half = border_mm * (1 - slimness)
    length_mm = (math.sqrt(half**2 + slimness * room_mm2) - half) / slimness
    # One less, for the transparent edge and for rounding to whole pixels.
    return math.floor(min(length_mm, MAX_LENGTH_MM)) - 1


def paint(page: Page, area: Box, *, dpi: float, bleed_mm: float = 0.0) -> Bytes:
    """The pixels of `area` of the page: HxWx4 uint8, straight alpha, near-white under alpha 0.

    Raises OptionsError (field `dpi`) for more than `MAX_PX` pixels.
    """
    px_per_mm = mm_to_px(1, dpi)
    width, height = round(area.width_mm * px_per_mm), round(area.height_mm * px_per_mm)
    if width * height > MAX_PX:
        most = math.floor(dpi * math.sqrt(MAX_PX / (width * height)))
        raise OptionsError("dpi", f"A page of this size can have at most {most} DPI as one picture.")
    canvas = np.full((height, width, 4), (255, 255, 255, 0), np.uint8)
    corner = area.left_mm, area.top_mm
    reaches: Sequence[Polygon | None] = [None] * len(page.placed)
    if bleed_mm:
        reaches = [shapely.transform(reach, lambda points: points - corner) for reach in bleed_areas(page, bleed_mm)]
    for one, reach in zip(page.placed, reaches, strict=True):
        x_mm, y_mm = one.x_mm - corner[0], one.y_mm - corner[1]
        for band in bands(one.sticker, px_per_mm, x_mm=x_mm, y_mm=y_mm, rotation_deg=one.rotation_deg, area=reach):
            band.paste(canvas)
    return canvas


def encode(pixels: Bytes, dpi: float) -> bytes:
    """A PNG of `pixels` (HxWx4 uint8) with its resolution and the sRGB profile, version 2."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", dpi=(dpi, dpi), icc_profile=SRGB_V2, compress_level=COMPRESS_LEVEL)
    return file.getvalue()
