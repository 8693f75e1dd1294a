"""Make soft edges: how much of each rim pixel is sticker, and which colour that part has.

Each rim pixel is a mix of two pure neighbours: the sticker a little inside and the ground a little outside. Its alpha
is its projection on the line between the two colours (Bayesian matting's point estimate with one sample a side, Chuang
et al. 2001). Its colour becomes the pure one, so that no ground is left in the edge. Where a thin line is drawn round
the sticker, the pure colour is that of the line's crest, and pixels behind the crest stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from stickers.cutting.raster import (
    Bytes,
    Mask,
    Places,
    Plane,
    distance_to,
    local_maximum,
    nearest,
    nearest_at,
    ridge_of,
)

INSIDE_PX: Final = 2.0
# Pixels up to 2.5 px from the sticker may hold some of it: a 5×5 square without its corners.
NEAR: Final = cv2.getStructuringElement(cv2.MORPH_RECT, (5, 5))
NEAR[::4, ::4] = 0
OUTSIDE_PX: Final = 2.5
LINE_PX: Final = 3.6  # the crest of a line round the sticker lies up to this far inside
BEHIND_PX: Final = 4.5  # farther inside than this there is no more of that line
LINE_SHARE: Final = 0.05  # at least this share of the rim has a crest behind it; fewer are noise
SOFT_PX: Final = 0.8
ASTRAY: Final = 0.45  # a silhouette is right to a pixel, so colour moves its edge by no more than this


@dataclass(frozen=True)
class Matte:
    """`alpha`: float32 HxW, 0–1. `rgba`: uint8 HxWx4, opaque, with the ground's colour taken out of the edge.

    `faint`: the share of the rim where sticker and ground are too alike to tell.
    """

    alpha: Plane
    rgba: Bytes
    faint: float


def matte(rgb: Bytes, mask: Mask) -> Matte:
    """Alpha and pure colours of a crop. `rgb`: uint8 HxWx3. `mask`: bool HxW, the sticker's silhouette."""
    inside = distance_to(~mask)
    outside = cv2.dilate(mask.view(np.uint8), NEAR) == 0
    ridge = ridge_of(mask, inside)
    flat = rgb.reshape(-1, 3)
    depth = inside.ravel()
    within = np.flatnonzero((depth > 0) & (depth <= LINE_PX))
    beyond = np.flatnonzero(~(mask | outside))
    clear = np.flatnonzero(outside)
    places = np.concatenate([within, beyond])
    _, bare = nearest_at(outside, places)
    grounds = flat[bare].astype(np.float32)
    edge = depth[places] <= INSIDE_PX
    rim, ground = places[edge], grounds[edge]
    _, deep = nearest_at((inside > INSIDE_PX) | ridge, np.concatenate([rim, clear]))
    # Copy the four bytes of a pixel at once, as one number.
    rgba = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2RGBA), np.uint8)
    colour = rgba.view(np.uint32).ravel()
    sheet = colour.copy()
    colour[clear] = sheet[deep[len(rim) :]]
    pure = deep[: len(rim)]
    crest = _crest(flat, within, grounds[: len(within)], inside, ridge)
    behind = np.zeros(len(rim), np.bool_)
    if np.count_nonzero(crest) > LINE_SHARE * np.count_nonzero(depth == 1):
        away, line = nearest_at(crest, rim)
        near = away <= BEHIND_PX
        behind = near & (depth[rim] > depth[line])
        pure = np.where(behind, rim, np.where(near, line, pure))
    sticker = flat[pure].astype(np.float32)
    span = sticker - ground
    length = np.einsum("ij,ij->i", span, span)
    mixed = np.einsum("ij,ij->i", flat[rim] - ground, span) / np.maximum(length, 1.0)
    # Where the colours are too alike to tell, use the silhouette itself, as soft as a camera would draw it.
    alpha = np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), SOFT_PX), np.float32)
    alpha[inside > INSIDE_PX] = 1
    alpha[outside] = 0
    sure = np.clip((np.sqrt(length) - 12.0) / 24.0, 0, 1)
    own = alpha.ravel()[rim]
    mixed = np.clip(mixed, np.maximum(own - ASTRAY, 0), np.minimum(own + ASTRAY, 1))
    alpha.ravel()[rim] = np.clip(sure * mixed + (1 - sure) * own, 0, 1)
    alpha.ravel()[rim[behind]] = 1
    colour[rim] = sheet[pure]
    return Matte(alpha, rgba, float(1 - sure.mean()) if len(sure) else 0.0)


def _crest(flat: Bytes, within: Places, ground: Plane, inside: Plane, ridge: Mask) -> Mask:
    """The crest of a line drawn round the sticker: farther from the ground's colour than its two flanks.

    `flat`: Nx3. `within`: flat indices of pixels inside, near the edge. `ground`: the ground's colour for each of them.
    """
    _, back = nearest_at((inside > BEHIND_PX) | ridge, within)
    contrast = np.zeros(inside.shape, np.float32)
    contrast.ravel()[within] = _far(flat[within], ground)
    drawn = np.zeros(inside.shape, np.bool_)
    drawn.ravel()[within] = contrast.ravel()[within] > 1.15 * _far(flat[back], ground) + 6
    return drawn & (contrast >= local_maximum(contrast, 1))


def _far(one: Bytes, other: Plane) -> Plane:
    """The distance between two lists of colours, row by row."""
    off = one - other.astype(np.float32)
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", off, off)), np.float32)


def matte_from_alpha(rgb: Bytes, alpha: Bytes, mask: Mask) -> Matte:
    """The sheet's own alpha, for the one sticker of `mask`. Clear pixels take their colour from opaque neighbours."""
    near = distance_to(mask) <= OUTSIDE_PX
    soft = np.where(near, alpha.astype(np.float32) / 255, 0).astype(np.float32)
    _, pure = nearest(mask & (alpha > 200) if (mask & (alpha > 200)).any() else mask)
    rgba = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2RGBA), np.uint8)
    clear = np.flatnonzero(alpha < 32)
    rgba.reshape(-1, 4)[clear] = rgba.reshape(-1, 4)[pure.ravel()[clear]]
    return Matte(soft, rgba, 0.0)
