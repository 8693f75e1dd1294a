"""Lines of the log: what they are about, in words or as JSON, and never a secret."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from stickers import logs

ROOT = Path(__file__).parents[1]


def record(message: str, *values: object, **extra: object) -> logging.LogRecord:
    return logging.getLogger("stickers.test").makeRecord(
        "stickers.test", logging.WARNING, "test.py", 1, message, values, None, extra=extra
    )


def test_it_works() -> None:
    line = logs.Lines().format(record("The broker %s.", "is away"))
    assert line.endswith("WARNING stickers.test: The broker is away.")
    with logs.about(generation=7), logs.about(sheet=3):
        assert logs.Lines().format(record("Cut.")).endswith("Cut. (generation 7, sheet 3)")
    assert logs.Lines().format(record("Cut.")).endswith("Cut.")


def test_objects() -> None:
    with logs.about(request="abc", generation=7):
        line = logs.Objects().format(record('A "quoted"\nline', state="done"))
    assert "\n" not in line
    said = json.loads(line)
    assert said.pop("time")
    assert said == {
        "level": "WARNING",
        "logger": "stickers.test",
        "message": 'A "quoted"\nline',
        "state": "done",
        "request": "abc",
        "generation": 7,
    }


@pytest.mark.parametrize("form", [logs.Lines, logs.Objects])
def test_secrets_do_not_pass(form: type[logs.Lines | logs.Objects]) -> None:
    broken = record("The key was %s", "SG_mine")
    error = RuntimeError("refused for SG_mine at the wire")
    broken.exc_info = (RuntimeError, error, None)
    line = form(["SG_mine"]).format(broken)
    assert "SG_mine" not in line
    assert line.count(logs.HIDDEN) >= 2
    assert "RuntimeError" in line


def test_threads_are_about_their_own() -> None:
    said: list[str] = []
    with logs.about(generation=7):
        other = threading.Thread(target=lambda: said.append(logs.Lines().format(record("x"))))
        other.start()
        other.join()
    assert "generation" not in said[0]


def test_the_settings_choose(tmp_path: Path) -> None:
    code = """
import django, logging
django.setup()
from stickers import logs
with logs.about(generation=7):
    logging.getLogger("stickers.orders").info("key %s", "SG_of_mine")
"""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "stickers.settings",
        "STUDIO_DATA": str(tmp_path),
        "LOG_FORMAT": "json",
        "SEGMIND_API_KEY": "SG_of_mine",
    }
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    said = json.loads(run.stderr)
    assert (said["level"], said["message"], said["generation"]) == ("INFO", f"key {logs.HIDDEN}", 7)
