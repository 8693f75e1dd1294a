"""Read a picture's own alpha: whether it marks the stickers, and what lies under its clear pixels."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from stickers.cutting.background import model_background, to_lab
from stickers.cutting.raster import Bytes, Mask, areas, components, nearest, open_to_frame

CLEAR_BELOW: Final = 96  # of 255
CLEAR_SHARE: Final = 0.02  # of the picture, reached from the frame
# a square whose corners are rounded by a twentieth of its side; a window's corners are a tenth of that
CORNER_SHARE: Final = 0.002
MARGIN: Final = 0.5  # of the picture's edge: a larger clear part is a thin margin round a sheet
PAGE_PX: Final = 256
THING_SHARE: Final = 0.002  # of the picture: less is a detail
SEVERAL: Final = 4  # an icon may have two eyes and a mouth


def clear(alpha: Bytes) -> Mask:
    """The pixels that are too clear to show anything."""
    return alpha < CLEAR_BELOW


def see_through(rgb: Bytes, alpha: Bytes) -> bool:
    """Whether a sheet's alpha marks its stickers: a good part of it is clear from the edge on, or its corners are.

    Clear corners make a sticker of the whole picture, unless it is a page: several things lie apart on a ground.
    """
    reached = open_to_frame(clear(alpha))
    share = float(reached.mean())
    if share > CLEAR_SHARE:
        return True
    corners = int(np.count_nonzero(reached[:: len(reached) - 1 or 1, :: reached.shape[1] - 1 or 1]))
    rim = np.concatenate([reached[0], reached[-1], reached[:, 0], reached[:, -1]])
    return (
        corners >= 3 and share > CORNER_SHARE and float(rim.mean()) < MARGIN and not _page(covered(rgb, clear(alpha)))
    )


def _page(rgb: Bytes) -> bool:
    """Whether several things lie apart on a ground of one colour. A small copy shows it."""
    height, width = rgb.shape[:2]
    shrink = max(1.0, max(height, width) / PAGE_PX)
    size = (max(8, round(width / shrink)), max(8, round(height / shrink)))
    ground = model_background(to_lab(np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)))
    count, labels = components(ground.distance > 2 * ground.threshold)
    return int(np.count_nonzero(areas(labels, count)[1:] > THING_SHARE * labels.size)) >= SEVERAL


def covered(rgb: Bytes, hidden: Mask) -> Bytes:
    """`rgb` with invisible colours, often black, replaced by the nearest visible ones."""
    _, seen = nearest(~hidden)
    return np.where(hidden[..., None], rgb.reshape(-1, 3)[seen], rgb)
