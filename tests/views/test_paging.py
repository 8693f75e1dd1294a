"""Paging: every row once, in order, in both directions, and no nonsense in the address."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from stickers.models import Generation
from stickers.views import paging
from tests.support.rows import make_generation

pytestmark = pytest.mark.django_db


@pytest.fixture
def pks(designer: User) -> list[int]:
    """Seven rows, newest first."""
    return [make_generation(designer).pk for _ in range(7)][::-1]


def look(**place: int) -> tuple[list[int], int | None, int | None]:
    page = paging.page(Generation.objects.all(), paging.Position(**place), 3)
    return [row.pk for row in page.rows], page.newer, page.older


def test_it_works(pks: list[int]) -> None:
    assert look() == (pks[:3], None, pks[2])
    assert look(before=pks[2]) == (pks[3:6], pks[3], pks[5])
    assert look(before=pks[5]) == (pks[6:], pks[6], None)


def test_back_again(pks: list[int]) -> None:
    assert look(after=pks[6]) == (pks[3:6], pks[3], pks[5])
    assert look(after=pks[3]) == (pks[:3], None, pks[2])


def test_a_new_row_moves_no_page(pks: list[int], designer: User) -> None:
    make_generation(designer)
    assert look(before=pks[2])[0] == pks[3:6]


def test_beyond_both_ends(pks: list[int]) -> None:
    assert look(after=pks[0]) == ([], None, pks[0] + 1)
    assert look(before=pks[6]) == ([], pks[6] - 1, None)
    assert look(before=pks[0] + 1)[0] == pks[:3]


@pytest.mark.parametrize("text", ["", "x", "-1", "1.5", "²", "1e3", "None"])
def test_nonsense_is_the_top(text: str) -> None:
    assert paging.Position.asked({"before": text, "after": text}) == paging.Position()


def test_a_number_too_large_for_a_database(pks: list[int]) -> None:
    place = paging.Position.asked({"before": "9" * 40})
    assert [row.pk for row in paging.page(Generation.objects.all(), place, 3).rows] == pks[:3]
