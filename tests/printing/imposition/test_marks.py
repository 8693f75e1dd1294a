"""Tests registration marks as boxes: where each lies, which corners stay clear, and which values are refused."""

from __future__ import annotations

import pytest
import shapely

from stickers.printing.delivery.job import PrintJob
from stickers.printing.errors import OptionsError
from stickers.printing.imposition.layout import Item, lay_out
from stickers.printing.imposition.marks import RegistrationMarks
from stickers.printing.imposition.pages import Box, PageOptions, parse_page
from stickers.printing.profiles import PROFILES
from tests.support.print_art import die_cuts

A4 = parse_page("A4")


def sides(box: Box) -> tuple[float, float, float, float]:
    return box.left_mm, box.top_mm, box.right_mm, box.bottom_mm


def test_three_marks_are_a_square_and_two_ls() -> None:
    square, *arms = RegistrationMarks().boxes(A4)
    assert sides(square) == (10, 10, 15, 15)
    assert [sides(arm) for arm in arms] == [
        (185, 10, 200, 10.5),
        (199.5, 10, 200, 25),
        (10, 286.5, 25, 287),
        (10, 272, 10.5, 287),
    ]


def test_four_marks_are_four_ls() -> None:
    arms = RegistrationMarks(arm_mm=20, line_mm=0.3, count=4).boxes(A4)
    assert len(arms) == 8
    corners = {(box.left_mm < 105, box.top_mm < 148) for box in arms}
    assert len(corners) == 4
    assert all({round(box.width_mm, 6), round(box.height_mm, 6)} == {20, 0.3} for box in arms)
    whole = shapely.unary_union([shapely.box(*sides(box)) for box in arms])
    assert whole.bounds == pytest.approx((10, 10, 200, 287))


def test_centred_lines_have_their_middle_at_the_inset() -> None:
    marks = RegistrationMarks(arm_mm=20, line_mm=0.3, centred=True)
    square, *arms = marks.boxes(A4)
    assert sides(square) == (10, 10, 15, 15)  # it has no line
    assert sides(arms[1])[::2] == pytest.approx((199.85, 200.15))
    assert sides(arms[2])[1::2] == pytest.approx((286.85, 287.15))


@pytest.mark.parametrize("count", [3, 4])
def test_the_corner_of_each_mark_stays_clear(count: int) -> None:
    marks = RegistrationMarks(count=count)
    clear = marks.clear(A4)
    assert len(clear) == count
    assert sides(clear[0]) == (10, 10, 30, 30)
    assert sides(clear[2]) == (10, 267, 30, 287)
    kept = shapely.unary_union([shapely.box(*sides(box)) for box in clear])
    assert all(kept.contains(shapely.box(*sides(box))) for box in marks.boxes(A4))


@pytest.mark.parametrize("bleed_mm", [0, 3.2])
@pytest.mark.parametrize("name", [name for name, profile in PROFILES.items() if profile.marks])
def test_art_and_its_bleed_keep_clear_of_all_marks(name: str, bleed_mm: float) -> None:
    profile = PROFILES[name]
    job = PrintJob(formats=("silhouette",), profile=profile, bleed_mm=bleed_mm)
    options = job.pages(PageOptions(size=A4, margin_mm=profile.margin_mm, gap_mm=profile.gap_mm))
    assert profile.marks is not None
    layout = lay_out([Item(sticker) for sticker in die_cuts()[:10]], options)
    assert layout.pages
    clear = shapely.unary_union([shapely.box(*sides(box)) for box in profile.marks.clear(A4)])
    for one in layout.placed:
        assert one.polygon.distance(clear) >= max(bleed_mm, profile.gap_mm) - 0.03


@pytest.mark.parametrize("field", ["square_mm", "inset_mm", "arm_mm", "line_mm", "clearance_mm"])
def test_lengths_that_no_cutter_takes_are_refused(field: str) -> None:
    for value in (0.0, 99.0, float("nan")):
        with pytest.raises(OptionsError) as caught:
            RegistrationMarks(**{field: value})
        assert caught.value.field == f"marks.{field}"


def test_there_are_three_or_four_marks() -> None:
    with pytest.raises(OptionsError) as caught:
        RegistrationMarks(count=2)
    assert caught.value.field == "marks.count"
    assert "Four registration marks: inset 10 mm" in RegistrationMarks(count=4).words()
