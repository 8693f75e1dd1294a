"""Find die-cut silhouettes whose white border has the colour of the white ground.

A shadow or a thin contour line reveals such a border. Sharp edges are barriers (a soft shadow is none), and ground is
where a disc can roll in from outside (an alpha-shape; Edelsbrunner et al. 1983). Where a side shows no edge, the
silhouette is made by offset: the artwork is grown by the width of the sheet's visible borders.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from stickers.cutting.background import Background
from stickers.cutting.border import NARROW_PX, border_width, leaked_share, without_thin_lines
from stickers.cutting.pale import pale_bodies
from stickers.cutting.raster import (
    Labels,
    Mask,
    Places,
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
    nearest_component,
    rolled_from_frame,
    without_small,
)
from stickers.cutting.snapping import snapped
from stickers.cutting.specks import without_border

LEAK: Final = 0.06
FIGURE_SHARE: Final = 0.001  # of the sheet: the artwork of a figure, not of a satellite
ENCLOSED_SHARE: Final = 0.0006  # of the sheet: enclosed ground below this is not worth telling from borders
GROUND_OFFSET: Final = 4.0  # Lab: a colour this near is the ground's own, or its colour in shadow
# At least this share of the edges round enclosed ground lies a border's width from artwork. 11 places on composed
# sheets show 0.7 to 1.0; pale bodies and their borders show 0.2 to 0.4.
DIE_CUT_SHARE: Final = 0.55
ONE_FIGURE: Final = 0.8  # at least this share of a white body's surroundings belongs to its own figure
CREAM: Final = 3.8  # least Lab chroma of a cream border: 11 composed ones show 4.4 to 6.7, 28 white ones up to 3.2
# Lab lightness: if the ring near a speck is darker than the far one by more, it is the speck's own shadow
SHADED: Final = -0.3
BEYOND: Final = 1.2  # in borders: no border of the other artwork reaches this far
BORDER_ROUND: Final = 0.6  # a small piece of artwork with a border has at least this share of border round it
BORDER_FALL: Final = 0.4  # its border ends with at least this share of the fall in lightness of the figures' borders
LEAST_FALL: Final = 0.5  # lightness: less is a JPEG's noise
DARKER: Final = 2.0  # lightness: more than noise, and more than a blurred white line
DARKEST: Final = np.float32(-100)
BEHIND: Final = 0.6  # in borders: what is farther from artwork lies behind a border


@dataclass(frozen=True)
class OnWhite:
    """`mask`: silhouettes. `art`: what is not border. `border_px`: the border's width, 0 on a bare sheet."""

    mask: Mask
    art: Mask
    border_px: float


def find_on_white(lab: Plane, background: Background, edge: Mask, scale: float) -> OnWhite:
    """The silhouettes on a near-white ground. `edge`: sharp edges, HxW. `scale`: the sheet's size relative to 1024²."""
    chroma_a = lab[..., 1] - background.lab[..., 1]
    chroma_b = lab[..., 2] - background.lab[..., 2]
    tinted = chroma_a**2 + chroma_b**2 > 81.0
    barrier = without_small(edge | tinted | (background.distance > 28.0), 12 * scale * scale)
    drawn = background.distance > 8.0
    for frame in (np.s_[:2], np.s_[-2:], np.s_[:, :2], np.s_[:, -2:]):
        barrier[frame] |= drawn[frame]  # artwork that the sheet's edge cuts open is no way in
    coarse = max(2, round(3 * scale))
    mask = _silhouettes(barrier, coarse, scale)
    enclosed = _enclosed_ground(background, mask, barrier, mask & (tinted | without_thin_lines(drawn)), scale)
    mask &= ~enclosed
    drawn &= ~_shadow_slope(lab, background, mask, scale)
    art = mask & (tinted | without_thin_lines(mask & drawn))
    from_art = distance_to(art)
    border_px = border_width(mask, from_art, scale)
    if border_px == 0:
        return OnWhite(mask, art, 0.0)
    tint = _tint(chroma_a, chroma_b, np.flatnonzero(mask & (from_art > 0.3 * border_px) & (from_art < 0.7 * border_px)))
    if tint is not None:  # a cream border shows itself
        barrier |= without_small(tint > float(tint.max()) / 2, 12 * scale * scale)
        mask = _silhouettes(barrier, coarse, scale) & ~enclosed
        art = mask & (tinted | without_thin_lines(mask & drawn))
        from_art = distance_to(art)
        border_px = border_width(mask, from_art, scale) or border_px
    light = np.clip(lab[..., 0] - background.lab[..., 0], -40.0, 6.0)
    bodies = pale_bodies(light, mask, barrier, art, border_px, wide=2 * coarse)
    if bodies.any():
        art |= bodies
        from_art = distance_to(art)
    # The finest disc that does not leak to the artwork rolls through the gaps between neighbours, too.
    allowed = leaked_share(mask, from_art, border_px) + LEAK
    specks = without_border(light, mask, art, border_px)
    for radius in range(1, coarse):
        fine = _silhouettes(barrier, radius, scale) & ~enclosed
        if radius == 1:
            specks |= without_border(light, fine, art, border_px, step=SHADED)
        if leaked_share(fine, from_art, border_px) <= allowed:
            mask = fine | bodies
            art &= mask
            from_art = distance_to(art)
            border_px = border_width(mask, from_art, scale) or border_px
            break
    if specks.any():
        from_art = distance_to(art & ~specks)
        mask &= ~specks & ~(dilate(specks, coarse + 2) & (from_art > BEYOND * border_px))
    mask &= ~_trapped_ground(light, mask, barrier, from_art, border_px)
    # Where no edge shows, the border is made by offset.
    pale = _dark_rim(light, mask, scale) if border_px > NARROW_PX else np.zeros_like(mask)
    from_art = _from_bordered_art(light, mask, (art | pale) & ~specks, border_px)
    seen = light if tint is None else light + tint
    mask, border_px = snapped(seen, mask | (from_art <= border_px), from_art, border_px, scale)
    mask &= dilate(erode(mask, 2), 2)  # a border is wider than a thread of shadow between two stickers
    return OnWhite(mask | specks, art, border_px)


