"""Find the art's silhouette at print resolution: one crisp, smooth outline from a soft, small alpha.

An enlarged alpha is blurred, and a thresholded one is jagged. So the alpha becomes a smooth field that is 0.5 along the
outline, and the field is enlarged. Each output pixel's coverage follows from its distance to the outline. That distance
is the field's excess over 0.5 divided by its slope (the first-order distance of any implicit curve).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]

# Blur in source pixels before enlarging. An anti-aliased edge needs little; a hard edge needs enough to melt its
# stairs.
_SOFT_EDGE_SIGMA_PX: Final = 0.5
_HARD_EDGE_SIGMA_PX: Final = 0.9
_HARD_EDGE_SHARE: Final = 0.15  # partly transparent share of the rim's pixels; anti-aliased drawings have 0.3 and more
# Width of the transition at an edge, a little under one pixel. So the faintest levels, which would count for the
# sticker's box, are not spent on a tenth of a pixel of uncertainty about the outline.
_RAMP_PX: Final = 0.8
_NEAR_EDGE: Final = (0.1, 0.9)  # of a field
_HAIR_GAIN: Final = 1.5  # a line one pixel wide that falls between two rows has half its strength in each
_HAIR_LEAST: Final = 0.34  # the gain lifts this to 0.5; a fainter hair is dirt


@dataclass(frozen=True, kw_only=True)
class Extent:
    """The box of an outline, in fractional pixels of its grid (pixel 0 covers 0 to 1)."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def centre(self) -> tuple[float, float]:
        """(x, y)"""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    @property
    def longest(self) -> float:
        return max(self.width, self.height)


def outline_field(alpha: Bytes) -> Plane:
    """The field whose 0.5 line is the outline: HxW float32, about 0 outside and 1 inside.

    `alpha`: HxW uint8 with a transparent rim. Parts one or two pixels wide keep their strength; the smoothing alone
    would swallow them.
    """
    opacity = alpha.astype(np.float32) / 255
    opaque = (alpha >= 128).astype(np.uint8)
    square = np.ones((3, 3), np.uint8)
    rim = cv2.dilate(opaque, square) != cv2.erode(opaque, square)
    partly = rim & (alpha > 12) & (alpha < 243)
    hard = np.count_nonzero(partly) < _HARD_EDGE_SHARE * np.count_nonzero(rim)
    sigma = _HARD_EDGE_SIGMA_PX if hard else _SOFT_EDGE_SIGMA_PX
    field = cv2.GaussianBlur(opacity, (0, 0), sigma)
    solid = cv2.morphologyEx(opacity, cv2.MORPH_OPEN, square)
    hair = opacity - solid
    # Beside something solid a narrow bump is a stair of its edge, which should melt.
    hair[(hair < _HAIR_LEAST) | (cv2.dilate(solid, square) >= 0.5)] = 0
    return np.maximum(field, np.minimum(_HAIR_GAIN * hair, 1)).astype(np.float32)


def without_specks(field: Plane, least_px: float) -> tuple[Plane, int]:
    """`field` (HxW float32) without parts of fewer than `least_px` pixels, and the number of those parts.

    The largest part always stays.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats((field >= 0.5).astype(np.uint8), connectivity=8)
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    if count <= 2:
        return field, 0
    small = areas < least_px
    small[[0, int(np.argmax(areas))]] = False
    if not small.any():
        return field, 0
    gone = cv2.dilate(small[labels].astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    kept = (labels > 0) & ~small[labels]
    return np.where(gone & ~kept, np.float32(0), field), int(np.count_nonzero(small))


def extent(field: Plane) -> Extent | None:
    """The box of the 0.5 line of `field` (HxW float32), to a fraction of a pixel; None if nothing reaches 0.5."""
    columns = _crossings(field.max(axis=0))
    rows = _crossings(field.max(axis=1))
    if columns is None or rows is None:
        return None
    return Extent(left=columns[0], right=columns[1], top=rows[0], bottom=rows[1])


def _crossings(profile: Plane) -> tuple[float, float] | None:
    """Where `profile` first rises above 0.5 and last falls below it, between the centres of its samples."""
    inside = np.flatnonzero(profile >= 0.5)
    if inside.size == 0:
        return None
    first, last = int(inside[0]), int(inside[-1])
    start, end = float(first), float(last + 1)
    if first > 0:
        before, after = float(profile[first - 1]), float(profile[first])
        start = first - 0.5 + (0.5 - before) / (after - before)
    if last < len(profile) - 1:
        before, after = float(profile[last]), float(profile[last + 1])
        end = last + 0.5 + (before - 0.5) / (before - after)
    return start, end


def coverage(field: Plane, scale: float) -> Plane:
    """How much of each output pixel the silhouette covers: HxW float32, 0 to 1, with one pixel of transition.

    `field`: HxW float32, already at output resolution. `scale`: output pixels per source pixel. A slope much flatter
    than an enlarged edge is no edge and stays soft.
    """
    covered = (field > 0.5).astype(np.float32)
    # Two neighbours differ by little more than 1, so a slope is under 1, and only these pixels can be partly covered.
    rows, columns = np.nonzero(cv2.inRange(field, *_NEAR_EDGE))
    height, width = field.shape
    down = field[np.minimum(rows + 1, height - 1), columns] - field[np.maximum(rows - 1, 0), columns]
    across = field[rows, np.minimum(columns + 1, width - 1)] - field[rows, np.maximum(columns - 1, 0)]
    slope = np.maximum(np.hypot(down, across) / 2, 0.25 / max(scale, 1.0))
    inward_px = (field[rows, columns] - np.float32(0.5)) / slope
    covered[rows, columns] = np.clip(inward_px / np.float32(_RAMP_PX) + np.float32(0.5), 0, 1)
    return covered
