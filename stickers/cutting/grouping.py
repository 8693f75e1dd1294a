"""Join what belongs together: satellites go to the figure they float beside; specks are dropped.

It is single linkage on the gap between silhouettes (Sibson 1973), used only where one of the two is a satellite. A
speck joins the nearest figure. A speck without one is dropped, unless it has 0.13 % of the sheet. A piece of 0.18 %
could be peeled on its own. The smaller such a piece is beside its figure, the farther away it may lie and still be a
part of it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from stickers.cutting.raster import Labels, areas, around, boxes, components, dilate, distance_to, grown

OWN_SHARE: Final = 0.0018  # of the sheet's area: big enough to be peeled
ALONE_SHARE: Final = 0.0013  # of the sheet's area: from here on a piece without a figure nearby is a sticker
LEGIBLE_SHARE: Final = 0.0001  # of the sheet's area: from here on it is a letter or a dot that somebody drew
WHOLE_SHARE: Final = 0.008  # of the sheet's area: from here on a piece is no satellite
JOIN_PX: Final = 13.0  # at 1024²: a speck may lie this far from its figure
# At 1024²: a satellite that could be peeled may lie this far from its figure if it has `SATELLITE_RATIO`. The distance
# grows with the ratio of the diameters if it is smaller. On seven packs of composed sheets a limit of 6.7 to 6.9 sorts
# 44 pairs rightly, all but two.
CLOSE_PX: Final = 6.8
SATELLITE_RATIO: Final = 0.2  # of its figure's area


def group(labels: Labels, count: int, *, join_px: float, close_px: float) -> tuple[int, Labels]:
    """Join satellites to their figures and drop specks.

    `labels`: int32 HxW, 1..count. Returns the new count and the renumbered labels. Distances are in pixels of the
    plane. A small piece joins the nearest figure within `join_px`; a speck without one is dropped. A piece that could
    be peeled joins a figure within `close_px` if it has a fifth of the figure's area, and from farther away if it is
    smaller. With `close_px` 0 none of these joins. Figures keep their places, and satellites of satellites come along.
    """
    size = areas(labels, count).astype(np.float64)
    size[0] = 0
    if not size.any():
        return 0, labels
    own = size >= ALONE_SHARE * labels.size
    peeled = size >= OWN_SHARE * labels.size
    if not own.any():
        own = peeled = size >= max(1.0, 0.25 * size.max())
    # A giant figure is no measure for satellites. Half of all area lies in figures of the usual size or smaller.
    figures = np.sort(size[own])
    usual = figures[np.searchsorted(figures.cumsum(), figures.sum() / 2)]
    target = np.arange(count + 1)
    found = boxes(labels, count)
    drawn = size >= LEGIBLE_SHARE * labels.size  # smaller things may be noise, and link nothing
    # The smallest come first. A satellite then brings its own specks along, and they extend its reach.
    for label in sorted(np.flatnonzero(size > 0).tolist(), key=lambda one: size[one]):
        larger = own & (size > size[label])
        if not peeled[label]:
            reach = np.where(larger, join_px, 0.0)
        elif close_px > 0 and size[label] < WHOLE_SHARE * labels.size:
            far = close_px * np.sqrt(SATELLITE_RATIO * np.minimum(size, usual) / size[label])
            reach = np.where(larger, np.minimum(far, join_px), 0.0)
        else:
            break
        links = np.where(drawn, target, 0)
        links[label] = label
        joined = _nearest_within(labels, found, links, label, reach)
        if joined or not own[label]:
            target[target == label] = joined
    return relabelled(labels, target, size)


def _nearest_within(
    labels: Labels,
    found: list[tuple[slice, slice] | None],
    target: npt.NDArray[np.integer],
    label: int,
    reach: npt.NDArray[np.float64],
) -> int:
    """The figure nearest to the group of `label`, among figures within their own `reach` px; 0 if there is none."""
    farthest = float(reach.max())
    members = [box for box, figure in zip(found, target[1:], strict=True) if figure == label and box is not None]
    if farthest <= 0 or not members:
        return 0
    window = grown(around(members), int(farthest) + 2, labels.shape)
    here = np.take(target, labels[window])
    mine = here == label
    distance = distance_to(mine)
    places = np.flatnonzero((here > 0) & ~mine & (distance <= farthest))
    gap = np.full(len(target), np.inf)
    np.minimum.at(gap, here.ravel()[places], distance.ravel()[places])
    gap[gap > reach] = np.inf
    return int(gap.argmin()) if np.isfinite(gap).any() else 0


def renumbered(labels: npt.NDArray[np.integer]) -> tuple[int, Labels]:
    """Labels 1..n without gaps, in the order of the old ones."""
    size = np.bincount(labels.ravel())
    return relabelled(labels, np.arange(len(size)), size)


def relabelled(
    labels: npt.NDArray[np.integer], target: npt.NDArray[np.integer], size: npt.NDArray[np.number]
) -> tuple[int, Labels]:
    """Replace every label by its `target`, then number them 1..n without gaps.

    `size` is 0 for labels that do not occur.
    """
    # This looks up a few labels instead of all pixels.
    present = np.zeros(len(target), np.bool_)
    present[target[size > 0]] = True
    present[0] = False
    new = np.cumsum(present, dtype=np.int32) * present
    return int(present.sum()), np.take(new[target], labels)


def with_captions(pieces: Labels, count: int, labels: Labels, *, reach_px: float) -> tuple[int, Labels]:
    """The grouped `labels`, and the dropped small `pieces` as further labels.

    Letters nearer than `reach_px` become one. Both planes are int32 HxW; `count` is the number of grouped labels.
    Returns the number of all labels, and their plane.
    """
    dropped = (pieces > 0) & (labels == 0)
    _, clusters = components(dilate(dropped, max(1, round(reach_px / 2))))
    size = areas(np.where(dropped, clusters, 0).astype(np.int32), int(clusters.max()))
    legible = size >= LEGIBLE_SHARE * labels.size
    legible[0] = False
    return renumbered(np.where(dropped & legible[clusters], count + clusters, labels))
