"""Join what belongs together: satellites go to the figure they float beside; specks are dropped.

Single linkage on the gap between silhouettes (Sibson 1973), but only where one of the two is a satellite: too small
to be peeled on its own. A piece of at least 0.18 % of the sheet is a sticker.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from stickers.cutting.raster import Labels, areas, nearest

OWN_SHARE: Final = 0.0018  # of the sheet's area: big enough to be peeled
CRUMB_SHARE: Final = 0.0008
JOIN_PX: Final = 13.0  # at 1024²


def group(labels: Labels, count: int, *, join_px: float) -> tuple[int, Labels]:
    """Satellites joined to figures no farther than `join_px`; the rest small enough to be specks dropped."""
    size = areas(labels, count).astype(np.float64)
    size[0] = 0
    own = size >= (OWN_SHARE + CRUMB_SHARE) / 2 * labels.size
    if not own.any():
        own = size >= max(1.0, 0.25 * size.max())
    target = np.where(own, np.arange(count + 1), 0)
    target[0] = 0
    figures = own[labels]
    distance, index = nearest(figures)
    flat = labels.ravel()
    for label in np.flatnonzero(~own & (size > 0)):
        pixels = np.flatnonzero(flat == label) if size[label] else np.zeros(0, np.intp)
        closest = pixels[distance.ravel()[pixels].argmin()]
        if distance.ravel()[closest] <= join_px:
            target[label] = flat[index.ravel()[closest]]
    return renumbered(target[labels])


def renumbered(labels: npt.NDArray[np.integer]) -> tuple[int, Labels]:
    """Labels 1..n without gaps, in the order of the old ones."""
    present = np.bincount(labels.ravel()) > 0
    present[0] = False
    new = np.cumsum(present) * present
    return int(present.sum()), new[labels].astype(np.int32)
