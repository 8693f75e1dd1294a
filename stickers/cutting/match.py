"""Match the stickers of an earlier cut to those of a new one, by the overlap of their contours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

# A person still calls two stickers the same if they share half of the area that they cover together. Below that, two
# old stickers could claim one new one. Panoptic quality (Kirillov et al., CVPR 2019) draws the line at the same place.
SAME_FROM_IOU: Final = 0.5
# A small sticker that lost or regained its border shares less area, but one still lies in the other.
INSIDE: Final = 0.8  # at least this share of the smaller sticker lies in the larger one
LEAST_SHARE: Final = 0.2  # the smaller sticker has at least this share of the larger one's area: it is no speck


def match_contours(old: Sequence[NDArray[np.float32]], new: Sequence[NDArray[np.float32]]) -> list[tuple[int, int]]:
    """Pairs (index in `old`, index in `new`) of contours that are the same sticker, each index at most once.

    Contours are float32 Nx2 rings in sheet pixels. A contour of fewer than three points matches nothing. The pairs have
    the greatest total likeness (Hungarian method), so the order of either list does not matter.
    """
    if not old or not new:
        return []
    same = np.array([[_sameness(before, after) for after in new] for before in old])
    rows, columns = linear_sum_assignment(same, maximize=True)
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if same[i, j] > 0]


def _sameness(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """The overlap of two rings if they are the same sticker, else 0. A ring inside the other scores less than any."""
    common, smaller, larger = shared_areas(one, other)
    union = smaller + larger - common
    if not common:
        return 0.0
    if common / union > SAME_FROM_IOU:
        return common / union
    lies_inside = common > INSIDE * smaller and smaller > LEAST_SHARE * larger
    return SAME_FROM_IOU * common / union if lies_inside else 0.0


def shared_areas(one: NDArray[np.float32], other: NDArray[np.float32]) -> tuple[int, int, int]:
    """The common area of two rings (float32 Nx2), the smaller ring's area and the larger one's, in whole pixels.

    All three are 0 if the rings' boxes lie apart, or if a ring has fewer than three points.
    """
    if len(one) < 3 or len(other) < 3:
        return 0, 0, 0
    low = np.minimum(one.min(axis=0), other.min(axis=0))
    high = np.maximum(one.max(axis=0), other.max(axis=0))
    if (one.min(axis=0) > other.max(axis=0)).any() or (other.min(axis=0) > one.max(axis=0)).any():
        return 0, 0, 0
    width, height = (np.ceil(high - low).astype(int) + 1).tolist()
    masks = []
    for ring in (one, other):
        mask = np.zeros((height, width), np.uint8)
        cv2.fillPoly(mask, [np.round(ring - low).astype(np.int32)], 1)
        masks.append(mask.astype(bool))
    smaller, larger = sorted(int(np.count_nonzero(mask)) for mask in masks)
    return int(np.count_nonzero(masks[0] & masks[1])), smaller, larger
