"""Tell bodies of the ground's colour from see-through holes, by what surrounds them and what lies in them.

A border goes round artwork. From the outline of a hole, the artwork round it is nearer than the open ground. From the
outline of a body, the ground is nearer, behind nothing but the body's own border. And nothing floats in a hole: a place
with eyes and a mouth is a face, one with letters is a speech bubble.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from stickers.cutting.raster import (
    Mask,
    boxes,
    components,
    dilate,
    distance_to,
    fill_holes,
    grown,
    open_to_frame,
    share,
)

BLUR_PX: Final = 2  # a border's edge has neither its colour nor the ground's
WALL_PX: Final = 40  # a border is at most this wide
ISLANDS: Final = 0.1  # at least this share of a body is artwork inside it; a hole has some noise
BARE: Final = 0.4  # only the border parts at least this share of a body's outline from the ground


def faces(pockets: Mask, mask: Mask) -> Mask:
    """Those of the `pockets` in the silhouettes `mask` that enclose artwork; all are HxW."""
    found = np.zeros_like(mask)
    count, labels = components(pockets, diagonal=False)
    for label, box in enumerate(boxes(labels, count), 1):
        if box is None:
            continue
        here = labels[box] == label
        solid = fill_holes(here)
        if share(mask[box] & ~pockets[box], solid) > ISLANDS:
            found[box] |= here
    return found


def bodies(pockets: Mask, mask: Mask, rim: Mask) -> Mask:
    """Those of the `pockets` in the silhouettes `mask` that only a border parts from the ground; all are HxW.

    `rim`: the pixels that have the border's colour.
    """
    found = np.zeros_like(mask)
    if not pockets.any():
        return found
    outside = open_to_frame(~mask)
    art = mask & ~rim & ~dilate(~mask | pockets, BLUR_PX)
    count, labels = components(pockets, diagonal=False)
    for label, box in enumerate(boxes(labels, count), 1):
        if box is None:
            continue
        wide = grown(box, WALL_PX, labels.shape)
        here = labels[wide] == label
        solid = fill_holes(here)  # artwork inside it, such as eyes, is no wall
        walled = distance_to(art[wide] & ~solid) <= distance_to(outside[wide])
        if share(~walled, dilate(solid, 1) & ~solid) > BARE:
            found[wide] |= here
    return found
