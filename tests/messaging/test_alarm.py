"""The alarm: it rings once, at the moment that was set last."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from stickers.messaging.alarm import Alarm
from tests.conftest import wait_until


def test_it_works() -> None:
    rung = threading.Event()
    Alarm(lambda: 0.01, rung.set).set_by_rows()
    assert rung.wait(20)


def test_it_rings_once_and_can_be_set_again() -> None:
    rings: list[int] = []
    alarm = Alarm(lambda: None, lambda: rings.append(1))
    alarm.set(0)
    wait_until(lambda: len(rings) == 1)
    alarm.set(0)
    wait_until(lambda: len(rings) == 2)
    alarm.set_by_rows()  # there is nothing left to wait for
    assert not threading.Event().wait(0.1)
    assert len(rings) == 2


def test_the_last_word_counts() -> None:
    rung = threading.Event()
    alarm = Alarm(lambda: 3600.0, rung.set)
    alarm.set(0.3)
    alarm.set_by_rows()
    assert not rung.wait(0.6)
    alarm.set(0)
    assert rung.wait(20)


def test_an_older_answer_never_replaces_a_newer_one() -> None:
    """Two rounds end at once. The one that saw nothing due must not silence the other's alarm."""
    rung, asked, answer = threading.Event(), threading.Event(), threading.Event()
    answers: Iterator[float | None] = iter([None, 0.01])

    def ask() -> float | None:
        found = next(answers)
        if found is None:
            asked.set()
            answer.wait(20)
        return found

    alarm = Alarm(ask, rung.set)
    older = threading.Thread(target=alarm.set_by_rows)
    older.start()
    asked.wait(20)
    newer = threading.Thread(target=alarm.set_by_rows)
    newer.start()
    answer.set()
    older.join()
    newer.join()
    assert rung.wait(20)
