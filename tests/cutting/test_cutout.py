"""The whole segmentation: what it promises for every sheet."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from stickers.cutting import CutOptions, cut_sheet

PINK = (246, 150, 170)


def sheet(ground: tuple[int, int, int] = PINK, size: int = 320) -> Image.Image:
    """Two figures with white borders on a plain ground."""
    image = Image.new("RGB", (size, size), ground)
    draw = ImageDraw.Draw(image)
    for x, y, colour in ((90, 90, "navy"), (230, 210, "darkgreen")):
        draw.ellipse((x - 52, y - 52, x + 52, y + 52), "white")
        draw.ellipse((x - 42, y - 42, x + 42, y + 42), colour)
    return image


def test_it_works() -> None:
    cutouts = cut_sheet(sheet())
    assert [cutout.label for cutout in cutouts] == [1, 2]
    first = cutouts[0]
    x, y, width, height = first.box
    assert first.rgba.shape == (height, width, 4)
    assert first.rgba.dtype == np.uint8
    assert first.contour.dtype == np.float32
    assert 0 <= first.confidence <= 1
    opaque = np.argwhere(first.rgba[..., 3] >= 128) + np.array([y, x])
    assert np.abs(opaque.min(0) - 38).max() <= 1
    assert np.abs(opaque.max(0) - 142).max() <= 1


def test_a_blank_sheet_has_no_stickers() -> None:
    assert cut_sheet(Image.new("RGB", (300, 200), "white")) == []
    assert cut_sheet(Image.new("RGB", (300, 200), PINK)) == []


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (17, 17), (5000, 2)])
def test_a_tiny_sheet_is_no_error(size: tuple[int, int]) -> None:
    assert isinstance(cut_sheet(Image.new("RGB", size, "red")), list)


@pytest.mark.parametrize("mode", ["L", "P", "LA", "CMYK", "I", "F"])
def test_a_picture_that_is_not_opened_as_a_sheet_is_refused(mode: str) -> None:
    with pytest.raises(ValueError, match="as open_image gives it"):
        cut_sheet(Image.new(mode, (60, 60)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"tolerance": 1.5},
        {"tolerance": float("nan")},
        {"join_px": -1},
        {"min_size_px": -3},
        {"background": (1, 2, 300)},
        {"expected_count": 0},
        {"seeds": ((1, 1),), "boxes": ((0, 0, 5, 5),)},
        {"boxes": ((0, 0, 0, 5),)},
        {"tolerance": "much"},
        {"min_size_px": 2.5},
        {"background": (1, 2)},
        {"background": (1, 2, 3.5)},
        {"expected_count": 2.5},
        {"seeds": ((150.5, 150.5),)},
        {"seeds": ((1, "a"),)},
        {"seeds": (7,)},
        {"seeds": ((1, 10**400),)},
        {"boxes": ((0, 0, 5.0, 5),)},
    ],
)
def test_nonsense_options_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\w+ .*\."):
        CutOptions(**wrong)  # type: ignore[arg-type]


def test_lists_become_tuples() -> None:
    options = CutOptions(background=[1, 2, 3], seeds=[[4, 5]])  # type: ignore[arg-type]  (as JSON gives them)
    assert options == CutOptions(background=(1, 2, 3), seeds=((4, 5),))
    assert hash(options) == hash(CutOptions(background=(1, 2, 3), seeds=((4, 5),)))
