"""Furniture of a sheet that is no sticker: grid lines between cells, and a frame."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from stickers.cutting.background import Background
from stickers.cutting.raster import Mask, Plane, dilate, erode

SPAN: Final = 0.6  # of the sheet's side that a grid line runs along, at least
THICK_PX: Final = 12.0  # at 1024²: thicker is a card or a figure
PIECE: Final = 1 / 12  # of the sheet's side, at least, a line runs along without a break
PIECE_ON_WHITE: Final = 0.4  # there the line round a row of cards' borders looks like a broken one
BLUR_PX: Final = 3  # beside a line


def without_lines(lab: Plane, background: Background, drawn: Mask, scale: float) -> tuple[Plane, Background]:
    """The sheet and its distance to the ground, with grid and frame lines among the `drawn` pixels made ground.

    What is thicker than a line, and lies across it, stays.
    """
    lines = grid_lines(drawn, scale, piece=PIECE_ON_WHITE if background.white else PIECE)
    if not lines.any():
        return lab, background
    thick = round(THICK_PX / 2 * scale)
    gone = dilate(lines, BLUR_PX) & ~dilate(erode(drawn, thick), thick + BLUR_PX)
    plain = lab.copy(order="K")
    plain[gone] = background.lab[gone]
    return plain, replace(background, distance=np.where(gone, np.float32(0), background.distance))


def grid_lines(drawn: Mask, scale: float, *, piece: float = PIECE) -> Mask:
    """Thin straight lines of `drawn` pixels, HxW, that run along most of the sheet, over what they cross, too.

    `scale`: the sheet's size relative to 1024². What is thin and long is told by openings with a segment (Serra 1982).
    `piece`: of the sheet's side, how far a line runs without a break, at least.
    """
    lines = np.zeros_like(drawn)
    coarse = np.ascontiguousarray(drawn[::2, ::2])
    for turned in (False, True):
        plane = np.ascontiguousarray(coarse.T if turned else coarse)
        width = plane.shape[1]
        drawn_bytes = plane.view(np.uint8)
        # a crossing line is no break: thick is what is thick both ways
        wide = max(3, round(THICK_PX / 2 * scale))
        thick = cv2.morphologyEx(drawn_bytes, cv2.MORPH_OPEN, np.ones((wide, wide), np.uint8))
        low = np.where(thick > 0, 0, drawn_bytes).astype(np.uint8)
        thin = cv2.morphologyEx(low, cv2.MORPH_OPEN, np.ones((1, max(12, int(width * piece))), np.uint8)) > 0
        # a line is crossed by figures: what it shows of itself must be long, and reach over the sheet
        found = thin.mean(axis=1) > 0.2
        for y in np.flatnonzero(found):
            xs = np.flatnonzero(thin[y])
            found[y] = xs[-1] - xs[0] > SPAN * width
        if found.any() and found.mean() < 0.1:
            full = lines.T if turned else lines
            for y in np.flatnonzero(found):
                full[max(0, 2 * y - 2) : 2 * y + 4] = True
    return lines & drawn
