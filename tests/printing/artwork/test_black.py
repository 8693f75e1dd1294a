"""What prints with black ink alone: lines, letters and edges of black areas, but no wide area and no grey."""

from __future__ import annotations

import numpy as np
import pytest

from stickers.printing.artwork.black import black_alone, reach_px

PX_PER_MM = 300 / 25.4


def bar(width_px: int, colour: tuple[int, int, int] = (0, 0, 0)) -> np.ndarray:
    """A bar down the middle of a white picture."""
    page = np.full((80, 200, 3), 255, np.uint8)
    page[:, 100 - width_px // 2 : 100 - width_px // 2 + width_px] = colour
    return page


@pytest.mark.parametrize(("width_px", "share"), [(1, 1), (6, 1), (40, 1), (60, 0), (120, 0)])
def test_it_works(width_px: int, share: float) -> None:
    """A line is up to 4 mm wide, which is 47 pixels here."""
    found = black_alone(bar(width_px), PX_PER_MM)
    assert found[40, 100] == share
    assert found[40, 100 - width_px // 2] == 1  # its edge


def test_resolution_tells_a_line_from_an_area() -> None:
    assert black_alone(bar(60), PX_PER_MM)[40, 100] == 0
    assert black_alone(bar(60), 2 * PX_PER_MM)[40, 100] == 1


def test_a_line_that_leads_out_of_an_area_stays_a_line() -> None:
    page = bar(80)
    page[38:42, 140:190] = 0
    found = black_alone(page, PX_PER_MM)
    assert found[40, 100] == 0
    assert found[40, 160:185].min() == 1


def test_black_amid_a_dark_colour_is_part_of_its_area() -> None:
    """All inks are there anyway; black alone would show as a paler line."""
    page = bar(150, (10, 10, 60))
    page[:, 95:105] = 0
    assert black_alone(page, PX_PER_MM)[40, 100] == 0


@pytest.mark.parametrize("colour", [(128, 128, 128), (70, 70, 70), (60, 0, 0), (10, 10, 60), (255, 255, 255)])
def test_greys_and_dark_colours_are_none(colour: tuple[int, int, int]) -> None:
    assert black_alone(bar(10, colour), PX_PER_MM).max() == 0


def test_the_greys_beside_black_are_its_edge() -> None:
    page = bar(10)
    page[:, 105:107] = 128
    page[:, 150:160] = 128
    found = black_alone(page, PX_PER_MM)
    assert found[:, 105:107].min() == 1
    assert found[:, 150:160].max() == 0


def test_what_lies_beyond_the_reach_decides_nothing() -> None:
    page = np.random.default_rng(3).choice(np.array([0, 0, 0, 255], np.uint8), (150, 150, 1)).repeat(3, axis=2)
    page[20:70, 20:120] = 0
    whole = black_alone(page, 4.0)
    reach = reach_px(4.0)
    part = black_alone(page[60 - reach : 90 + reach], 4.0)
    assert np.allclose(part[reach:-reach], whole[60:90], atol=1e-5)
