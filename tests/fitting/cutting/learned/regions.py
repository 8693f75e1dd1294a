"""Over-segment a sheet once, and tell of each region and of each pair of neighbours what the net and their shape say.

Each pixel points to its sticker's middle. Where pointers gather are candidates for middles; a region is a connected
part of the stickers' cover whose pixels point to one candidate, and that no seam crosses. Two regions are neighbours
if their Voronoi cells meet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from stickers.cutting.raster import (
    Labels,
    Mask,
    Plane,
    blur,
    components,
    local_maximum,
    nearest_component,
    resized,
)
from tests.fitting.cutting.learned.sheet_net import PARTS, View

Numbers = npt.NDArray[np.float64]

GATHER_PX: Final = 2.0  # blur of the map of pointers, in pixels of the coarse planes
LEAST_VOTES: Final = 0.05  # of a pixel's pointer after the blur: less is nobody's middle
LEAST_PX: Final = 3  # a smaller region is noise
FAR_PX: Final = 24.0  # neighbours are at most this far apart, in pixels of the coarse planes


@dataclass(frozen=True)
class Regions:
    """`labels`: int32 hxw, coarse, 1..count. `size`: pixels of each label 0..count, and so on for each field.

    `y`, `x`: the mean of where the pixels point. `spread`: the standard deviation of that, in px. `cover`: the mean
    probability of being sticker. `parts`: float64 6xcount, the mean probabilities.
    """

    labels: Labels
    size: Numbers
    y: Numbers
    x: Numbers
    spread: Numbers
    cover: Numbers
    parts: Numbers


@dataclass(frozen=True)
class Pairs:
    """Neighbours: `one` < `other`, labels of regions; each other field is a list of numbers as long.

    `gap`: px between the two at their nearest. `contact`: length of the line where they touch or nearly do, in roots of
    the smaller one's size. `seam`: the mean probability of a seam where they are nearest. `bridge`: the mean cover
    there. `apart`: the distance of the two pointed-at middles, in roots of the sum of both sizes. `lean`: the same for
    the smaller one's pointers and the larger one's centre of mass.
    """

    one: npt.NDArray[np.int64]
    other: npt.NDArray[np.int64]
    gap: Numbers
    contact: Numbers
    seam: Numbers
    bridge: Numbers
    apart: Numbers


def over_segmented(view: View, *, least: float) -> Regions:
    """The regions where the cover is at least `least`."""
    height, width = view.seam.shape
    cover = resized(view.cover, (width, height))
    mask = cover >= least
    if not mask.any():
        return _measured(np.zeros((height, width), np.int32), 0, cover, view)
    peak = _candidate_at(view, np.where(mask, cover, np.float32(0)))
    kept = mask & (view.seam < 0.5)
    for one, two in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        kept[one] &= (peak[one] == peak[two]) | ~mask[two]
    count, labels = components(kept, diagonal=False)
    size = np.bincount(labels.ravel(), minlength=count + 1)
    large = size >= LEAST_PX
    large[0] = False
    numbers = np.cumsum(large) * large
    labels = numbers[labels].astype(np.int32)
    count = int(large.sum())
    if count:
        labels = _filled(labels, mask)
    return _measured(labels, count, cover, view)


def _candidate_at(view: View, weight: Plane) -> Labels:
    """For every pixel the number of the candidate that it points to."""
    height, width = weight.shape
    y = np.clip(np.round(view.middle_y), 0, height - 1).astype(np.intp)
    x = np.clip(np.round(view.middle_x), 0, width - 1).astype(np.intp)
    votes = np.bincount((y * width + x).ravel(), weights=weight.ravel(), minlength=height * width)
    gathered = blur(votes.reshape(height, width).astype(np.float32), GATHER_PX)
    top = (gathered >= local_maximum(gathered, 3) - 1e-6) & (gathered > LEAST_VOTES)
    _, cells = nearest_component(top)
    return cells[y, x]


def _filled(labels: Labels, mask: Mask) -> Labels:
    """`labels` grown over the rest of `mask`, each pixel to its nearest region."""
    known = labels > 0
    _, cells = cv2.distanceTransformWithLabels((~known).view(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    flat = np.concatenate([[0], labels[known]])
    return np.where(mask, flat[cells], 0).astype(np.int32)


def measured(labels: Labels, view: View) -> Regions:
    """The regions of labels 1..n, all of which occur."""
    height, width = labels.shape
    cover = resized(view.cover, (width, height))
    return _measured(labels, int(labels.max()), cover, view)


def _measured(labels: Labels, count: int, cover: Plane, view: View) -> Regions:
    flat = labels.ravel()
    size = np.bincount(flat, minlength=count + 1).astype(np.float64)

    def mean(plane: Plane) -> Numbers:
        return np.bincount(flat, weights=plane.ravel(), minlength=count + 1) / np.maximum(size, 1)

    y, x = mean(view.middle_y), mean(view.middle_x)
    off_y, off_x = view.middle_y - y[labels], view.middle_x - x[labels]
    spread = mean(np.asarray(off_y * off_y + off_x * off_x, np.float32))
    parts = np.stack([mean(view.parts[part]) for part in range(len(PARTS))])
    size[0] = 0
    return Regions(labels, size, y, x, np.sqrt(spread), mean(cover), parts)


def neighbours(regions: Regions, view: View) -> Pairs:
    """All pairs of regions whose cells meet, within `FAR_PX`."""
    labels = regions.labels
    if len(regions.size) < 3:
        none = np.zeros(0)
        return Pairs(none.astype(np.int64), none.astype(np.int64), none, none, none, none, none)
    distance, cells = cv2.distanceTransformWithLabels(
        (labels == 0).view(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    flat = np.concatenate([[0], labels[labels > 0]])
    cells = flat[cells]
    cover = resized(view.cover, (labels.shape[1], labels.shape[0]))
    found = []
    for one, two in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        a, b = cells[one], cells[two]
        places = np.flatnonzero((a != b).ravel())
        gap = (distance[one] + distance[two]).ravel()[places]
        near = gap <= FAR_PX
        places, gap = places[near], gap[near]
        a, b = a.ravel()[places], b.ravel()[places]
        seam = np.maximum(view.seam[one], view.seam[two]).ravel()[places]
        bridge = np.minimum(cover[one], cover[two]).ravel()[places]
        found.append(np.stack([np.minimum(a, b), np.maximum(a, b), gap, seam, bridge]).astype(np.float64))
    low, high, gap, seam, bridge = np.concatenate(found, axis=1)
    key = low * len(regions.size) + high
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.diff(key[order], prepend=-1))
    group = np.cumsum(np.diff(key[order], prepend=key[order][:1] if len(key) else 0) != 0)
    gap, seam, bridge = gap[order], seam[order], bridge[order]
    nearest = np.minimum.reduceat(gap, starts) if len(starts) else np.zeros(0)
    close = (gap <= nearest[group] + 1.5).astype(np.float64) if len(starts) else np.zeros(0)
    number = np.bincount(group, weights=close, minlength=len(starts))
    one, other = (side[order][starts].astype(np.int64) for side in (low, high))
    smaller = np.minimum(regions.size[one], regions.size[other])
    both = regions.size[one] + regions.size[other]
    return Pairs(
        one=one,
        other=other,
        gap=np.maximum(0.0, nearest - 1),
        contact=np.bincount(group, weights=gap <= 3.0, minlength=len(starts)) / np.sqrt(smaller),
        seam=np.bincount(group, weights=close * seam, minlength=len(starts)) / number,
        bridge=np.bincount(group, weights=close * bridge, minlength=len(starts)) / number,
        apart=np.hypot(regions.y[one] - regions.y[other], regions.x[one] - regions.x[other]) / np.sqrt(both),
    )
