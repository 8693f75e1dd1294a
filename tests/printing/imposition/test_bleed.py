"""Tests that a bleed ends at the half-way line to the neighbour, in the areas themselves and in the files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely import Polygon

from stickers.printing.artwork.die_cut import DieCut, die_cut
from stickers.printing.imposition.bleed import bleed_areas, short_bleeds
from stickers.printing.imposition.layout import Layout, Page, PlacedSticker
from stickers.printing.imposition.pages import Box, PageOptions, parse_page
from stickers.printing.options import PrintOptions
from stickers.printing.writers.pdf import PdfOptions, write_pdf
from stickers.printing.writers.png import paint
from tests.support.print_art import disc
from tests.support.print_checks import rendered

RED, BLUE = (220, 30, 30), (30, 30, 220)


def square(colour: tuple[int, int, int]) -> DieCut:
    picture = np.zeros((220, 220, 4), np.uint8)
    picture[10:210, 10:210] = (*colour, 255)
    return die_cut(picture, PrintOptions(size_mm=20, border_mm=0))


def side_by_side(one: DieCut, other: DieCut, gap_mm: float) -> Page:
    placed = (
        PlacedSticker(sticker=one, x_mm=25, y_mm=25),
        PlacedSticker(sticker=other, x_mm=25 + (one.width_mm + other.width_mm) / 2 + gap_mm, y_mm=25),
    )
    return Page(1, placed)


@pytest.mark.parametrize("bleed_mm", [1, 2, 3.2])
@pytest.mark.parametrize("gap_mm", [0, 0.5, 2])
def test_a_bleed_ends_half_way_to_its_neighbour(gap_mm: float, bleed_mm: float) -> None:
    page = side_by_side(square(RED), square(BLUE), gap_mm)
    cuts = [one.polygon for one in page.placed]
    areas = bleed_areas(page, bleed_mm)
    for index, area in enumerate(areas):
        assert area.is_valid
        assert shapely.difference(cuts[index], area).area < 1e-6
        assert shapely.intersection(area, cuts[1 - index]).area < 1e-6
    reach = min(bleed_mm, gap_mm / 2)
    left, _, right, _ = cuts[0].bounds
    assert areas[0].bounds[0] == pytest.approx(left - bleed_mm, abs=0.02)
    middle = shapely.intersection(areas[0], shapely.box(left, 20, right + 20, 30))
    assert middle.bounds[2] == pytest.approx(right + reach, abs=0.07)


def test_a_bleed_with_room_is_whole() -> None:
    page = side_by_side(square(RED), square(BLUE), 4.1)
    for area, one in zip(bleed_areas(page, 2), page.placed, strict=True):
        assert area.equals(shapely.buffer(one.polygon, 2, quad_segs=16))
    assert short_bleeds(page, 2) == []


def test_round_and_turned_neighbours_share_what_is_between_them() -> None:
    round_one = die_cut(disc(), PrintOptions(size_mm=18, border_mm=0))
    placed = (
        PlacedSticker(sticker=square(RED), x_mm=25, y_mm=25, rotation_deg=20),
        PlacedSticker(sticker=round_one, x_mm=46, y_mm=26),
        PlacedSticker(sticker=round_one, x_mm=37, y_mm=45),
    )
    page = Page(1, placed)
    cuts = [one.polygon for one in placed]
    areas = bleed_areas(page, 3)
    for index, area in enumerate(areas):
        for other, cut in enumerate(cuts):
            if other == index:
                continue
            assert shapely.intersection(area, cut).area < 1e-6
            for x, y in shapely.get_coordinates(area.exterior.segmentize(0.2)):
                point = shapely.Point(x, y)
                assert point.distance(cuts[index]) <= point.distance(cut) + 0.15
    whole = shapely.unary_union([shapely.buffer(cut, 3, quad_segs=16) for cut in cuts])
    assert shapely.symmetric_difference(shapely.unary_union(areas), whole).area < 0.05


def test_stickers_on_each_other_keep_their_own_cut() -> None:
    page = side_by_side(square(RED), square(BLUE), -5)
    for area, one in zip(bleed_areas(page, 2), page.placed, strict=True):
        assert isinstance(area, Polygon)
        assert shapely.difference(one.polygon, area).area < 1e-6


def test_short_bleeds_say_what_is_left() -> None:
    [short] = short_bleeds(side_by_side(square(RED), square(BLUE), 1.2), 2)
    assert (short.index, short.other) == (0, 1)
    assert short.left_mm == pytest.approx(0.6, abs=0.01)
    assert short_bleeds(side_by_side(square(RED), square(BLUE), 1.2), 0) == []


@pytest.mark.parametrize("gap_mm", [0, 2])
def test_no_file_prints_a_bleed_over_the_neighbour(gap_mm: float, tmp_path: Path) -> None:
    page = side_by_side(square(RED), square(BLUE), gap_mm)
    layout = Layout(options=PageOptions(size=parse_page("4x6in"), gap_mm=gap_mm), pages=(page,))
    whole = Box(left_mm=0, top_mm=0, right_mm=101.6, bottom_mm=152.4)
    png = paint(page, whole, dpi=300, bleed_mm=3.2)
    pdf = rendered(write_pdf(layout, PdfOptions(bleed_mm=3.2, cut_lines=False)), tmp_path, 300)
    for pixels in (png, pdf):
        for one, colour in zip(page.placed, (RED, BLUE), strict=True):
            left, top, right, bottom = (round(side / 25.4 * 300) for side in one.polygon.buffer(-0.2).bounds)
            within = pixels[top + 10 : bottom - 10, left:right, :3].astype(int)
            assert np.abs(within - colour).max() <= 3
        between = pixels[round(25 / 25.4 * 300), round(20 / 25.4 * 300) : round(50 / 25.4 * 300), :3].astype(int)
        assert (between.min(axis=1) < 100).all()  # no white line where the two meet
