"""Draw the stickers' silhouettes at the sheet's own size, with edges at half contrast where there is contrast."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from stickers.cutting.raster import (
    Bytes,
    Labels,
    Mask,
    Plane,
    boxes,
    dilate,
    distance_to,
    erode,
    nearest_at,
    open_to_frame,
    resized,
    ridge_of,
)
from tests.fitting.cutting.learned.sheet_net import PARTS, View

REACH_PX: Final = 3  # the net's edge may lie this far from the true one
LEAST_CONTRAST: Final = 10.0  # levels of 255: less does not tell where the edge is
# JPEG halves the chroma's resolution, so it says less about edges
OPPONENT: Final = np.array([[0.3, 0.59, 0.11], [0.5, -0.5, 0.0], [0.25, 0.25, -0.5]], np.float32)


def drawn(labels: Labels, cover: Plane | None, size: tuple[int, int], *, least: float = 0.5) -> Labels:
    """The coarse `labels` (int32 hxw) at `size` (width, height), cut where the `cover` falls below `least`.

    Each label is enlarged softly, so that two that touch meet along a smooth line.
    """
    width, height = size
    out = np.zeros((height, width), np.int32)
    best = np.full((height, width), 0.02 if cover is not None else 0.5, np.float32)
    grow_x, grow_y = width / labels.shape[1], height / labels.shape[0]
    for label, box in enumerate(boxes(labels, int(labels.max())), 1):
        if box is None:
            continue
        y0, y1 = max(0, box[0].start - 2), min(labels.shape[0], box[0].stop + 2)
        x0, x1 = max(0, box[1].start - 2), min(labels.shape[1], box[1].stop + 2)
        left, top = round(x0 * grow_x), round(y0 * grow_y)
        right, bottom = round(x1 * grow_x), round(y1 * grow_y)
        soft = cv2.blur((labels[y0:y1, x0:x1] == label).astype(np.float32), (3, 3))
        soft = np.asarray(cv2.resize(soft, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR), np.float32)
        window = np.s_[top:bottom, left:right]
        mine = soft >= best[window]
        out[window][mine] = label
        best[window][mine] = soft[mine]
    if cover is not None:
        out[cv2.resize(cover, size, interpolation=cv2.INTER_CUBIC) < least] = 0
    return out


def settled(rgb: Bytes, labels: Labels) -> Labels:
    """`labels` with their edges to the ground moved to half contrast, by up to `REACH_PX` in or out.

    A pixel near the edge is ground if its colour lies nearer to the ground's just outside than half the way to the
    sticker's just inside. An ink line is far from both, and stays. Where the two are too alike, the edge stays, too.
    """
    mask = labels > 0
    deep = _deep(mask)
    wide = dilate(mask, REACH_PX)
    if not deep.any() or wide.all():
        return labels
    band = np.flatnonzero(wide & ~erode(mask, REACH_PX))
    _, pure = nearest_at(deep, band)
    _, bare = nearest_at(~wide, band)
    width = mask.shape[1]
    away = np.hypot(bare // width - band // width, bare % width - band % width)
    here, sticker, ground = (_opponent(rgb.reshape(-1, 3)[places]) for places in (band, pure, bare))
    contrast = ((sticker - ground) ** 2).sum(1)
    covered = ((here - ground) ** 2).sum(1) >= 0.25 * contrast
    tells = (contrast > LEAST_CONTRAST**2) & (away < 3 * REACH_PX)
    out = labels.copy()
    flat = out.ravel()
    flat[band[tells]] = np.where(covered, labels.ravel()[pure], 0)[tells]
    return out


def without_border(labels: Labels, view: View) -> Labels:
    """`labels` (int32 HxW) without what the net takes for border, as far as it reaches in from the ground."""
    border, artwork = (resized(view.parts[PARTS.index(name)], labels.shape[::-1]) for name in ("border", "artwork"))
    rim = open_to_frame((labels == 0) | (border > artwork))
    return np.where(rim, 0, labels).astype(np.int32)


def _deep(mask: Mask) -> Mask:
    """What lies `REACH_PX` inside, and the middle lines of parts that are thinner than that."""
    core = erode(mask, REACH_PX)
    thin = mask & ~dilate(core, REACH_PX + 1)
    return core | (thin & ridge_of(mask, distance_to(~mask))) if thin.any() else core


def _opponent(rgb: Bytes) -> Plane:
    """Lightness and two chroma axes of Nx3 colours, weighted; about 2.5 units for one of Lab."""
    return (
        np.asarray(cv2.transform(rgb[:, None].astype(np.float32), OPPONENT)[:, 0], np.float32)
        if len(rgb)
        else np.zeros((0, 3), np.float32)
    )
