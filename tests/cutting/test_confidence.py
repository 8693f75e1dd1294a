"""How sure the cut is of a sticker, and which doubt it names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stickers.cutting.confidence import SURE, Evidence, judge

CLEAN = Evidence(seam=0, faint=0, waist=0, loose=0, odd=0, ragged=0, tiny=0, frame=0)


def test_it_works() -> None:
    confidence, reason = judge(CLEAN)
    assert 0.99 < confidence < 1
    assert reason == ""


@pytest.mark.parametrize("feature", sorted(vars(CLEAN)))
def test_every_doubt_makes_it_less_sure(feature: str) -> None:
    steps = [judge(replace(CLEAN, **{feature: amount}))[0] for amount in (0, 0.3, 0.6, 1)]
    assert steps == sorted(steps, reverse=True)
    assert len(set(steps)) == 4


@pytest.mark.parametrize(
    ("feature", "words"),
    [
        ("waist", "may be two stickers"),
        ("seam", "shares a border with its neighbour"),
        ("faint", "faint border"),
        ("loose", "loose parts joined"),
        ("odd", "unusual size"),
        ("ragged", "ragged outline"),
    ],
)
def test_the_doubt_that_stands_out_is_named(feature: str, words: str) -> None:
    doubtful = replace(CLEAN, odd=0.49, ragged=0.29, faint=0.34)  # none of them stands out by itself
    confidence, reason = judge(replace(doubtful, **{feature: 0.9}))
    assert confidence < SURE
    assert reason == words


def test_of_several_doubts_the_costliest_is_named() -> None:
    several = replace(CLEAN, tiny=1, odd=0.9, waist=0.9)
    assert judge(several)[1] == "may be two stickers"
    assert judge(replace(several, loose=0.6))[1] == "loose parts joined"


def test_a_very_small_one_is_named() -> None:
    assert judge(replace(CLEAN, tiny=0.9, odd=0.49, ragged=0.29, faint=0.34, seam=0.11))[1] == "very small"


def test_the_edge_is_named_even_of_a_sure_one() -> None:
    confidence, reason = judge(replace(CLEAN, frame=1))
    assert confidence >= SURE
    assert reason == "cut off by the sheet's edge"


def test_a_doubt_that_does_not_stand_out_has_words_too() -> None:
    confidence, reason = judge(
        Evidence(seam=0.1, faint=0.3, waist=0.1, loose=0.09, odd=0.4, ragged=0.2, tiny=0, frame=0)
    )
    assert confidence < SURE
    assert reason == "unsure outline"
