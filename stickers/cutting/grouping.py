"""Join what belongs together: satellites go to the figure they float beside; specks are dropped.

Single linkage on the gap between silhouettes (Sibson 1973), but only where one of the two is a satellite: too small
to be peeled on its own. A piece of at least 0.18 % of the sheet is a sticker.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from stickers.cutting.raster import Labels, areas, boxes, components, dilate, grown, nearest

OWN_SHARE: Final = 0.0018  # of the sheet's area: big enough to be peeled
CRUMB_SHARE: Final = 0.0008  # up to this a loose piece is a crumb
JOIN_PX: Final = 13.0  # at 1024²: how far a crumb may lie from its figure
CLOSE_PX: Final = 7.5  # at 1024²: how far a satellite may that could be peeled on its own
SATELLITE_RATIO: Final = 0.2  # of its figure's area, at most


def group(labels: Labels, count: int, *, join_px: float, close_px: float) -> tuple[int, Labels]:
    """Satellites joined to their figures, specks dropped.

    A crumb joins the nearest figure within `join_px`; a piece of up to a fifth of a figure's area joins it within
    `close_px`. Figures keep their places; a chain of satellites hangs on the figure nearest to its first.
    """
    size = areas(labels, count).astype(np.float64)
    size[0] = 0
    least = (OWN_SHARE + CRUMB_SHARE) / 2 * labels.size
    own = size >= least
    if not own.any():
        own = size >= max(1.0, 0.25 * size.max())
    target = np.arange(count + 1)
    found = boxes(labels, count)
    # from the smallest up, so that a satellite's own crumbs come along with it
    for label in sorted(np.flatnonzero(size > 0), key=lambda one: size[one]):
        box = found[label - 1]
        if box is None:
            continue
        reach = close_px if own[label] else join_px
        window = grown(box, int(reach) + 2, labels.shape)
        here = labels[window]
        figure = own & (size * SATELLITE_RATIO > size[label]) if own[label] else own.copy()
        figure[label] = False
        figures = np.take(figure, here)
        if figures.any():
            distance, index = nearest(figures)
            mine = np.flatnonzero((here == label).ravel())
            closest = mine[distance.ravel()[mine].argmin()]
            if distance.ravel()[closest] <= reach:
                target[label] = here.ravel()[index.ravel()[closest]]
                continue
        if not own[label]:
            target[label] = 0
    for _ in range(8):
        target = target[target]
    # the lookup is of few labels, not of all pixels
    present = np.zeros(count + 1, np.bool_)
    present[target[size > 0]] = True
    present[0] = False
    new = np.cumsum(present, dtype=np.int32) * present
    return int(present.sum()), np.take(new[target], labels)


def renumbered(labels: npt.NDArray[np.integer]) -> tuple[int, Labels]:
    """Labels 1..n without gaps, in the order of the old ones."""
    present = np.bincount(labels.ravel()) > 0
    present[0] = False
    new = np.cumsum(present, dtype=np.int32) * present
    return int(present.sum()), np.take(new, labels)


def words(pieces: Labels, count: int, labels: Labels, *, reach_px: float) -> tuple[int, Labels]:
    """The grouped `labels`, and as further ones the dropped small `pieces`, letters nearer than `reach_px` as one."""
    dropped = (pieces > 0) & (labels == 0)
    _, clusters = components(dilate(dropped, max(1, round(reach_px / 2))))
    size = areas(np.where(dropped, clusters, 0).astype(np.int32), int(clusters.max()))
    legible = size >= CRUMB_SHARE / 8 * labels.size
    legible[0] = False
    return renumbered(np.where(dropped & legible[clusters], count + clusters, labels))
