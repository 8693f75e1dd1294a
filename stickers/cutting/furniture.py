"""Remove furniture: lines on a sheet that are no sticker, such as a grid between cells or a frame."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from stickers.cutting.background import Background
from stickers.cutting.raster import Mask, Plane, dilate, erode

SPAN: Final = 0.6  # a grid line runs along at least this share of the sheet's side
THICK_PX: Final = 12.0  # at 1024²: what is thicker is a card or a figure
PIECE: Final = 1 / 12  # a line runs along at least this share of the sheet's side without a break
PIECE_ON_WHITE: Final = 0.4  # the same on white, where the outlines of a row of cards look like one broken line
BLUR_PX: Final = 3  # width of the blur beside a line


def without_lines(lab: Plane, background: Background, drawn: Mask, scale: float) -> tuple[Plane, Background]:
    """Turn grid and frame lines among the `drawn` pixels into ground, in the sheet and in its distance to the ground.

    Whatever is thicker than a line and lies across it stays.
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
    """Thin straight lines of `drawn` pixels, HxW, that run along most of the sheet, also over figures that they cross.

    `scale`: the sheet's size relative to 1024². Openings with a segment find what is thin and long (Serra 1982).
    `piece`: a line runs at least along this share of the sheet's side without a break.
    """
    lines = np.zeros_like(drawn)
    coarse = np.ascontiguousarray(drawn[::2, ::2])
    for turned in (False, True):
        plane = np.ascontiguousarray(coarse.T if turned else coarse)
        width = plane.shape[1]
        drawn_bytes = plane.view(np.uint8)
        # A crossing line is no break, so only what is thick both ways counts as thick.
        wide = max(3, round(THICK_PX / 2 * scale))
        thick = cv2.morphologyEx(drawn_bytes, cv2.MORPH_OPEN, np.ones((wide, wide), np.uint8))
        low = np.where(thick > 0, 0, drawn_bytes).astype(np.uint8)
        thin = cv2.morphologyEx(low, cv2.MORPH_OPEN, np.ones((1, max(12, int(width * piece))), np.uint8)) > 0
        # Figures lie across a line. Its visible parts must add up to some length and span the sheet.
        found = thin.mean(axis=1) > 0.2
        for y in np.flatnonzero(found):
            xs = np.flatnonzero(thin[y])
            found[y] = xs[-1] - xs[0] > SPAN * width
        if found.any() and found.mean() < 0.1:
            full = lines.T if turned else lines
            for y in np.flatnonzero(found):
                full[max(0, 2 * y - 2) : 2 * y + 4] = True
    return lines & drawn
