"""Tell sticker from ground: the die-cut silhouettes, before they are parted or joined.

On a coloured ground the background is what the frame reaches through small colour distance, or through soft,
darker copies of the ground (its shadows; the colour-constancy test of Horprasert et al. 1999). On a white ground
a white border has no colour of its own: there sharp edges are barriers (a soft shadow is no edge), and the
background is where a disc of 3 px rolls in from outside (an alpha-shape; Edelsbrunner et al. 1983).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from stickers.cutting.background import Background
from stickers.cutting.raster import (
    Mask,
    Plane,
    areas,
    blur,
    components,
    dilate,
    disc,
    distance_to,
    erode,
    gradient,
    open_to_frame,
)

BORDER_SHARE: Final = 0.45


@dataclass(frozen=True)
class Foreground:
    """`mask`: sticker pixels, holes open. `art`: those that are not white border. `bordered`: the sheet's style."""

    mask: Mask
    art: Mask
    bordered: bool


def find_foreground(lab: Plane, background: Background, scale: float) -> Foreground:
    """Silhouettes on a float32 Lab sheet; `scale` is the sheet's size relative to 1024²."""
    if background.white:
        return _on_white(lab, background, scale)
    return _on_colour(lab, background, scale)


def shadow_like(lab: Plane, background: Background) -> Mask:
    """Pixels that are the ground, only darker and softly so."""
    ratio = lab[..., 0] / np.maximum(background.lab[..., 0], 1.0)
    chroma_a = lab[..., 1] - background.lab[..., 1] * ratio
    chroma_b = lab[..., 2] - background.lab[..., 2] * ratio
    drift = 3.5 + 14.0 * np.clip(1 - ratio, 0, 1)
    soft = gradient(blur(lab[..., 0], 0.8)) < 3.2
    return (ratio < 1.02) & (ratio > 0.55) & (chroma_a**2 + chroma_b**2 < drift**2) & soft


def whitish(lab: Plane) -> Mask:
    """Pixels that could be a white or cream die-cut border."""
    return (lab[..., 0] > 88.0) & (np.hypot(lab[..., 1], lab[..., 2]) < 9.0)


def _on_colour(lab: Plane, background: Background, scale: float) -> Foreground:
    far = background.distance >= background.threshold
    solid = ~open_to_frame(~far)
    depth = distance_to(~solid)
    ring = (depth > 1.5) & (depth < 3.5) & far
    white = whitish(lab)
    bordered = bool(ring.any()) and float(white[ring].mean()) > BORDER_SHARE
    passable = ~far
    if bordered:
        passable |= shadow_like(lab, background)
    ground = open_to_frame(passable)
    mask = ~ground
    # pockets: see-through ground enclosed by stickers
    count, labels = components(~far & mask, diagonal=False)
    size = areas(labels, count)
    pocket = size > 40 * scale * scale
    pocket[0] = False
    mask &= ~pocket[labels]
    art = mask & ~white if bordered else mask
    return Foreground(_without_specks(mask, scale), art, bordered)


def _on_white(lab: Plane, background: Background, scale: float) -> Foreground:
    light = blur(lab[..., 0], 0.7)
    sharp = gradient(light) - gradient(blur(lab[..., 0], 4.0))
    calm = background.distance < background.noise
    noise = float(np.percentile(sharp[calm][::7], 99)) if calm.any() else 0.3
    barrier = sharp > max(0.45, 1.3 * noise)
    colourful = np.hypot(lab[..., 1] - background.lab[..., 1], lab[..., 2] - background.lab[..., 2]) > 9.0
    barrier |= colourful | (background.distance > 28.0)
    barrier = _without_specks(barrier, scale)
    radius = max(2, round(3 * scale))
    pad = radius + 2
    free = np.pad(~barrier, pad, constant_values=True)
    rolled = open_to_frame(cv2.erode(free.view(np.uint8), disc(radius)).astype(np.bool_))
    ground = dilate(rolled, radius)[pad:-pad, pad:-pad]
    mask = erode(_without_specks(~ground, scale), 1)
    art = mask & ((background.distance > 6.0) | barrier)
    return Foreground(mask, art, bordered=False)


def _without_specks(mask: Mask, scale: float) -> Mask:
    count, labels = components(mask)
    keep = areas(labels, count) > 12 * scale * scale
    keep[0] = False
    return keep[labels]