def _tint(chroma_a: Plane, chroma_b: Plane, border: Places) -> Plane | None:
    """How much of the border's own chroma each pixel has above the ground's, in Lab; None if the border is white.

    `border`: flat indices of pixels that are border, or mostly are.
    """
    if not len(border):
        return None
    chroma = np.stack([chroma_a.ravel()[border], chroma_b.ravel()[border]], axis=1)
    strength = np.linalg.norm(chroma, axis=1)
    hue = np.median(chroma[strength >= np.quantile(strength, 0.6)], axis=0)  # what was taken for border may be ground
    strongest = float(np.linalg.norm(hue))
    if strongest < CREAM:
        return None
    hue /= strongest
    own = chroma @ hue
    full = float(np.median(own[own > strongest / 2]))
    return np.clip(blur(chroma_a * float(hue[0]) + chroma_b * float(hue[1]), 1.0), 0.0, full)


def _silhouettes(barrier: Mask, radius: int, scale: float) -> Mask:
    return erode(without_small(~rolled_from_frame(~barrier, radius), 40 * scale * scale), 1)


def _enclosed_ground(background: Background, mask: Mask, barrier: Mask, art: Mask, scale: float) -> Mask:
    """Ground enclosed by stickers whose borders have run together.

    Such ground has room for a disc, has the ground's colour, and has several figures round it. The edges that bound it
    are die cuts: they lie a border's width away from the artwork. A white body ends at its own outline instead.
    """
    radius = max(2, round(3 * scale))
    free = mask & ~barrier
    room = dilate(erode(free, radius), radius) & free
    count, labels = components(room, diagonal=False)
    size = areas(labels, count)
    figures, figure_labels = components(art)
    large = areas(figure_labels, figures) > FIGURE_SHARE * mask.size
    large[0] = False
    if not large.any():
        return np.zeros_like(mask)
    drawn = large[figure_labels]
    depth = distance_to(drawn)
    border_px = border_width(mask, depth, scale)
    if border_px == 0:
        return np.zeros_like(mask)
    figure_at: Labels | None = None  # costs as much as all the rest, and is rarely needed
    ground = np.zeros(count + 1, np.bool_)
    for label, box in enumerate(boxes(labels, count), 1):
        if box is None or size[label] < ENCLOSED_SHARE * mask.size:
            continue
        window = grown(box, radius + 1, labels.shape)
        inside = labels[window] == label
        offset = float(np.median(background.distance[window][inside]))
        at = depth[window][dilate(inside, radius + 1) & barrier[window]] / border_px
        die_cut = float(((at > BEHIND) & (at < 1.5)).mean()) if len(at) else 0.0
        if offset >= GROUND_OFFSET or die_cut <= DIE_CUT_SHARE:
            continue
        if figure_at is None:
            _, figure_at = nearest_component(drawn)
        touched = np.bincount(figure_at[window][dilate(inside, radius) & ~inside])
        ground[label] = touched.max() < ONE_FIGURE * touched.sum()
    return dilate(chosen(ground, labels), radius) & free & (depth > BEHIND * border_px)


