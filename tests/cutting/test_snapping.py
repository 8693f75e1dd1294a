"""White on white: where the die cut lies beside a shadow, a line round the border, or both."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from stickers.cutting import cut_sheet
from stickers.cutting.raster import Mask, Plane, distance_to
from stickers.cutting.white import _dark_rim, _from_bordered_art, _tint, _trapped_ground

SIDE_PX = 640
BORDER_PX = 9
FIGURES = [(140, 130, 60), (440, 180, 75), (180, 430, 80), (470, 470, 70)]


def disc(x: float, y: float, radius_px: float, side_px: int = SIDE_PX) -> Mask:
    row, column = np.mgrid[:side_px, :side_px]
    mask: Mask = np.hypot(row - y, column - x) <= radius_px
    return mask


WHITE = (254, 254, 254)
CREAM = (252, 248, 236)


def sheet(
    *, line: int | None, shadow: float, line_px: float = 1.6, border: tuple[int, int, int] = WHITE
) -> Image.Image:
    """Discs with a white border, or one of another colour, on an off-white ground."""
    row, column = np.mgrid[:SIDE_PX, :SIDE_PX]
    away = np.min([np.hypot(row - y, column - x) - radius for x, y, radius in FIGURES], axis=0)

    def within(edge_px: float) -> Plane:
        return np.clip(edge_px + 0.5 - away, 0, 1).astype(np.float32)[..., None]

    shade = cv2.GaussianBlur(np.roll(within(BORDER_PX), (3, 2), (0, 1)), (0, 0), 4.5)[..., None]
    picture = 245 * (1 - shadow * shade) * np.ones(3)
    layers = [(BORDER_PX, border), (0, (190, 60, 80))]
    if line is not None:
        layers = [(BORDER_PX, (line, line, line)), (BORDER_PX - line_px, border), (0, (190, 60, 80))]
    for edge_px, colour in layers:
        picture += within(edge_px) * (np.array(colour) - picture)
    picture = cv2.GaussianBlur(picture, (0, 0), 0.6) + np.random.default_rng(5).normal(0, 1.0, picture.shape)
    return Image.fromarray(np.clip(np.round(picture), 0, 255).astype(np.uint8))


@pytest.mark.parametrize(
    ("line", "shadow", "off_px"),
    [(None, 0.2, 0.5), (None, 0.3, 0.5), (180, 0, 0.5), (215, 0, 0.5), (205, 0.3, 0.8)],  # as dark as the shadow
)
def test_the_cut_lies_outside_a_line_and_where_a_shadow_begins(line: int | None, shadow: float, off_px: float) -> None:
    cutouts = cut_sheet(sheet(line=line, shadow=shadow))
    assert len(cutouts) == len(FIGURES)
    for cutout, (_, _, radius) in zip(cutouts, FIGURES, strict=True):
        area = float((cutout.rgba[..., 3] / 255).sum())
        assert np.sqrt(area / np.pi) == pytest.approx(radius + BORDER_PX, abs=off_px)


def test_a_cream_border_shows_itself_where_it_throws_no_shadow() -> None:
    cutouts = cut_sheet(sheet(line=None, shadow=0.02, border=CREAM))
    assert len(cutouts) == len(FIGURES)
    for cutout, (_, _, radius) in zip(cutouts, FIGURES, strict=True):
        area = float((cutout.rgba[..., 3] / 255).sum())
        assert np.sqrt(area / np.pi) == pytest.approx(radius + BORDER_PX, abs=0.8)


def test_the_ground_does_not_come_in_through_artwork_at_the_sheets_edge() -> None:
    picture = np.array(sheet(line=205, shadow=0))
    below = np.hypot(np.mgrid[:SIDE_PX, :SIDE_PX][0] - SIDE_PX, np.mgrid[:SIDE_PX, :SIDE_PX][1] - 320) - 70
    for edge_px, level in ((BORDER_PX, 205), (BORDER_PX - 2, 254), (0, 195), (-30, 120)):
        picture[below <= edge_px] = level
    picture[(below <= -8) & (np.mgrid[:SIDE_PX, :SIDE_PX][1] % 24 < 12)] = 60
    cutouts = cut_sheet(Image.fromarray(picture))
    last = max(cutouts, key=lambda cutout: cutout.box[1] + cutout.box[3])
    left, top, width, height = last.box
    solid = np.zeros((SIDE_PX, SIDE_PX), np.bool_)
    solid[top : top + height, left : left + width] = last.rgba[..., 3] >= 128
    assert solid[below <= BORDER_PX - 2].mean() > 0.99


def test_only_small_pieces_without_a_fall_in_lightness_round_them_have_no_border() -> None:
    side = 400
    figure, bordered, crumb = disc(150, 150, 60, side), disc(300, 300, 6, side), disc(300, 80, 6, side)
    die_cut = disc(150, 150, 60 + BORDER_PX, side) | disc(300, 300, 6 + BORDER_PX, side)
    light = np.where(die_cut, 1.0, -3.0).astype(np.float32)
    light[distance_to(die_cut) > 6] = 0
    found = disc(150, 150, 60 + BORDER_PX, side) | bordered | crumb  # the ground has leaked into both small ones
    depth = _from_bordered_art(light, found, figure | bordered | crumb, BORDER_PX)
    assert depth[bordered].max() == 0
    assert depth[crumb].min() > BORDER_PX


def test_a_pale_body_whose_border_was_taken_for_ground_has_a_dark_rim_and_is_no_trapped_ground() -> None:
    side = 400
    body, figure = disc(120, 120, 60, side), disc(280, 280, 50, side)
    light = np.where(body, -9.0, 0.0).astype(np.float32)
    light[figure] = -40
    light[disc(280, 280, 50 + BORDER_PX, side) & ~figure] = 1
    found = body | disc(280, 280, 50 + BORDER_PX, side)
    rim = _dark_rim(light, found, scale=0.5)
    assert rim.any()
    assert not (rim & ~body).any()
    edge = body & (distance_to(~body) <= 2)
    for barrier, taken in ((edge, False), (np.zeros_like(edge), True)):
        trapped = _trapped_ground(light, found, barrier, distance_to(figure), BORDER_PX)
        assert trapped[120, 120] == taken


@pytest.mark.parametrize("own", [0.0, 5.0])
def test_only_a_cream_border_has_a_tint_of_its_own(own: float) -> None:
    noise = np.random.default_rng(2).normal(0, 0.8, (2, 200, 200)).astype(np.float32)
    noise[1, :, 80:] += own
    taken_for_border = np.flatnonzero(np.ones((200, 200), np.bool_))
    tint = _tint(noise[0], noise[1], taken_for_border)
    assert (tint is None) == (own == 0)
    if tint is not None:
        assert tint.max() == pytest.approx(own, rel=0.1)
        assert np.array_equal(tint[20:-20, 20:-20] > own / 2, np.mgrid[20:180, 20:180][1] >= 80)
