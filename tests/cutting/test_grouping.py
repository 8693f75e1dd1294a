"""Satellites join their figures. What could be peeled on its own stays alone if it stands for itself."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from stickers.cutting import cut_sheet
from stickers.cutting.grouping import CLOSE_PX, JOIN_PX, group
from stickers.cutting.raster import Labels

PINK = (246, 150, 170)


def plane(*squares: tuple[int, int, int]) -> Labels:
    """A 1024² label plane with squares (x, y, side), numbered from 1."""
    labels = np.zeros((1024, 1024), np.int32)
    for label, (x, y, side) in enumerate(squares, 1):
        labels[y : y + side, x : x + side] = label
    return labels


def joined(*squares: tuple[int, int, int], close_px: float = CLOSE_PX) -> list[int]:
    """The label that each square has after grouping."""
    labels = plane(*squares)
    _, grouped = group(labels, len(squares), join_px=JOIN_PX, close_px=close_px)
    return [int(grouped[y, x]) for x, y, _ in squares]


def test_a_small_satellite_may_lie_farther_away_than_a_large_one() -> None:
    assert joined((100, 100, 200), (308, 100, 50)) == [1, 1]
    assert joined((100, 100, 200), (308, 100, 80)) == [1, 2]


def test_a_satellite_of_a_satellite_comes_along() -> None:
    assert joined((100, 100, 200), (305, 100, 30), (340, 100, 50)) == [1, 1, 1]


def test_noise_between_two_does_not_join_them() -> None:
    assert joined((100, 100, 200), (303, 100, 5), (317, 100, 60)) == [1, 1, 2]


def test_a_crumb_without_a_figure_is_dropped_and_a_larger_piece_is_kept() -> None:
    assert joined((100, 100, 200), (400, 400, 20), (600, 600, 40)) == [1, 0, 2]


def test_a_large_piece_is_no_satellite_of_a_giant() -> None:
    assert joined((100, 100, 600), (703, 100, 120), (400, 800, 120)) == [1, 2, 3]


def test_no_distance_joins_crumbs_only() -> None:
    assert joined((100, 100, 200), (305, 100, 50), (100, 305, 20), close_px=0) == [1, 2, 1]


def test_a_sheet_of_specks_is_a_sheet_of_figures() -> None:
    assert joined((100, 100, 30), (140, 100, 30), (180, 100, 30)) == [1, 2, 3]


def test_a_small_bordered_sticker_beside_a_large_one_is_a_sticker() -> None:
    image = Image.new("RGB", (600, 400), PINK)
    pen = ImageDraw.Draw(image)
    for x, radius, ink in ((150, 120, "navy"), (304, 30, "darkgreen"), (480, 90, "maroon")):
        pen.ellipse((x - radius, 200 - radius, x + radius, 200 + radius), "white")
        pen.ellipse((x - radius + 8, 208 - radius, x + radius - 8, 192 + radius), ink)
    assert len(cut_sheet(image)) == 3
