"""Find artwork that is nearly as white as the border and the ground round it."""

from __future__ import annotations

from typing import Final

import numpy as np

from stickers.cutting.border import NARROW_PX
from stickers.cutting.raster import (
    Mask,
    Plane,
    areas,
    blur,
    chosen,
    components,
    dilate,
    distance_to,
    erode,
    without_small,
)

DARKER: Final = 1.2  # Lab lightness: more than noise
OPEN_SHARE: Final = 0.2  # at most this share of its outline lies open to the ground; gaps in an edge are short
BEYOND: Final = 2.0  # in borders: a border that bridges a notch never lies this far from its artwork
WHOLE_SHARE: Final = 0.008  # of the sheet: a figure's body; smaller places lie between parts of one figure anyway


def pale_bodies(light: Plane, mask: Mask, barrier: Mask, art: Mask, border_px: float, *, wide: int) -> Mask:
    """The artwork in the silhouettes `mask` that is not in `art`: pale, or as white as the border.

    `light`: lightness above the ground, float32 HxW. `barrier`: sharp edges. `border_px`: the sheet's usual border.
    `wide`: a radius in px that no shadow between two silhouettes has room for.
    """
    depth = distance_to(art)
    pale = _darker_than_border(light, mask, barrier, depth, border_px, wide=wide)
    if pale.any():
        depth = distance_to(art | pale)
    return pale | _behind_border(mask, depth, border_px) if border_px > NARROW_PX else pale


def _darker_than_border(light: Plane, mask: Mask, barrier: Mask, depth: Plane, border_px: float, *, wide: int) -> Mask:
    """Wide places, darker than the sheet's borders, that edges enclose except for gaps. A shadow is thin or open."""
    border = np.flatnonzero(mask & (depth > 0.3 * border_px) & (depth < 0.75 * border_px))
    if not len(border):
        return np.zeros_like(mask)
    soft = blur(light, 1.0)
    dark = mask & ~barrier & (soft < float(np.median(soft.ravel()[border])) - DARKER)
    room = erode(dark, wide)
    if not room.any():
        return room
    room = dilate(room, wide) & dark
    count, labels = components(room, diagonal=False)
    rim = room & ~erode(room, 1)
    outside = ~mask & ~barrier
    for _ in range(2):  # pixel by pixel, because a larger disc would leap over a thin edge
        outside = dilate(outside, 1) & ~barrier
    opened = areas(np.where(rim & outside, labels, 0), count)
    closed = opened < OPEN_SHARE * areas(np.where(rim, labels, 0), count)
    closed[0] = False
    return dilate(chosen(closed, labels), 1) & mask


def _behind_border(mask: Mask, depth: Plane, border_px: float) -> Mask:
    """White artwork: what lies deeper in a silhouette than the border of the known artwork reaches."""
    deep = without_small(mask & (depth > BEYOND * border_px), WHOLE_SHARE * mask.size)
    if not deep.any():
        return deep
    body = (distance_to(deep) < border_px) & (distance_to(~mask) >= border_px)
    # Where two silhouettes touch, a thorn of the body would run along the contact.
    thick = distance_to(~body) > border_px / 2
    return body & (distance_to(thick) <= border_px / 2)
