"""A picture is tried in a process of its own: does that process survive?"""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from stickers.cutting import CutOptions
from stickers.cutting.trial import fate_of
from stickers.sandbox.jobs import SheetOrder
from tests.support.jobs import three_discs

OPTIONS = CutOptions(background=(250, 205, 215), seeds=((100, 240),))


def program(folder: Path, words: str) -> str:
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{words}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_it_works() -> None:
    assert not fate_of(three_discs(SheetOrder(prompt="", seed=1, width_px=512, height_px=512)), OPTIONS)


def test_a_picture_that_is_refused_lives() -> None:
    assert not fate_of(b"no picture at all", OPTIONS)


def test_a_process_that_is_killed_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", program(tmp_path, "kill -9 $$"))
    assert fate_of(b"", OPTIONS) == "ends the process that does it"


def test_one_that_never_ends_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", program(tmp_path, "exec sleep 60"))
    monkeypatch.setattr("stickers.cutting.trial.PATIENCE_S", 0.2)
    assert fate_of(b"", OPTIONS) == "takes longer than 0.2 seconds on this machine"
