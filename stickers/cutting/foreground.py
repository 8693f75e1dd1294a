"""Tell sticker from ground: find the die-cut silhouettes, before they are parted or joined.

Ground is what the frame reaches through pixels of nearly the ground's colour, or through soft, darker copies of it,
which are shadows (the colour-constancy test of Horprasert et al. 1999). A silhouette then ends where the colour is half
way between the ground outside and the sticker inside. A white border on a white ground has no colour of its own;
`white.py` finds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from stickers.cutting.background import Background
from stickers.cutting.border import behind_rim, border_width, like, rim_colour, whitish, without_thin_lines
from stickers.cutting.contacts import without_contacts
from stickers.cutting.edges import at_half_contrast, sharp_edges, sharpness
from stickers.cutting.furniture import without_lines
from stickers.cutting.gaps import without_gaps, without_threads
from stickers.cutting.leaks import Flood, leaked_bodies
from stickers.cutting.mixing import of_another_colour
from stickers.cutting.pockets import without_pockets
from stickers.cutting.raster import (
    Mask,
    Plane,
    areas,
    blur,
    boxes,
    chosen,
    components,
    dilate,
    distance_to,
    erode,
    gradient,
    grown,
    local_maximum,
    open_to_frame,
    resized,
    rolled_from_frame,
    share,
    touching_frame,
    without_small,
)
from stickers.cutting.specks import without_faint
from stickers.cutting.white import find_on_white

BORDER_SHARE: Final = 0.45
CREAM_SHARE: Final = 0.5
EDGE_REACH_PX: Final = 4.0  # a silhouette may lie this far outside the true edge before it is moved there
CUT_OPEN_SHARE: Final = 0.25  # at least this share of a region's pixels has the ground's colour if it is ground
BARE_GAP: Final = 0.3  # a gap's distance to the ground is at most this share of its sides' distance
GROUND_SHARE: Final = 0.05  # of the sheet: no figure has so large an area of one colour
RIM_PX: Final = 14.0  # at 1024²: the widest border, with the line round it
CUT_OPEN_RIM: Final = 0.4  # at least this share of the region's outline is a border's width from the ground
GAP_CONTRAST: Final = 5.0  # in thresholds: shadow and ringing stay below this distance
BORDER_GAP: Final = 0.75  # `BARE_GAP` for a gap between two borders: a pixel or two, nearly closed by blur
SHADOW_SLOPE: Final = 1.3  # lightness per px: a soft shadow is flatter than this


@dataclass(frozen=True)
class Foreground:
    """`mask`: sticker pixels, with holes open. `art`: those of them that are not white border.

    `bordered`: whether the sheet's stickers have borders. `border_px`: the border's usual width, 0 on a bare sheet.
    """

    mask: Mask
    art: Mask
    bordered: bool
    border_px: float


def from_alpha(lab: Plane, opaque: Mask, scale: float) -> Foreground:
    """The silhouettes of a sheet whose own alpha marks them: its `opaque` pixels."""
    mask = without_small(opaque, 12 * scale * scale)
    white = whitish(lab)
    bordered = share(white, behind_rim(mask)) > BORDER_SHARE
    art = without_thin_lines(mask & ~white) if bordered else mask
    return Foreground(mask, art, bordered, border_width(mask, distance_to(art), scale) if bordered else 0.0)


def find_foreground(lab: Plane, background: Background, scale: float, *, keep_furniture: bool = False) -> Foreground:
    """The silhouettes of a float32 HxWx3 Lab sheet. `scale` is the sheet's size relative to 1024²."""
    if background.white:
        if not keep_furniture:
            lab, background = without_lines(lab, background, background.distance >= background.threshold, scale)
        sharp = sharpness(lab, background, scale)
        edge = sharp_edges(sharp)
        found = find_on_white(lab, background, edge, scale)
        if found.border_px > 0:
            return Foreground(found.mask, found.art, bordered=True, border_px=found.border_px)
        far = _clearly_far(lab, background, whitish(lab), scale)
        shadow = _shadow_like(lab, background, scale) & ~edge
        return _bare(lab, background, edge, far, scale, shadow=shadow)
    white = whitish(lab)
    far = _clearly_far(lab, background, white, scale)
    if not keep_furniture:
        lab, background = without_lines(lab, background, far, scale)
        white = whitish(lab)
        far &= background.distance > 0
    shadow = _shadow_like(lab, background, scale)
    contrast = _border_contrast(background.distance, far, white, shadow, scale)
    if contrast == 0:
        depth = distance_to(open_to_frame(~far))
        colour, share = rim_colour(lab, (depth > 2.0) & (depth < 4.0))
        if share > CREAM_SHARE:
            white = like(lab, colour)
            contrast = _border_contrast(background.distance, far, white, shadow, scale)
    if contrast > 0:
        return _bordered(lab, background, white, contrast, scale, shadow=shadow)
    sharp = sharpness(lab, background, scale)
    shadow &= ~sharp_edges(sharp, level=SHADOW_SLOPE)
    return _bare(lab, background, sharp_edges(sharp), far, scale, shadow=shadow)


