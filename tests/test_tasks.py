"""The nudge: a hint to the worker, whose loss costs an order a moment and never the order itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction
from kombu import Connection
from kombu.pools import ProducerPool

from stickers import tasks
from stickers.celery import app


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A queue of this test's own in place of the studio's."""
    path = tmp_path / "broker.sqlite3"
    connections = Connection(f"embedded://{path}").Pool(1)
    monkeypatch.setattr(app.amqp, "_producer_pool", ProducerPool(connections, limit=1))
    yield path
    connections.force_close_all()


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


def test_a_torn_queue_refuses_no_order(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    file.write_bytes(b"no database at all" * 100)
    tasks._nudge()
    assert "the next tick will find the work" in caplog.text


def test_a_queue_that_cannot_be_opened_refuses_no_order(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    file.mkdir()
    tasks._nudge()
    assert "the next tick will find the work" in caplog.text
