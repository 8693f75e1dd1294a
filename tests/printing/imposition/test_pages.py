"""Pages: their names and sides, and how much of them may be filled."""

from __future__ import annotations

from typing import Any

import pytest

from stickers.printing.errors import OptionsError
from stickers.printing.imposition.pages import PageOptions, PageSize, parse_page


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("A4", (210, 297)),
        ("letter", (215.9, 279.4)),
        ("a5", (148, 210)),
        ("4x6in", (101.6, 152.4)),
        ("8 1/2 x 11 in", (215.9, 279.4)),
        ("8½x11in", (215.9, 279.4)),
        ("8-1/2 × 11″", (215.9, 279.4)),
        ("A4-landscape", (297, 210)),
        ("100x150mm", (100, 150)),
        ("4 x 6 in", (101.6, 152.4)),
        ("10cm x 150mm", (100, 150)),
        ("100×150", (100, 150)),
    ],
)
def test_it_works(text: str, sides: tuple[float, float]) -> None:
    size = parse_page(text)
    assert (size.width_mm, size.height_mm) == pytest.approx(sides)


@pytest.mark.parametrize("text", ["", "A9", "100x", "x", "0x100mm", "-5x100mm", "2000x100mm", "5x5mm", "axb", "1e9x4"])
def test_nonsense_is_refused_at_its_field(text: str) -> None:
    with pytest.raises(OptionsError) as caught:
        parse_page(text)
    assert caught.value.field == "page"
    assert caught.value.message.endswith(".")


def test_the_live_area_is_the_page_without_its_margins() -> None:
    live = PageOptions(margin_mm=12).live
    assert (live.left_mm, live.top_mm, live.width_mm, live.height_mm) == (12, 12, 186, 273)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("margin_mm", {"margin_mm": -1}),
        ("margin_mm", {"margin_mm": 105}),
        ("margin_mm", {"margin_mm": float("nan")}),
        ("gap_mm", {"gap_mm": -0.1}),
        ("gap_mm", {"gap_mm": float("inf")}),
        ("max_pages", {"max_pages": 0}),
    ],
)
def test_what_leaves_no_room_is_refused(field: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(OptionsError) as caught:
        PageOptions(**wrong)
    assert caught.value.field == field


def test_sides_must_be_lengths() -> None:
    with pytest.raises(OptionsError):
        PageSize("none", float("nan"), 100)
