"""Which sticker of an earlier cut is which of a new one: by overlap of their contours."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

# A person still calls it the same sticker when half of what either covers is common; below that, two old stickers
# could claim one new one. Panoptic quality (Kirillov et al., CVPR 2019) draws the line at the same place.
SAME_FROM_IOU = 0.5


def match_contours(
    old: Sequence[NDArray[np.float32]], new: Sequence[NDArray[np.float32]], *, same_from_iou: float = SAME_FROM_IOU
) -> list[tuple[int, int]]:
    """Pairs (index in `old`, index in `new`) of contours that are the same sticker, each index at most once.

    Contours are Nx2 rings in sheet pixels; one of fewer than three points matches nothing. The assignment is the
    one of greatest total overlap (Hungarian method), so the order of either list does not matter.
    """
    if not old or not new:
        return []
    overlap = np.zeros((len(old), len(new)))
    for i, before in enumerate(old):
        for j, after in enumerate(new):
            overlap[i, j] = contour_iou(before, after)
    rows, columns = linear_sum_assignment(np.where(overlap > same_from_iou, overlap, 0), maximize=True)
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if overlap[i, j] > same_from_iou]


def contour_iou(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Intersection over union of the areas inside two rings (Nx2, pixels), rastered to whole pixels; 0–1."""
    if len(one) < 3 or len(other) < 3:
        return 0.0
    low = np.minimum(one.min(axis=0), other.min(axis=0))
    high = np.maximum(one.max(axis=0), other.max(axis=0))
    if (one.min(axis=0) > other.max(axis=0)).any() or (other.min(axis=0) > one.max(axis=0)).any():
        return 0.0
    width, height = (np.ceil(high - low).astype(int) + 1).tolist()
    masks = []
    for ring in (one, other):
        mask = np.zeros((height, width), np.uint8)
        cv2.fillPoly(mask, [np.round(ring - low).astype(np.int32)], 1)
        masks.append(mask.astype(bool))
    union = int(np.count_nonzero(masks[0] | masks[1]))
    return int(np.count_nonzero(masks[0] & masks[1])) / union if union else 0.0
