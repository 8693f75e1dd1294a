"""PDF/X-4 before a checker that is not ours: pdf-oxide. It looks at less than `pdf_x4_faults`, but judges by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pdf_oxide import PdfDocument

from stickers.printing.imposition.layout import Layout
from stickers.printing.imposition.marks import RegistrationMarks
from stickers.printing.writers.pdf import PdfOptions, write_pdf
from stickers.printing.writers.spots import THROUGH, WHITE, Spots
from tests.printing.writers.test_pdf_x4 import postcard, see_through
from tests.support.print_art import press
from tests.support.print_checks import changed


def errors(data: bytes, folder: Path) -> list[str]:
    (folder / "checked.pdf").write_bytes(data)
    said = PdfDocument(str(folder / "checked.pdf")).validate_pdf_x("4")
    found = [*said["errors"], *said["warnings"]]
    assert said["valid"] == (not said["errors"])
    return found


@pytest.mark.parametrize("layout", [postcard, see_through])
@pytest.mark.parametrize(
    "options",
    [
        PdfOptions(),
        PdfOptions(spots=Spots(through=THROUGH, white=WHITE), bleed_mm=2),
        PdfOptions(marks=RegistrationMarks(), cut_lines=False),
    ],
    ids=["plain", "spots", "marks"],
)
def test_it_finds_nothing(layout: Callable[[], Layout], options: PdfOptions, tmp_path: Path) -> None:
    assert errors(write_pdf(layout(), replace(options, condition=press())), tmp_path) == []


def test_it_tells_a_plain_pdf_and_a_broken_one(tmp_path: Path) -> None:
    assert any("OutputIntents" in words for words in errors(write_pdf(postcard()), tmp_path))
    data = write_pdf(postcard(), PdfOptions(condition=press()))
    broken = changed(data, lambda pdf: pdf.Root.__delitem__("/Metadata"))
    assert any("XMP" in words for words in errors(broken, tmp_path))
