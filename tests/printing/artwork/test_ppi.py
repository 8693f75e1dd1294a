"""Effective source ppi and what it means."""

from __future__ import annotations

import math

import pytest

from stickers.printing.artwork.ppi import (
    REDRAWN_GAIN,
    counted_ppi,
    effective_ppi,
    ppi_verdict,
    prints_like_ppi,
    sharp_up_to_mm,
    shown_ppi,
)


def test_it_works() -> None:
    assert effective_ppi(340, 29) == pytest.approx(297.8, abs=0.1)
    assert effective_ppi(300, 25.4) == 300


@pytest.mark.parametrize(
    ("ppi", "level"),
    [
        (1200, "fine"),
        (300, "fine"),
        (299.6, "fine"),
        (299.4, "note"),
        (200, "note"),
        (199, "warn"),
        (150, "warn"),
        (149, "strong"),
        (100, "strong"),
        (99, "ask"),
        (0.5, "ask"),
        (math.inf, "fine"),
    ],
)
def test_each_band_has_its_verdict(ppi: float, level: str) -> None:
    verdict = ppi_verdict(ppi)
    assert verdict.level == level
    assert verdict.label
    assert verdict.words.endswith(".")
    assert verdict.warns == (level in {"warn", "strong", "ask"})
    assert verdict.asks == (level == "ask")


@pytest.mark.parametrize(("source_px", "printed_mm"), [(0, 50), (-1, 50), (300, 0), (math.nan, 5), (5, math.inf)])
def test_nonsense_is_refused(source_px: float, printed_mm: float) -> None:
    with pytest.raises(ValueError, match="above zero"):
        effective_ppi(source_px, printed_mm)


@pytest.mark.parametrize("ppi", [-1, math.nan])
def test_no_verdict_on_what_is_no_resolution(ppi: float) -> None:
    with pytest.raises(ValueError, match="not a resolution"):
        ppi_verdict(ppi)


def test_a_ppi_is_rounded_alike_everywhere() -> None:
    assert [shown_ppi(ppi) for ppi in (43.4, 43.5, 44.5, 299.5)] == [43, 44, 45, 300]
    assert ppi_verdict(299.5).label == "Sharp"
    assert ppi_verdict(199.4).warns


def test_art_is_sharp_up_to_300_pixels_an_inch_and_its_border() -> None:
    assert sharp_up_to_mm(300, 0) == 25
    assert sharp_up_to_mm(300, 2) == 29
    assert sharp_up_to_mm(0, 0) == 0
    for art_px in range(60, 900, 37):
        size_mm = sharp_up_to_mm(art_px, 2)
        assert effective_ppi(art_px, size_mm - 4) >= 300
        assert effective_ppi(art_px, size_mm + 1 - 4) < 300


@pytest.mark.parametrize(
    ("ppi", "level"),
    [
        (299, "note"),
        (200, "note"),
        (199, "note"),
        (150, "note"),
        (149, "warn"),
        (100, "warn"),
        (99, "strong"),
        (40, "ask"),
    ],
)
def test_redrawn_art_is_judged_softer_by_one_verdict_at_most(ppi: float, level: str) -> None:
    verdict = ppi_verdict(ppi, redrawn=True)

    assert verdict.level == level
    like = f"prints like about {prints_like_ppi(ppi)} ppi; small lettering stays as it is."
    assert verdict.words == f"Outlines redrawn, {like}"
    assert counted_ppi(ppi, redrawn=False) == ppi <= counted_ppi(ppi, redrawn=True) <= max(ppi, 200)


def test_what_redrawn_art_prints_like_is_said_in_tens() -> None:
    assert prints_like_ppi(100) == 100 * REDRAWN_GAIN
    assert prints_like_ppi(143) % 10 == 0
