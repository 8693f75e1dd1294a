"""Soft edges: no ground left in them, and a drawn line kept."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from stickers.cutting.matte import matte

GROUND = np.array([240.0, 120.0, 140.0])
PALE = np.array([238.0, 240.0, 244.0])
BORDER = np.array([252.0, 252.0, 250.0])
LINE = np.array([120.0, 120.0, 120.0])


def sheet(
    line_px: float, ground: npt.NDArray[np.float64] = GROUND
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """A disc on a ground, as a camera draws it, with a line of `line_px` round it: picture, alpha and silhouette."""
    y, x = np.mgrid[:96, :96].astype(np.float64)
    depth = 30 - np.hypot(y - 48, x - 48)
    true = np.clip(depth + 0.5, 0, 1)
    line = true * np.clip(line_px + 0.5 - depth, 0, 1)
    sticker = BORDER + (LINE - BORDER) * line[..., None]
    picture = ground + (sticker - ground) * true[..., None]
    picture, alpha = cv2.GaussianBlur(picture, (0, 0), 0.6), cv2.GaussianBlur(true, (0, 0), 0.6)
    return np.round(picture).astype(np.uint8), alpha, true >= 0.5


def test_alpha_is_true_and_the_edge_holds_no_ground() -> None:
    picture, true, mask = sheet(0.0)
    soft = matte(picture, mask)
    edge = (true > 0.02) & (true < 0.98)
    assert np.abs(soft.alpha - true)[edge].mean() < 0.04
    assert np.abs(soft.rgba[..., :3][soft.alpha > 0.05].astype(float) - BORDER).max() < 12
    assert soft.faint < 0.01


def test_a_line_round_the_border_is_kept() -> None:
    picture, true, mask = sheet(2.0, PALE)
    soft = matte(picture, mask)
    edge = (true > 0.1) & (true < 0.9)
    # the line's crest, as blurred as the picture is
    assert np.abs(soft.rgba[..., :3][edge].astype(float) - LINE).mean() < 26
    assert (soft.alpha[true > 0.99] > 0.94).all()  # what lies behind the line is sticker, whatever its colour


def test_what_is_as_pale_as_the_ground_says_so() -> None:
    _, true, mask = sheet(0.0)
    flat = np.full((96, 96, 3), 250, np.uint8)
    soft = matte(flat, mask)
    assert soft.faint > 0.99
    assert np.abs(soft.alpha - true).mean() < 0.02
