"""The fixups: each returns a cut-out's picture without one fault that the preflight found."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from stickers.printing.artwork.enlarge import extend_colours
from stickers.printing.preflight.defects import HALO_DEPTH_PX, halo_share, strays

Bytes = npt.NDArray[np.uint8]

HALO_SHARE: Final = 0.25  # from this share of the rim on, a halo is seen
_SOLID: Final = 128


def without_strays(rgba: Bytes, mm_per_px: float, least_mm: float) -> Bytes:
    """The picture with loose dots and dust made transparent."""
    del least_mm
    fixed = rgba.copy()
    gone = cv2.dilate(strays(rgba, mm_per_px).astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    kept = (rgba[..., 3] > 0) & ~strays(rgba, mm_per_px)
    fixed[gone & ~(kept & (rgba[..., 3] > 12)), 3] = 0
    return fixed


def without_halo(rgba: Bytes, mm_per_px: float, least_mm: float) -> Bytes:
    """The picture with its rim taken off, pixel by pixel, until the pale line is gone."""
    del mm_per_px, least_mm
    fixed = rgba
    for depth_px in range(1, HALO_DEPTH_PX + 2):
        inside = np.pad((rgba[..., 3] >= _SOLID).astype(np.uint8), 1)
        depth = cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
        fixed = rgba.copy()
        # One pixel of slope, so that the new edge has no stairs.
        kept = np.clip(depth - depth_px + 0.5, 0, 1)
        fixed[..., 3] = np.minimum(rgba[..., 3], np.round(kept * 255))
        if halo_share(fixed) < HALO_SHARE / 2:
            break
    return fixed


def opaque(rgba: Bytes, mm_per_px: float, least_mm: float) -> Bytes:
    """The picture with see-through areas as they look on white; their edges stay soft."""
    del mm_per_px, least_mm
    seen = rgba[..., 3] >= 16
    share = rgba[..., 3:].astype(np.float32) / 255
    fixed = rgba.copy()
    depth = cv2.distanceTransform(np.pad(seen.astype(np.uint8), 1), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    inner = seen & (depth > 1.5)
    fixed[inner, :3] = np.round(rgba[inner, :3] * share[inner] + 255 * (1 - share[inner]))
    fixed[inner, 3] = 255
    # The rim of a see-through area has at most the area's alpha. It becomes an edge of full ink.
    rim = seen & ~inner
    fixed[rim, 3] = np.maximum(rgba[rim, 3], 128)
    return fixed


def without_holes(rgba: Bytes, mm_per_px: float, least_mm: float) -> Bytes:
    """The picture with holes filled with the colours around them."""
    del mm_per_px, least_mm
    # What no way of steps up, down, left and right joins to the outside.
    _, labels = cv2.connectedComponents((np.pad(rgba[..., 3], 1) < _SOLID).astype(np.uint8), connectivity=4)
    whole = (labels != labels[0, 0])[1:-1, 1:-1]
    enclosed = cv2.erode(whole.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    filled = enclosed & (rgba[..., 3] < 250)
    fixed = rgba.copy()
    fixed[filled, :3] = extend_colours(rgba).rgb[filled]
    fixed[filled, 3] = 255
    return fixed


def thickened(rgba: Bytes, mm_per_px: float, least_mm: float) -> Bytes:
    """The picture with hair-thin parts as wide as `least_mm`, in their own colour."""
    alpha = np.pad(rgba[..., 3], 8)
    width_px = least_mm / mm_per_px
    radius = max(1, math.ceil(width_px / 2))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2)
    thin = (alpha >= 80) & ~cv2.morphologyEx((alpha >= 80).astype(np.uint8), cv2.MORPH_OPEN, disc).astype(bool)
    wider = cv2.dilate(thin.astype(np.uint8), disc) * np.uint8(255)
    colours = extend_colours(np.pad(rgba, ((8, 8), (8, 8), (0, 0)))).rgb
    return np.dstack([colours, np.maximum(alpha, cv2.GaussianBlur(wider, (0, 0), 0.6))])


Fixup = Callable[[Bytes, float, float], Bytes]

# By the rule that finds the fault. Each takes the picture, its millimetres per pixel and the least width of a line.
FIXUPS: Final[Mapping[str, Fixup]] = MappingProxyType(
    {
        "stray": without_strays,
        "halo": without_halo,
        "see-through": opaque,
        "hole": without_holes,
        "thin": thickened,
    }
)
