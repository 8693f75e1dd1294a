"""Pale and white artwork in white borders on a white ground stays whole, and shadows are no artwork."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from stickers.cutting import cut_sheet
from stickers.cutting.pale import pale_bodies
from stickers.cutting.raster import dilate, erode

ROW, COLUMN = np.mgrid[:512, :512]


def disc(x: float, y: float, radius_px: float) -> np.ndarray:
    return np.hypot(ROW - y, COLUMN - x) <= radius_px


def bodies(light: np.ndarray, mask: np.ndarray, barrier: np.ndarray, art: np.ndarray) -> np.ndarray:
    return pale_bodies(light.astype(np.float32), mask, barrier, art, 10.0, wide=5)


def outline(body: np.ndarray) -> np.ndarray:
    return dilate(body, 1) & ~erode(body, 1)


def test_a_pale_cloud_is_artwork_though_its_outline_has_a_gap() -> None:
    cloud, sun = disc(150, 250, 60), disc(400, 250, 50)
    gap = np.abs(ROW - 250) < 6
    light = np.where(cloud, -5.0, 0.0)
    found = bodies(light, dilate(cloud | sun, 10), outline(cloud) & ~gap, sun)
    assert found[erode(cloud, 3)].all()
    assert not found[~dilate(cloud, 3)].any()


def test_a_shadow_that_is_open_to_the_ground_is_no_artwork() -> None:
    sun, shadow = disc(200, 250, 60), disc(222, 262, 60)
    light = np.where(shadow & ~dilate(sun, 10), -5.0, 0.0)
    assert not bodies(light, dilate(sun, 10) | shadow, outline(dilate(sun, 10)), sun).any()


def test_a_white_board_is_artwork_and_its_border_is_not() -> None:
    board = (np.abs(ROW - 200) < 60) & (np.abs(COLUMN - 250) < 70)
    pole = (np.abs(ROW - 310) < 50) & (np.abs(COLUMN - 250) < 12)
    mask = dilate(board | pole, 10)
    found = bodies(np.zeros((512, 512)), mask, np.zeros_like(mask), pole)
    assert found[board & (ROW < 230)].mean() > 0.98
    assert not found[~dilate(board, 2)].any()


def test_a_grey_cloud_that_is_lit_from_above_is_cut_out_whole() -> None:
    cloud = disc(170, 200, 60) | disc(110, 230, 40) | disc(235, 230, 45)
    suns = disc(400, 110, 60) | disc(400, 380, 60) | disc(120, 380, 60) | disc(260, 400, 40)
    cut = dilate(cloud | suns, 10)
    shadow = cv2.GaussianBlur(np.roll(cut, (5, 3), (0, 1)).astype(np.float64), (0, 0), 4.0)[..., None]
    picture = np.array([247, 248, 248]) * (1 - 0.2 * shadow)
    for shape, colour in ((cut, (250, 250, 250)), (cloud, (226, 231, 236)), (suns, (250, 190, 40))):
        soft = cv2.GaussianBlur(shape.astype(np.float64), (0, 0), 0.7)[..., None]
        picture = picture * (1 - soft) + np.array(colour) * soft
    picture += np.random.default_rng(1).normal(0, 1, picture.shape)
    cutouts = cut_sheet(Image.fromarray(np.clip(np.round(picture), 0, 255).astype(np.uint8)))
    assert len(cutouts) == 5
    whole = max(cutouts, key=lambda cutout: cutout.rgba.size)
    assert abs(np.count_nonzero(whole.rgba[..., 3] >= 128) / np.count_nonzero(dilate(cloud, 10)) - 1) < 0.02
