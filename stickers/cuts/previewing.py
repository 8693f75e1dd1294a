"""Show what other options of the cut would give, before anything is written."""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np

from stickers.cuts.drawing import outlines
from stickers.cutting import CutOptions
from stickers.cutting.cutout import plane_of, scaled
from stickers.cutting.pixels import Pixels
from stickers.cutting.raster import Bytes

PREVIEW_PX: Final = 512  # of the longest side: a cut takes a tenth of a second then, and shows what joins and what goes


def previewed(pixels: Pixels, options: CutOptions) -> list[list[list[float]]]:
    """The outlines in sheet pixels of a cut with these options, found on a small copy of the sheet."""
    height, width = pixels.shape
    shrink = max(1.0, max(height, width) / PREVIEW_PX)
    size = (max(1, math.ceil(width / shrink)), max(1, math.ceil(height / shrink)))
    small = Pixels(
        np.asarray(cv2.resize(pixels.rgb, size, interpolation=cv2.INTER_AREA), np.uint8),
        own_alpha=None if pixels.own_alpha is None else _resized(pixels.own_alpha, size),
        hidden=None if pixels.hidden is None else _resized(pixels.hidden.astype(np.uint8) * 255, size) >= 128,
    )
    return outlines(plane_of(small, scaled(options, 1 / shrink)), shrink)


def _resized(plane: Bytes, size: tuple[int, int]) -> Bytes:
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.uint8)
