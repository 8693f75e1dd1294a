"""Log lines: their subject, in words or as JSON, and never a secret."""

from __future__ import annotations

import json
import logging
import os
import runpy
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from pytest_django import Settings

from stickers.orders import api_keys
from stickers.pipeline import lanes
from stickers.running import logs

ROOT = Path(__file__).parents[2]
FIRST, SECOND = "first-field-key-of-32-characters-", "second-field-key-of-32-characters"


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


@pytest.mark.parametrize(
    ("extra", "is_kept"), [({"status_code": 403}, False), ({"status_code": 500}, True), ({}, True)]
)
def test_only_faults_keep_their_traceback(extra: dict[str, int], is_kept: bool) -> None:
    line = record("Forbidden", **extra)
    line.exc_info = (RuntimeError, RuntimeError(), None)
    assert logs.WithoutRefusals().filter(line)
    assert (line.exc_info is not None) is is_kept


@pytest.mark.parametrize("form", [logs.Lines, logs.Objects])
def test_secrets_do_not_pass(form: type[logs.Lines | logs.Objects]) -> None:
    broken = record("The key was %s", "SG_mine")
    error = RuntimeError("refused for SG_mine at the wire")
    broken.exc_info = (RuntimeError, error, None)
    line = form(["SG_mine"]).format(broken)
    assert "SG_mine" not in line
    assert line.count(logs.HIDDEN) >= 2
    assert "RuntimeError" in line


def test_secrets_that_hold_each_other_or_are_escaped() -> None:
    for form in (logs.Lines(["abc", "abcdef", 'q"uote']), logs.Objects(["abc", "abcdef", 'q"uote'])):
        line = form.format(record("abcdef abc %s", 'q"uote'))
        assert f"{logs.HIDDEN} {logs.HIDDEN} {logs.HIDDEN}" in line


@pytest.fixture
def _learned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_learned", {})


@pytest.mark.usefixtures("_learned")
def test_a_key_from_a_file_is_hidden_once_it_is_read(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("SG_of_the_file\n")
    settings.SEGMIND_API_KEY_FILE = str(path)
    assert api_keys.studio_key() == "SG_of_the_file"
    assert logs.Lines().format(record("with SG_of_the_file")).endswith(f"with {logs.HIDDEN}")


@pytest.mark.usefixtures("_learned")
def test_a_designers_own_key_is_hidden_when_it_goes_on_the_wire() -> None:
    with lanes._client("SG_of_ann"):
        assert logs.Lines().format(record("with SG_of_ann")).endswith(f"with {logs.HIDDEN}")


@pytest.mark.parametrize(
    ("variables", "secret"),
    [
        ({"SECRET_KEY": "signing-key"}, "signing-key"),
        ({"FIELD_KEYS": f"{FIRST},{SECOND}"}, FIRST),
        ({"FIELD_KEYS": f"{FIRST},{SECOND}"}, SECOND),
        ({"CELERY_BROKER_URL": "redis://:broker-pass@host:6379/0"}, "broker-pass"),
        ({"CELERY_BROKER_URL": "amqp://user:broker%40pass@host//"}, "broker%40pass"),
        ({"CELERY_BROKER_URL": "amqp://user:broker%40pass@host//"}, "broker@pass"),
        ({"DATABASE_URL": "postgres://user:row%2Fpass@host/name"}, "row%2Fpass"),
        ({"DATABASE_URL": "postgres://user:row%2Fpass@host/name"}, "row/pass"),
        ({"EMAIL_HOST_PASSWORD": "mail-pass"}, "mail-pass"),
        ({"S3_ACCESS_KEY_ID": "AKIA-id", "S3_SECRET_ACCESS_KEY": "bucket-secret"}, "AKIA-id"),
        ({"S3_ACCESS_KEY_ID": "AKIA-id", "S3_SECRET_ACCESS_KEY": "bucket-secret"}, "bucket-secret"),
        ({"METRICS_TOKEN": "token-of-metrics"}, "token-of-metrics"),
    ],
)
def test_every_secret_of_the_environment_is_hidden(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variables: dict[str, str], secret: str
) -> None:
    for name, value in {"STUDIO_DATA": str(tmp_path), **variables}.items():
        monkeypatch.setenv(name, value)
    formatter = runpy.run_path(str(ROOT / "stickers/settings.py"))["LOGGING"]["formatters"]["line"]
    line = logs.Lines(formatter["secrets"]).format(record("It was %s.", secret))
    assert line.endswith(f"It was {logs.HIDDEN}.")


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
from stickers.running import logs
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
