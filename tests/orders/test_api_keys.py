"""The key comes from the environment or from a file, which may change while the studio runs."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from stickers import pipeline
from stickers.orders import api_keys
from stickers.sandbox.recording import fingerprint
from stickers.sandbox.server import Sandbox
from tests.support.jobs import order


@pytest.fixture
def file(tmp_path: Path, settings: Settings) -> Path:
    path = tmp_path / "key"
    path.write_text("SG_first\n")
    settings.SEGMIND_API_KEY_FILE = str(path)
    return path


def test_it_works(settings: Settings) -> None:
    settings.SEGMIND_API_KEY = "SG_mine"
    assert api_keys.key_of(1) == api_keys.studio_key() == "SG_mine"
    settings.SEGMIND_API_KEY = ""
    assert api_keys.studio_key() == settings.SANDBOX_KEY


def test_a_rotated_key_is_used_for_the_next_call(
    designer: User, studio_settings: Settings, sandbox: Sandbox, file: Path
) -> None:
    order(designer, "cats")
    pipeline.reconcile()
    new = file.with_name("new")
    new.write_text("SG_second")
    new.replace(file)
    order(designer, "dogs")
    pipeline.reconcile()
    assert [post.key for post in sandbox.posts()] == [fingerprint("SG_first"), fingerprint("SG_second")]


def test_a_file_that_is_written_in_place_is_read_again(file: Path) -> None:
    assert api_keys.studio_key() == "SG_first"
    file.write_text("SG_third")
    os.utime(file, ns=(1, 1))
    assert api_keys.studio_key() == "SG_third"


def test_the_old_key_holds_while_the_file_is_being_replaced(file: Path) -> None:
    assert api_keys.studio_key() == "SG_first"
    file.write_text("")
    assert api_keys.studio_key() == "SG_first"
    file.unlink()
    assert api_keys.studio_key() == "SG_first"
    file.write_text("SG_second")
    assert api_keys.studio_key() == "SG_second"


def test_a_file_that_was_never_there_is_said_once(
    tmp_path: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SEGMIND_API_KEY_FILE = str(tmp_path / "nothing")
    with caplog.at_level(logging.ERROR, "stickers"):
        assert api_keys.studio_key() == api_keys.studio_key() == ""
    assert len(caplog.records) == 1
    assert "SEGMIND_API_KEY_FILE" in caplog.text


def test_a_fingerprint_is_no_key() -> None:
    assert api_keys.fingerprint("SG_a") != api_keys.fingerprint("SG_b")
    assert "SG_a" not in api_keys.fingerprint("SG_a")
