"""The name of the release: a version, and a commit where there is one."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from stickers.running import release


def checkout(folder: Path) -> str:
    """A checkout with one commit, whose name is returned."""
    (folder / "pyproject.toml").write_text('[project]\nversion = "1.2"\n')
    git = ["git", "-C", str(folder), "-c", "user.name=x", "-c", "user.email=x@x.example"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "one"], check=True)
    asked = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    return asked.stdout.strip()


def test_it_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "CHECKOUT", tmp_path)
    commit = checkout(tmp_path)
    assert release.name() == f"1.2 ({commit[:12]})"


def test_without_a_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2"\n')
    monkeypatch.setattr(release, "CHECKOUT", tmp_path)
    assert release.name() == "1.2"


def test_without_git(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert re.fullmatch(r"[\d.]+", release.name())