def _shadow_slope(lab: Plane, background: Background, mask: Mask, scale: float) -> Mask:
    """The sloping, colourless rim of shadows that got into the rough silhouettes. Flat grey is artwork."""
    light = blur(lab[..., 0], 1.0)
    slope = gradient(light)
    off_a, off_b = lab[..., 1] - background.lab[..., 1], lab[..., 2] - background.lab[..., 2]
    grey = off_a * off_a + off_b * off_b < 20.0
    dark = background.lab[..., 0] - light
    soft = (slope > 0.2) & (slope < 3.0) & grey & (dark < 26.0)
    near_rim = distance_to(~mask) < 14 * scale
    return dilate(erode(soft & near_rim, 1), 2) & grey & (slope < 3.0)


def _from_bordered_art(light: Plane, mask: Mask, art: Mask, border_px: float) -> Plane:
    """Every pixel's distance to the artwork that has a border. Only some small pieces have none.

    Such a piece is a speck beside a sticker, or a bit of the line round its border. Ground surrounds most of it, and at
    a border's width from it lightness falls less than round the sheet's figures.
    """
    if not art.any():
        return distance_to(art)
    depth, owner = nearest_component(art)
    places = np.flatnonzero((depth > 0.4 * border_px) & (depth < 1.35 * border_px + 2.0))
    far, owners, level, found = (plane.ravel()[places] for plane in (depth, owner, light, mask))
    inner, outer = far < 0.75 * border_px, far > 0.8 * border_px
    size = np.bincount(owner.ravel()[np.flatnonzero(art)], minlength=int(owner.max()) + 1)
    large = size >= FIGURE_SHARE * mask.size
    figures = large[owners]
    if not (figures & inner).any() or not (figures & outer).any():
        return depth
    usual = float(level[figures & inner].mean()) - float(level[figures & outer].mean())
    beyond = outer & ~dilate(mask, 2).ravel()[places]
    fall = _means(owners[inner], level[inner], len(size)) - _means(owners[beyond], level[beyond], len(size))
    border = _means(owners[inner], found[inner], len(size))
    bare = ~large & (border < BORDER_ROUND) & (fall < BORDER_FALL * max(usual, LEAST_FALL))
    return distance_to(art & ~np.take(bare, owner)) if bare.any() else depth


def _means(owners: npt.NDArray[np.generic], values: npt.NDArray[np.generic], number: int) -> npt.NDArray[np.float64]:
    """The mean of every owner's values; NaN for an owner without values."""
    total = np.bincount(owners, minlength=number)
    summed = np.bincount(owners, weights=values.astype(np.float64), minlength=number)
    mean: npt.NDArray[np.float64] = np.where(total > 0, summed / np.maximum(total, 1), np.nan)
    return mean


def _dark_rim(light: Plane, mask: Mask, scale: float) -> Mask:
    """The rim where a silhouette ends at pale artwork, because its border was taken for ground.

    Such a rim is darker than what lies outside it. A border is lighter than what lies outside, also behind a line.
    """
    half = np.s_[::2, ::2]
    level, here = light[half], mask[half]
    inside = local_maximum(np.where(here, level, DARKEST), max(2, round(3 * scale)))
    outside = local_maximum(np.where(here, DARKEST, blur(light, 1.0)[half]), 1)
    rim = here & ~erode(here, 1) & (inside < outside - DARKER)
    wide = np.repeat(np.repeat(without_small(rim, 10 * scale), 2, axis=0), 2, axis=1)
    return wide[: mask.shape[0], : mask.shape[1]] & mask


def _trapped_ground(light: Plane, mask: Mask, barrier: Mask, depth: Plane, border_px: float) -> Mask:
    """Ground between neighbours that no disc could reach: too far from art for a border, and darker than a border.

    No edge parts it from the ground outside; an edge does part pale artwork.
    """
    border = mask & (depth > 0.3 * border_px) & (depth < 0.75 * border_px)
    if not border.any():
        return np.zeros_like(mask)
    soft = blur(light, 1.0)
    dark = mask & ~barrier & (depth > 1.1 * border_px + 1.0) & (soft < float(np.median(soft[border])) - 1.2)
    count, labels = components(erode(dark, 1))
    outside = dilate(~mask, 2)
    keep = np.zeros(count + 1, np.bool_)
    keep[labels[outside]] = True
    keep[0] = False
    return dilate(chosen(keep, labels), 2) & dark
