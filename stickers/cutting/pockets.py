"""See-through pockets: enclosed places that show the ground, told from artwork that has the ground's colour.

Art is rarely the ground's colour to within the noise; where the ground is white it often is, so there a pocket is
believed only on a sheet whose enclosed white places all agree with the ground.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import ndimage

from stickers.cutting.background import Background
from stickers.cutting.edges import at_half_contrast
from stickers.cutting.raster import Mask, Plane, areas, boxes, components, dilate, erode, grown, rolled_from_frame

REACH_PX: Final = 4.0  # how far a pocket's edge may lie from the pixels that show the ground for sure

LEAST_PX: Final = 8  # a camera's blur leaves less than that of a slit that nobody would cut open
SMALL_PX: Final = 120
EDGE: Final = 15.0  # Lab distance from the ground that the figure has round a small pocket, at least


def leaked_bodies(lab: Plane, background: Background, ground: Mask, passable: Mask, scale: float) -> Mask:
    """Bodies of the ground's own colour that the flood entered through gaps in their outline.

    `ground`: what the flood reached pixel by pixel over `passable`. A place that no disc can roll into from outside,
    but that has room for one, is a body if it lies in one figure, and a pocket of ground if it lies between several.
    """
    radius = max(2, round(3 * scale))
    closed = ground & ~rolled_from_frame(passable, radius)
    fat = dilate(erode(closed, radius), radius + 1) & closed
    count, labels = components(fat, diagonal=False)
    if count == 0:
        return fat
    figures, figure_labels = components(~ground)
    large = areas(figure_labels, figures) > 0.001 * ground.size
    body = np.zeros(count + 1, np.bool_)
    for label, box in enumerate(boxes(labels, count), 1):
        if box is None:
            continue
        wide = grown(box, radius + 3, labels.shape)
        inside = labels[wide] == label
        offset = float(np.linalg.norm(np.median((lab[wide] - background.lab[wide])[inside], axis=0)))
        if offset > 1.0:
            body[label] = True
            continue
        around = figure_labels[wide][dilate(inside, radius + 1) & ~inside]
        touched = np.bincount(around[around > 0], minlength=figures + 1) * large
        body[label] = background.white and touched.max() > 0.85 * touched.sum()
    return body[labels]


def without_pockets(lab: Plane, background: Background, mask: Mask, scale: float, *, rim: Mask | None = None) -> Mask:
    """`mask` with its see-through pockets open; where borders have a `rim` colour, only pockets inside such a rim."""
    near = (background.distance < background.threshold) & erode(mask, 1)
    count, labels = components(near, diagonal=False)
    if count == 0:
        return mask
    size = areas(labels, count)
    # on white a body's own white is as near to the ground's as a small pocket's is
    small = SMALL_PX if rim is None and not background.white else 0
    least = LEAST_PX if small else 25 * scale * scale
    wanted = [label for label in range(1, count + 1) if size[label] >= least]
    if not wanted:
        return mask
    where = boxes(labels, count)
    blobs, blob_labels = components(mask)
    blob_size = areas(blob_labels, blobs)
    offset = np.full(count + 1, 9.0)
    share = np.ones(count + 1)
    for label in wanted:
        box = where[label - 1]
        if box is None:
            continue
        inside = labels[box] == label
        if rim is not None:
            wide = grown(box, 7, labels.shape)
            here = labels[wide] == label
            steps = [dilate(here, by) for by in (2, 3, 4, 6)]
            rings = (steps[2] & ~steps[0], steps[3] & ~steps[1])
            if max(float(rim[wide][ring].mean()) for ring in rings) < 0.5:
                continue
        elif size[label] < small:
            wide = grown(box, 5, labels.shape)
            here = labels[wide] == label
            around = dilate(here, 4) & ~dilate(here, 2)
            if float(np.median(background.distance[wide][around])) < EDGE:
                continue
        offset[label] = _offset(lab[box] - background.lab[box], inside, small)
        host = blob_labels[box][inside][0]
        share[label] = size[label] / max(1, blob_size[host])
    big = [label for label in wanted if size[label] > 300 * scale * scale]
    if background.white:
        offsets = np.array([offset[label] for label in big])
        # a sheet of rings shows the ground itself in nearly all its pockets, one of white bodies does not
        honest = bool(len(offsets)) and np.median(offsets) < 0.61 and np.mean(offsets > 0.75) < 0.37
        pocket = (offset < 0.8) & (share < 0.35) & honest
    else:
        pocket = (offset < 1.2) & (share < 0.6)
    pocket[0] = False
    found = [box for label, box in enumerate(where, 1) if box is not None and pocket[label]]
    return _opened(lab, mask, pocket[labels], found)


def _offset(difference: Plane, inside: Mask, small: int) -> float:
    """How far a pocket's colour is from the ground's.

    One of fewer than `small` px is blurred all over: only its few least coloured pixels can tell what it shows.
    """
    pixels = difference[inside]
    if len(pixels) < small:
        deepest = np.argsort((pixels * pixels).sum(1))[:LEAST_PX]
        return float(np.linalg.norm(pixels[deepest].mean(0)))
    core = ndimage.binary_erosion(inside)
    return float(np.linalg.norm(np.median(difference[core] if core.sum() > 20 else pixels, axis=0)))


def _opened(lab: Plane, mask: Mask, pockets: Mask, where: list[tuple[slice, slice]]) -> Mask:
    """`mask` without its `pockets`, whose edges are at half contrast as the silhouette's own is."""
    opened = mask & ~pockets
    result = opened.copy()
    for box in where:
        wide = grown(box, round(3 * REACH_PX), mask.shape)
        beside = dilate(pockets[wide], round(REACH_PX))
        result[wide] &= ~beside | at_half_contrast(lab[wide], opened[wide], reach_px=REACH_PX)
    return result
