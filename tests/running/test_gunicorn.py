"""What the studio adds to gunicorn: it takes no request before the migration is done."""

from __future__ import annotations

import os
import threading

import pytest

from stickers.running import gunicorn, schema


@pytest.fixture(autouse=True)
def lacking(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The migrations that the database has not had: none, unless a test adds one."""
    missing: list[str] = []
    monkeypatch.setattr(schema, "lacking", lambda: missing)
    monkeypatch.setattr(schema, "LOOK_SECONDS", 0.01)
    return missing


class Worker:
    """What the hook needs of gunicorn's worker."""

    def __init__(self) -> None:
        self.alive = True
        self.notified = threading.Event()

    def notify(self) -> None:
        self.notified.set()


def test_it_waits_for_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    monkeypatch.setenv("ROWS_READY", str(reading))
    worker = Worker()
    waiting = threading.Thread(target=gunicorn.post_worker_init, args=(worker,))
    waiting.start()
    assert worker.notified.wait(20)  # so that the master does not take it for hung
    assert waiting.is_alive()
    os.close(writing)
    waiting.join(20)
    assert not waiting.is_alive()
    gunicorn.post_worker_init(worker)  # a worker that is started again later does not wait
    os.close(reading)


def test_a_stop_ends_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    monkeypatch.setenv("ROWS_READY", str(reading))
    worker = Worker()
    worker.alive = False
    gunicorn.post_worker_init(worker)
    assert not worker.notified.is_set()
    os.close(reading)
    os.close(writing)


def test_without_the_runner_there_is_nothing_to_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ROWS_READY", raising=False)
    gunicorn.post_worker_init(Worker())


def test_one_that_is_started_again_waits_while_the_code_is_newer_than_the_rows(
    monkeypatch: pytest.MonkeyPatch, lacking: list[str]
) -> None:
    monkeypatch.delenv("ROWS_READY", raising=False)
    lacking.append("stickers.9999_probe")
    worker = Worker()
    waiting = threading.Thread(target=gunicorn.post_worker_init, args=(worker,))
    waiting.start()
    assert worker.notified.wait(20)
    assert waiting.is_alive()
    lacking.clear()
    waiting.join(20)
    assert not waiting.is_alive()
