"""Outlines that a knife can follow."""

from __future__ import annotations

import cv2
import numpy as np

from stickers.cutting.knife import BLUR, MOST_ADDED, NEVER, SMOOTH, followed, roughness

SIDE = 600


def hedgehog() -> np.ndarray:
    """A disc with thin spines: no knife cuts this."""
    labels = np.zeros((SIDE, SIDE), np.uint8)
    cv2.circle(labels, (300, 300), 90, (1,), -1)
    for angle in np.arange(0, 360, 8):
        x, y = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        cv2.line(labels, (300, 300), (round(300 + 130 * x), round(300 + 130 * y)), (1,), 3)
    return labels.astype(np.int32)


def test_it_works() -> None:
    labels = hedgehog()
    blur_px = BLUR * SIDE
    before = roughness(labels == 1, blur_px)
    found = followed(labels, 1)
    assert SMOOTH < roughness(found == 1, blur_px) < before - 0.1
    assert (found[labels == 1] == 1).all()  # nothing of the sticker is lost
    assert np.count_nonzero(found) < (1 + MOST_ADDED + 0.02) * np.count_nonzero(labels)


def test_strokes_that_no_knife_could_follow_become_one_figure() -> None:
    labels = np.zeros((SIDE, SIDE), np.uint8)
    labels[200:400, 200:400:8] = labels[200:400, 201:401:8] = 1
    blur_px = BLUR * SIDE
    assert roughness(labels == 1, blur_px) > NEVER
    assert roughness(followed(labels.astype(np.int32), 1) == 1, blur_px) < SMOOTH + 0.05


def test_a_smooth_outline_stays_to_the_pixel() -> None:
    labels = np.zeros((SIDE, SIDE), np.uint8)
    cv2.circle(labels, (300, 300), 150, (1,), -1)
    found = followed(labels.astype(np.int32), 1)
    np.testing.assert_array_equal(found, labels)


def test_nothing_grows_into_a_neighbour() -> None:
    labels = hedgehog()
    labels[:, 300:310] = np.where(labels[:, 300:310] == 0, 2, labels[:, 300:310])
    found = followed(labels, 2)
    assert (found[labels == 2] == 2).all()


def test_a_small_rough_thing_stays() -> None:
    labels = np.zeros((SIDE, SIDE), np.int32)
    labels[300:320:2, 300:320] = 1
    np.testing.assert_array_equal(followed(labels, 1), labels)
