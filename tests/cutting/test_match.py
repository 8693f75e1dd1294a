"""Matching the same sticker in two cuts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from stickers.cutting.match import match_contours, shared_areas


def square(x: float, y: float, side: float = 40) -> NDArray[np.float32]:
    return np.array([(x, y), (x + side, y), (x + side, y + side), (x, y + side)], np.float32)


def test_it_works() -> None:
    old = [square(0, 0), square(100, 0), square(0, 100)]
    new = [square(2, 101), square(300, 300), square(99, 3)]
    assert sorted(match_contours(old, new)) == [(1, 2), (2, 0)]


def test_a_sticker_that_was_split_goes_to_its_larger_half() -> None:
    whole = np.array([(0, 0), (100, 0), (100, 40), (0, 40)], np.float32)
    larger = np.array([(0, 0), (60, 0), (60, 40), (0, 40)], np.float32)
    smaller = np.array([(61, 0), (100, 0), (100, 40), (61, 40)], np.float32)
    assert match_contours([whole], [smaller, larger]) == [(0, 1)]


@pytest.mark.parametrize(("old", "new"), [([], []), ([square(0, 0)], []), ([], [square(0, 0)])])
def test_nothing_to_match(old: list[NDArray[np.float32]], new: list[NDArray[np.float32]]) -> None:
    assert match_contours(old, new) == []


def test_a_ring_of_two_points_matches_nothing() -> None:
    assert match_contours([square(0, 0)[:2]], [square(0, 0)]) == []


def test_overlap_of_halves() -> None:
    assert shared_areas(square(0, 0, 99), square(50, 0, 99)) == (5_000, 10_000, 10_000)


@pytest.mark.parametrize(("side", "same"), [(60, True), (40, False)])
def test_a_sticker_without_its_border_is_the_same(side: float, same: bool) -> None:
    around, within = square(0, 0, 99), square(20, 20, side)
    assert match_contours([around], [within]) == ([(0, 0)] if same else [])
    assert match_contours([within], [around]) == ([(0, 0)] if same else [])


def test_the_better_match_comes_before_one_that_lies_inside() -> None:
    assert match_contours([square(0, 0, 99)], [square(20, 20, 60), square(0, 0, 95)]) == [(0, 1)]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), unique=True, max_size=12), st.randoms())
def test_any_order_finds_itself(places: list[tuple[int, int]], random: object) -> None:
    old = [square(60 * x, 60 * y) for x, y in places]
    order = list(range(len(old)))
    random.shuffle(order)  # type: ignore[attr-defined]
    pairs = match_contours(old, [old[index] for index in order])
    assert sorted((i, order[j]) for i, j in pairs) == [(i, i) for i in range(len(old))]
