"""What holds for every sheet, checked on random sheets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from stickers.cutting import Cutout, cut_sheet

GROUNDS = ((250, 226, 228), (120, 200, 240), (24, 28, 54), (255, 150, 80), (251, 251, 250))
SIDE = 256
CELL = 120
QUICK = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@dataclass(frozen=True)
class Plan:
    """A sheet of four cells: for each a figure's colour, half-size and shape, and the ground's colour."""

    ground: tuple[int, int, int]
    figures: tuple[tuple[int, int, bool], ...]
    noise: int


plans = st.builds(
    Plan,
    ground=st.sampled_from(GROUNDS),
    figures=st.tuples(*[st.tuples(st.integers(0, 3), st.integers(22, 40), st.booleans())] * 4),
    noise=st.integers(0, 1000),
)
INKS = ((200, 40, 60), (40, 90, 180), (40, 130, 70), (120, 60, 140))


def drawn(plan: Plan) -> Image.Image:
    large = Image.new("RGB", (SIDE * 3, SIDE * 3), plan.ground)
    pen = ImageDraw.Draw(large)
    for index, (ink, half, is_round) in enumerate(plan.figures):
        x, y = 68 + CELL * (index % 2), 68 + CELL * (index // 2)
        for grow, colour in ((7, (255, 255, 255)), (0, INKS[ink])):
            box = [3 * (x - half - grow), 3 * (y - half - grow), 3 * (x + half + grow), 3 * (y + half + grow)]
            if is_round:
                pen.ellipse(box, colour)
            else:
                pen.rounded_rectangle(box, 30, colour)
    sheet = np.asarray(large.resize((SIDE, SIDE), Image.Resampling.BOX), np.float32)
    grain = np.random.default_rng(plan.noise).normal(0, 0.7, sheet.shape)
    return Image.fromarray(np.clip(np.round(sheet + grain), 0, 255).astype(np.uint8))


def opacity(cutouts: list[Cutout], shape: tuple[int, int] = (SIDE, SIDE)) -> npt.NDArray[np.float32]:
    planes = np.zeros((len(cutouts), *shape), np.float32)
    for plane, cutout in zip(planes, cutouts, strict=True):
        x, y, width, height = cutout.box
        plane[y : y + height, x : x + width] = cutout.rgba[..., 3] / 255
    return planes


@QUICK
@given(plans)
def test_cutouts_lie_inside_the_sheet_and_do_not_share_parts(plan: Plan) -> None:
    cutouts = cut_sheet(drawn(plan))
    assert [cutout.label for cutout in cutouts] == list(range(1, len(cutouts) + 1))
    for cutout in cutouts:
        x, y, width, height = cutout.box
        assert x >= 0
        assert y >= 0
        assert x + width <= SIDE
        assert y + height <= SIDE
        assert cutout.rgba.shape == (height, width, 4)
        assert 0 <= cutout.confidence <= 1
        assert (cutout.contour >= 0).all()
        assert (cutout.contour < SIDE).all()
    assert (opacity(cutouts) >= 0.5).sum(axis=0).max(initial=0) <= 1


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("between", [16, 13, 10])
def test_stickers_whose_borders_touch_share_no_parts(ground: tuple[int, int, int], between: int) -> None:
    image = Image.new("RGB", (SIDE, SIDE), ground)
    pen = ImageDraw.Draw(image)
    for grow, colour in ((8, (255, 255, 255)), (0, INKS[0])):
        for x in (68, 68 + 72 + between):
            pen.ellipse((x - 36 - grow, 80 - grow, x + 36 + grow, 152 + grow), colour)
    planes = opacity(cut_sheet(image))
    assert len(planes) == 2
    assert (planes >= 0.5).sum(axis=0).max() <= 1
    assert planes.sum(axis=0).max() <= 1.01


@QUICK
@given(plans)
def test_pasted_back_over_the_ground_they_give_the_sheet(plan: Plan) -> None:
    image = drawn(plan)
    sheet = np.asarray(image, np.float32)
    cutouts = cut_sheet(image)
    if plan.ground != GROUNDS[-1]:
        assert len(cutouts) == 4
    again = np.broadcast_to(np.asarray(plan.ground, np.float32), sheet.shape).copy()
    for cutout in cutouts:
        x, y, width, height = cutout.box
        alpha = cutout.rgba[..., 3:].astype(np.float32) / 255
        window = again[y : y + height, x : x + width]
        window[:] = cutout.rgba[..., :3] * alpha + window * (1 - alpha)
    error = float(((again - sheet) ** 2).mean())
    assert 10 * np.log10(255**2 / max(error, 1e-9)) >= 38


@QUICK
@given(plans)
def test_the_same_sheet_is_cut_the_same_way(plan: Plan) -> None:
    first, second = cut_sheet(drawn(plan)), cut_sheet(drawn(plan))
    assert [cutout.box for cutout in first] == [cutout.box for cutout in second]
    for one, other in zip(first, second, strict=True):
        assert (one.rgba == other.rgba).all()
        assert one.confidence == other.confidence


def agree(some: npt.NDArray[np.float32], others: npt.NDArray[np.float32]) -> None:
    """As many planes, each like one of the others. The reading order may differ if two stand level."""
    assert len(some) == len(others)
    for plane in some:
        assert np.abs(others - plane).mean(axis=(1, 2)).min() < 0.002


@QUICK
@given(plans)
def test_a_mirrored_sheet_gives_mirrored_cutouts(plan: Plan) -> None:
    image = drawn(plan)
    mirrored = opacity(cut_sheet(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)))[..., ::-1]
    agree(opacity(cut_sheet(image)), mirrored)


@QUICK
@given(plans, st.integers(1, 6), st.integers(1, 6))
def test_a_shifted_sheet_gives_shifted_cutouts(plan: Plan, right: int, down: int) -> None:
    image = drawn(plan)
    moved = Image.new("RGB", image.size, plan.ground)
    moved.paste(image, (right, down))
    shifted = opacity(cut_sheet(moved))[:, down:, right:]
    agree(opacity(cut_sheet(image))[:, : SIDE - down, : SIDE - right], shifted)


@pytest.mark.parametrize("ground", GROUNDS[:4])
def test_no_ground_is_left_in_the_edge(ground: tuple[int, int, int]) -> None:
    cutouts = cut_sheet(drawn(Plan(ground, ((0, 30, True),) * 4, 1)))
    assert len(cutouts) == 4
    for cutout in cutouts:
        rim = (cutout.rgba[..., 3] > 20) & (cutout.rgba[..., 3] < 235)
        whiteness = cutout.rgba[rim][:, :3].astype(int)
        assert np.percentile(whiteness.min(axis=1), 10) > 235
