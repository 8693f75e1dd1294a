"""Open the gaps between neighbours that shadow, ringing or blur filled, so that the two stickers come apart."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from stickers.cutting.raster import Mask, Plane, areas, chosen, components, dilate, erode, open_to_frame

LEVELS: Final = 2.5  # byte levels for each unit of Lab
KEPT_SHARE: Final = 0.7  # opening the gaps leaves at least this share of a silhouette


def without_threads(mask: Mask, strong: Mask) -> Mask:
    """`mask` without thin parts that are not `strong`.

    This removes threads of shadow and JPEG ringing, and keeps whiskers. All masks are HxW. Thin means up to 4 px.
    """
    return mask & (dilate(erode(mask, 2), 3) | dilate(strong, 1))


def without_gaps(mask: Mask, distance: Plane, share: float, radius: int, greatest: float) -> Mask:
    """`mask` without narrow gaps between neighbours that shadow, ringing or blur filled.

    `mask`: HxW. `distance`: float32 HxW, in Lab from the ground. A gap is a valley in `distance`, open to the ground at
    one end. It lies below `greatest`, and below `share` of the result of a closing by `radius` px (the black top-hat;
    Serra 1982).
    """
    levels = np.minimum(distance * LEVELS, 255).astype(np.uint8)
    closed = cv2.morphologyEx(levels, cv2.MORPH_CLOSE, np.ones((2 * radius + 1, 2 * radius + 1), np.uint8))
    gap = mask & (levels < share * closed) & (distance < greatest)
    gap[0] = gap[-1] = gap[:, 0] = gap[:, -1] = False  # a line of the artwork that the frame cuts opens nothing
    left = mask & ~open_to_frame(~mask | gap)
    count, labels = components(mask)
    # A silhouette that would be lost as a whole is a faint sticker between strong ones, and no gap.
    gone = np.bincount(labels[mask & ~left], minlength=count + 1)
    lost = gone > (1 - KEPT_SHARE) * areas(labels, count)
    lost[0] = False
    return left | chosen(lost, labels)
