"""Each option of a cut does what its question says."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from stickers.cutting import CutOptions, cut_sheet

PINK = (246, 150, 170)


def sheet() -> Image.Image:
    """Three figures in a row, a satellite by the first, and a loose, word-like speck at the bottom."""
    image = Image.new("RGB", (600, 300), PINK)
    pen = ImageDraw.Draw(image)
    for x, ink in ((110, "navy"), (300, "darkgreen"), (490, "maroon")):
        pen.ellipse((x - 62, 68, x + 62, 192), "white")
        pen.ellipse((x - 54, 76, x + 54, 184), ink)
    pen.rectangle((176, 120, 184, 128), "black")
    for x in (40, 54, 68):
        pen.rectangle((x, 260, x + 9, 272), "black")
    return image


def boxes(options: CutOptions) -> list[tuple[int, int, int, int]]:
    return [cutout.box for cutout in cut_sheet(sheet(), options)]


def test_it_works() -> None:
    found = boxes(CutOptions())
    assert len(found) == 3
    assert found[0][0] + found[0][2] > 184  # the satellite came along


def test_nothing_is_joined_at_no_distance() -> None:
    assert boxes(CutOptions(join_px=0))[0][2] < 140


def test_small_stickers_are_dropped() -> None:
    assert boxes(CutOptions(min_size_px=400)) == []


def test_captions_can_be_kept() -> None:
    kept = boxes(CutOptions(keep_captions=True))
    assert len(kept) == 4
    assert kept[-1][1] > 240


def test_the_border_can_be_trimmed() -> None:
    trimmed = cut_sheet(sheet(), CutOptions(keep_border=False))
    assert len(trimmed) == 3
    last = trimmed[-1]
    height = np.flatnonzero((last.rgba[..., 3] >= 128).any(axis=1))
    assert 104 <= height[-1] - height[0] + 1 <= 113


def test_a_trimmed_sticker_keeps_what_is_white_behind_its_border() -> None:
    image = sheet()
    pen = ImageDraw.Draw(image)
    pen.ellipse((246, 76, 354, 184), "white", outline="black", width=3)
    pen.line((300, 150, 300, 184), "white", width=9)  # its outline is open
    middle = cut_sheet(image, CutOptions(keep_border=False))[1]
    x, y, *_ = middle.box
    assert middle.rgba[130 - y, 300 - x, 3] == 255


def test_boxes_choose_and_join() -> None:
    found = boxes(CutOptions(boxes=((30, 50, 360, 160),)))
    assert len(found) == 1
    assert found[0][2] > 300


def test_seeds_choose_and_part() -> None:
    assert len(boxes(CutOptions(seeds=((110, 130),)))) == 1
    halves = boxes(CutOptions(seeds=((80, 130), (140, 130))))
    assert len(halves) == 2
    assert halves[0][2] < 90


def test_seeds_outside_the_sheet_are_passed_over() -> None:
    assert boxes(CutOptions(seeds=((-5, 4), (9000, 3)))) == []


@pytest.mark.parametrize("wanted", [1, 2, 3])
def test_an_expected_count_is_aimed_at(wanted: int) -> None:
    assert len(boxes(CutOptions(expected_count=wanted))) == wanted


def test_the_ground_can_be_picked_by_hand() -> None:
    image = Image.new("RGB", (300, 300), "white")
    pen = ImageDraw.Draw(image)
    pen.rectangle((20, 20, 280, 280), PINK)
    pen.ellipse((100, 100, 200, 200), "navy")
    [inner] = cut_sheet(image, CutOptions(background=PINK, expected_count=1, boxes=((90, 90, 120, 120),)))
    opaque = np.flatnonzero((inner.rgba[..., 3] >= 128).any(axis=0))
    assert 99 <= opaque[-1] - opaque[0] + 1 <= 103


def test_tolerance_decides_about_faint_things() -> None:
    image = Image.new("RGB", (300, 300), (200, 210, 220))
    ImageDraw.Draw(image).ellipse((80, 80, 220, 220), (186, 197, 209))
    assert len(cut_sheet(image, CutOptions(tolerance=0.0))) == 1
    assert cut_sheet(image, CutOptions(tolerance=1.0)) == []


def test_grid_lines_are_no_stickers() -> None:
    image = sheet()
    pen = ImageDraw.Draw(image)
    for x in (205, 395):
        pen.rectangle((x, 0, x + 2, 299), "white")
    assert len(cut_sheet(image)) == 3


def test_a_large_sheet_is_cut_at_its_own_size() -> None:
    image = sheet().resize((2400, 1200), Image.Resampling.LANCZOS)
    found = cut_sheet(image)
    assert len(found) == 3
    assert found[1].box[2] > 480


def test_grid_lines_can_be_kept() -> None:
    image = Image.new("RGB", (600, 300), PINK)
    pen = ImageDraw.Draw(image)
    pen.ellipse((40, 80, 180, 220), "navy")
    pen.rectangle((300, 0, 302, 299), "white")
    assert len(cut_sheet(image)) == 1
    kept = cut_sheet(image, CutOptions(keep_furniture=True))
    assert [cutout.box[3] > 290 for cutout in kept] == [False, True]


def test_a_large_distance_joins_what_lies_far() -> None:
    image = Image.new("RGB", (1024, 1024), PINK)
    pen = ImageDraw.Draw(image)
    pen.ellipse((300, 300, 700, 700), "navy")
    pen.rectangle((730, 480, 770, 520), "navy")  # 30 px away
    assert len(cut_sheet(image)) == 2
    assert len(cut_sheet(image, CutOptions(join_px=25))) == 2
    assert len(cut_sheet(image, CutOptions(join_px=40))) == 1


def side_by_side(gap_px: int) -> Image.Image:
    """Two squares of 141 px, `gap_px` apart, and a disc, in white borders of 12 px that run together."""
    image = Image.new("RGB", (600, 600), PINK)
    pen = ImageDraw.Draw(image)
    for grow, colour in ((12, "white"), (0, "navy")):
        pen.ellipse((240 - grow, 420 - grow, 360 + grow, 540 + grow), colour)
        for x in (130, 270 + gap_px):
            pen.rounded_rectangle((x - grow, 110 - grow, x + 140 + grow, 250 + grow), 10 + grow, colour)
    return image


def test_an_expected_count_joins_two_in_one_border() -> None:
    assert len(cut_sheet(side_by_side(16))) == 3
    joined = cut_sheet(side_by_side(16), CutOptions(expected_count=2))
    assert [cutout.box[2] > 300 for cutout in joined] == [True, False]


def test_an_expected_count_parts_two_that_lie_close() -> None:
    assert len(cut_sheet(side_by_side(4))) == 2
    parted = cut_sheet(side_by_side(4), CutOptions(expected_count=3))
    assert [cutout.box[2] < 190 for cutout in parted] == [True] * 3


def test_a_large_sheet_is_asked_for_sizes_and_places_in_its_own_pixels() -> None:
    image = sheet().resize((2400, 1200), Image.Resampling.LANCZOS)
    assert len(cut_sheet(image, CutOptions(min_size_px=480))) == 3  # one is smaller than 496
    assert cut_sheet(image, CutOptions(min_size_px=650)) == []
    [last] = cut_sheet(image, CutOptions(seeds=((1960, 520),)))
    assert last.box[0] > 1600
    [last] = cut_sheet(image, CutOptions(boxes=((1690, 250, 540, 540),)))
    assert last.box[0] > 1600


@pytest.mark.parametrize("ground", ["white", PINK, (40, 60, 90)])
@pytest.mark.parametrize("kind", ["frame", "grid"])
def test_lines_round_and_between_figures_are_ground(ground: str | tuple[int, int, int], kind: str) -> None:
    """A closed line would shut its inside off from the ground."""
    image = Image.new("RGB", (600, 600), ground)
    pen = ImageDraw.Draw(image)
    for x, y in ((150, 150), (450, 150), (150, 450), (450, 450)):
        pen.ellipse((x - 80, y - 80, x + 80, y + 80), "orange")
    if kind == "frame":
        pen.rectangle((12, 12, 587, 587), outline="grey", width=3)
    else:
        pen.rectangle((299, 15, 301, 585), "grey")
        pen.rectangle((15, 299, 585, 301), "grey")
    found = cut_sheet(image)
    assert len(found) == 4
    assert all(150 < max(cutout.box[2:]) < 180 for cutout in found)
    kept = cut_sheet(image, CutOptions(keep_furniture=True))
    assert max(max(cutout.box[2:]) for cutout in kept) > 250


def test_a_card_across_a_frame_keeps_its_whole_area() -> None:
    image = Image.new("RGB", (600, 600), "white")
    pen = ImageDraw.Draw(image)
    pen.rectangle((40, 40, 559, 559), outline="grey", width=3)
    pen.rectangle((200, 10, 400, 160), "navy")
    [card] = cut_sheet(image)
    area = np.count_nonzero(card.rgba[..., 3] >= 128)
    assert 0.97 * 201 * 151 < area < 1.06 * 201 * 151  # with what is left of the frame beside it
