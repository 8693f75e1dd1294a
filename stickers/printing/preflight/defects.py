"""Measure the defects of a cut-out, in its pixels and its outline. Each function gives a measure, no opinion."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
import shapely
from shapely import Polygon

from stickers.printing.artwork.die_cut import SPECK_MM2, DieCut

Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

HALO_DEPTH_PX: Final = 3  # a rim of foreign light up to this width is a halo; a wider one was drawn

_SOLID: Final = 128
_FAINT: Final = 12
_SEEN: Final = 80  # an outline is drawn around a dot whose strongest pixel has at least this alpha
_SOFT_EDGE_PX: Final = 3
_HALO_STEP: Final = 28  # levels of lightness between rim and inside
_PALE: Final = 150
_COLOURLESS: Final = 60  # a rim with up to this chroma, largest minus smallest channel, counts as white or grey
_STRAY_MM2: Final = 0.6  # a dot of 0.9 mm: smaller ones are dirt, sparkles are larger
_CORNER_MM2: Final = 0.12  # an opening takes less than this from a sharp corner
_CUT_OFF_SHARE: Final = 0.1
_OPPOSITE_SHARE: Final = 0.6
# a round side's chord doubles within three rows; a side that was cut straight hardly changes
_FLAT_GROWTH: Final = 1.45


def cut_off_sides(rgba: Bytes) -> tuple[str, ...]:
    """The sides on which the art runs flat into the picture's edge, as art does that its sheet cut off.

    `rgba`: HxWx4 uint8. A side counts only if there is an empty margin opposite to it. A cut-out has one on each side
    where its sheet went on. A picture that is cropped to its art has none, so its flat side was drawn so.
    """
    alpha = rgba[..., 3]
    sides = {"top": alpha, "bottom": alpha[::-1], "left": alpha.T, "right": alpha.T[::-1]}
    return tuple(name for name, rows in sides.items() if not (rows[-1] > _FAINT).any() and _is_cut(rows >= 250))


def _is_cut(rows: Mask) -> bool:
    """Whether the picture ended before its art did, at the first of these rows."""
    if len(rows) < 8:
        return False
    run = _longest_run(rows[0])
    whole = int(np.count_nonzero(rows.any(axis=0)))
    if run < max(6, _CUT_OFF_SHARE * whole):
        return False
    first, later = int(np.count_nonzero(rows[0])), int(np.count_nonzero(rows[4]))
    # Opposite to the side of a rectangle lies one like it, with round corners or without.
    last = rows[np.flatnonzero(rows.any(axis=1))[-1]]
    return later <= _FLAT_GROWTH * first + 2 and _longest_run(last) < _OPPOSITE_SHARE * run


def _longest_run(row: Mask) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(np.int8), [0]])))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def strays(rgba: Bytes, mm_per_px: float) -> Mask:
    """The pixels of loose dots that would print, but are smaller than 0.6 mm²: HxW bool.

    The largest part is never one of them. Dust too fine or too faint to show in print is none, either.
    """
    alpha = rgba[..., 3]
    count, labels, stats, _ = cv2.connectedComponentsWithStats((alpha > _FAINT).astype(np.uint8), connectivity=8)
    if count <= 2:
        return np.zeros(alpha.shape, bool)
    areas = stats[:, cv2.CC_STAT_AREA] * mm_per_px**2
    small = (areas < _STRAY_MM2) & (areas >= SPECK_MM2 / 2)
    small[[0, 1 + int(np.argmax(areas[1:]))]] = False
    strongest = np.zeros(count, np.uint8)
    np.maximum.at(strongest, labels.astype(np.intp), alpha)
    small &= strongest >= _SEEN
    found: Mask = small[labels]
    return found


def thin_parts(sticker: DieCut, least_mm: float) -> list[Polygon]:
    """Parts of the art narrower than `least_mm`, in the sticker's millimetres. Corners do not count."""
    half = least_mm / 2
    solid = shapely.buffer(shapely.buffer(sticker.shape, -half, quad_segs=4), half * 1.15, quad_segs=4)
    left = shapely.difference(sticker.shape, solid)
    return [
        piece
        for piece in shapely.get_parts(left)
        # A sliver along an edge is long and has almost no width. A hair has at least half of the width asked for.
        if piece.area > _CORNER_MM2 and 2 * piece.area / max(piece.length, 1e-9) > 0.12 * least_mm
    ]


def halo_share(rgba: Bytes) -> float:
    """The share of the art's rim, 0 to 1, that is a thin pale line around something darker."""
    inside = (rgba[..., 3] >= _SOLID).astype(np.uint8)
    padded = np.pad(inside, 1)
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    rim = (depth > 0.5) & (depth <= 1.6)
    core = (depth > HALO_DEPTH_PX + 0.5) & (depth <= HALO_DEPTH_PX + 3)
    if not core.any() or not rim.any():
        return 0.0
    _, labels = cv2.distanceTransformWithLabels(
        (~core).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    index = np.zeros(int(labels.max()) + 1, np.intp)
    index[labels[core]] = np.flatnonzero(core)
    art = rgba[..., :3].reshape(-1, 3)
    seen, behind = art[np.flatnonzero(rim)], art[index[labels[rim]]]
    light, chroma = seen.mean(axis=1), np.ptp(seen, axis=1)
    pale = (light - behind.mean(axis=1) > _HALO_STEP) & (light > _PALE) & (chroma <= _COLOURLESS)
    return float(np.count_nonzero(pale)) / len(pale)


def faint_share(rgba: Bytes) -> float:
    """The share of the visible art that lies outside its outline because its alpha is under a half: 0 to 1.

    `rgba`: HxWx4 uint8. A soft edge of `_SOFT_EDGE_PX` around the outline does not count.
    """
    alpha = rgba[..., 3]
    side = 2 * _SOFT_EDGE_PX + 1
    near = cv2.dilate((alpha >= _SOLID).astype(np.uint8), np.ones((side, side), np.uint8)) > 0
    visible = alpha > _FAINT
    return float(np.count_nonzero(visible & ~near)) / max(int(np.count_nonzero(visible)), 1)


def see_through_mm2(sticker: DieCut) -> float:
    """How much of the art is see-through, without its soft edge, in mm²."""
    opacity = sticker.art.opacity
    if opacity is None:
        return 0.0
    inside = sticker.field >= 0.5
    # Between an edge's blur and full ink.
    return float(np.count_nonzero(inside & (opacity < 240))) * sticker.mm_per_px**2


def holes_mm2(sticker: DieCut, least_mm2: float) -> list[float]:
    """The areas of the holes in the art that are larger than `least_mm2`."""
    areas = [Polygon(ring).area for part in sticker.shape.geoms for ring in part.interiors]
    return [area for area in areas if area > least_mm2]
