"""Soft edges: how much of each rim pixel is sticker, and which colour that part has.

Each rim pixel is a mix of two pure neighbours, the sticker a little inside and the ground a little outside; its
alpha is its projection on the line between the two (Bayesian matting's point estimate with one sample a side,
Chuang et al. 2001), its colour becomes the pure one, so that no ground is left in the edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from stickers.cutting.raster import Bytes, Mask, distance_to, nearest

INSIDE_PX: Final = 2.0
OUTSIDE_PX: Final = 2.5


@dataclass(frozen=True)
class Matte:
    """`alpha`: float32 HxW 0–1. `rgb`: uint8 HxWx3 with the ground taken out of the edge."""

    alpha: np.ndarray[tuple[int, ...], np.dtype[np.float32]]
    rgb: Bytes


def matte(rgb: Bytes, mask: Mask) -> Matte:
    """Alpha and pure colours of a crop: `rgb` uint8 HxWx3, `mask` bool HxW, the sticker's silhouette."""
    inside = distance_to(~mask)
    outside = distance_to(mask)
    ridge = mask & (inside >= cv2.dilate(inside, np.ones((3, 3), np.uint8)) - 0.01)
    _, pure = nearest((inside > INSIDE_PX) | ridge)
    _, bare = nearest(outside > OUTSIDE_PX)
    flat = rgb.reshape(-1, 3).astype(np.float32)
    alpha = mask.astype(np.float32)
    rim = np.flatnonzero(((inside > 0) & (inside <= INSIDE_PX)) | ((outside > 0) & (outside <= OUTSIDE_PX)))
    sticker, ground = flat[pure.ravel()[rim]], flat[bare.ravel()[rim]]
    span = sticker - ground
    length = (span * span).sum(1)
    mixed = ((flat[rim] - ground) * span).sum(1) / np.maximum(length, 1.0)
    hard = alpha.ravel()[rim]
    sure = np.clip((np.sqrt(length) - 8.0) / 16.0, 0, 1)  # too alike to tell: keep the silhouette
    alpha.ravel()[rim] = np.clip(sure * mixed + (1 - sure) * hard, 0, 1)
    colour = rgb.copy()
    filled = np.flatnonzero(inside <= INSIDE_PX)
    colour.reshape(-1, 3)[filled] = rgb.reshape(-1, 3)[pure.ravel()[filled]]
    return Matte(alpha, colour)


def matte_from_alpha(rgb: Bytes, alpha: Bytes, mask: Mask) -> Matte:
    """The alpha a sheet brought along, for the one sticker of `mask`; colour under clear pixels from beside them."""
    near = distance_to(mask) <= OUTSIDE_PX
    soft = np.where(near, alpha.astype(np.float32) / 255, 0).astype(np.float32)
    _, pure = nearest(mask & (alpha > 200) if (mask & (alpha > 200)).any() else mask)
    colour = rgb.copy()
    clear = np.flatnonzero(alpha < 32)
    colour.reshape(-1, 3)[clear] = rgb.reshape(-1, 3)[pure.ravel()[clear]]
    return Matte(soft, colour)
