"""Ids that the database refused stay on disk, in space reserved beforehand, until their rows take them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from pytest_django import Settings

from stickers import pipeline
from stickers.models import Generation, State
from stickers.pipeline import journal
from stickers.sandbox.server import Sandbox
from tests.support.jobs import finish, order


@pytest.fixture(autouse=True)
def folder(studio_settings: Settings, tmp_path: Path) -> Path:
    studio_settings.DATA_DIR = tmp_path
    return tmp_path


def refuse(*_: object, **__: object) -> bool:
    raise OperationalError("database or disk is full")


def test_an_id_that_the_database_refuses_is_saved_later(
    designer: User, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline.start()
    generation = order(designer)
    with monkeypatch.context() as patch:
        patch.setattr(Generation, "move", refuse)
        pipeline.reconcile()
    generation.refresh_from_db()
    assert (generation.state, generation.request_id) == (State.SUBMITTING, "")
    [entry] = journal.entries()
    [job] = sandbox.jobs
    assert (entry.generation_pk, entry.request_id) == (generation.pk, job.request_id)
    finish(generation)
    assert (generation.state, len(sandbox.posts())) == (State.DONE, 1)
    assert journal.entries() == []


def test_an_order_given_up_meanwhile_is_found_again(designer: User) -> None:
    generation = order(designer, state=State.UNKNOWN)
    journal.keep(generation.pk, "the-id")
    pipeline.submitting.save_late_ids()
    generation.refresh_from_db()
    assert (generation.state, generation.request_id) == (State.WAITING, "the-id")


def test_what_the_row_knows_already_is_forgotten(designer: User) -> None:
    generation = order(designer, state=State.DONE, request_id="first")
    journal.keep(generation.pk, "second")
    journal.keep(987654, "of an order that was deleted")
    pipeline.submitting.save_late_ids()
    generation.refresh_from_db()
    assert generation.request_id == "first"
    assert journal.entries() == []


def test_it_stays_while_the_database_still_refuses(designer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    generation = order(designer, state=State.UNKNOWN)
    journal.keep(generation.pk, "the-id")
    with monkeypatch.context() as patch:
        patch.setattr(Generation, "move", refuse)
        with pytest.raises(OperationalError):
            pipeline.reconcile()
    assert len(journal.entries()) == 1


def test_it_needs_no_new_room_on_the_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal.prepare()
    size = journal.path().stat().st_size
    write = os.pwrite

    def within(file: int, data: bytes, offset: int) -> int:
        assert offset + len(data) <= size
        return write(file, data, offset)

    monkeypatch.setattr(os, "pwrite", within)
    for number in range(journal.SLOTS):
        journal.keep(number, "x" * 200)
    assert len(journal.entries()) == journal.SLOTS
    assert journal.path().stat().st_size == size
    with pytest.raises(OSError, match="full"):
        journal.keep(1, "one too many")


def test_only_the_very_line_is_forgotten(folder: Path) -> None:
    journal.keep(1, "one")
    journal.keep(2, "two")
    journal.forget(1, "one")
    journal.forget(1, "two")
    assert [each.request_id for each in journal.entries()] == ["two"]


def test_a_worker_that_dies_before_the_row_knows_loses_no_id(
    designer: User, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation = order(designer)
    with monkeypatch.context() as patch:
        patch.setattr(pipeline.submitting, "_settle_submission", lambda *_, **__: None)
        pipeline.reconcile()
    generation.refresh_from_db()
    assert (generation.state, generation.request_id) == (State.SUBMITTING, "")
    finish(generation)
    assert (generation.state, len(sandbox.posts())) == (State.DONE, 1)


def test_an_id_of_another_row_stops_nobody(designer: User, caplog: pytest.LogCaptureFixture) -> None:
    order(designer, state=State.DONE, request_id="taken")
    first, second = order(designer, state=State.UNKNOWN), order(designer, state=State.UNKNOWN)
    journal.keep(first.pk, "taken")
    journal.keep(second.pk, "free")
    pipeline.submitting.save_late_ids()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.request_id) == (State.UNKNOWN, "")
    assert (second.state, second.request_id) == (State.WAITING, "free")
    assert "cannot take the id taken" in caplog.text
    assert journal.entries() == []


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[Generation, str], object]) -> None:
    """Let somebody act after this worker has read the row and before it writes the id."""
    save = pipeline.submitting._save_id

    def too_late(stale: Generation, request_id: str) -> bool:
        act(stale, request_id)
        return save(stale, request_id)

    monkeypatch.setattr(pipeline.submitting, "_save_id", too_late)


def test_no_alarm_when_the_sender_saves_the_id_first(
    designer: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    healthy = order(designer, state=State.SUBMITTING)
    journal.keep(healthy.pk, "the-id")
    save = pipeline.submitting._save_id

    def the_sender_saves(stale: Generation, request_id: str) -> None:
        assert stale.request_id == ""
        assert save(Generation.objects.get(pk=stale.pk), request_id)

    meanwhile(monkeypatch, the_sender_saves)
    pipeline.submitting.save_late_ids()
    healthy.refresh_from_db()
    assert (healthy.state, healthy.request_id) == (State.WAITING, "the-id")
    assert caplog.records == []
    assert journal.entries() == []


def test_no_alarm_for_an_order_that_is_deleted_meanwhile(
    designer: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    gone = order(designer, state=State.UNKNOWN)
    journal.keep(gone.pk, "the-id")
    meanwhile(monkeypatch, lambda stale, _: Generation.objects.filter(pk=stale.pk).delete())
    pipeline.submitting.save_late_ids()
    assert caplog.records == []
    assert journal.entries() == []


def test_an_order_that_was_not_sent_takes_no_id(designer: User, caplog: pytest.LogCaptureFixture) -> None:
    generation = order(designer)
    journal.keep(generation.pk, "of another time")
    pipeline.submitting.save_late_ids()
    generation.refresh_from_db()
    assert (generation.state, generation.request_id) == (State.CREATED, "")
    assert [record.levelname for record in caplog.records] == ["CRITICAL"]


def test_a_restore_sets_it_aside(folder: Path) -> None:
    assert journal.set_aside() is None
    journal.keep(1, "one")
    aside = journal.set_aside()
    assert aside is not None
    assert b"1 one" in aside.read_bytes()
    assert journal.entries() == []


def test_a_torn_file_is_filled_up(folder: Path) -> None:
    journal.keep(1, "one")
    with journal.path().open("r+b") as file:
        file.truncate(journal.SLOT_BYTES + 10)
    journal.keep(2, "two")
    assert [each.request_id for each in journal.entries()] == ["one", "two"]


def full(*_: Any) -> None:
    raise OSError(28, "No space left on device")


def test_a_full_journal_is_no_alarm_while_the_row_takes_the_id(
    designer: User, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    generation = order(designer)
    monkeypatch.setattr(journal, "keep", full)
    pipeline.reconcile()
    generation.refresh_from_db()
    assert generation.state == State.WAITING
    assert f"generation {generation.pk} as {generation.request_id}" in caplog.text
    assert {record.levelname for record in caplog.records} == {"WARNING"}


def test_when_the_disk_refuses_too_it_is_in_the_log(
    designer: User, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    generation = order(designer)
    monkeypatch.setattr(journal, "keep", full)
    monkeypatch.setattr(Generation, "move", refuse)
    pipeline.reconcile()
    [job] = sandbox.jobs
    assert f"generation {generation.pk} as {job.request_id}" in caplog.text
    assert "CRITICAL" in {record.levelname for record in caplog.records}
