"""Read a picture's own alpha: whether it marks the stickers, and what lies under its clear pixels."""

from __future__ import annotations

from typing import Final

import numpy as np

from stickers.cutting.raster import Bytes, Mask, nearest, open_to_frame

CLEAR_BELOW: Final = 96  # of 255
CLEAR_SHARE: Final = 0.02  # of the picture, reached from the frame
# a square whose corners are rounded by a twentieth of its side; a window's corners are a tenth of that
CORNER_SHARE: Final = 0.002
MARGIN: Final = 0.5  # of the picture's edge: a larger clear part is a thin margin round a sheet


def clear(alpha: Bytes) -> Mask:
    """The pixels that are too clear to show anything."""
    return alpha < CLEAR_BELOW


def see_through(alpha: Bytes) -> bool:
    """Whether a sheet's alpha marks its stickers: a good part of it is clear from the edge on, or its corners are."""
    reached = open_to_frame(clear(alpha))
    share = float(reached.mean())
    if share > CLEAR_SHARE:
        return True
    corners = int(np.count_nonzero(reached[:: len(reached) - 1 or 1, :: reached.shape[1] - 1 or 1]))
    rim = np.concatenate([reached[0], reached[-1], reached[:, 0], reached[:, -1]])
    return corners >= 3 and share > CORNER_SHARE and float(rim.mean()) < MARGIN


def covered(rgb: Bytes, hidden: Mask) -> Bytes:
    """`rgb` with invisible colours, often black, replaced by the nearest visible ones."""
    _, seen = nearest(~hidden)
    return np.where(hidden[..., None], rgb.reshape(-1, 3)[seen], rgb)
