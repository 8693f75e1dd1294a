"""The outline of the art: its box, its specks and its coverage of output pixels."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from stickers.printing.geometry.silhouette import Bytes, coverage, extent, outline_field, without_specks


def disc(side_px: int, radius_px: float, *, hard: bool = False) -> Bytes:
    fine = Image.new("L", (side_px * 8, side_px * 8))
    ImageDraw.Draw(fine).circle((side_px * 4, side_px * 4), radius_px * 8, fill=255)
    alpha = np.asarray(fine.resize((side_px, side_px), Image.Resampling.BOX))
    return np.where(alpha >= 128, 255, 0).astype(np.uint8) if hard else alpha


@pytest.mark.parametrize("hard", [False, True])
def test_it_works(hard: bool) -> None:
    box = extent(outline_field(disc(100, 40.3, hard=hard)))
    assert box is not None
    assert box.width == pytest.approx(80.6, abs=0.7)
    assert box.height == pytest.approx(80.6, abs=0.7)
    assert box.centre == pytest.approx((50, 50), abs=0.3)
    assert box.longest == max(box.width, box.height)


def test_an_empty_picture_has_no_extent() -> None:
    assert extent(outline_field(np.zeros((20, 20), np.uint8))) is None


def test_art_up_to_the_grid_s_edge_ends_there() -> None:
    box = extent(np.ones((10, 20), np.float32))
    assert box is not None
    assert (box.left, box.top, box.right, box.bottom) == (0, 0, 20, 10)


@pytest.mark.parametrize("strength", [(255, 0), (128, 128), (200, 60)])
def test_a_line_one_pixel_wide_is_kept_wherever_it_falls(strength: tuple[int, int]) -> None:
    alpha = np.zeros((20, 40), np.uint8)
    alpha[9, 5:35], alpha[10, 5:35] = strength
    assert (outline_field(alpha).max(axis=0)[6:34] >= 0.5).all()


def test_stairs_of_a_hard_edge_melt() -> None:
    # A slanted edge, thresholded: the enlarged outline must be nearer to the straight line than half a stair.
    y, x = np.mgrid[0:60, 0:60]
    field = outline_field(np.where((x + 0.5) * 0.2 + 20 < y + 0.5, 255, 0).astype(np.uint8))
    columns = np.arange(10, 50)
    rows = [np.interp(0.5, field[10:50, column], np.arange(10, 50)) for column in columns]
    wrong = np.array(rows) - ((columns + 0.5) * 0.2 + 19.5)
    assert np.abs(wrong - wrong.mean()).max() < 0.3


def test_specks_go_and_the_largest_part_stays() -> None:
    alpha = np.zeros((60, 60), np.uint8)
    alpha[10:40, 10:40] = 255
    alpha[50, 50] = alpha[5, 5] = 255
    field, specks = without_specks(outline_field(alpha), least_px=4)
    assert specks == 2
    assert field[50, 50] == field[5, 5] == 0
    assert field[25, 25] == pytest.approx(1)
    alone, none = without_specks(outline_field(np.pad(np.full((1, 1), 255, np.uint8), 8)), least_px=4)
    assert none == 0
    assert extent(alone) is not None


def test_coverage_is_one_pixel_of_transition() -> None:
    small = Image.fromarray(outline_field(disc(40, 15)))
    covered = coverage(np.asarray(small.resize((200, 200), Image.Resampling.BICUBIC)), 5)
    row = covered[100]
    assert np.count_nonzero((row > 0) & (row < 1)) <= 4
    assert float(covered.sum()) == pytest.approx(np.pi * 75**2, rel=0.01)
