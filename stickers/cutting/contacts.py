"""Bare figures that touch: blur, ringing or a shadow between two has closed the gap by a few faint pixels.

As the ground's threshold rises a faint contact opens before either figure falls apart (the component tree of Najman &
Couprie 2006). It is short for their sizes, and a cut through one body, as where a pale stripe crosses it, is long.
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

LEVELS: Final = (1.5, 2.0, 3.0, 4.0, 6.0)  # thresholds of the ground
WHOLE_SHARE: Final = 0.006  # of the sheet: a figure, and no part of one
# Of the root of the smaller figure's area. Of 47 openings on composed sheets the contacts of two figures are up to .37
# long, and cuts through one, all but one, from .58.
SHORT: Final = 0.41


def without_contacts(mask: Mask, distance: Plane, threshold: float) -> Mask:
    """`mask` open where two figures only touch, HxW.

    `distance`: float32 HxW, in Lab from the ground's colour, or from a border's; from `threshold` on it is a figure's.
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
        # most figures hold together at all levels, which two of them tell, and every other pixel
        coarse = blob[::2, ::2], distance[window][::2, ::2]
        if all(len(_wholes(*coarse, level * threshold, whole / 4)[0]) < 2 for level in LEVELS[2::2]):
            continue
        for level in LEVELS:
            found, pieces = _wholes(blob, distance[window], level * threshold, whole)
            if len(found) > 1:  # of many in a row some contacts open later than others
                _, cells = nearest_component(np.isin(pieces, found))
                result[window] &= ~_contacts(np.where(blob, cells, 0))
    return result


def _wholes(blob: Mask, distance: Plane, least: float, whole: float) -> tuple[npt.NDArray[np.intp], Labels]:
    """The pieces that a `blob` has from a distance of `least` on: the labels of those as large as a figure, and all."""
    _, pieces = components(fill_holes(blob & (distance >= least)))
    return np.flatnonzero(np.bincount(pieces.ravel(), minlength=1)[1:] >= whole) + 1, pieces


def _contacts(cells: Labels) -> Mask:
    """Where two cells meet along a line that is short for the smaller one."""
    size = areas(cells, int(cells.max()))
    contact = np.zeros(cells.shape, np.bool_)
    for one in range(1, len(size)):
        beside = dilate(cells == one, 1)
        for other in range(one + 1, len(size)):
            seam = beside & (cells == other)
            if 0 < np.count_nonzero(seam) < SHORT * np.sqrt(min(size[one], size[other])):
                contact |= dilate(seam, 1)  # corners touch, too
    return contact