def _clearly_far(lab: Plane, background: Background, white: Mask, scale: float) -> Mask:
    """The pixels that differ from the ground, without a JPEG's ringing.

    A pixel counts if it is part of something thick, or strong for its surroundings, or could be a pale border.
    """
    distance = background.distance
    far = distance >= background.threshold
    strong = distance >= np.maximum(2.0 * background.threshold, 0.3 * local_maximum(distance, round(8 * scale)))
    # Ringing of two strong neighbours fills the gap between them.
    far &= distance >= 0.15 * local_maximum(distance, round(4 * scale))
    pale = far & white & (lab[..., 0] > background.lab[..., 0])
    clear: Mask = far & (dilate(erode(far, 2), 2) | strong | dilate(erode(pale, 1), 1))
    return clear


def _bordered(
    lab: Plane, background: Background, white: Mask, contrast: float, scale: float, *, shadow: Mask
) -> Foreground:
    """White borders on a coloured ground: everything behind the white rim is sticker."""
    far = background.distance >= max(background.threshold, 0.35 * contrast)
    opened = _cut_open(~far, background, scale)
    far |= opened
    ground = _reached(~far, background)
    ground |= rolled_from_frame(~far | (shadow & ~opened), 1)
    mask = at_half_contrast(lab, ~ground, reach_px=EDGE_REACH_PX, border=white)
    distance = np.minimum(background.distance, contrast)
    parted = without_gaps(mask, distance, BORDER_GAP, max(3, round(4 * scale)), contrast)
    mask = parted | of_another_colour(lab, background, mask & ~parted, parted)
    mask &= dilate(erode(mask, 1), 1)  # a border is wider than the threads that ringing leaves on it
    mask = without_small(mask, 12 * scale * scale)
    mask = without_pockets(lab, background, mask, scale, rim=white) | opened
    art = without_thin_lines(mask & ~white)
    return Foreground(mask, art, bordered=True, border_px=border_width(mask, distance_to(art), scale))


def _bare(lab: Plane, background: Background, edge: Mask, far: Mask, scale: float, *, shadow: Mask) -> Foreground:
    """Artwork without a border. A disc may roll over the pixels of `shadow`, up to the figures' outlines."""
    # Keep only faint outlines. The flank of a strong edge is far from the ground anyway, and short edges are JPEG
    # ringing.
    faint = without_small(edge & ~dilate(far, 2), 20 * scale)
    passable = ~far & ~faint
    bare = _reached(passable, background)
    ground = bare | rolled_from_frame(passable | shadow, 2)
    bodies, lit = leaked_bodies(lab, background, Flood(passable, bare, shadow, ground), scale)
    ground &= ~bodies
    mask = at_half_contrast(lab, ~ground, reach_px=EDGE_REACH_PX)
    deepest = GAP_CONTRAST * background.threshold
    strong = background.distance > deepest
    if not background.white:  # on white, stripes of the artwork look like gaps
        parted = without_gaps(mask, background.distance, BARE_GAP, max(5, round(9 * scale)), deepest)
        mask = parted | of_another_colour(lab, background, mask & ~parted, parted)
        mask = without_threads(mask, strong)
    mask = without_small(mask, 12 * scale * scale)
    if background.white:  # on colour, pale artwork is as faint as what is left of a shadow
        mask = without_faint(mask, strong)
    mask = without_pockets(lab, background, mask, scale, shadows=lit)
    mask = without_contacts(mask, background.distance, background.threshold)
    return Foreground(mask, mask, bordered=False, border_px=0.0)


