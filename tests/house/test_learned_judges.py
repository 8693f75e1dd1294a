"""The pairs of a sheet, solved together."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stickers.cutting import CutOptions
from tests.fitting.cutting.learned.judges import SURE, same_sticker, stickers_of
from tests.fitting.cutting.learned.regions import Pairs
from tests.house.test_learned_regions import two, view_of


def pairs_of(found: dict[tuple[int, int], float]) -> tuple[Pairs, np.ndarray]:
    """Pairs of regions with their odds; nothing else is known of them."""
    one, other = (np.array([pair[side] for pair in found], np.int64) for side in (0, 1))
    none = np.zeros(len(found))
    return Pairs(one, other, none, none, none, none, none), np.array(list(found.values()), np.float64)


def test_it_works() -> None:
    pairs, odds = pairs_of({(1, 2): 4.0, (2, 3): -3.0, (3, 4): 1.0})
    target, weakest, nearest = same_sticker(pairs, odds, 4)
    assert target[1] == target[2] != target[3] == target[4]
    assert weakest[target[1]] == 4
    assert weakest[target[3]] == 1
    assert nearest[target[1]] == nearest[target[3]] == -3


def test_two_against_outvote_one_for() -> None:
    pairs, odds = pairs_of({(1, 2): 5.0, (2, 3): 2.0, (1, 3): -4.0})
    target, _, _ = same_sticker(pairs, odds, 3)
    assert target[1] == target[2] != target[3]


def test_one_alone_has_no_doubt() -> None:
    pairs, odds = pairs_of({})
    target, weakest, nearest = same_sticker(pairs, odds, 1)
    assert target.tolist() == [0, 1]
    assert weakest[1] == SURE
    assert nearest[1] == -SURE


@given(st.lists(st.floats(-5, 5).filter(lambda odd: odd != 0), min_size=10, max_size=10))
def test_no_two_stickers_are_left_that_are_likelier_one(values: list[float]) -> None:
    found = dict(zip(combinations(range(1, 6), 2), values, strict=True))
    pairs, odds = pairs_of(found)
    target, _, _ = same_sticker(pairs, odds, 5)
    for one, other in combinations(sorted(set(target[1:].tolist())), 2):
        between = sum(odd for (a, b), odd in found.items() if {target[a], target[b]} == {one, other})
        assert between <= 1e-9


def test_an_expected_count_is_met() -> None:
    view = view_of(two(gap=3))
    labels, doubts = stickers_of(view, CutOptions(expected_count=1))
    assert len(doubts) == 1
    assert set(np.unique(labels)) == {0, 1}
