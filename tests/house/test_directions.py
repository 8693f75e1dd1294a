"""Who may import whom: the contracts in pyproject.toml, and the rules that they can't express."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(path for path in (ROOT / "stickers").rglob("*.py") if "migrations" not in path.parts)
MOST_ROOT_FILES = 7


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT / "stickers"))


def test_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    said = subprocess.run([linter, "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout


def test_every_room_has_a_floor() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    floors = next(contract for contract in contracts if contract["type"] == "layers" and contract["exhaustive"])
    assert floors["containers"] == ["stickers"]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_import_inside_a_function(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            inner = [each for each in ast.walk(node) if isinstance(each, ast.Import | ast.ImportFrom)]
            assert not inner, f"line {inner[0].lineno}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_module_says_what_it_is_for(path: Path) -> None:
    """A room's `__init__` also opens with a sentence. Only an empty one needs none."""
    tree = ast.parse(path.read_text())
    if tree.body:
        assert ast.get_docstring(tree), "no opening sentence"


def test_no_drawer_for_odds_and_ends() -> None:
    assert not {path.name for path in FILES if path.stem in {"utils", "helpers", "manager", "common", "misc"}}


def test_few_files_stand_at_the_root() -> None:
    assert len([path for path in FILES if path.parent == ROOT / "stickers"]) <= MOST_ROOT_FILES
