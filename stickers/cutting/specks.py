"""Judge small loose things: which of them are drawn, and which have a border of their own on a white ground.

A JPEG's ringing and shadows leave things beside the figures that are faint throughout. A drawing, however small, is
not. A border has the ground's colour and ends in a shadow or a line. So the pixels just round the drawing are lighter
than those a border's width away. Round a drawing without a border, its own shadow begins at once, and lightness grows
outwards.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from stickers.cutting.raster import Mask, Plane, areas, blur, boxes, chosen, components, distance_to, grown

SPECK_SHARE: Final = 0.0013  # of the sheet: a larger thing is peeled on its own, and has a border like the rest
LEAST_SHARE: Final = 0.00005  # of the sheet: a smaller thing is noise
NEAR: Final = (0.25, 0.75)  # in borders from a drawing: inside its border
FAR: Final = (1.0, 1.5)  # in borders from a drawing: where its border would have ended
# Lab lightness by which the far ring is darker if there is a border. Limits of 0.1 to 1.5 part 48 specks of composed
# sheets.
STEP: Final = 0.2


def without_border(light: Plane, silhouettes: Mask, art: Mask, border_px: float, *, step: float = STEP) -> Mask:
    """The small `silhouettes` that show no border of `border_px`.

    `light`: lightness above the ground, float32 HxW. `art`: what is not border. `step`: see `STEP`.
    """
    count, labels = components(silhouettes)
    size = areas(labels, count)
    reach = int(FAR[1] * border_px) + 2
    bare = np.zeros_like(silhouettes)
    for label, box in enumerate(boxes(labels, count), 1):
        if box is None or not LEAST_SHARE * art.size < size[label] < SPECK_SHARE * art.size:
            continue
        window = grown(box, reach, labels.shape)
        mine = labels[window] == label
        drawn = mine & art[window]
        if 2 * np.count_nonzero(drawn) < np.count_nonzero(mine):  # most of it is border, or a shadow
            continue
        away = distance_to(drawn) / border_px
        # A neighbour's border, and white parts of this drawing, say nothing about its border.
        free = ~mine & ~silhouettes[window] & (distance_to(art[window] & ~mine) > border_px + 2)
        soft = blur(light[window], 0.7)
        near, far = (free & (away > low) & (away <= high) for low, high in (NEAR, FAR))
        if near.any() and far.any() and float(np.median(soft[near]) - np.median(soft[far])) < step:
            bare[window] |= mine
    return bare


def without_faint(mask: Mask, strong: Mask) -> Mask:
    """`mask` without small components that have no `strong` pixel."""
    count, labels = components(mask)
    faint = areas(labels, count) < SPECK_SHARE * mask.size
    faint[labels[strong & mask]] = False
    return mask & ~chosen(faint, labels)