def _reached(passable: Mask, background: Background) -> Mask:
    """The ground: what the frame reaches. If a person named its colour, also every large area of that colour."""
    ground = open_to_frame(passable)
    return ground | without_small(passable, 0.004 * passable.size) if background.picked else ground


def _cut_open(near: Mask, background: Background, scale: float) -> Mask:
    """Artwork of about the ground's colour in figures that the sheet's edge cuts open.

    Either its colour only comes near the ground's, or only a border's width parts it from the ground.
    """
    count, labels = components(near, diagonal=False)
    size = areas(labels, count)
    bare = areas(np.where(background.distance < background.threshold, labels, 0), count)
    art = bare < CUT_OPEN_SHARE * size
    ground = size > GROUND_SHARE * labels.size
    if not ground[1:].any():
        return np.zeros_like(near)
    reach = round(RIM_PX * scale) + 3
    source = ground & ~art
    source[0] = False
    where = boxes(labels, count)
    for label in touching_frame(labels):
        box = where[label - 1]
        if box is None or ground[label] or size[label] < 40 * scale * scale:
            continue
        window = grown(box, 3 + reach, labels.shape)
        inside = labels[window] == label
        ring = dilate(inside, 2) & ~inside
        art[label] |= float(dilate(source[labels[window]], reach)[ring].mean()) > CUT_OPEN_RIM
    art[0] = False
    return chosen(art, labels)


def _shadow_like(lab: Plane, background: Background, scale: float) -> Mask:
    """The pixels that are ground, but darker, with soft changes.

    They are found at half the size, which is enough for them.
    """
    height, width = lab.shape[:2]
    half = (width // 2, height // 2)
    light, *chroma = (blur(resized(lab[..., channel], half), 0.5) for channel in range(3))
    ground = [resized(background.lab[..., channel], half) for channel in range(3)]
    ratio = light / np.maximum(ground[0], 1.0)
    soft = gradient(light) < 2 * 3.2 / min(1.0, scale)
    drift = np.zeros_like(light)
    for smooth, plain in zip(chroma, ground[1:], strict=True):  # a JPEG's blocks add chroma noise of their own
        cv2.accumulateSquare(smooth - plain * ratio, drift)
    allowed = 3.5 + 14.0 * np.clip(1 - ratio, 0, 1)
    shadow = (ratio < 1.02) & (ratio > 0.55) & (drift < allowed * allowed) & soft
    return cv2.resize(shadow.view(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST).view(np.bool_)


def _border_contrast(distance: Plane, far: Mask, white: Mask, shadow: Mask, scale: float) -> float:
    """The Lab distance of the sheet's white border from the ground; 0 on a bare sheet.

    The rim is looked for three times: behind strong edges only, which ignores a JPEG's ringing on a saturated ground;
    then behind any edge, which a white border on a pastel ground needs; then behind edges that are no shadow.
    """
    strong = without_small(far & (distance >= 0.5 * local_maximum(distance, 4)), 8 * scale)
    for edge in (strong, far, far & ~shadow):
        ring = behind_rim(~open_to_frame(~edge))
        if share(white, ring) > BORDER_SHARE:
            return float(np.percentile(distance[ring & white], 20))
    return 0.0
