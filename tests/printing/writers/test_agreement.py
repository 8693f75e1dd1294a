"""All formats of one order have the same outline: PNG, page PNG, PDF, SVG and DXF within 0.05 mm."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from stickers.printing.artwork.die_cut import die_cut
from stickers.printing.options import PrintOptions
from tests.support.print_art import Bytes, cut_outs, disc
from tests.support.print_outlines import FORMATS, apart, distances

MOST_MM = 0.05


def blurred(shape: Bytes) -> Bytes:
    """A red picture of a mask (HxW uint8, 0 or 255) with a soft edge."""
    alpha = cv2.GaussianBlur(shape, (0, 0), 0.7)
    return np.dstack([np.full_like(alpha, 200), np.zeros_like(alpha), np.zeros_like(alpha), alpha])


def notched() -> Bytes:
    """A square with a deep slot and a wedge, where a raster border and a vector border used to differ."""
    shape = np.zeros((240, 240), np.uint8)
    shape[20:220, 20:220] = 255
    shape[20:150, 112:126] = 0
    cv2.fillPoly(shape, [np.array([(220, 100), (220, 180), (150, 140)])], 0)
    return blurred(shape)


def holed() -> Bytes:
    shape = np.zeros((240, 240), np.uint8)
    cv2.circle(shape, (120, 120), 100, 255, -1)
    cv2.circle(shape, (120, 120), 45, 0, -1)
    return blurred(shape)


def parted() -> Bytes:
    shape = np.zeros((160, 260), np.uint8)
    cv2.circle(shape, (70, 80), 50, 255, -1)
    cv2.rectangle(shape, (180, 40), (230, 120), 255, -1)
    return blurred(shape)


ART = {"disc": disc(), "notches": notched(), "hole": holed(), "parts": parted(), "cut-out": cut_outs()[0][1]}


@pytest.mark.parametrize("border_mm", [0, 1, 3])
@pytest.mark.parametrize("size_mm", [20, 45])
@pytest.mark.parametrize("art", ART)
def test_it_works(art: str, size_mm: float, border_mm: float) -> None:
    sticker = die_cut(ART[art], PrintOptions(size_mm=size_mm, border_mm=border_mm), keep_holes=art == "hole")
    assert len(sticker.path.holes) == (art == "hole" and not (size_mm == 20 and border_mm == 3))
    found = distances(sticker)
    assert set(found) == set(FORMATS)
    assert {name: away for name, away in found.items() if away > MOST_MM} == {}


def test_another_outline_is_seen() -> None:
    """The measure itself: the line of a sticker that is 0.2 mm larger lies 0.1 mm away."""
    line, wider = (die_cut(disc(), PrintOptions(size_mm=size_mm)).path for size_mm in (30, 30.2))
    rings = [[loop.flattened(0.001) for loop in path.loops] for path in (line, wider)]
    assert apart(*rings) == pytest.approx(0.1, abs=0.02)
    assert apart(rings[0], []) == float("inf")
