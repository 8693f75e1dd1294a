"""Hints and the alarm: if one is lost, an order loses a moment and never the order itself."""

from __future__ import annotations

import contextlib
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import DatabaseError, transaction
from django.utils import timezone

from stickers import tasks
from stickers.messaging import wakeups
from stickers.messaging.alarm import Alarm
from stickers.messaging.app import app
from stickers.messaging.wakeups import Hints
from stickers.models import Export, Mail, Nesting, PrintSheet, Segmentation, Sheet, State
from stickers.pipeline import recovery
from tests.conftest import wait_until
from tests.support.jobs import order


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A queue of this test's own in place of the studio's."""
    path = tmp_path / "broker.sqlite3"
    monkeypatch.setattr(app.conf, "broker_write_url", f"embedded://{path}")
    return path


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Hints:
    """Hints that remember no other test's broker."""
    monkeypatch.setattr(tasks, "_hints", Hints())
    return tasks._hints


def sent(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return [payload for (payload,) in connection.execute("SELECT payload FROM message")]


@pytest.mark.django_db(transaction=True)
def test_it_works(file: Path) -> None:
    with transaction.atomic():
        tasks.hint()
        assert not file.exists()  # a worker that looked now would not see the order yet
    [message] = sent(file)
    assert "stickers.tasks.reconcile" in message


@pytest.mark.parametrize("spoil", [lambda file: file.write_bytes(b"no database at all" * 100), Path.mkdir])
def test_a_queue_that_is_none_refuses_no_order(
    file: Path, spoil: Callable[[Path], object], fresh: Hints, caplog: pytest.LogCaptureFixture
) -> None:
    spoil(file)
    assert not fresh.send(tasks.reconcile)
    assert "the next tick will find the work" in caplog.text


@pytest.fixture(params=["redis", "amqp"])
def silent_broker(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A broker that takes connections and never answers, as a hung server or a firewall does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"{request.param}://127.0.0.1:{listener.getsockname()[1]}//"
        monkeypatch.setattr(app.conf, "broker_write_url", url)
        yield


@pytest.mark.usefixtures("silent_broker")
def test_a_silent_broker_keeps_nobody_waiting(fresh: Hints, caplog: pytest.LogCaptureFixture) -> None:
    begun = time.monotonic()
    assert not fresh.send(tasks.reconcile)
    # without the limit it would take minutes; a busy machine is no failure
    assert time.monotonic() - begun < 20 * wakeups.PATIENCE_SECONDS
    assert len(caplog.records) == 1
    # For a while nobody tries again, so not even the one second is spent twice.
    assert not fresh.send(tasks.reconcile)
    assert len(caplog.records) == 1


@pytest.mark.django_db
def test_a_broker_that_is_there_again_is_found(file: Path, fresh: Hints, monkeypatch: pytest.MonkeyPatch) -> None:
    file.mkdir()
    assert not fresh.send(tasks.reconcile)
    file.rmdir()
    monkeypatch.setattr(fresh, "_silent_until", 0.0)
    assert fresh.send(tasks.reconcile)
    assert len(sent(file)) == 1


@pytest.mark.usefixtures("resting_worker")
def test_an_order_needs_no_tick(designer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """One hint at the click; the worker does the rest by its alarm."""
    monkeypatch.setattr(tasks, "_hints", Hints())
    generation = order(designer)
    tasks.hint()

    def is_done() -> bool:
        generation.refresh_from_db()
        return generation.state == State.DONE

    wait_until(is_done, seconds=60)


@pytest.mark.django_db
def test_the_alarm_is_for_the_next_row(designer: User) -> None:
    assert tasks._seconds_to_next() is None
    now = timezone.now()
    order(designer, state=State.CUTTING, next_at=None)
    order(designer, state=State.WAITING, request_id="practice", next_at=now, sandbox=not settings.SANDBOX_IN_USE)
    assert tasks._seconds_to_next() is None, "nobody here works at those"
    order(designer, state=State.WAITING, request_id="a", next_at=now + timedelta(minutes=5))
    order(designer, state=State.READY, request_id="b", next_at=now + timedelta(minutes=3))
    assert tasks._seconds_to_next() == pytest.approx(180, abs=60)
    order(designer)
    assert tasks._seconds_to_next() == tasks.PAUSE_SECONDS, "it could not be taken just now"


@pytest.mark.django_db
def test_every_kind_of_work_sets_the_alarm(designer: User) -> None:
    sheet = Sheet.objects.create(owner=designer, file="x.png", format="PNG", width_px=1, height_px=1)
    Segmentation.objects.create(sheet=sheet)
    assert tasks._seconds_to_next() == tasks.PAUSE_SECONDS
    sheet.delete()
    print_sheet = PrintSheet.objects.create(owner=designer)
    export = Export.objects.create(print_sheet=print_sheet, plan={}, profile={}, file_name="x", folder="exports/1")
    assert tasks._seconds_to_next() == tasks.PAUSE_SECONDS
    export.delete()
    nesting = Nesting.objects.create(print_sheet=print_sheet)
    assert tasks._seconds_to_next() == tasks.PAUSE_SECONDS
    nesting.delete()
    Mail.objects.ask("a@example.org", address="::1")
    assert tasks._seconds_to_next() == tasks.PAUSE_SECONDS


@pytest.mark.parametrize("silent_before", [True, False])
def test_an_alarm_that_the_broker_does_not_take_rings_again(
    file: Path, fresh: Hints, monkeypatch: pytest.MonkeyPatch, silent_before: bool
) -> None:
    file.mkdir()  # no queue at all
    alarm = Alarm(lambda: None, tasks._ring)
    monkeypatch.setattr(tasks, "alarm", alarm)
    monkeypatch.setattr(tasks, "AGAIN_SECONDS", 0.01)
    monkeypatch.setattr(wakeups, "SILENCE_SECONDS", 3600.0)
    if silent_before:
        fresh.send(tasks.reconcile)
    alarm.set(0)
    wait_until(lambda: fresh._silent_until)
    file.rmdir()
    wait_until(lambda: not fresh._silent_until)
    assert sent(file)


@pytest.mark.django_db
@pytest.mark.parametrize("refused", ["submitting.save_late_ids", "next_due"])
def test_a_round_that_breaks_off_is_followed_by_another(monkeypatch: pytest.MonkeyPatch, refused: str) -> None:
    rung = threading.Event()
    monkeypatch.setattr(tasks, "alarm", Alarm(tasks._seconds_to_next, rung.set))
    monkeypatch.setattr(f"stickers.pipeline.{refused}", refuse)
    with contextlib.suppress(DatabaseError):
        tasks.reconcile()
    assert rung.wait(20)
    recovery.take_over_after_refusal()


@pytest.mark.django_db
def test_work_that_the_database_refused_is_offered_again_by_the_next_round(designer: User) -> None:
    """Another look may have ended well meanwhile, and have set the alarm for the end of the lease."""
    generation = order(designer, state=State.WAITING, request_id="a", next_at=timezone.now() + timedelta(minutes=1))
    with contextlib.suppress(DatabaseError), recovery.noticing_refusals():
        refuse()
    assert tasks._seconds_to_next() == tasks.PAUSE_SECONDS
    recovery.take_over_after_refusal()
    generation.refresh_from_db()
    assert generation.next_at is not None
    assert generation.next_at <= timezone.now()
    assert not recovery.is_refused()


@pytest.mark.django_db
def test_a_refusal_while_taking_over_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    with contextlib.suppress(DatabaseError), recovery.noticing_refusals():
        refuse()
    with monkeypatch.context() as refusing:
        refusing.setattr(recovery, "take_over", refuse)
        with pytest.raises(DatabaseError):
            recovery.take_over_after_refusal()
    assert recovery.is_refused()
    recovery.take_over_after_refusal()
    assert not recovery.is_refused()


def refuse() -> list[int]:
    raise DatabaseError("the disk is full")
