"""Open see-through pockets: enclosed places that show the ground, told from artwork of the ground's colour.

A pocket has the colour of the open ground round its figure, continued beneath it. Artwork rarely has that colour to
within the noise. White paint on a white ground does, so there a pocket must not be lighter either. Some grounds are as
white as paint. There pockets are believed only if nearly all enclosed white places agree with the ground.
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

REACH_PX: Final = 4.0  # a pocket's edge may lie this far from the pixels that surely show the ground
LEAST_PX: Final = 8  # a camera's blur leaves fewer pixels of a slit that nobody would cut open
SMALL_PX: Final = 140  # up to this size a pocket is blurred all over
MIDDLING_PX: Final = 400  # up to this size it is mostly blurred
LARGE_PX: Final = 4000  # up to this size it may be blurred, if it is long and narrow
EDGE: Final = 15.0  # Lab: the figure round a small pocket is at least this far from the ground
BLURRED: Final = 0.22  # a pixel of a small pocket has at most this share of the figure's distance from the ground
MIXED: Final = 0.1  # the purest pixels hold at most this share of the figure's colour
NOISY: Final = 2.0  # in thresholds: the noise in the middle of a pocket stays below this
FAR: Final = 1.5  # Lab: from here on a pocket's colour is not the ground's
STEP: Final = 4  # the open ground is sampled at every so many pixels
HEADROOM: Final = 1.05  # lightness: a ground that is darker than white paint by more than this can be told from it
LIGHTER: Final = 0.33  # lightness: a place that is lighter by more is white paint
ALIKE: Final = 0.13  # the same on a ground without headroom
AGREED: Final = 0.63  # white pockets are believed if more than this share of the large ones shows the ground
DARKER: Final = 0.65  # lightness: a place that is darker by more is grey paint
TINTED: Final = 1.35  # in a and b: a JPEG's chroma bleeds this far into a pocket
UNEVEN: Final = 1.3  # lightness: the greatest standard deviation inside a pocket
GLINT: Final = 0.9  # lightness: if the lightest pixels of a small place are lighter by more, it is white paint
GREY: Final = -2.0  # lightness: if they are darker than this, it is grey paint
FEWEST: Final = 4  # at least so many pixels count as the lightest
HUE: Final = 1.4  # Lab: a colour nearer than this to a darkened ground is ground in shadow
LIT: Final = 0.02  # a shadow in a pocket takes at least this share of the ground's light ...
SHADED: Final = 0.15  # ... and at most this share
SURE_PX: Final = 40  # the mean lightness of fewer pixels is unsure
SEVERAL: Final = 4  # so many large pockets must agree before small ones on white are believed
ASIDE: Final = 1.6  # Lab: the purest pixels lie at most this far from the mixing line


def without_pockets(
    lab: Plane, background: Background, mask: Mask, scale: float, *, rim: Mask | None = None, shadows: bool = False
) -> Mask:
    """`mask` with its see-through pockets open.

    If borders have a `rim` colour, only pockets inside such a rim are opened. `lab`: float32 HxWx3. `mask`: the
    silhouettes, HxW. `rim`: the pixels of the border's colour, HxW. `scale`: the sheet's size relative to 1024².
    `shadows`: whether the sheet's figures cast shadows. These darken the ground in pockets, too.
    """
    ground = background.lab if rim is not None else _open_ground(lab, background, mask)
    pockets, honest = _clear(lab, background, ground, mask, scale, rim=rim)
    if rim is None and honest:
        pockets |= _blurred(lab, background, ground, mask, shadows=shadows)
    return _opened(lab, background, mask, pockets)


def _clear(
    lab: Plane, background: Background, ground: Plane, mask: Mask, scale: float, *, rim: Mask | None
) -> tuple[Mask, bool]:
    """Pockets with room for pure ground, and whether small places of its colour may be believed, too.

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
    # White paint is lighter than a ground that is not quite white. On a quite white ground only the number of pockets
    # tells.
    large = np.flatnonzero(size > 300 * scale * scale)[1:]
    apart = _headroom(ground) > HEADROOM
    lighter = offset[:, 0]
    alike = (lighter > -DARKER) & (lighter < (LIGHTER if apart else ALIKE)) & (uneven < UNEVEN)
    pocket = alike & (np.hypot(*offset[:, 1:].T) < TINTED) & (share < 0.35)
    # On a sheet of rings nearly all pockets show the ground; on a sheet of white bodies they do not.
    honest = len(large) >= SEVERAL and float(np.mean(pocket[large])) > AGREED
    if not honest:
        pocket &= apart & (size >= max(SURE_PX, 2 * least))
    pockets = chosen(pocket, labels)
    return pockets & ~walls.faces(pockets, mask), apart or honest


