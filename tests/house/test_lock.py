"""The locks fit pyproject.toml, pin everything by hash for each supported Python, and name no registry."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[2]
LOCKS = ["requirements.lock", "requirements-dev.lock", ".ci/uv.lock"]
PYTHONS = ["3.11.9", "3.12.9", "3.13.9", "3.14.2"]
# What uv writes below the pin of a package that pyproject.toml itself requires.
ASKED_FOR = re.compile(r"sticker-studio \(pyproject\.toml(?::dev)?\)")


@cache
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def asked_for(lock: str) -> list[Requirement]:
    wanted = list(project()["project"]["dependencies"])
    if lock == "requirements-dev.lock":
        wanted += project()["dependency-groups"]["dev"]
    return [Requirement(text) for text in wanted]


@cache
def blocks(lock: str) -> list[str]:
    """One block for each pin: its line, its hashes and who requires it."""
    return re.split(r"\n(?=[a-z0-9])", (ROOT / lock).read_text())


def pins(lock: str) -> dict[str, list[Requirement]]:
    """Each package's pins by its name. There are several if they differ by Python's version."""
    found: dict[str, list[Requirement]] = {}
    for block in blocks(lock):
        pin = Requirement(block.partition("\n")[0].removesuffix(" \\"))
        found.setdefault(pin.name, []).append(pin)
    return found


def fitting(pins: list[Requirement], python: str) -> list[Requirement]:
    running = {"python_full_version": python, "python_version": python.rpartition(".")[0], "sys_platform": "linux"}
    return [pin for pin in pins if pin.marker is None or pin.marker.evaluate(running)]


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("lock", LOCKS[:2])
def test_what_pyproject_asks_for_is_pinned(lock: str, python: str) -> None:
    for requirement in asked_for(lock):
        [pin] = fitting(pins(lock)[requirement.name], python)
        [version] = [specifier.version for specifier in pin.specifier]
        assert requirement.specifier.contains(version), f"{requirement}, but {pin}: run `make lock`"


@pytest.mark.parametrize("lock", LOCKS[:2])
def test_nothing_is_pinned_that_nobody_asks_for(lock: str) -> None:
    direct = {block.partition("==")[0] for block in blocks(lock) if ASKED_FOR.search(block)}
    assert direct == {requirement.name for requirement in asked_for(lock)}, "run `make lock`"
    for block in blocks(lock):
        assert "# via" in block, block


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash(lock: str) -> None:
    for block in blocks(lock):
        assert re.match(r"[a-z0-9._-]+==[^\s;]+", block), block
        assert "--hash=sha256:" in block, block


@pytest.mark.parametrize("lock", LOCKS)
def test_no_address(lock: str) -> None:
    assert "://" not in (ROOT / lock).read_text()
    assert "--index" not in (ROOT / lock).read_text()


def test_the_larger_lock_holds_the_smaller() -> None:
    small, large = pins("requirements.lock"), pins("requirements-dev.lock")
    assert {name: large.get(name) for name in small} == small


@pytest.mark.parametrize("python", PYTHONS)
def test_supported_pythons_have_a_pin_each(python: str) -> None:
    wanted = project()["project"]
    assert SpecifierSet(wanted["requires-python"]).contains(python)
    assert f"Programming Language :: Python :: {python.rpartition('.')[0]}" in wanted["classifiers"]
    for several in pins("requirements-dev.lock").values():
        # A package that is split by Python's version has one pin for each. A single pin may hold for some versions
        # only.
        assert len(fitting(several, python)) == 1 or len(several) == 1, several
