"""The locks pin everything by hash for each supported Python, and name no registry."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.markers import Marker

from tests.lock import LOCKS, ROOT, header, problems


def pins(name: str) -> dict[str, list[str]]:
    """Each package's pinned lines, markers included, by its normalised name."""
    found: dict[str, list[str]] = {}
    for line in (ROOT / name).read_text().splitlines():
        if match := re.match(r"([a-z0-9][a-z0-9._-]*)==", line):
            found.setdefault(match[1], []).append(line)
    return found


def test_it_works() -> None:
    assert problems() == []


def test_header_follows_the_dependencies() -> None:
    assert re.fullmatch(r"# Made by `make lock` from dependencies of sha256 [0-9a-f]{64}", header())


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_a_hash(name: str) -> None:
    blocks = re.split(r"\n(?=[a-z0-9])", (ROOT / name).read_text().partition("\n")[2])
    assert len(blocks) > 20
    for block in blocks:
        assert "--hash=sha256:" in block, block.partition("\n")[0]


@pytest.mark.parametrize("name", LOCKS)
def test_no_address(name: str) -> None:
    assert "://" not in (ROOT / name).read_text()
    assert "--index" not in (ROOT / name).read_text()


def test_the_larger_lock_holds_the_smaller() -> None:
    small, large = pins("requirements.lock"), pins("requirements-dev.lock")
    assert {name: large.get(name) for name in small} == small


def test_every_direct_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    direct = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names = {re.split(r"[<>=!~\[; ]", requirement)[0].lower() for requirement in direct}
    assert names <= pins("requirements-dev.lock").keys()


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_supported_pythons_have_a_pin_each(version: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert f"Programming Language :: Python :: {version}" in project["classifiers"]
    assert project["requires-python"] == ">=3.11,<3.14"
    running = {"python_full_version": f"{version}.9", "sys_platform": "linux"}
    for lines in pins("requirements-dev.lock").values():
        markers = [Marker(line.partition(";")[2].strip(" \\")) for line in lines if ";" in line]
        fitting = [marker for marker in markers if marker.evaluate(running)]
        # What is split by Python's version has one pin for each; a single pin may be for some versions alone.
        assert len(fitting) == 1 or len(lines) == 1, lines
