"""Finds black lines and letters in a picture: what a press prints with black ink alone.

Four inks in a thin line show coloured rims when the plates are out of register. A wide black area is better off with
all inks, since black alone looks grey there. Printers then keep the other inks away from its edge, so that the edge
stays as clean as a line ("keepaway").
"""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

# From the first level on a grey is no longer black, and from the second one on not at all. 48 of 255 is about as dark
# as black ink alone prints.
_BLACK_LEVEL: Final = 48
_DARK_GREY_LEVEL: Final = 64
# The difference between the largest and the smallest channel. Up to the first one a pixel is neutral, and from the
# second one on it has a colour.
_NEUTRAL: Final = 12
_COLOURED: Final = 24
_SOFT_EDGE_MM: Final = 0.3  # how wide the greys beside black are at most, when art of 100 ppi is enlarged
_WIDEST_LINE_MM: Final = 4.0  # as the strokes of lettering across a whole sticker
_KEEPAWAY_MM: Final = 0.25  # the usual one of about 0.01 in: presses register better than that
_RISE_MM: Final = 0.5  # from there until all inks are full, so that no step shows


def reach_px(px_per_mm: float) -> int:
    """How far from a pixel the picture decides about it."""
    return math.ceil((_WIDEST_LINE_MM + _SOFT_EDGE_MM) * px_per_mm) + 1


def black_alone(rgb: Bytes, px_per_mm: float) -> Floats:
    """How much of each pixel of `rgb` (HxWx3 uint8) prints with black ink alone: HxW float32, 0 to 1.

    Between black art and a dark colour, and between a wide area and its edge, the share changes little by little, so
    that no step shows.
    """
    brightest, spread = levels(rgb)
    neutral = np.clip((_COLOURED - spread) / (_COLOURED - _NEUTRAL), 0, 1)
    black = neutral * np.clip((_DARK_GREY_LEVEL - brightest) / (_DARK_GREY_LEVEL - _BLACK_LEVEL), 0, 1)
    core = (black > 0.5).astype(np.uint8)
    if not core.any():
        return np.asarray(black, np.float32)
    edge_px = max(1, round(_SOFT_EDGE_MM * px_per_mm))
    near = cv2.dilate(core, np.ones((2 * edge_px + 1,) * 2, np.uint8)) > 0
    # A dark colour beside black has all inks anyway, so the two are one area.
    dark = (brightest < _DARK_GREY_LEVEL).astype(np.uint8)
    return np.asarray(np.where(near, neutral, black) * (1 - _inside_areas(dark, px_per_mm)), np.float32)


def levels(rgb: Bytes) -> tuple[Floats, Floats]:
    """The largest channel of each pixel, and how far the smallest lies below it: HxW float32 each."""
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    most, least = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    return most.astype(np.float32), (most - least).astype(np.float32)


def _inside_areas(dark: Bytes, px_per_mm: float) -> Floats:
    """How far inside a wide dark area each pixel lies: 0 on lines and up to the keepaway, then rising to 1."""
    half_px = _WIDEST_LINE_MM / 2 * px_per_mm
    middle = _distance(dark) > half_px
    if not middle.any():
        return np.zeros(dark.shape, np.float32)
    # An area is what a disc as wide as the widest line covers without leaving the dark. From the area's edge inwards
    # the distance to where such discs have their centres falls from half a line to 0.
    inward = half_px - _distance((~middle).astype(np.uint8))
    return np.asarray(np.clip((inward / px_per_mm - _KEEPAWAY_MM) / _RISE_MM, 0, 1), np.float32)


def _distance(mask: Bytes) -> Floats:
    """The distance of each pixel of `mask` to the nearest one that is 0, in pixels."""
    return np.asarray(cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32)
