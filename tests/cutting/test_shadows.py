"""Bare stickers on white: cast shadows go with the ground; bodies of its colour stay with their figure."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from stickers.cutting import cut_sheet
from stickers.cutting.background import Background
from stickers.cutting.leaks import Flood, leaked_bodies

WHITE = np.array([252, 252, 254], np.float64)


def painted(layers: list[tuple[np.ndarray, tuple[int, int, int]]], *, shadow: float = 0.0) -> Image.Image:
    """Filled masks (512×512) on a white ground, over one soft shadow of all of them that falls down and right."""
    whole = np.clip(sum(mask.astype(np.float64) for mask, _ in layers), 0, 1)
    cast = cv2.GaussianBlur(np.roll(whole, (7, 4), (0, 1)), (0, 0), 4.0)[..., None]
    picture = WHITE * (1 - shadow * cast)
    for mask, colour in layers:
        soft = cv2.GaussianBlur(mask.astype(np.float64), (0, 0), 0.7)[..., None]
        picture = picture * (1 - soft) + np.array(colour) * soft
    picture += np.random.default_rng(1).normal(0, 1, picture.shape)
    return Image.fromarray(np.clip(np.round(picture), 0, 255).astype(np.uint8))


def disc(x: float, y: float, radius_px: float) -> np.ndarray:
    row, column = np.mgrid[:512, :512]
    return np.hypot(row - y, column - x) <= radius_px


def test_neighbours_whose_shadows_run_together_are_apart_and_without_them() -> None:
    discs = [disc(150, 150, 70), disc(298, 152, 70), disc(222, 282, 70)]
    colours = [(220, 60, 70), (40, 110, 200), (60, 150, 80)]
    cutouts = cut_sheet(painted(list(zip(discs, colours, strict=True)), shadow=0.14))
    assert len(cutouts) == 3
    for cutout in cutouts:
        assert abs(np.count_nonzero(cutout.rgba[..., 3] >= 128) / np.count_nonzero(discs[0]) - 1) < 0.04


def bodies(figures: np.ndarray) -> np.ndarray:
    """The leaked bodies among `figures` on an even white ground that floods everything else."""
    plain = np.zeros((512, 512, 3), np.float32)
    background = Background(plain, plain[..., 0], threshold=3.0, white=True)
    nowhere = np.zeros_like(figures)
    return leaked_bodies(plain, background, Flood(~figures, ~figures, nowhere, ~figures), 0.5)[0]


def test_a_white_face_whose_outline_has_gaps_beside_tufts_of_hair_is_a_body() -> None:
    row, column = np.mgrid[:512, :512]
    away = np.hypot(row - 260, column - 256)
    tufts = disc(120, 170, 50) | disc(392, 170, 50)
    gaps = (disc(120, 170, 52) | disc(392, 170, 52)) & ~tufts
    face = bodies(((np.abs(away - 150) < 3) & ~gaps) | tufts)
    assert face[(away < 140) & ~tufts & ~gaps].mean() > 0.98


def test_ground_between_three_neighbours_is_no_body() -> None:
    apart = disc(150, 150, 80) | disc(312, 150, 80) | disc(231, 290, 80)
    assert not bodies(apart).any()


def test_a_grey_cup_that_is_open_to_the_ground_stays_whole_beside_neighbours_with_short_shadows() -> None:
    row, column = np.mgrid[:512, :512]
    cup = (np.abs(row - 170) < 70) & (np.abs(column - 170) < 50)
    # Its grey rises from the ground as softly as a shadow does.
    fade = np.clip((column - 120) / 25, 0, 1)[..., None]
    discs = [disc(390, 130, 60), disc(390, 390, 60), disc(130, 390, 60)]
    colours = [(220, 60, 70), (40, 110, 200), (60, 150, 80)]
    lid, handle = cup & (row < 112), cup & (column > 212)
    for shadow in (0.0, 0.12):
        layers = [*zip(discs, colours, strict=True), (lid, (40, 40, 40)), (handle, (40, 40, 40))]
        picture = np.asarray(painted(layers, shadow=shadow)).astype(np.float64)
        bare = cup & ~lid & ~handle
        picture[bare] *= (1 - 0.11 * fade)[bare]
        kept = np.zeros((512, 512), np.bool_)
        for cutout in cut_sheet(Image.fromarray(np.round(picture).astype(np.uint8))):
            x, y, width, height = cutout.box
            kept[y : y + height, x : x + width] |= (cutout.rgba[..., 3] >= 128)[: 512 - y, : 512 - x]
        assert kept[cup & (column > 150)].mean() > 0.9, shadow


def kept_on_pastel(figures: list[np.ndarray]) -> np.ndarray:
    """What is cut out of four figures that cast shadows on a pastel ground."""
    colours = [(220, 60, 70), (40, 110, 200), (60, 150, 80), (150, 60, 160)]
    picture = np.asarray(painted(list(zip(figures, colours, strict=True)), shadow=0.2)).astype(np.float64)
    pastel = Image.fromarray(np.clip(picture * (0.96, 0.92, 1.0), 0, 255).astype(np.uint8))
    kept = np.zeros((512, 512), np.bool_)
    for cutout in cut_sheet(pastel):
        x, y, width, height = cutout.box
        kept[y : y + height, x : x + width] |= cutout.rgba[..., 3] >= 128
    return kept


def test_shadows_that_meet_in_a_figure_s_bay_are_no_body() -> None:
    row, column = np.mgrid[:512, :512]
    bay = (np.abs(column - 150) < 9) & (np.abs(row - 150) < 30) | (np.abs(column - 150) < 5) & (row < 150)
    figure = disc(150, 150, 90) & ~bay
    discs = [figure, disc(390, 130, 60), disc(390, 390, 60), disc(130, 390, 60)]
    kept = kept_on_pastel(discs)
    assert kept[bay & (row > 122)].mean() < 0.1


def test_a_small_hole_is_open_though_its_figure_shades_it() -> None:
    hole = disc(150, 150, 6)
    discs = [disc(150, 150, 70) & ~hole, disc(390, 130, 60), disc(390, 390, 60), disc(130, 390, 60)]
    kept = kept_on_pastel(discs)
    assert kept[hole].mean() < 0.2
    assert kept[discs[0]].mean() > 0.97


def test_grey_bodies_of_several_figures_are_deeper_than_any_shadow() -> None:
    row, column = np.mgrid[:512, :512]
    away = [disc(130, 130, 75), disc(380, 130, 75), disc(130, 380, 75)]
    grey = [ring & (np.abs(row - y) < 40) for ring, y in zip(away, (130, 130, 380), strict=True)]
    layers = [(disc(380, 380, 60), (40, 110, 200)), *((ring, (220, 60, 70)) for ring in away)]
    picture = np.asarray(painted(layers, shadow=0.14)).astype(np.float64)
    # The bodies rise from the ground as softly as its shadows do.
    fade = np.clip((column % 250 - 60) / 30, 0, 1)[..., None]
    body = np.logical_or.reduce(grey)
    picture[body] = (WHITE * (1 - 0.16 * fade))[body]
    kept = np.zeros((512, 512), np.bool_)
    for cutout in cut_sheet(Image.fromarray(np.clip(np.round(picture), 0, 255).astype(np.uint8))):
        x, y, width, height = cutout.box
        kept[y : y + height, x : x + width] |= cutout.rgba[..., 3] >= 128
    assert kept[body & (fade[..., 0] == 1)].mean() > 0.9