def _headroom(ground: Plane) -> float:
    """How much darker than white paint the ground is, in lightness."""
    return 100.0 - float(np.median(ground[..., 0]))


def _inside_rim(labels: Labels, label: int, box: tuple[slice, slice], rim: Mask) -> bool:
    """Whether the place is surrounded by the border's colour, for the width of a border."""
    wide = grown(box, 7, labels.shape)
    here = labels[wide] == label
    steps = [dilate(here, by) for by in (2, 3, 4, 6)]
    rings = (steps[2] & ~steps[0], steps[3] & ~steps[1])
    return max(float(rim[wide][ring].mean()) for ring in rings) >= 0.5


def _open_ground(lab: Plane, background: Background, mask: Mask) -> Plane:
    """The ground's colour, continued under the figures from the open ground round them; every fourth pixel.

    `background.lab` adapts to whatever is like the ground, so white paint has no distance from it. This uses normalised
    convolution (Knutsson & Westin 1993) at wider and wider scales. Each scale fills in where the last one has no
    ground.
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
    """Pockets so small, or so long and narrow, that the figure's blur leaves little pure ground in them."""
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
            # In a large place, noise alone makes the lightest pixels lighter than the ground.
            darkest = GREY if size[label] <= MIDDLING_PX else 0.0
            if not darkest < float(light[-max(FEWEST, len(light) // 4) :].mean()) < GLINT:
                continue
        if _shows_ground(difference, inside, around):
            pure = inside & (background.distance[wide] < NOISY * background.threshold)
            found[wide] |= inside & dilate(pure, 1) if size[label] > MIDDLING_PX else inside
    return found


def _shows_ground(difference: Plane, inside: Mask, around: Mask) -> bool:
    """Whether a small pocket is ground, blurred only with the figure `around` it.

    Its purest pixels lie near the ground's end of the line from the ground's colour to the figure's. This is the mixing
    line of Chuang et al. 2001, which the matte uses, too. Artwork of a third colour lies beside the line.
    """
    pure = purest(difference, inside)
    figure = np.median(difference[around], axis=0)
    mixed = float(pure @ figure) / max(1.0, float(figure @ figure))
    unsure = _unsure(inside)
    allowed = MIXED * (unsure if np.count_nonzero(inside) > MIDDLING_PX else 1.0)
    return mixed < allowed and float(np.linalg.norm(pure - mixed * figure)) < ASIDE * unsure


def _unsure(inside: Mask) -> float:
    """The share of a tolerance that a place needs, 0–1. The mean of more pixels is surer and needs less."""
    return min(1.0, float(np.sqrt(SMALL_PX / np.count_nonzero(inside))))


def _opened(lab: Plane, background: Background, mask: Mask, pockets: Mask) -> Mask:
    """`mask` without its `pockets`. Their edges lie at half contrast, as the silhouette's own edge does."""
    if not pockets.any():
        return mask
    result = mask.copy()
    count, labels = components(pockets)
    for box in boxes(labels, count):
        if box is None:
            continue
        wide = grown(box, round(3 * REACH_PX), mask.shape)
        # Only noise parts some specks from the pocket. A second, looser threshold takes them in (hysteresis; Canny
        # 1986).
        noisy = (background.distance[wide] < NOISY * background.threshold) & erode(mask[wide], 1)
        pocket = pockets[wide] | (close(pockets[wide], 2) & noisy)
        opened = mask[wide] & ~pocket
        beside = dilate(pocket, round(REACH_PX))
        result[wide] &= opened & (~beside | at_half_contrast(lab[wide], opened, reach_px=REACH_PX))
    return result
