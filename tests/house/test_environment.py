"""How .venv is made: by uv, by pip if uv fails, again only for another lock, and only for a supported Python."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKES_A_FOLDER = '#!/bin/sh\necho "uv $*" >>calls\n[ "$1" = pip ] || exec "{python}" -m venv --without-pip .venv\n'
FAILS = "#!/bin/sh\nexit 2\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the scripts and an empty lock, so that no test here needs a network."""
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    (tmp_path / "requirements.lock").write_text("# nothing\n")
    return tmp_path


def set_up(checkout: Path, *options: str, uv: str, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
    tools = checkout / "tools"
    tools.mkdir(exist_ok=True)
    (tools / "uv").write_text(uv.format(python=sys.executable))
    (tools / "uv").chmod(0o755)
    variables = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "PYTHON": python}
    command = (".ci/environment", "requirements.lock", *options)
    return subprocess.run(command, cwd=checkout, env=variables, capture_output=True, text=True, check=False)


def test_it_works(checkout: Path) -> None:
    done = set_up(checkout, uv=MAKES_A_FOLDER)
    assert done.returncode == 0, done.stderr
    assert "Setting up .venv from requirements.lock" in done.stdout
    made, installed = (checkout / "calls").read_text().splitlines()
    assert made.startswith("uv venv")
    assert "--require-hashes" in installed
    assert "--compile-bytecode" in installed


def test_what_is_there_is_not_made_again(checkout: Path) -> None:
    set_up(checkout, uv=MAKES_A_FOLDER)
    done = set_up(checkout, uv=FAILS)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_another_lock_is_installed_into_the_same_folder(checkout: Path) -> None:
    set_up(checkout, uv=MAKES_A_FOLDER)
    (checkout / "requirements.lock").write_text("# nothing else\n")
    assert set_up(checkout, uv=MAKES_A_FOLDER).returncode == 0
    assert [line.split()[1] for line in (checkout / "calls").read_text().splitlines()] == ["venv", "pip", "pip"]


def test_bytecode_can_come_later(checkout: Path) -> None:
    assert set_up(checkout, "later", uv=MAKES_A_FOLDER).returncode == 0
    assert "--compile-bytecode" not in (checkout / "calls").read_text()


def test_pip_installs_where_uv_cannot(checkout: Path) -> None:
    done = set_up(checkout, uv=FAILS)
    assert done.returncode == 0, done.stderr
    assert "pip does it instead" in done.stderr
    assert (checkout / ".venv" / "bin" / "pip").exists()
    assert (checkout / ".venv" / "installed" / "requirements.lock").exists()


def test_an_unsupported_python_is_refused(checkout: Path) -> None:
    done = set_up(checkout, uv=MAKES_A_FOLDER, python="/bin/false")
    assert done.returncode == 1
    assert "Sticker Studio needs Python 3.11 to 3.14; /bin/false here is none." in done.stderr
    assert not (checkout / ".venv").exists()
