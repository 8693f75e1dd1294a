"""Lengths as typed, in millimetres."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stickers.printing.geometry.lengths import MAX_LENGTH_MM, mm_to_px, parse_length, px_to_mm


@pytest.mark.parametrize(
    ("text", "length_mm"),
    [
        ("50mm", 50),
        ("50", 50),
        (" 50 MM ", 50),
        ("2in", 50.8),
        ("2 inch", 50.8),
        ("1.5 inches", 38.1),
        ('2"', 50.8),
        ("2”", 50.8),
        ("5cm", 50),
        ("5,5 cm", 55),
        (".5in", 12.7),
        ("+7.", 7),
        ("1000", 1000),
        ("0.001", 0.001),
        ("1/2 in", 12.7),
        ("1/2in", 12.7),
        ("2 3/8 in", 60.325),
        ("2-3/8″", 60.325),
        ("½ inch", 12.7),
        ("1½in", 38.1),
        ("1 ⅜ in", 34.925),
        ("1⁄2 cm", 5),
        ("7/2", 3.5),
    ],
)
def test_it_works(text: str, length_mm: float) -> None:
    assert parse_length(text) == pytest.approx(length_mm)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "missing"),
        ("   ", "missing"),
        ("0", "above zero"),
        ("0.0mm", "above zero"),
        ("-3mm", "below zero"),
        ("−3mm", "below zero"),
        ("-1/2 in", "below zero"),
        ("0/2 in", "above zero"),
        ("1/0 in", "is not a length"),
        ("1/2/3 in", "is not a length"),
        ("/2in", "is not a length"),
        ("1/2 furlong", "“furlong” is not a unit"),
        ("½½ in", "is not a length"),
        ("80 1/2 in", "too long"),
        ("2m", "“m” is not a unit"),
        ("2000mm", "too long: at most 1000 mm"),
        ("1000.1", "too long"),
        ("40in", "too long"),
        ("999999999999", "too long"),
        ("9" * 400, "is not a length"),
        ("nan", "is not a length"),
        ("inf", "is not a length"),
        ("1e3", "is not a length"),
        ("50px", "“px” is not a unit"),
        ("5 0", "is not a length"),
        ("mm", "is not a length"),
        (".", "is not a length"),
        ("1,000", "two ways"),
        ("٥٠", "is not a length"),
        ("50mm; rm", "is not a length"),
    ],
)
def test_a_bad_length_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_length(text)


def test_zero_is_a_length_where_the_caller_says_so() -> None:
    assert parse_length("0mm", zero_ok=True) == 0
    assert parse_length("-0", zero_ok=True) == 0


@given(st.text(max_size=30) | st.from_regex(r"[-+]?[0-9]{1,5}([.,][0-9]{0,4})? ?(mm|cm|in|m)?", fullmatch=True))
def test_any_text_gives_a_length_or_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert 0 < parse_length(text) <= MAX_LENGTH_MM


@given(st.floats(0.1, 1000), st.sampled_from([300, 600]))
def test_pixels_and_millimetres_agree(length_mm: float, dpi: int) -> None:
    assert px_to_mm(mm_to_px(length_mm, dpi), dpi) == pytest.approx(length_mm)
    assert mm_to_px(25.4, dpi) == dpi
