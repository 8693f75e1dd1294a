"""Holes: open to their edge where they show the ground, closed where they only look pale."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from stickers.cutting import cut_sheet

GROUND = (214, 226, 240)


def ring(
    radius_px: float, colour: tuple[int, int, int], ground: tuple[int, int, int] = GROUND
) -> tuple[Image.Image, np.ndarray]:
    """A red disc on a pale ground with a hole of this colour, as a camera draws it, and where the hole is."""
    y, x = np.mgrid[:512, :512].astype(np.float64)
    away = np.hypot(y - 256, x - 256)
    disc, hole = np.clip(120.5 - away, 0, 1)[..., None], np.clip(radius_px + 0.5 - away, 0, 1)[..., None]
    picture = ground + (np.array([220, 60, 70]) - ground) * disc * (1 - hole) + (np.array(colour) - ground) * hole
    picture = cv2.GaussianBlur(picture, (0, 0), 0.7) + np.random.default_rng(1).normal(0, 1, picture.shape)
    return Image.fromarray(np.clip(np.round(picture), 0, 255).astype(np.uint8)), away < radius_px


@pytest.mark.parametrize("radius_px", [3.5, 6.0, 25.0])
def test_a_hole_that_shows_the_ground_is_open_to_its_edge(radius_px: float) -> None:
    image, hole = ring(radius_px, GROUND)
    (cutout,) = cut_sheet(image)
    x, y, width, height = cutout.box
    clear = cutout.rgba[..., 3] < 128
    assert clear[hole[y : y + height, x : x + width]].mean() > 0.85
    assert np.count_nonzero(clear[60:-60, 60:-60]) < 1.2 * np.count_nonzero(hole)


@pytest.mark.parametrize("radius_px", [3.5, 25.0])
def test_a_pale_spot_of_another_colour_stays(radius_px: float) -> None:
    image, hole = ring(radius_px, (240, 236, 214))
    (cutout,) = cut_sheet(image)
    x, y, width, height = cutout.box
    assert (cutout.rgba[..., 3][hole[y : y + height, x : x + width]] == 255).all()


@pytest.mark.parametrize("radius_px", [4.0, 5.0])
def test_a_small_hole_that_a_blurred_camera_left_no_pure_ground_is_open(radius_px: float) -> None:
    image, hole = ring(radius_px, GROUND)
    blurred = Image.fromarray(np.asarray(cv2.GaussianBlur(np.asarray(image), (0, 0), 1.2), np.uint8))
    (cutout,) = cut_sheet(blurred)
    x, y, width, height = cutout.box
    assert (cutout.rgba[..., 3] < 128)[hole[y : y + height, x : x + width]].mean() > 0.5


def test_a_small_light_place_beside_the_line_from_ground_to_figure_is_artwork() -> None:
    image, hole = ring(4.0, (226, 240, 232))
    (cutout,) = cut_sheet(image)
    x, y, width, height = cutout.box
    assert (cutout.rgba[..., 3][hole[y : y + height, x : x + width]] == 255).all()


@pytest.mark.parametrize("radius_px", [5.0, 25.0])
@pytest.mark.parametrize(("colour", "clear"), [((247, 247, 248), True), ((255, 255, 255), False)])
def test_on_a_nearly_white_ground_one_hole_is_open_and_white_paint_stays(
    radius_px: float, colour: tuple[int, int, int], *, clear: bool
) -> None:
    image, hole = ring(radius_px, colour, (247, 247, 248))
    (cutout,) = cut_sheet(image)
    x, y, width, height = cutout.box
    share = (cutout.rgba[..., 3] < 128)[hole[y : y + height, x : x + width]].mean()
    assert share > 0.8 if clear else share == 0


def test_white_paint_does_not_pull_the_ground_s_model_into_a_hole() -> None:
    row, column = np.mgrid[:512, :512]
    image, _ = ring(70.0, (250, 252, 255), (243, 245, 249))
    (cutout,) = cut_sheet(image)
    x, y, _, _ = cutout.box
    assert (cutout.rgba[..., 3] == 255)[
        (np.hypot(row - 256, column - 256) < 70)[y:, x:][: cutout.rgba.shape[0], : cutout.rgba.shape[1]]
    ].all()


def bordered(body: tuple[int, int, int]) -> Image.Image:
    """A disc with a large hat and two eyes, in a white border on a pastel ground."""
    image = Image.new("RGB", (512, 512), GROUND)
    draw = ImageDraw.Draw(image)
    draw.ellipse((134, 134, 378, 378), fill="white")
    draw.rectangle((138, 8, 374, 172), fill="white")
    draw.ellipse((148, 148, 364, 364), fill=body)
    draw.rectangle((150, 20, 362, 160), fill="black")
    for x in (220, 292):
        draw.ellipse((x - 10, 220, x + 10, 240), fill="black")
    return image


def test_a_body_of_the_grounds_colour_behind_nothing_but_its_border_is_no_hole() -> None:
    (cutout,) = cut_sheet(bordered(GROUND))
    x, y, *_ = cutout.box
    assert cutout.rgba[300 - y, 256 - x, 3] == 255


def test_a_hole_in_bordered_artwork_stays_a_hole() -> None:
    image = bordered((220, 60, 70))
    draw = ImageDraw.Draw(image)
    draw.ellipse((206, 260, 306, 350), fill="white")
    draw.ellipse((216, 270, 296, 340), fill=GROUND)
    (cutout,) = cut_sheet(image)
    x, y, *_ = cutout.box
    assert cutout.rgba[305 - y, 256 - x, 3] == 0


@pytest.mark.parametrize("ground", [(214, 226, 240), (247, 247, 248)])
def test_a_long_slit_that_a_jpeg_stained_is_open(ground: tuple[int, int, int]) -> None:
    row, column = np.mgrid[:512, :512].astype(np.float64)
    away = np.hypot(row - 256, column - 256)
    disc, slit = np.clip(120.5 - away, 0, 1)[..., None], np.clip(4.5 - np.abs(away - 80), 0, 1)[..., None]
    slit *= (np.abs(column - 256) > 12)[..., None]
    picture = ground + (np.array([220, 60, 70]) - ground) * disc * (1 - slit)
    picture = cv2.GaussianBlur(picture, (0, 0), 0.7) + np.random.default_rng(1).normal(0, 1.2, picture.shape)
    stained = io.BytesIO()
    Image.fromarray(np.clip(np.round(picture), 0, 255).astype(np.uint8)).save(stained, "JPEG", quality=80)
    (cutout,) = cut_sheet(Image.open(stained))
    x, y, width, height = cutout.box
    assert (cutout.rgba[..., 3] < 128)[slit[y : y + height, x : x + width, 0] > 0.9].mean() > 0.8


def test_a_strip_whose_height_is_no_multiple_of_the_samples_step_is_cut() -> None:
    strip = np.full((17, 400, 3), GROUND, np.uint8)
    strip[2:15, 340:380] = (220, 60, 70)
    strip[5:12, 345:375] = GROUND
    assert len(cut_sheet(Image.fromarray(strip))) == 1


@pytest.mark.parametrize(("eyes_px", "alpha"), [(22, 255), (0, 0)])
def test_a_place_that_goes_round_eyes_is_a_face(eyes_px: int, alpha: int) -> None:
    image = Image.new("RGB", (512, 512), GROUND)
    draw = ImageDraw.Draw(image)
    draw.ellipse((146, 146, 366, 366), fill=(200, 120, 40))
    draw.ellipse((176, 176, 336, 336), fill=GROUND)
    if eyes_px:
        for x in (220, 292):
            draw.ellipse((x - eyes_px, 200, x + eyes_px, 200 + 2 * eyes_px), fill="black")
    (cutout,) = cut_sheet(image)
    x, y, *_ = cutout.box
    assert cutout.rgba[290 - y, 256 - x, 3] == alpha
