"""The bench's own arithmetic. `make bench` gives the measured figures."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.bench.__main__ import Line, default_path, table, visible
from tests.bench.busy import Span, seconds
from tests.bench.idle import Cost, Measured, copy_first_sheet
from tests.bench.rig import percentile
from tests.bench.visible import CARD


def test_slots_are_counted_between_two_moments_only(tmp_path: Path) -> None:
    file = tmp_path / "busy"
    file.write_text("a.reconcile 1.0 3.0\na.cut 2.5 7.0\na.reconcile 8.0 9.0\n")
    spans = Span.read_all(file)
    assert [span.task for span in spans] == ["a.reconcile", "a.cut", "a.reconcile"]
    assert seconds(spans, since=2, until=6) == pytest.approx(1 + 3.5)


def test_a_percentile_is_one_of_the_values() -> None:
    values = [float(number) for number in range(1, 101)]
    assert (percentile(values, 0.5), percentile(values, 0.95), percentile([3.0], 0.95)) == (51, 96, 3)


def test_a_missed_goal_is_told() -> None:
    found = {"delays_s": [1.0, 3.0]}
    assert visible("1 job", found, wanted_s=2).reached is False
    assert visible("1 job", found, wanted_s=3).reached is True
    assert visible("1 job", found).reached is None
    lines = table([Line("looks", "1 /s", "2 /s", "0.50 ×", "≥ 1 ×", reached=False)]).splitlines()
    assert lines[1].split() == ["looks", "1", "/s", "2", "/s", "0.50", "×", "≥", "1", "×", "NO"]


def test_the_share_that_is_not_red_is_judged() -> None:
    found = {"sheets": 2, "ready": 1, "stickers": 40, "error": 4}
    assert default_path(found).reached is True
    assert default_path(found | {"error": 5}).reached is False


def test_the_card_names_its_order() -> None:
    card = '<li class="card" data-order="3" data-state="done" data-label="Done" data-name="bench 2" data-stickers="4">'
    assert CARD.findall(card + card.replace("done", "waiting")) == ["bench 2"]


def test_a_process_that_ended_meanwhile_is_counted_by_its_parent() -> None:
    before = {1: Cost("runner", 1.0, 0, 0), 2: Cost("worker", 2.0, 0, 0)}
    after = {1: Cost("runner", 3.5, 1024, 0), 3: Cost("worker", 0.5, 2048, 0)}  # process 2 ended at 2.5 s
    measured = Measured("studio", before, after)
    assert (measured.cpu_s, measured.pss_mb) == (pytest.approx(1.0), 3.0)


def test_a_sheet_is_copied_with_its_generation() -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(
            "CREATE TABLE stickers_generation (id INTEGER PRIMARY KEY, request_id TEXT, prompt TEXT, state TEXT);"
            "CREATE TABLE stickers_sheet (id INTEGER PRIMARY KEY, 'index' INTEGER, generation_id INTEGER);"
            "INSERT INTO stickers_generation VALUES (1, 'abc', 'cats', 'done');"
            "INSERT INTO stickers_sheet VALUES (1, 0, 1);"
        )
        copy_first_sheet(database, 0)
        assert database.execute("SELECT count(*) FROM stickers_sheet").fetchone() == (1,)
        copy_first_sheet(database, 2)
        assert database.execute("SELECT * FROM stickers_generation").fetchall() == [
            (1, "abc", "cats", "done"),
            (2, "", "cats", "done"),
            (3, "", "cats", "done"),
        ]
        assert database.execute("SELECT * FROM stickers_sheet").fetchall() == [(1, 0, 1), (2, 0, 2), (3, 0, 3)]
