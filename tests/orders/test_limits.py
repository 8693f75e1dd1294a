"""Limits of the whole studio: however many workers look for work at once, they take no more than is allowed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from stickers.models import Export, Nesting, PrintSheet, Segmentation, Sheet

WORKERS = 4
ROUNDS = 10  # on PostgreSQL without the lock, most of these rounds break the limit


def together(claim: Callable[[], list[int]]) -> list[int]:
    """What several workers take that begin at the same moment."""
    start = threading.Barrier(WORKERS)

    def work(_: int) -> list[int]:
        try:
            connection.ensure_connection()
            start.wait(20)
            return claim()
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as hands:
        return [pk for taken in hands.map(work, range(WORKERS)) for pk in taken]


@pytest.fixture
def owner(transactional_db: None) -> User:
    return User.objects.create(username="designer")


@pytest.mark.parametrize("limit", [1, 3])
def test_cuts(owner: User, limit: int) -> None:
    fields = {"file": "x.png", "format": "PNG", "width_px": 1, "height_px": 1}
    sheets = Sheet.objects.bulk_create(Sheet(owner=owner, **fields) for _ in range(20))
    Segmentation.objects.bulk_create(Segmentation(sheet=sheet) for sheet in sheets)
    for _ in range(ROUNDS):
        taken = together(lambda: Segmentation.objects.claim(at_once=limit))
        assert len(set(taken)) == len(taken) == limit
        Segmentation.objects.take_over(timezone.now())


def test_exports(owner: User) -> None:
    print_sheet = PrintSheet.objects.create(owner=owner)
    rows = (
        Export(print_sheet=print_sheet, plan={}, profile={}, file_name="x", folder=f"exports/{number}")
        for number in range(20)
    )
    Export.objects.bulk_create(rows)
    for _ in range(ROUNDS):
        assert len(together(lambda: Export.objects.claim(at_once=1))) == 1
        Export.objects.take_over(timezone.now())


def test_nestings(owner: User) -> None:
    print_sheets = PrintSheet.objects.bulk_create(PrintSheet(owner=owner) for _ in range(20))
    Nesting.objects.bulk_create(Nesting(print_sheet=print_sheet) for print_sheet in print_sheets)
    for _ in range(ROUNDS):
        assert len(together(lambda: Nesting.objects.claim(at_once=1))) == 1
        Nesting.objects.take_over(timezone.now())
