"""Smooth the outline of a sticker that no knife could follow: loose letters, open line art, pixel edges, hair.

An outline is as rough as it is longer than the same outline after a blur of 0.6 % of the sheet's side. A rough sticker
is closed by the smallest disc (a morphological closing; Serra 1982) that makes its line smooth, unless that would add
much to it. An outline that is smooth already stays as it is to the pixel.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from stickers.cutting.raster import Bytes, Labels, Mask, boxes, disc, fill_holes, grown

BLUR: Final = 0.006  # of the sheet's side
SMOOTH: Final = 1.27  # up to this roughness a knife follows well
DISCS: Final = (0.5, 1.0, 1.6, 2.4, 3.5, 5.0)  # radii that are tried, in blurs
NEVER: Final = 4.0  # from this roughness on no knife follows, so what closing adds does not matter
MOST_ADDED: Final = 0.08  # of the sticker's area: more would be another figure, such as a disc in place of a wheel
LEAST: Final = 0.05  # of the sheet's side: a smaller sticker has no line to speak of


def roughness(mask: Mask, blur_px: float) -> float:
    """How much longer the outer outline of `mask` (HxW, its edge free) is than that of the blurred mask, from 1 on."""
    solid = mask.astype(np.float32)
    smooth = cv2.GaussianBlur(solid, (0, 0), blur_px) > 0.5
    length = _length(smooth.view(np.uint8))
    return _length(mask.view(np.uint8)) / length if length else float("inf")


def _length(mask: Bytes) -> float:
    found, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return sum(cv2.arcLength(ring, closed=True) for ring in found)


def followed(labels: Labels, count: int) -> Labels:
    """`labels` (int32 HxW, 1..count) with every outline smooth enough for a knife. Nothing grows into a neighbour."""
    side = float(np.sqrt(labels.size))
    blur_px = max(2.0, BLUR * side)
    reach = round(DISCS[-1] * blur_px + 4 * blur_px)
    out = labels
    for label, box in enumerate(boxes(labels, count), 1):
        if box is None:
            continue
        window = grown(box, reach, labels.shape)
        here = labels[window]
        half = np.pad(here[::2, ::2] == label, 2)  # half the size is fine enough to measure
        if np.count_nonzero(half) < (LEAST * side / 2) ** 2 or (rough := roughness(half, blur_px / 2)) <= SMOOTH:
            continue
        most = float("inf") if rough > NEVER else 1 + MOST_ADDED
        closed = _closed(half, blur_px / 2, most)[2:-2, 2:-2]
        full = cv2.resize(closed.astype(np.float32), here.shape[::-1], interpolation=cv2.INTER_LINEAR) > 0.5
        if out is labels:
            out = labels.copy()
        out[window][full & (here == 0)] = label
    return out


def _closed(mask: Mask, blur_px: float, most: float) -> Mask:
    """`mask` closed by the smallest disc that makes it smooth, or by the largest below `most` of its area."""
    pad = round(DISCS[-1] * blur_px) + 2
    wide = np.pad(mask, pad)
    best, area = wide, np.count_nonzero(fill_holes(wide))
    for times in DISCS:
        closed = cv2.morphologyEx(wide.view(np.uint8), cv2.MORPH_CLOSE, disc(max(1, round(times * blur_px))))
        soft = cv2.GaussianBlur(fill_holes(closed.view(np.bool_)).astype(np.float32), (0, 0), blur_px / 2)
        tried = (soft > 0.4) | wide
        if np.count_nonzero(fill_holes(tried)) > most * area:
            break
        best = tried
        if roughness(tried, blur_px) <= SMOOTH:
            break
    return best[pad:-pad, pad:-pad]
