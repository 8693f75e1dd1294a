"""Part bare figures that touch, where blur, ringing or a shadow closed the gap with a few faint pixels.

The ground's threshold is raised step by step. A faint contact opens before either figure falls apart (the component
tree of Najman & Couprie 2006). A contact is short for the sizes of its figures. A cut through one body, such as along a
pale stripe across it, is long.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from stickers.cutting.raster import (
    Labels,
    Mask,
    Plane,
    areas,
    boxes,
    components,
    dilate,
    fill_holes,
    grown,
    nearest_component,
)

LEVELS: Final = (1.5, 2.0, 3.0, 4.0, 6.0)  # multiples of the ground's threshold
WHOLE_SHARE: Final = 0.006  # of the sheet: from this size on a piece is a whole figure
# A contact's greatest length, in roots of the smaller figure's area. Measured on 47 openings of composed sheets:
# contacts of two figures reach up to 0.37; cuts through one figure begin at 0.58, with one exception.
SHORT: Final = 0.41


def without_contacts(mask: Mask, distance: Plane, threshold: float) -> Mask:
    """`mask`, HxW, opened where two figures only touch.

    `distance`: float32 HxW, in Lab from the ground's colour, or from a border's. From `threshold` on a pixel belongs to
    a figure.
    """
    count, labels = components(mask)
    size = areas(labels, count)
    whole = WHOLE_SHARE * mask.size
    result = mask.copy()
    for label, box in enumerate(boxes(labels, count), 1):
        if box is None or size[label] < 2 * whole:
            continue
        window = grown(box, 1, labels.shape)
        blob = labels[window] == label
        # Most figures hold together at all levels. Two levels and every second pixel are enough to see that.
        coarse = blob[::2, ::2], distance[window][::2, ::2]
        if all(len(_wholes(*coarse, level * threshold, whole / 4)[0]) < 2 for level in LEVELS[2::2]):
            continue
        for level in LEVELS:
            found, pieces = _wholes(blob, distance[window], level * threshold, whole)
            if len(found) > 1:  # in a row of many figures some contacts open later than others
                _, cells = nearest_component(np.isin(pieces, found))
                result[window] &= ~_contacts(np.where(blob, cells, 0))
    return result


def _wholes(blob: Mask, distance: Plane, least: float, whole: float) -> tuple[npt.NDArray[np.intp], Labels]:
    """The pieces of a `blob` from a distance of `least` on: labels of those as large as a figure, and the plane."""
    _, pieces = components(fill_holes(blob & (distance >= least)))
    return np.flatnonzero(np.bincount(pieces.ravel(), minlength=1)[1:] >= whole) + 1, pieces


def _contacts(cells: Labels) -> Mask:
    """The pixels where two cells meet along a line that is short for the smaller one."""
    size = areas(cells, int(cells.max()))
    contact = np.zeros(cells.shape, np.bool_)
    for one in range(1, len(size)):
        beside = dilate(cells == one, 1)
        for other in range(one + 1, len(size)):
            seam = beside & (cells == other)
            if 0 < np.count_nonzero(seam) < SHORT * np.sqrt(min(size[one], size[other])):
                contact |= dilate(seam, 1)  # includes cells that touch at a corner
    return contact
