"""Bodies of the ground's colour, told from see-through holes by what goes round them and what lies in them.

A border goes round artwork. From a hole's outline the artwork that it is cut into is nearer than the open ground; from
that of a body the ground is, behind nothing but the body's own border. And nothing floats in a hole: a place with eyes
and a mouth is a face, one with letters is a bubble.
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

BLUR_PX: Final = 2  # a border's edge is neither its colour nor the ground's
WALL_PX: Final = 40  # a border's width at most
ISLANDS: Final = 0.1  # of a body, at least, is artwork that it goes round; a hole has some noise
BARE: Final = 0.4  # of a body's outline, at least, is parted from the ground by its border alone


def faces(pockets: Mask, mask: Mask) -> Mask:
    """Those of the `pockets` in the silhouettes `mask` that go round artwork; all are HxW."""
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
