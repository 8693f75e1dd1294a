"""A page of stickers as one PNG at true size: transparent between the stickers, whose edge is the cut line."""

from __future__ import annotations

import io
import math
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from stickers.printing.artwork.drawing import draw
from stickers.printing.artwork.icc import SRGB_V2
from stickers.printing.artwork.sticker_png import COMPRESS_LEVEL
from stickers.printing.errors import OptionsError
from stickers.printing.geometry.lengths import mm_to_px
from stickers.printing.imposition.layout import Layout, Page
from stickers.printing.imposition.pages import Box

Bytes = npt.NDArray[np.uint8]

# A3 at 600 DPI; with its compressed copy some 350 MB
MAX_PAGE_PX: Final = 70_000_000


def write_png(layout: Layout, page: Page, *, dpi: int = 300, bleed_mm: float = 0.0) -> bytes:
    """`page` as RGBA PNG of the page's size. Raises OptionsError (field `dpi`) when it would be too large."""
    size = layout.options.size
    whole = Box(left_mm=0, top_mm=0, right_mm=size.width_mm, bottom_mm=size.height_mm)
    return encode(paint(page, whole, dpi=dpi, bleed_mm=bleed_mm), dpi)


def paint(page: Page, area: Box, *, dpi: int, bleed_mm: float = 0.0) -> Bytes:
    """The pixels of `area` of the page: HxWx4 uint8, straight alpha, near-white under alpha 0."""
    px_per_mm = mm_to_px(1, dpi)
    width, height = round(area.width_mm * px_per_mm), round(area.height_mm * px_per_mm)
    if width * height > MAX_PAGE_PX:
        most = math.floor(dpi * math.sqrt(MAX_PAGE_PX / (width * height)))
        raise OptionsError("dpi", f"A page of this size can have at most {most} DPI as one picture.")
    canvas = np.full((height, width, 4), (255, 255, 255, 0), np.uint8)
    for one in page.placed:
        patch = draw(
            one.sticker,
            px_per_mm,
            x_mm=one.x_mm - area.left_mm,
            y_mm=one.y_mm - area.top_mm,
            rotation_deg=one.rotation_deg,
            bleed_mm=bleed_mm,
        )
        patch.paste(canvas)
    return canvas


def encode(pixels: Bytes, dpi: float) -> bytes:
    """A PNG of `pixels` (HxWx4 uint8) with its resolution and the sRGB profile, version 2."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", dpi=(dpi, dpi), icc_profile=SRGB_V2, compress_level=COMPRESS_LEVEL)
    return file.getvalue()
