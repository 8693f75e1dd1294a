"""The values used last stay, up to a total weight."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from stickers.pictures.recent import Recent


def test_it_works() -> None:
    made: list[int] = []
    recent = Recent[int, str](10, len)

    def value(key: int, length: int) -> str:
        return recent.get(key, lambda: made.append(key) or "x" * length)

    assert [value(1, 4), value(1, 4), value(2, 4)] == ["xxxx"] * 3
    assert made == [1, 2]
    value(1, 4)
    value(3, 4)  # twelve weigh too much, and 2 was not used for the longest time
    assert [value(key, 4) for key in (1, 3)] == ["xxxx"] * 2
    assert made == [1, 2, 3]
    value(2, 4)
    assert made == [1, 2, 3, 2]


def test_one_that_is_too_heavy_alone_stays_until_the_next() -> None:
    recent = Recent[int, str](3, len)
    recent.get(1, lambda: "heavy")
    assert recent.get(1, lambda: pytest.fail("It was here.")) == "heavy"
    recent.get(2, lambda: "x")
    assert recent.get(1, lambda: "anew") == "anew"


def test_what_cannot_be_made_is_not_kept() -> None:
    recent = Recent[int, str](3, len)
    with pytest.raises(ZeroDivisionError):
        recent.get(1, lambda: str(1 // 0))
    assert recent.get(1, lambda: "x") == "x"


def test_forgotten() -> None:
    recent = Recent[int, str](3, len)
    recent.get(1, lambda: "x")
    recent.clear()
    assert recent.get(1, lambda: "y") == "y"


def test_many_threads_keep_the_weight_true() -> None:
    recent = Recent[int, str](20, len)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: recent.get(number % 7, lambda: "xxxx"), range(500)))
    assert set(answers) == {"xxxx"}
    assert recent.weight <= 20
