"""Silhouettes at the sheet's own size, with their edges where the colours change."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.fitting.cutting.learned.silhouettes import drawn, settled

GROUND, STICKER = (250, 200, 60), (30, 60, 160)


def disc(radius: float, size: int = 200) -> np.ndarray:
    rows, columns = np.mgrid[:size, :size]
    return np.hypot(rows - size / 2 + 0.5, columns - size / 2 + 0.5) < radius


def painted(
    mask: np.ndarray, ground: tuple[int, int, int] = GROUND, sticker: tuple[int, int, int] = STICKER
) -> np.ndarray:
    rgb = np.where(mask[..., None], np.array(sticker, np.uint8), np.array(ground, np.uint8))
    return cv2.GaussianBlur(rgb, (0, 0), 0.7)


@pytest.mark.parametrize("off", [-2, -1, 0, 1, 2])
def test_an_edge_that_is_a_little_off_is_moved_to_the_colours(off: int) -> None:
    truth = disc(60)
    found = settled(painted(truth), disc(60 + off).astype(np.int32)) > 0
    assert np.count_nonzero(found != truth) < 0.12 * 2 * np.pi * 60  # an eighth of a pixel all round


def test_an_edge_without_contrast_stays() -> None:
    near = disc(58).astype(np.int32)
    np.testing.assert_array_equal(settled(painted(disc(60), (252, 252, 252), (255, 255, 255)), near), near)


def test_a_thin_part_is_not_eaten() -> None:
    mask = np.zeros((100, 200), np.bool_)
    mask[48:52, 20:180] = True
    found = settled(painted(mask), mask.astype(np.int32)) > 0
    assert np.count_nonzero(found != mask) < 0.05 * np.count_nonzero(mask)


def test_what_touches_keeps_its_own_pixels() -> None:
    labels = np.where(disc(60), np.where(np.arange(200) < 100, 1, 2)[None], 0).astype(np.int32)
    found = settled(painted(disc(60)), labels)
    inside = disc(55)
    np.testing.assert_array_equal(found[inside], labels[inside])


def test_a_sheet_without_stickers_or_without_ground_stays_as_it_is() -> None:
    rgb = painted(disc(60))
    for labels in (np.zeros((200, 200), np.int32), np.ones((200, 200), np.int32)):
        np.testing.assert_array_equal(settled(rgb, labels), labels)


def test_a_coarse_label_is_drawn_smoothly_at_any_size() -> None:
    coarse = cv2.resize(disc(60).astype(np.uint8), (50, 50), interpolation=cv2.INTER_AREA).astype(np.int32)
    found = drawn(coarse, None, (400, 400)) > 0
    assert found.shape == (400, 400)
    contours, _ = cv2.findContours(found.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    assert cv2.arcLength(contours[0], closed=True) < 1.12 * 2 * np.sqrt(np.pi * np.count_nonzero(found))


def test_the_cover_cuts_a_label() -> None:
    coarse = np.ones((50, 50), np.int32)
    cover = cv2.resize(disc(60).astype(np.float32), (100, 100), interpolation=cv2.INTER_AREA)
    found = drawn(coarse, cover, (200, 200)) > 0
    assert np.count_nonzero(found != disc(60)) < 0.7 * 2 * np.pi * 60
