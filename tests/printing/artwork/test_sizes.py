"""Sizes that fit the art: the relation of a sheet's stickers, no pixel too few, and bounds that hold."""

from __future__ import annotations

import math

import pytest

from stickers.printing.artwork.ppi import GOOD_PPI, SHARP_PPI, effective_ppi, ppi_verdict
from stickers.printing.artwork.sizes import FITS, Bounds, common_ppi, fitted_mm
from stickers.printing.options import PrintOptions

HOME = Bounds(usual_mm=50, border_mm=2)
SHEET_PX = (60, 150, 190, 210, 220, 260, 350)  # a heart, and a cat six times as long


def same_scale(art_px: tuple[int, ...], bounds: Bounds) -> list[float]:
    ppi = common_ppi(art_px, bounds)
    return [fitted_mm("same-scale", longest_px, bounds, ppi=ppi) for longest_px in art_px]


def test_it_works() -> None:
    """Stickers of a sheet keep their relation, and the preflight has nothing to warn of."""
    sizes = same_scale(SHEET_PX, HOME)
    for size_mm, art_px in zip(sizes, SHEET_PX, strict=True):
        assert (size_mm - 4) / (sizes[-1] - 4) == pytest.approx(art_px / SHEET_PX[-1], abs=0.002)
        assert not ppi_verdict(effective_ppi(art_px, size_mm - 4)).warns


def test_a_sheet_with_many_pixels_gives_usual_sizes() -> None:
    sizes = same_scale(tuple(10 * px for px in SHEET_PX), HOME)
    assert sorted(sizes)[3] == 50
    assert sizes[0] == pytest.approx(4 + 46 * 60 / 210, abs=0.1)


def test_a_sheet_with_few_pixels_gives_the_largest_without_a_warning() -> None:
    assert common_ppi(SHEET_PX, HOME) == GOOD_PPI


def test_the_largest_fits_the_page() -> None:
    bounds = Bounds(usual_mm=50, border_mm=2, most_mm=80)
    sizes = same_scale((500, 500, 500, 2000), bounds)
    assert sizes == [23.0, 23.0, 23.0, 80.0]


def test_sharp_is_whole_millimetres_at_300_ppi() -> None:
    size_mm = fitted_mm("sharp", 350, HOME, ppi=1)
    assert size_mm == 33
    assert effective_ppi(350, size_mm - 4) >= SHARP_PPI
    assert effective_ppi(350, size_mm + 1 - 4) < SHARP_PPI


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("border_mm", [0, 0.05, 2, 2.1, 3.175, 20])
def test_whatever_is_proposed_can_be_ordered(fit: str, border_mm: float) -> None:
    bounds = Bounds(usual_mm=50, border_mm=border_mm, most_mm=100)
    for art_px in (1, 5, 60, 3000):
        ppi = common_ppi([art_px, 1, 9000], bounds)
        size_mm = fitted_mm("sharp" if fit == "sharp" else "same-scale", art_px, bounds, ppi=ppi)
        order = PrintOptions(size_mm=size_mm, border_mm=border_mm)
        assert math.isfinite(order.art_mm)
        assert size_mm <= 100


def test_a_scale_of_nothing() -> None:
    with pytest.raises(ValueError, match="at least one sticker"):
        common_ppi([], HOME)
