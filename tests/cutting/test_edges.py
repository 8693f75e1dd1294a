"""The silhouette's edge, to the pixel."""

from __future__ import annotations

import cv2
import numpy as np

from stickers.cutting.edges import at_half_contrast
from stickers.cutting.raster import Mask

GROUND, BORDER, ART = (94, 3, 11), (98, 0, 0), (40, 0, -30)  # Lab


def disc(x: float, y: float, radius_px: float) -> Mask:
    row, column = np.mgrid[:200, :200]
    mask: Mask = np.hypot(row - y, column - x) <= radius_px
    return mask


def test_a_border_is_measured_by_itself_where_artwork_comes_near_the_edge() -> None:
    die_cut, art = disc(100, 100, 70), disc(106, 100, 60)  # a border of 4 px on the right, of 16 px on the left
    lab = np.full((200, 200, 3), GROUND, np.float32)
    lab[die_cut] = BORDER
    lab[art] = ART
    lab = cv2.GaussianBlur(lab, (0, 0), 0.7)
    mask = at_half_contrast(lab, die_cut, reach_px=4.0, border=(lab[..., 0] > 86) & (lab[..., 2] < 8))
    assert np.count_nonzero(mask ^ die_cut) < 40
