"""Specks on white: faint ones are removed, and those without a border of their own get none."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from stickers.cutting import cut_sheet
from stickers.cutting.raster import Mask
from stickers.cutting.specks import without_border, without_faint

BORDER_PX = 9
SPECK_PX = 6
GAP_PX = 9


def disc(x: float, y: float, radius_px: float) -> Mask:
    row, column = np.mgrid[:768, :768]
    mask: Mask = np.hypot(row - y, column - x) <= radius_px
    return mask


def shadow_of(mask: Mask) -> npt.NDArray[np.float64]:
    """A soft shadow that falls a little down and right, 0–1."""
    return cv2.GaussianBlur(np.roll(mask.astype(np.float64), (2, 1), (0, 1)), (0, 0), 5.0)


@pytest.mark.parametrize("border_px", [0, BORDER_PX])
def test_a_shadow_that_begins_at_the_drawing_is_no_borders(border_px: int) -> None:
    drawn = disc(380, 380, SPECK_PX)
    die_cut = disc(380, 380, SPECK_PX + border_px)
    light = np.where(die_cut, 0.0, -14 * shadow_of(die_cut)).astype(np.float32)
    bare = without_border(light, drawn, drawn, BORDER_PX)
    assert np.array_equal(bare, drawn if border_px == 0 else np.zeros_like(drawn))


def test_a_speck_without_a_border_comes_along_as_it_is() -> None:
    figures = [(150, 130, 70), (470, 250, 80), (250, 580, 85)]
    speck = disc(150, 130 + 70 + BORDER_PX + GAP_PX + SPECK_PX, SPECK_PX)
    drawn = np.any([disc(*figure) for figure in figures], axis=0) | speck
    die_cut = np.any([disc(x, y, radius + BORDER_PX) for x, y, radius in figures], axis=0) | speck
    picture = 252 * (1 - 0.14 * shadow_of(die_cut))[..., None] * np.ones(3)
    for mask, colour in ((die_cut, (253, 253, 253)), (drawn, (200, 60, 80))):
        soft = cv2.GaussianBlur(mask.astype(np.float64), (0, 0), 0.7)[..., None]
        picture = picture * (1 - soft) + np.array(colour) * soft
    picture += np.random.default_rng(3).normal(0, 0.8, picture.shape)
    cutouts = cut_sheet(Image.fromarray(np.clip(np.round(picture), 0, 255).astype(np.uint8)))
    assert len(cutouts) == 3
    solid = cutouts[0].rgba[..., 3] >= 128
    gap = 130 + 70 + BORDER_PX + GAP_PX // 2 - cutouts[0].box[1]
    assert not solid[gap].any()
    assert solid[gap:].any(axis=1).sum() == pytest.approx(2 * SPECK_PX + 1, abs=2)


def test_a_speck_that_is_faint_throughout_goes_and_a_large_faint_figure_stays() -> None:
    figure, dot, shade = disc(200, 200, 80), disc(400, 200, 5), disc(600, 200, 5)
    strong = disc(400, 200, 1)
    assert np.array_equal(without_faint(figure | dot | shade, strong), figure | dot)
