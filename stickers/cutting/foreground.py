"""Tell sticker from ground: the die-cut silhouettes, before they are parted or joined.

The background is what the frame reaches through small colour distance, or through soft, darker copies of the
ground: its shadows (the colour-constancy test of Horprasert et al. 1999). The silhouette's edge is then where the
colour is half way between the ground outside and the sticker inside. A white border on a white ground has no colour
of its own and is the business of `white.py`.
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
EDGE_REACH_PX: Final = 4.0  # so far outside the true edge a silhouette may lie before it is moved there
CUT_OPEN_SHARE: Final = 0.25  # of a region's pixels, at least, have the ground's colour if it is ground
BARE_GAP: Final = 0.3  # of its sides' distance to the ground, a gap has at most
GROUND_SHARE: Final = 0.05  # of the sheet: no figure's one colour is that large
RIM_PX: Final = 14.0  # at 1024²: the widest border, and the line round it
CUT_OPEN_RIM: Final = 0.4  # of the region's outline is a border's width from the ground, at least
GAP_CONTRAST: Final = 5.0  # thresholds of the ground's noise that shadow and ringing stay under
BORDER_GAP: Final = 0.75  # the same between two borders: a pixel or two, nearly closed by blur
SHADOW_SLOPE: Final = 1.3  # lightness per px that a soft shadow does not reach


@dataclass(frozen=True)
class Foreground:
    """`mask`: sticker pixels, holes open. `art`: those that are not white border.

    `bordered`: the sheet's style. `border_px`: the usual width of its border, 0 on a bare sheet.
    """

    mask: Mask
    art: Mask
    bordered: bool
    border_px: float


def from_alpha(lab: Plane, opaque: Mask, scale: float) -> Foreground:
    """Silhouettes of a sheet that is see-through already: its own `opaque` pixels."""
    mask = without_small(opaque, 12 * scale * scale)
    white = whitish(lab)
    bordered = share(white, behind_rim(mask)) > BORDER_SHARE
    art = without_thin_lines(mask & ~white) if bordered else mask
    return Foreground(mask, art, bordered, border_width(mask, distance_to(art), scale) if bordered else 0.0)


def find_foreground(lab: Plane, background: Background, scale: float, *, keep_furniture: bool = False) -> Foreground:
    """Silhouettes on a float32 Lab sheet; `scale` is the sheet's size relative to 1024²."""
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
    """Pixels that differ from the ground, without the ringing of a JPEG.

    What counts is thick, or strong for its surroundings, or could be a pale border.
    """
    distance = background.distance
    far = distance >= background.threshold
    strong = distance >= np.maximum(2.0 * background.threshold, 0.3 * local_maximum(distance, round(8 * scale)))
    # the gap between two strong neighbours is full of their ringing
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
    """Artwork without a border; `shadow` is what a disc may roll over, up to the figures' outlines."""
    # only faint outlines are wanted: the flank of a strong edge is far anyway, and short ones are a JPEG's ringing
    faint = without_small(edge & ~dilate(far, 2), 20 * scale)
    passable = ~far & ~faint
    bare = _reached(passable, background)
    ground = bare | rolled_from_frame(passable | shadow, 2)
    bodies, lit = leaked_bodies(lab, background, Flood(passable, bare, shadow, ground), scale)
    ground &= ~bodies
    mask = at_half_contrast(lab, ~ground, reach_px=EDGE_REACH_PX)
    deepest = GAP_CONTRAST * background.threshold
    strong = background.distance > deepest
    if not background.white:  # artwork has white stripes that look like gaps there
        parted = without_gaps(mask, background.distance, BARE_GAP, max(5, round(9 * scale)), deepest)
        mask = parted | of_another_colour(lab, background, mask & ~parted, parted)
        mask = without_threads(mask, strong)
    mask = without_small(mask, 12 * scale * scale)
    if background.white:  # on colour, pale parts of the artwork are as faint as what is left of shadows
        mask = without_faint(mask, strong)
    mask = without_pockets(lab, background, mask, scale, shadows=lit)
    mask = without_contacts(mask, background.distance, background.threshold)
    return Foreground(mask, mask, bordered=False, border_px=0.0)


def _reached(passable: Mask, background: Background) -> Mask:
    """The ground: what the frame reaches, and every large area of a colour that a person named."""
    ground = open_to_frame(passable)
    return ground | without_small(passable, 0.004 * passable.size) if background.picked else ground


def _cut_open(near: Mask, background: Background, scale: float) -> Mask:
    """Artwork of about the ground's colour in figures that the sheet's edge cuts open.

    Either it only comes near the ground's colour, or all that parts it from the ground is a border's width.
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
    """Pixels that are the ground, only darker and softly so; seen at half the size, as soft things can be."""
    height, width = lab.shape[:2]
    half = (width // 2, height // 2)
    light, *chroma = (blur(resized(lab[..., channel], half), 0.5) for channel in range(3))
    ground = [resized(background.lab[..., channel], half) for channel in range(3)]
    ratio = light / np.maximum(ground[0], 1.0)
    soft = gradient(light) < 2 * 3.2 / min(1.0, scale)
    drift = np.zeros_like(light)
    for smooth, plain in zip(chroma, ground[1:], strict=True):  # a JPEG's blocks have chroma noise of their own
        cv2.accumulateSquare(smooth - plain * ratio, drift)
    allowed = 3.5 + 14.0 * np.clip(1 - ratio, 0, 1)
    shadow = (ratio < 1.02) & (ratio > 0.55) & (drift < allowed * allowed) & soft
    return cv2.resize(shadow.view(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST).view(np.bool_)


def _border_contrast(distance: Plane, far: Mask, white: Mask, shadow: Mask, scale: float) -> float:
    """How far the sheet's white border is from the ground in colour; 0 on a bare sheet.

    The rim is looked for three times: behind strong edges, which passes over a JPEG's ringing on a saturated ground;
    behind any edge, which a white border on a pastel ground needs; and behind the edge of what is no shadow.
    """
    strong = without_small(far & (distance >= 0.5 * local_maximum(distance, 4)), 8 * scale)
    for edge in (strong, far, far & ~shadow):
        ring = behind_rim(~open_to_frame(~edge))
        if share(white, ring) > BORDER_SHARE:
            return float(np.percentile(distance[ring & white], 20))
    return 0.0
