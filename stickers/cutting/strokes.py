"""Draw what a hand drew into a mask, and move its outline to the artwork's edges.

The edges decide by marker-controlled watershed (Meyer 1991, as OpenCV has it): both sides grow towards each other over
the smallest steps of colour, so they meet at the strongest edge between them. Where there is none, they meet half way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from stickers.cutting.operations import Point
from stickers.cutting.plane import Window
from stickers.cutting.raster import Bytes, Mask, Plane, dilate, distance_to, erode

# A brush surely takes what lies within this share of its radius, and never what lies beyond that one.
CORE, REACH = 0.2, 1.35
UNLIKE: Final = 24.0  # RGB: sides of an edge differ by more; a JPEG's noise by less


def drawn(line: Sequence[Point], window: Window) -> Mask:
    """The pixels under a polyline one pixel thick, 8-connected, in a window; bool HxW. One point is a dot."""
    mask = np.zeros((window[0].stop - window[0].start, window[1].stop - window[1].start), np.uint8)
    places = _inside(line, window)
    cv2.polylines(mask, [places if len(places) > 1 else np.repeat(places, 2, axis=0)], isClosed=False, color=(1,))
    return mask.view(np.bool_)


def from_line(line: Sequence[Point], window: Window) -> Plane:
    """The distance in px from every pixel of a window to a polyline, float32 HxW."""
    return distance_to(drawn(line, window))


def filled(polygon: Sequence[Point], window: Window) -> Mask:
    """The pixels of a polygon in a window, with those under its line; bool HxW."""
    mask = np.zeros((window[0].stop - window[0].start, window[1].stop - window[1].start), np.uint8)
    cv2.fillPoly(mask, [_inside(polygon, window)], (1,))
    return mask.view(np.bool_)


def _inside(line: Sequence[Point], window: Window) -> np.ndarray[tuple[int, int], np.dtype[np.int32]]:
    """The points in whole pixels of the window, int32 Nx2."""
    return np.round(np.array(line, np.float64) - (window[1].start, window[0].start)).astype(np.int32)


def around(line: Sequence[Point], by: float, shape: tuple[int, int]) -> Window | None:
    """The window round a line with `by` px on each side, clipped to a plane of `shape`; None if it lies outside."""
    x, y = zip(*line, strict=True)
    height, width = shape
    rows = slice(max(0, int(min(y) - by)), min(height, int(max(y) + by) + 2))
    columns = slice(max(0, int(min(x) - by)), min(width, int(max(x) + by) + 2))
    return (rows, columns) if rows.start < rows.stop and columns.start < columns.stop else None


def by_edges(rgb: Bytes, inside: Mask, outside: Mask) -> Mask:
    """Which pixels belong to `inside` and not to `outside`, when the edges between the two decide; bool HxW.

    `rgb`: uint8 HxWx3. `inside`, `outside`: bool HxW, apart from each other; pixels of neither are shared out.
    """
    if not inside.any() or not outside.any():
        return inside | ~outside
    markers = inside.astype(np.int32) + 2 * outside.astype(np.int32)
    soft = np.asarray(cv2.medianBlur(rgb, 3), np.uint8)  # a JPEG's noise is no edge
    padded = cv2.copyMakeBorder(soft, 1, 1, 1, 1, cv2.BORDER_REPLICATE)  # OpenCV leaves the outermost pixels out
    wide = cv2.copyMakeBorder(markers, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    found = cv2.watershed(padded, wide)[1:-1, 1:-1]
    # The line between the two is a pixel wide. Each of its pixels goes where its colour is.
    line = (found < 1) & ~inside & ~outside
    near = _off(soft, found == 1, 5) <= _off(soft, found == 2, 5)
    return np.asarray((inside | (found == 1) | (line & near)) & ~outside)


def covered(rgb: Bytes, away: Plane, joined: Mask, radius: float) -> Mask:
    """What a brush covers that follows the edges near its own: bool HxW, where `away` is the distance to its stroke.

    The edges decide between `CORE` and `REACH` of the radius. Where the colours on both sides are alike there is no
    edge, and the brush is round. `joined`: pixels that the stroke joins, so that no edge is sought between the two.
    """
    core, plain = away <= CORE * radius, away <= radius
    outside = (away > REACH * radius) & ~joined
    found = by_edges(rgb, core | (joined & (away <= REACH * radius)), outside)
    size = 2 * max(1, round(radius / 2)) + 1
    parted = np.abs(_off(rgb, found, size) - _off(rgb, ~found, size)) > UNLIKE
    kept = np.where(parted, found, plain) & (away <= REACH * radius)
    return np.asarray(cv2.medianBlur(kept.astype(np.uint8), 5) > 0) | core


def _off(rgb: Bytes, region: Mask, size: int) -> Plane:
    """How far each pixel's colour is from the region's mean in a square of `size` px round it; float32 HxW, in RGB.

    Where the square holds nothing of the region it is huge.
    """
    weight = cv2.blur(region.astype(np.float32), (size, size))
    mean = cv2.blur(rgb * region[..., None].astype(np.float32), (size, size)) / np.maximum(weight, 1e-6)[..., None]
    away = np.linalg.norm(rgb - mean, axis=2)
    return np.where(weight > 1e-6, away, 1e3).astype(np.float32)


def snapped(rgb: Bytes, mask: Mask, band_px: int) -> Mask:
    """A mask whose outline lies at the strongest edge within `band_px` of its own; bool HxW as `mask`."""
    core = erode(np.pad(mask, 1), band_px)[1:-1, 1:-1]
    if not core.any():  # thinner than the band: its middle is surely inside
        depth = distance_to(~np.pad(mask, 1))[1:-1, 1:-1]
        core = depth >= 0.7 * depth.max()
    return by_edges(rgb, core & mask, ~dilate(mask, band_px))
