"""Tests that the typeface of the notes is embedded in every PDF that has notes, and has the letters of all of them."""

from __future__ import annotations

import io
import re
from functools import cache

import pikepdf
import pytest
from fontTools.ttLib import TTFont

from stickers.printing.imposition.layout import Item, lay_out
from stickers.printing.imposition.marks import RegistrationMarks
from stickers.printing.imposition.pages import PageOptions, parse_page
from stickers.printing.writers import typeface
from stickers.printing.writers.cutters import calibration, write_silhouette
from stickers.printing.writers.pdf import PdfOptions, write_pdf
from tests.support.print_art import die_cuts

MARKS = (RegistrationMarks(), RegistrationMarks(count=4))


@cache
def noted() -> dict[str, bytes]:
    layout = lay_out([Item(die_cuts()[0])], PageOptions(size=parse_page("A5"), margin_mm=15))
    files = {f"silhouette {marks.count}": write_silhouette(layout, marks) for marks in MARKS}
    files |= {f"calibration {marks.count}": calibration(parse_page("A4"), marks) for marks in MARKS}
    return files | {"note": write_pdf(layout, PdfOptions(note="A note"))}


@pytest.mark.parametrize("name", ["silhouette 3", "silhouette 4", "calibration 3", "calibration 4", "note"])
def test_it_is_embedded_with_every_letter_that_is_used(name: str) -> None:
    with pikepdf.open(io.BytesIO(noted()[name])) as pdf:
        [font] = pdf.pages[0].Resources.Font.values()
        described = font.FontDescriptor
        assert str(font.BaseFont) == str(described.FontName) == "/Aileron-Regular"
        file = described.FontFile2.read_bytes()
        assert int(described.FontFile2.Length1) == len(file)
        letters = TTFont(io.BytesIO(file)).getBestCmap()
        words = b"".join(re.findall(rb"Td \((.*?)\) Tj", pdf.pages[0].Contents.read_bytes())).decode("cp1252")
        assert words
        assert {letter for letter in words if ord(letter) not in letters} == set()
        codes = range(int(font.FirstChar), int(font.LastChar) + 1)
        assert len(font.Widths) == len(codes)
        assert all(font.Widths[code - 32] > 0 for code in words.encode("cp1252"))


def test_a_shop_s_file_needs_no_typeface() -> None:
    layout = lay_out([Item(die_cuts()[0])], PageOptions())
    with pikepdf.open(io.BytesIO(write_pdf(layout))) as pdf:
        assert list(pdf.pages[0].Resources.Font) == []


def test_words_are_as_wide_as_the_typeface_says() -> None:
    assert typeface.width("ii") == 2 * typeface.width("i")
    assert typeface.width("W") > typeface.width("i") > 0
    ascent, descent = typeface.ascent_and_descent()
    assert ascent > 500
    assert descent < 0
