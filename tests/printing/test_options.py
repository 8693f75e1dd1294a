"""An order's options, and the field that a wrong one is reported at."""

from __future__ import annotations

import math
from typing import Any

import pytest

from stickers.printing.errors import OptionsError
from stickers.printing.options import PrintOptions, default_border_mm


def test_it_works() -> None:
    options = PrintOptions(size_mm=50)
    assert (options.dpi, options.border_mm, options.art_mm) == (300, 2.0, 46.0)
    assert options.warnings() == ()
    assert PrintOptions(size_mm=50, border_mm=0).art_mm == 50


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"size_mm": 0}, "size_mm", "above zero"),
        ({"size_mm": -5}, "size_mm", "above zero"),
        ({"size_mm": math.nan}, "size_mm", "above zero"),
        ({"size_mm": math.inf}, "size_mm", "above zero"),
        ({"size_mm": 5.9}, "size_mm", "5.9 mm is too small to cut: the least is 6 mm"),
        ({"size_mm": 2000}, "size_mm", "at most 1000 mm"),
        ({"size_mm": 50, "dpi": 72}, "dpi", "300 or 600"),
        ({"size_mm": 50, "border_mm": -1}, "border_mm", "0 .none. or"),
        ({"size_mm": 50, "border_mm": math.nan}, "border_mm", "0 .none. or"),
        ({"size_mm": 50, "border_mm": 25}, "border_mm", "at most 24 mm fit"),
        ({"size_mm": 50, "border_mm": 400}, "border_mm", "leaves no room"),
        ({"size_mm": 50, "border_rgb": (256, 0, 0)}, "border_rgb", "0 to 255"),
        ({"size_mm": 50, "border_rgb": (0, 0)}, "border_rgb", "three numbers"),
    ],
)
def test_a_wrong_option_names_its_field(given: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(OptionsError, match=words) as caught:
        PrintOptions(**given)
    assert caught.value.field == field
    assert caught.value.message == str(caught.value)


def test_the_widest_border_that_is_named_is_accepted() -> None:
    assert PrintOptions(size_mm=50, border_mm=24).art_mm == 2


def test_small_cuts_and_thin_borders_warn() -> None:
    small, thin = PrintOptions(size_mm=20, border_mm=1).warnings()
    assert "20 mm" in small
    assert "1.6 mm" in thin


def test_small_stickers_get_a_wider_border_proposed() -> None:
    assert default_border_mm(50) == 2.0
    assert default_border_mm(25) == 3.2
