"""See-through pockets: enclosed places that show the ground, told from artwork that has the ground's colour.

A pocket has the colour of the open ground round its figure, carried on beneath it. Art rarely comes near that to within
the noise; white paint on white ground does, so there a pocket must not be lighter either, and on a ground that is as
white as paint only a sheet whose enclosed white places nearly all agree with the ground is believed.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from stickers.cutting import walls
from stickers.cutting.background import Background
from stickers.cutting.edges import at_half_contrast
from stickers.cutting.mixing import mix, purest
from stickers.cutting.raster import (
    Labels,
    Mask,
    Plane,
    areas,
    boxes,
    chosen,
    close,
    components,
    dilate,
    erode,
    grown,
    local_maximum,
    wide_blur,
)

REACH_PX: Final = 4.0  # how far a pocket's edge may lie from the pixels that show the ground for sure
LEAST_PX: Final = 8  # a camera's blur leaves less than that of a slit that nobody would cut open
SMALL_PX: Final = 140  # up to this a pocket is blurred all over
MIDDLING_PX: Final = 400  # up to this much of it is
LARGE_PX: Final = 4000  # up to this, if it is long and narrow
EDGE: Final = 15.0  # Lab distance from the ground that the figure has round a small pocket, at least
BLURRED: Final = 0.22  # of the figure's distance from the ground, at most, has a pixel of a small pocket
MIXED: Final = 0.1  # of the figure's colour is in the purest of them, at most
NOISY: Final = 2.0  # thresholds that noise in the middle of a pocket may reach
FAR: Final = 1.5  # Lab: from here on a pocket's colour is not the ground's
STEP: Final = 4  # every so many pixels the open ground is looked at
HEADROOM: Final = 1.05  # in lightness: a ground so much darker than white paint can be told from it
LIGHTER: Final = 0.33  # in lightness: what is more so is white paint
ALIKE: Final = 0.13  # the same on a ground that has no headroom
AGREED: Final = 0.63  # of the large pockets, at least, show the ground if white ones are believed
DARKER: Final = 0.65  # in lightness: what is more so is grey paint
TINTED: Final = 1.35  # in a and b: a JPEG's chroma bleeds that far into a pocket
UNEVEN: Final = 1.3  # in lightness: the deviation of a pocket's pixels, at most
GLINT: Final = 0.9  # in lightness: the lightest pixels of a small place, if they are more so, are white paint
GREY: Final = -2.0  # if they are less so, grey
FEWEST: Final = 4  # pixels
HUE: Final = 1.4  # Lab: nearer to a darker ground is the ground in shadow
LIT: Final = 0.02  # of its light, at least, takes a shadow from the ground in a pocket
SHADED: Final = 0.15  # and at most
SURE_PX: Final = 40  # the mean lightness of fewer pixels is not so sure
SEVERAL: Final = 4  # large pockets that agree, before small ones on white are believed, too
ASIDE: Final = 1.6  # Lab: what is left of their difference once that is taken out


def without_pockets(
    lab: Plane, background: Background, mask: Mask, scale: float, *, rim: Mask | None = None, shadows: bool = False
) -> Mask:
    """`mask` with its see-through pockets open; where borders have a `rim` colour, only pockets inside such a rim.

    `lab`: float32 HxWx3. `mask`: the silhouettes, and `rim`: the pixels of the border's colour, HxW. `scale`: the
    sheet's size relative to 1024². `shadows`: whether the sheet's figures cast some, which darken the ground in their
    pockets, too.
    """
    ground = background.lab if rim is not None else _open_ground(lab, background, mask)
    pockets, honest = _clear(lab, background, ground, mask, scale, rim=rim)
    if rim is None and honest:
        pockets |= _blurred(lab, background, ground, mask, shadows=shadows)
    return _opened(lab, background, mask, pockets)


def _clear(
    lab: Plane, background: Background, ground: Plane, mask: Mask, scale: float, *, rim: Mask | None
) -> tuple[Mask, bool]:
    """The pockets that have room for the pure ground, and whether small ones of its colour are to be believed, too.

    `ground`: the colour that a pocket would have, at the sheet's size or a fraction of it.
    """
    near = (background.distance < background.threshold) & erode(mask, 1)
    count, labels = components(near, diagonal=False)
    size = areas(labels, count)
    least = 25 * scale * scale if rim is not None or background.white else max(SMALL_PX, 25 * scale * scale)
    found = [
        (label, box)
        for label, box in enumerate(boxes(labels, count), 1)
        if box is not None and size[label] >= least and (rim is None or _inside_rim(labels, label, box, rim))
    ]
    if not found:
        return np.zeros_like(mask), not background.white or _headroom(ground) > HEADROOM
    blobs, blob_labels = components(mask)
    blob_size = areas(blob_labels, blobs)
    step = 1 if ground.shape[:2] == mask.shape else STEP
    offset, share = np.full((count + 1, 3), 9.0), np.ones(count + 1)
    uneven = np.zeros(count + 1)
    for label, box in found:
        inside = np.pad(labels[box] == label, 1)
        core = erode(inside, 1)
        rows, columns = np.nonzero((core if np.count_nonzero(core) > 20 else inside)[1:-1, 1:-1])
        rows, columns = rows + box[0].start, columns + box[1].start
        difference = lab[rows, columns] - ground[rows // step, columns // step]
        offset[label] = np.median(difference, axis=0)
        uneven[label] = difference[:, 0].std()
        share[label] = size[label] / max(1, blob_size[blob_labels[rows[0], columns[0]]])
    if not background.white:
        pockets = chosen((np.linalg.norm(offset, axis=1) < FAR) & (share < 0.6), labels)
        return pockets & ~(walls.faces(pockets, mask) if rim is None else walls.bodies(pockets, mask, rim)), True
    # white paint is lighter than a ground that is not quite white; beside one that is only their number tells
    large = np.flatnonzero(size > 300 * scale * scale)[1:]
    apart = _headroom(ground) > HEADROOM
    lighter = offset[:, 0]
    alike = (lighter > -DARKER) & (lighter < (LIGHTER if apart else ALIKE)) & (uneven < UNEVEN)
    pocket = alike & (np.hypot(*offset[:, 1:].T) < TINTED) & (share < 0.35)
    # a sheet of rings shows the ground itself in nearly all its pockets, one of white bodies does not
    honest = len(large) >= SEVERAL and float(np.mean(pocket[large])) > AGREED
    if not honest:
        pocket &= apart & (size >= max(SURE_PX, 2 * least))
    pockets = chosen(pocket, labels)
    return pockets & ~walls.faces(pockets, mask), apart or honest


def _headroom(ground: Plane) -> float:
    """How much darker than white paint the ground is, in lightness."""
    return 100.0 - float(np.median(ground[..., 0]))


def _inside_rim(labels: Labels, label: int, box: tuple[slice, slice], rim: Mask) -> bool:
    """Whether a border's width round a place has the border's colour."""
    wide = grown(box, 7, labels.shape)
    here = labels[wide] == label
    steps = [dilate(here, by) for by in (2, 3, 4, 6)]
    rings = (steps[2] & ~steps[0], steps[3] & ~steps[1])
    return max(float(rim[wide][ring].mean()) for ring in rings) >= 0.5


def _open_ground(lab: Plane, background: Background, mask: Mask) -> Plane:
    """The ground's colour, carried on under the figures from the open ground round them; every fourth pixel.

    `background.lab` leans towards whatever is like the ground, so that white paint has no distance from it.
    Normalised convolution (Knutsson & Westin 1993) at ever wider scales, the next one where the last has no ground.
    """
    bare = erode(~mask & (background.distance < background.threshold), 2)[::STEP, ::STEP].astype(np.float32)
    known = np.ascontiguousarray(lab[::STEP, ::STEP])
    total, weight = np.zeros_like(known), np.zeros_like(bare)
    for sigma, trust in ((6.0, 1.0), (16.0, 1e-2), (48.0, 1e-4)):
        total += trust * wide_blur(known * bare[..., None], sigma)
        weight += trust * wide_blur(bare, sigma)
    own = background.lab[::STEP, ::STEP]
    return np.asarray((total + 1e-6 * own) / (weight + 1e-6)[..., None], np.float32)


def _blurred(lab: Plane, background: Background, ground: Plane, mask: Mask, *, shadows: bool) -> Mask:
    """Pockets so small, or so long and narrow, that the figure's blur leaves them little pure ground."""
    step = 1 if ground.shape[:2] == mask.shape else STEP
    limit = np.maximum(background.threshold, BLURRED * local_maximum(background.distance, 5))
    count, labels = components((background.distance < limit) & erode(mask, 1), diagonal=False)
    size = areas(labels, count)
    found = np.zeros_like(mask)
    for label, box in enumerate(boxes(labels, count), 1):
        if box is None or not LEAST_PX <= size[label] <= LARGE_PX:
            continue
        wide = grown(box, 5, labels.shape)
        inside = labels[wide] == label
        around = dilate(inside, 4) & ~dilate(inside, 2)
        if float(np.median(background.distance[wide][around])) < EDGE:
            continue
        rows, columns = np.mgrid[wide]
        under = ground[rows // step, columns // step]
        difference = lab[wide] - (under if background.white or size[label] > MIDDLING_PX else background.lab[wide])
        if shadows and size[label] <= MIDDLING_PX:
            figure = np.median(difference[around], axis=0)
            made = mix(purest(difference, inside), figure, under[inside].mean(0))
            if made.figure < MIXED and made.rest < HUE * _unsure(inside) and LIT < made.shade < SHADED:
                found[wide] |= inside
                continue
        if background.white:
            light = np.sort(difference[inside][:, 0])
            # noise alone makes the lightest pixels of a large one lighter than the ground
            darkest = GREY if size[label] <= MIDDLING_PX else 0.0
            if not darkest < float(light[-max(FEWEST, len(light) // 4) :].mean()) < GLINT:
                continue
        if _shows_ground(difference, inside, around):
            pure = inside & (background.distance[wide] < NOISY * background.threshold)
            found[wide] |= inside & dilate(pure, 1) if size[label] > MIDDLING_PX else inside
    return found


def _shows_ground(difference: Plane, inside: Mask, around: Mask) -> bool:
    """Whether a small pocket is the ground, blurred with the figure `around` it and with nothing else.

    Its purest pixels lie on the line from the ground's colour to the figure's, near the ground's end; artwork of a
    third colour lies beside it (the mixing line of Chuang et al. 2001, which the matte follows, too).
    """
    pure = purest(difference, inside)
    figure = np.median(difference[around], axis=0)
    mixed = float(pure @ figure) / max(1.0, float(figure @ figure))
    unsure = _unsure(inside)
    allowed = MIXED * (unsure if np.count_nonzero(inside) > MIDDLING_PX else 1.0)
    return mixed < allowed and float(np.linalg.norm(pure - mixed * figure)) < ASIDE * unsure


def _unsure(inside: Mask) -> float:
    """How much of a tolerance a place needs, 0–1: the more pixels, the surer is their mean."""
    return min(1.0, float(np.sqrt(SMALL_PX / np.count_nonzero(inside))))


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
