"""See-through pockets: enclosed places that show the ground, told from artwork that has the ground's colour.

Art is rarely the ground's colour to within the noise; where the ground is white it often is, so there a pocket is
believed only on a sheet whose enclosed white places all agree with the ground.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from stickers.cutting.background import Background
from stickers.cutting.edges import at_half_contrast
from stickers.cutting.raster import (
    Mask,
    Plane,
    areas,
    at,
    boxes,
    chosen,
    close,
    components,
    dilate,
    erode,
    grown,
    local_maximum,
)

REACH_PX: Final = 4.0  # how far a pocket's edge may lie from the pixels that show the ground for sure
LEAST_PX: Final = 8  # a camera's blur leaves less than that of a slit that nobody would cut open
SMALL_PX: Final = 140  # up to this a pocket is blurred all over
MIDDLING_PX: Final = 400  # up to this much of it is
EDGE: Final = 15.0  # Lab distance from the ground that the figure has round a small pocket, at least
BLURRED: Final = 0.22  # of the figure's distance from the ground, at most, has a pixel of a small pocket
MIXED: Final = 0.1  # of the figure's colour is in the purest of them, at most
NOISY: Final = 2.0  # thresholds that noise in the middle of a pocket may reach
SEVERAL: Final = 4  # large pockets that agree, before small ones on white are believed, too
ASIDE: Final = 1.6  # Lab: what is left of their difference once that is taken out


def without_pockets(lab: Plane, background: Background, mask: Mask, scale: float, *, rim: Mask | None = None) -> Mask:
    """`mask` with its see-through pockets open; where borders have a `rim` colour, only pockets inside such a rim."""
    pockets, honest = _clear(lab, background, mask, scale, rim)
    if rim is None and honest:
        pockets |= _blurred(lab, background, mask)
    return _opened(lab, background, mask, pockets)


def _clear(lab: Plane, background: Background, mask: Mask, scale: float, rim: Mask | None) -> tuple[Mask, bool]:
    """The pockets that have room for the pure ground, and whether pockets of the ground's colour are to be believed."""
    near = (background.distance < background.threshold) & erode(mask, 1)
    count, labels = components(near, diagonal=False)
    size = areas(labels, count)
    if not (size[1:] >= 25 * scale * scale).any():
        return np.zeros_like(mask), not background.white
    blobs, blob_labels = components(mask)
    blob_size = areas(blob_labels, blobs)
    offset = np.full(count + 1, 9.0)
    share = np.ones(count + 1)
    for label, box in enumerate(boxes(labels, count), 1):
        if box is None or size[label] < 25 * scale * scale:
            continue
        inside = labels[box] == label
        if rim is not None:
            wide = grown(box, 7, labels.shape)
            here = labels[wide] == label
            steps = [dilate(here, by) for by in (2, 3, 4, 6)]
            rings = (steps[2] & ~steps[0], steps[3] & ~steps[1])
            if max(float(rim[wide][ring].mean()) for ring in rings) < 0.5:
                continue
        elif not background.white and size[label] < SMALL_PX:
            continue
        offset[label] = _offset(lab[box] - background.lab[box], inside)
        host = blob_labels[box][inside][0]
        share[label] = size[label] / max(1, blob_size[host])
    if not background.white:
        pocket = (offset < 1.2) & (share < 0.6)
        return chosen(pocket, labels), True
    offsets = offset[(size > 300 * scale * scale) & (np.arange(count + 1) > 0)]
    # a sheet of rings shows the ground itself in nearly all its pockets, one of white bodies does not
    honest = bool(len(offsets)) and bool(np.median(offsets) < 0.61) and bool(np.mean(offsets > 0.75) < 0.37)
    pocket = (offset < 1.2) & (share < 0.35) & honest
    return chosen(pocket, labels), honest and len(offsets) >= SEVERAL


def _offset(difference: Plane, inside: Mask) -> float:
    """How far a pocket's colour is from the ground's."""
    core = np.flatnonzero(erode(np.pad(inside, 1), 1)[1:-1, 1:-1])
    places = core if len(core) > 20 else np.flatnonzero(inside)
    return float(np.linalg.norm(np.median(at(difference, places), axis=0)))


def _blurred(lab: Plane, background: Background, mask: Mask) -> Mask:
    """Small pockets, which the figure's blur leaves little pure ground."""
    limit = np.maximum(background.threshold, BLURRED * local_maximum(background.distance, 5))
    count, labels = components((background.distance < limit) & erode(mask, 1), diagonal=False)
    size = areas(labels, count)
    pocket = np.zeros(count + 1, np.bool_)
    for label, box in enumerate(boxes(labels, count), 1):
        if box is None or not LEAST_PX <= size[label] <= MIDDLING_PX:
            continue
        wide = grown(box, 5, labels.shape)
        inside = labels[wide] == label
        around = dilate(inside, 4) & ~dilate(inside, 2)
        strong = float(np.median(background.distance[wide][around])) >= EDGE
        pocket[label] = strong and _shows_ground(lab[wide] - background.lab[wide], inside, around)
    return chosen(pocket, labels)


def _shows_ground(difference: Plane, inside: Mask, around: Mask) -> bool:
    """Whether a small pocket is the ground, blurred with the figure `around` it and with nothing else.

    Its purest pixels lie on the line from the ground's colour to the figure's, near the ground's end; artwork of a
    third colour lies beside it (the mixing line of Chuang et al. 2001, which the matte follows, too).
    """
    pixels = difference[inside]
    purest = np.argsort((pixels * pixels).sum(1))[: max(LEAST_PX, len(pixels) // 4)]
    pure = pixels[purest].mean(0)
    figure = np.median(difference[around], axis=0)
    mixed = float(pure @ figure) / max(1.0, float(figure @ figure))
    # the more pixels, the surer is their mean
    aside = ASIDE * min(1.0, float(np.sqrt(SMALL_PX / len(pixels))))
    return mixed < MIXED and float(np.linalg.norm(pure - mixed * figure)) < aside


def _opened(lab: Plane, background: Background, mask: Mask, pockets: Mask) -> Mask:
    """`mask` without its `pockets`, whose edges are at half contrast as the silhouette's own is."""
    if not pockets.any():
        return mask
    result = mask.copy()
    count, labels = components(pockets)
    for box in boxes(labels, count):
        if box is None:
            continue
        wide = grown(box, round(3 * REACH_PX), mask.shape)
        # specks that only noise parts from the pocket: a second, looser threshold beside the first (Canny 1986)
        noisy = (background.distance[wide] < NOISY * background.threshold) & erode(mask[wide], 1)
        pocket = pockets[wide] | (close(pockets[wide], 2) & noisy)
        opened = mask[wide] & ~pocket
        beside = dilate(pocket, round(REACH_PX))
        result[wide] &= opened & (~beside | at_half_contrast(lab[wide], opened, reach_px=REACH_PX))
    return result
