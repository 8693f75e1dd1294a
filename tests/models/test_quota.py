"""How much a designer's files may take, and what stays free on the disk for pictures that are paid for."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from pytest_django import Settings

from stickers.files import storage
from stickers.models import NoRoom, Sheet, State, quota
from tests.support.print_rows import make_export, make_print_sheet
from tests.support.rows import make_generation, make_sheet

pytestmark = pytest.mark.django_db
MEGABYTE = 2**20


def sheet_of(owner: User, megabytes: int, **fields: object) -> Sheet:
    sheet = make_sheet(owner, stickers=1, **fields)
    Sheet.objects.filter(pk=sheet.pk).update(stored_bytes=megabytes * MEGABYTE)
    return sheet


@pytest.fixture(autouse=True)
def _ten_megabytes(settings: Settings) -> None:
    settings.STORAGE_QUOTA_BYTES = 10 * MEGABYTE


def free(monkeypatch: pytest.MonkeyPatch, size_bytes: int) -> None:
    monkeypatch.setattr(default_storage, "free_bytes", lambda: size_bytes, raising=False)


def test_it_works(designer: User) -> None:
    sheet_of(designer, 6)
    quota.check_quota(designer.pk, 4 * MEGABYTE)
    with pytest.raises(NoRoom, match=r"Your files take 6.0\sMB of 10.0\sMB, so there is no room for more"):
        quota.check_quota(designer.pk, 4 * MEGABYTE + 1)


def test_what_counts(designer: User, other_designer: User) -> None:
    """Sheets, those in the trash too, and exports; nobody else's."""
    sheet = sheet_of(designer, 2)
    sheet_of(designer, 3, deleted_at=sheet.created_at)
    sheet_of(other_designer, 9)
    export = make_export(make_print_sheet(sheet))
    export.files.update(size_bytes=MEGABYTE)
    assert quota.used_bytes(designer.pk) == 6 * MEGABYTE
    assert quota.by_owner() == {designer.pk: 6 * MEGABYTE, other_designer.pk: 9 * MEGABYTE}


def test_nobody_uses_anything_at_first(designer: User) -> None:
    assert quota.used_bytes(designer.pk) == 0


def test_without_a_quota(designer: User, settings: Settings) -> None:
    settings.STORAGE_QUOTA_BYTES = 0
    sheet_of(designer, 1000)
    quota.check_quota(designer.pk, 1000 * MEGABYTE)


def test_the_disk_keeps_room_for_every_sheet_that_is_ordered(
    designer: User, other_designer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_generation(designer, state=State.WAITING, samples=3)
    make_generation(other_designer, state=State.CREATED)
    make_generation(designer, state=State.DONE, samples=4)
    reserved = storage.LEAST_FREE_BYTES + 4 * quota.ORDERED_SHEET_BYTES
    assert quota.reserved_bytes() == reserved
    free(monkeypatch, reserved + 5)
    quota.check_disk(5)
    with pytest.raises(NoRoom, match=r"disk is full\. What is left is kept for pictures that are paid for"):
        quota.check_disk(6)


def test_a_bucket_is_never_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "free_bytes", lambda: None)
    quota.check_disk(5)
