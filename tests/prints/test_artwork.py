"""A sticker's artwork: one place reads its pixels, and all that is printed, drawn or said of it follows."""

from __future__ import annotations

import io

import pytest
from django.contrib.auth.models import User
from PIL import Image

from stickers.files import storage
from stickers.models import Sticker
from stickers.printing.artwork.ppi import SHARP_PPI
from stickers.printing.errors import ArtError
from stickers.printing.options import DEFAULT_BORDER_MM, PrintOptions
from stickers.prints import artwork, preflight
from stickers.prints.artwork import Original
from stickers.prints.desk import Desk
from stickers.templatetags.shelf import sharp_mm
from tests.support.print_art import disc
from tests.support.print_rows import make_print_sheet
from tests.support.rows import make_sheet

pytestmark = pytest.mark.django_db
OPTIONS = PrintOptions(size_mm=40, border_mm=0)


@pytest.fixture
def sticker(designer: User) -> Sticker:
    return make_sheet(designer, stickers=1).stickers.get()


def _ppi(sticker: Sticker) -> list[float]:
    """The pixels per inch of a 40 mm print as its file, the dialog, a tile and the print page take them."""
    desk = Desk.of(make_print_sheet(sticker.sheet, size_mm=40, border_mm=0))
    [outlook], [cut] = artwork.outlooks([sticker], {sticker.pk: OPTIONS}), desk.cuts.made.values()
    return [
        artwork.single_cut(sticker, OPTIONS).effective_ppi,
        outlook.ppi,
        artwork.outlooks([sticker] * (artwork.CUT_BEFOREHAND + 1), {sticker.pk: OPTIONS})[-1].ppi,
        (sharp_mm(sticker) + 0.5 - 2 * DEFAULT_BORDER_MM) * SHARP_PPI / 40,  # it is a whole number, rounded down
        cut.effective_ppi,
    ]


def _rules(sticker: Sticker) -> set[str]:
    verdict = preflight.examined(Desk.of(make_print_sheet(sticker.sheet, size_mm=40, border_mm=0)))
    return {check.finding.rule for check in verdict.checks}


def test_everything_follows_the_original(sticker: Sticker, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _ppi(sticker) == pytest.approx([36] * 5, rel=0.1)
    assert "ppi" in _rules(sticker)
    out = io.BytesIO()
    Image.fromarray(disc(960, 470)).save(out, "PNG")
    name = storage.put("stickers/larger.png", out.getvalue())
    monkeypatch.setattr(artwork, "original", lambda _: Original(name, 960, 960, 940))
    assert _ppi(sticker) == pytest.approx([604] * 5, rel=0.1)
    assert "ppi" not in _rules(sticker)


def test_fixups_are_applied_in_their_order(sticker: Sticker, monkeypatch: pytest.MonkeyPatch) -> None:
    done = []

    def named(name: str) -> object:
        return lambda rgba, mm_per_px, least_mm: done.append((name, round(mm_per_px, 2), least_mm)) or rgba

    monkeypatch.setattr(artwork, "FIXUPS", {name: named(name) for name in ("halo", "thin")})
    cut = artwork.die_cut_of(sticker, OPTIONS, "one", fixups=("thin", "halo"), least_line_mm=0.3)
    mm_per_px = round(25.4 / cut.effective_ppi, 2)
    assert done == [("thin", mm_per_px, 0.3), ("halo", mm_per_px, 0.3)]


def test_an_unknown_fixup_is_refused(sticker: Sticker) -> None:
    with pytest.raises(ArtError, match="“gloss” is no known fixup"):
        artwork.die_cut_of(sticker, OPTIONS, "one", fixups=("gloss",))


def test_a_lost_file_is_refused_in_words(sticker: Sticker) -> None:
    storage.remove([sticker.file.name or ""])
    with pytest.raises(ArtError, match="missing or damaged"):
        artwork.die_cut_of(sticker, OPTIONS, "one")
