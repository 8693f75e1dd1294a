"""A part over tables that lack a migration waits for it, says so once, and works on as soon as it is there."""

from __future__ import annotations

import logging

import pytest
from django.db import OperationalError, connection

from stickers.running import schema

PROBE = ("stickers", "9999_probe")
ON_DISK = schema.on_disk()

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pulled(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A release with one more migration lies on the disk."""
    monkeypatch.setattr(schema, "on_disk", lambda: ON_DISK | {PROBE})
    monkeypatch.setattr(schema, "LOOK_SECONDS", 0.01)
    return monkeypatch


def test_it_works() -> None:
    assert {("stickers", "0001_initial"), ("auth", "0001_initial"), ("axes", "0001_initial")} <= ON_DISK
    assert schema.lacking() == []
    schema.wait()


def test_what_is_lacking(pulled: pytest.MonkeyPatch) -> None:
    assert schema.lacking() == ["stickers.9999_probe"]


def test_more_migrations_in_the_database_than_on_disk_are_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Old code runs over new tables until it is restarted."""
    monkeypatch.setattr(schema, "on_disk", lambda: ON_DISK - {("stickers", "0001_initial")})
    assert schema.lacking() == []


def test_it_waits_until_the_rows_are_migrated(pulled: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    looks = 0

    def is_wanted() -> bool:
        nonlocal looks
        looks += 1
        if looks == 3:
            pulled.setattr(schema, "on_disk", lambda: ON_DISK)
        return True

    with caplog.at_level(logging.WARNING, "stickers"):
        schema.wait(is_wanted)
    assert looks == 3
    [said] = [record.getMessage() for record in caplog.records]
    assert said.startswith("The code on the disk is newer than the database, which lacks stickers.9999_probe. Waiting:")


def test_a_stop_ends_the_wait(pulled: pytest.MonkeyPatch) -> None:
    answers = iter([True, True, False])
    schema.wait(lambda: next(answers))
    assert list(answers) == []


def test_a_database_that_is_away_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away() -> list[str]:
        raise OperationalError("connection refused")

    monkeypatch.setattr(schema, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(schema, "lacking", away)
    answers = iter([True, False])
    with caplog.at_level(logging.WARNING, "stickers"):
        schema.wait(lambda: next(answers))
    assert "does not answer, or is empty (OperationalError)" in caplog.text


def test_a_database_without_tables_has_had_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE django_migrations RENAME TO aside")
    try:
        assert "is empty" in schema._misfit()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE aside RENAME TO django_migrations")
