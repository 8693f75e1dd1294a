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

from stickers.cutting.raster import Bytes, Mask, Plane, distance_to, nearest, ridge_of

INSIDE_PX: Final = 2.0
OUTSIDE_PX: Final = 2.5
LINE_PX: Final = 1.2
SOFT_PX: Final = 0.8


@dataclass(frozen=True)
class Matte:
    """`alpha`: float32 HxW 0–1. `rgb`: uint8 HxWx3 with the ground taken out of the edge.

    `faint`: the share of the rim where sticker and ground are too alike to tell.
    """

    alpha: Plane
    rgb: Bytes
    faint: float


def matte(rgb: Bytes, mask: Mask) -> Matte:
    """Alpha and pure colours of a crop: `rgb` uint8 HxWx3, `mask` bool HxW, the sticker's silhouette."""
    inside = distance_to(~mask)
    outside = distance_to(mask)
    ridge = ridge_of(mask, inside)
    _, deep = nearest((inside > INSIDE_PX) | ridge)
    _, shallow = nearest((inside > LINE_PX) | ridge)
    _, bare = nearest(outside > OUTSIDE_PX)
    flat = rgb.reshape(-1, 3).astype(np.float32)
    rim = np.flatnonzero(((inside > 0) & (inside <= INSIDE_PX)) | ((outside > 0) & (outside <= OUTSIDE_PX)))
    ground = flat[bare.ravel()[rim]]
    deep_at, shallow_at = deep.ravel()[rim], shallow.ravel()[rim]
    # a line drawn round the edge is purer near it, anything else farther in
    line = _far(flat[shallow_at], ground) > 1.15 * _far(flat[deep_at], ground) + 6
    pure = np.where(line, shallow_at, deep_at)
    sticker = flat[pure]
    span = sticker - ground
    length = (span * span).sum(1)
    mixed = ((flat[rim] - ground) * span).sum(1) / np.maximum(length, 1.0)
    # too alike to tell: the silhouette itself, as soft as a camera would draw it
    alpha = np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), SOFT_PX), np.float32)
    alpha[inside > INSIDE_PX] = 1
    alpha[outside > OUTSIDE_PX] = 0
    sure = np.clip((np.sqrt(length) - 12.0) / 24.0, 0, 1)
    alpha.ravel()[rim] = np.clip(sure * mixed + (1 - sure) * alpha.ravel()[rim], 0, 1)
    colour = rgb.copy()
    colour.reshape(-1, 3)[rim] = sticker.astype(np.uint8)
    clear = np.flatnonzero(outside > OUTSIDE_PX)
    colour.reshape(-1, 3)[clear] = rgb.reshape(-1, 3)[deep.ravel()[clear]]
    return Matte(alpha, colour, float(1 - sure.mean()) if len(sure) else 0.0)


def _far(one: Plane, other: Plane) -> Plane:
    """Distance of two lists of colours, row by row."""
    return np.asarray(np.sqrt(((one - other) ** 2).sum(1)), np.float32)


def matte_from_alpha(rgb: Bytes, alpha: Bytes, mask: Mask) -> Matte:
    """The alpha a sheet brought along, for the one sticker of `mask`; colour under clear pixels from beside them."""
    near = distance_to(mask) <= OUTSIDE_PX
    soft = np.where(near, alpha.astype(np.float32) / 255, 0).astype(np.float32)
    _, pure = nearest(mask & (alpha > 200) if (mask & (alpha > 200)).any() else mask)
    colour = rgb.copy()
    clear = np.flatnonzero(alpha < 32)
    colour.reshape(-1, 3)[clear] = rgb.reshape(-1, 3)[pure.ravel()[clear]]
    return Matte(soft, colour, 0.0)
