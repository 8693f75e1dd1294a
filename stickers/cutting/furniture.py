"""Furniture of a sheet that is no sticker: grid lines between cells."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from stickers.cutting.raster import Mask

SPAN: Final = 0.6  # of the sheet's side that a grid line runs along, at least
THICK_PX: Final = 12.0  # at 1024²: thicker is a card or a figure


def grid_lines(drawn: Mask, scale: float) -> Mask:
    """Thin straight lines of `drawn` pixels, HxW, that run along most of the sheet, over what they cross, too.

    `scale`: the sheet's size relative to 1024². What is thin and long is told by openings with a segment (Serra 1982).
    """
    lines = np.zeros_like(drawn)
    coarse = np.ascontiguousarray(drawn[::2, ::2])
    for turned in (False, True):
        plane = np.ascontiguousarray(coarse.T if turned else coarse)
        width = plane.shape[1]
        drawn_bytes = plane.view(np.uint8)
        tall = cv2.morphologyEx(
            drawn_bytes, cv2.MORPH_OPEN, np.ones((max(3, round(THICK_PX / 2 * scale)), 1), np.uint8)
        )
        low = np.where(tall > 0, 0, drawn_bytes).astype(np.uint8)
        thin = cv2.morphologyEx(low, cv2.MORPH_OPEN, np.ones((1, max(12, width // 12)), np.uint8)) > 0
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
