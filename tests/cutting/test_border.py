"""The border of a sheet: it has one width all round, or there is none at all."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from stickers.cutting.border import border_width
from stickers.cutting.raster import Mask, distance_to

MIDDLES = [(x, y) for x in (70, 200, 330) for y in (70, 200, 330)]


def squares(half_px: int) -> Mask:
    drawn = np.zeros((400, 400), np.bool_)
    for x, y in MIDDLES:
        drawn[y - half_px : y + half_px, x - half_px : x + half_px] = True
    return drawn


def test_it_works() -> None:
    assert border_width(squares(58), distance_to(squares(50)), 1.0) == pytest.approx(8, abs=1)


def test_white_parts_down_to_the_rim_are_no_border() -> None:
    """Their rim lies at as many distances from the artwork as the artwork's shape gives."""
    art = np.zeros((400, 400), np.uint8)
    for x, y in MIDDLES:
        corners = [(x - 50, y - 50), (x + 49, y - 50), (x + 20, y + 20), (x - 50, y + 49)]
        cv2.fillPoly(art, [np.array(corners, np.int32)], 1)
    assert border_width(squares(50), distance_to(art > 0), 1.0) == 0
