"""Sums of moments: exact to the microsecond on every database, and never too large for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db.models import Sum

from stickers.models import Generation
from stickers.models.microseconds import SPAN, Microseconds
from tests.support.jobs import order

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENTS = [
    datetime(2026, 1, 31, 12, 34, 56, 789012, tzinfo=UTC),
    datetime(2026, 1, 31, 12, 34, 56, tzinfo=UTC),  # SQLite keeps no zeros after the point
    datetime(2026, 1, 31, 12, 34, 56, 7, tzinfo=UTC),
    datetime(2099, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
]


def microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1) % SPAN


@pytest.mark.parametrize("moment", MOMENTS)
def test_it_works(designer: User, moment: datetime) -> None:
    order(designer, changed_at=moment)
    assert Generation.objects.values_list(Microseconds("changed_at"), flat=True).get() == microseconds(moment)


def test_a_sum(designer: User) -> None:
    for moment in MOMENTS:
        order(designer, changed_at=moment)
    found = Generation.objects.aggregate(sum=Sum(Microseconds("changed_at")))["sum"]
    assert found == sum(map(microseconds, MOMENTS))
