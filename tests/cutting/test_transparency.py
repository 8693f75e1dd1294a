"""Pictures with an alpha of their own: where it marks the stickers, and where it does not."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from stickers.cutting import cut_sheet
from stickers.cutting.transparency import see_through

SIDE_PX = 300


def rounded(radius_px: int, fill: str = "orange") -> Image.Image:
    """A rounded square that fills its picture; black under its clear corners."""
    image = Image.new("RGBA", (SIDE_PX, SIDE_PX), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((0, 0, SIDE_PX - 1, SIDE_PX - 1), radius_px, fill=fill)
    pen.ellipse((100, 100, 200, 200), "white")
    return image


@pytest.mark.parametrize("radius_px", [18, 30, 60, 100, 150])
def test_a_rounded_square_that_fills_its_picture_is_one_sticker(radius_px: int) -> None:
    image = rounded(radius_px)
    [cutout] = cut_sheet(image)
    assert cutout.box == (0, 0, SIDE_PX, SIDE_PX)
    assert np.array_equal(cutout.rgba[..., 3], np.asarray(image.getchannel("A")))


def test_a_page_with_rounded_corners_is_no_sticker() -> None:
    image = rounded(30, "lightgrey")
    pen = ImageDraw.Draw(image)
    for x, y, colour in ((20, 40, "navy"), (230, 40, "darkred"), (40, 230, "teal"), (220, 220, "olive")):
        pen.ellipse((x, y, x + 50, y + 50), colour)
    cutouts = cut_sheet(image)
    assert len(cutouts) == 5
    assert all(max(cutout.box[2:]) < 130 for cutout in cutouts)


def test_a_figure_that_stands_on_the_picture_s_edge_keeps_its_alpha() -> None:
    image = Image.new("RGBA", (SIDE_PX, SIDE_PX), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 60, SIDE_PX, SIDE_PX), "orange")
    pen.rectangle((0, 0, 200, 60), "orange")
    [cutout] = cut_sheet(image)
    assert np.array_equal(cutout.rgba[..., 3], np.asarray(image.getchannel("A")))


def test_nothing_hidden_under_clear_pixels_becomes_sticker() -> None:
    """A window's rounded corners, or a hole, say nothing about the stickers inside."""
    image = Image.new("RGBA", (SIDE_PX, SIDE_PX), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((0, 0, SIDE_PX - 1, SIDE_PX - 1), 8, fill="lightblue")
    pen.ellipse((30, 30, 130, 130), "navy")
    pen.ellipse((170, 170, 270, 270), "darkred")
    pen.ellipse((210, 210, 230, 230), (0, 0, 0, 0))
    cutouts = cut_sheet(image)
    assert [cutout.box[:2] for cutout in cutouts] == [(26, 26), (166, 166)]
    assert not cutouts[1].rgba[48:60, 48:60, 3].any()
    assert cutouts[1].rgba[20:30, 50:58, 3].all()


def test_a_thin_clear_margin_round_a_sheet_marks_no_sticker() -> None:
    alpha = np.full((SIDE_PX, SIDE_PX), 255, np.uint8)
    alpha[:1] = alpha[-1:] = alpha[:, :1] = alpha[:, -1:] = 0
    assert not see_through(np.zeros((SIDE_PX, SIDE_PX, 3), np.uint8), alpha)
