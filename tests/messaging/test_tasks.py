"""The nudge: a hint to the worker, whose loss costs an order a moment and never the order itself."""

from __future__ import annotations

import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import transaction

from stickers import tasks
from stickers.messaging import wakeups
from stickers.messaging.app import app
from stickers.messaging.wakeups import Hints


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
    with sqlite3.connect(file) as connection:
        return [payload for (payload,) in connection.execute("SELECT payload FROM message")]


@pytest.mark.django_db(transaction=True)
def test_it_works(file: Path) -> None:
    with transaction.atomic():
        tasks.nudge()
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
    """One that takes connections and never says a word, as a hung server or a firewall does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"{request.param}://127.0.0.1:{listener.getsockname()[1]}//"
        monkeypatch.setattr(app.conf, "broker_write_url", url)
        yield


@pytest.mark.usefixtures("silent_broker")
def test_a_silent_broker_keeps_nobody_waiting(fresh: Hints, caplog: pytest.LogCaptureFixture) -> None:
    begun = time.monotonic()
    assert not fresh.send(tasks.reconcile)
    assert time.monotonic() - begun < 20 * wakeups.PATIENCE_SECONDS  # it would be minutes; a busy machine is no failure
    assert len(caplog.records) == 1
    # For a while nobody tries again: not even the one second is paid twice.
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
