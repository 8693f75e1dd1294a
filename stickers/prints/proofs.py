"""Soft proofs: how a sticker's colours look in print, and which of them the press cannot print."""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from PIL import Image

from stickers.printing.artwork.cmyk import PrintingCondition
from stickers.prints.cut_lines import Cuts
from stickers.prints.plan import Design

PROOF_PX: Final = 512  # the longest side; the pages show no more
_STRIPE_PX: Final = 4


def proof(cuts: Cuts, design: Design, condition: PrintingCondition, *, lost: bool = False) -> bytes:
    """A sticker's own picture as the press prints it, as PNG. Raises KeyError if the sticker has no cut line.

    With `lost`, black and white stripes lie on the colours that the press cannot print.
    """
    cut = cuts.made[design]
    picture = Image.fromarray(cut.source)
    picture.thumbnail((PROOF_PX, PROOF_PX), Image.Resampling.BOX)
    px_per_mm = picture.width / (cut.source.shape[1] * cut.mm_per_px)
    pixels = np.array(picture)
    rgb = np.ascontiguousarray(pixels[..., :3])
    pixels[..., :3] = condition.screen(condition.inks(rgb, px_per_mm))
    if lost:
        rows, columns = np.indices(rgb.shape[:2])
        stripes = np.where((rows + columns) // _STRIPE_PX % 2, 255, 0).astype(np.uint8)
        gone = condition.lost(rgb)
        pixels[gone, :3] = stripes[gone, None]
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", compress_level=1)
    return out.getvalue()
