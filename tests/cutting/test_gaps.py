"""Neighbours that nearly touch, figures that the frame cuts open, ground that stickers enclose."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from stickers.cutting import Cutout, cut_sheet
from stickers.cutting.gaps import without_gaps, without_threads
from stickers.cutting.raster import components

FINE = 3  # drawn so many times larger, then averaged


def pair(between: float) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float32]]:
    """Two figures six px apart, the gap filled. Distances to the ground: 60 in the figures, `between` in the gap."""
    distance = np.zeros((80, 120), np.float32)
    distance[20:60, 10:57] = distance[20:60, 63:110] = 60
    distance[20:60, 57:63] = between
    return distance > 0, distance


def covered(cutouts: list[Cutout], size: int) -> npt.NDArray[np.int_]:
    owner = np.zeros((size, size), np.int_)
    for cutout in cutouts:
        x, y, width, height = cutout.box
        owner[y : y + height, x : x + width][cutout.rgba[..., 3] >= 128] = cutout.label
    return owner


def averaged(image: Image.Image, size: int) -> Image.Image:
    return image.resize((size, size), Image.Resampling.BOX)


def test_a_faint_gap_is_opened() -> None:
    mask, distance = pair(between=8)
    assert components(mask)[0] == 1
    opened = without_gaps(mask, distance, 0.3, 6, 15.0)
    assert components(opened)[0] == 2
    assert not (opened & ~mask).any()


def test_a_gap_of_a_colour_of_its_own_stays() -> None:
    mask, distance = pair(between=30)
    assert (without_gaps(mask, distance, 0.3, 6, 15.0) == mask).all()


def test_a_valley_inside_a_figure_stays() -> None:
    distance = np.zeros((80, 120), np.float32)
    distance[10:70, 10:110] = 60
    distance[30:50, 57:63] = 5
    mask = distance > 0
    assert (without_gaps(mask, distance, 0.3, 6, 15.0) == mask).all()


def test_a_thread_goes_and_a_whisker_stays() -> None:
    mask = np.zeros((60, 120), np.bool_)
    mask[20:40, 10:40] = True
    mask[24:26, 40:110] = mask[34:36, 40:110] = True
    strong = np.zeros_like(mask)
    strong[24:26, 40:110] = True
    left = without_threads(mask, strong)
    assert left[24:26, 40:110].all()
    assert not left[34:36, 45:110].any()
    assert left[20:40, 10:40].all()


def test_a_figure_in_the_ground_s_colour_is_whole_where_the_frame_cuts_it() -> None:
    size, ground = 360, (238, 196, 60)
    large = Image.new("RGB", (size * FINE, size * FINE), ground)
    pen = ImageDraw.Draw(large)
    for x, y, colour in ((110, 110, (40, 90, 180)), (250, 130, (120, 60, 140)), (180, 345, ground)):
        for radius, fill in ((54, (255, 255, 255)), (48, colour)):
            pen.ellipse([FINE * (x - radius), FINE * (y - radius), FINE * (x + radius), FINE * (y + radius)], fill)
    pen.ellipse([FINE * 160, FINE * 320, FINE * 170, FINE * 330], (60, 30, 20))
    owner = covered(cut_sheet(averaged(large, size)), size)
    assert len(set(owner[345, 140:220].tolist())) == 1
    assert owner[345, 180] > 0


def test_ground_in_the_middle_of_merged_borders_is_ground() -> None:
    size = 512
    large = Image.new("RGB", (size * FINE, size * FINE), (252, 252, 251))
    pen = ImageDraw.Draw(large)
    places = [(256 + 68 * right, 256 + 68 * down) for right in (-1, 1) for down in (-1, 1)]
    for radius, fill in ((71, (176, 176, 176)), (69.5, (255, 255, 255)), (60, (40, 90, 180))):
        for x, y in places:
            pen.ellipse([FINE * (x - radius), FINE * (y - radius), FINE * (x + radius), FINE * (y + radius)], fill)
    owner = covered(cut_sheet(averaged(large, size)), size)
    assert owner[256, 256] == 0
    assert sorted({int(owner[y, x]) for x, y in places}) == [1, 2, 3, 4]
