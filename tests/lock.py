"""The locks: `python -m tests.lock` renews both from pyproject.toml, with `--check` it only compares.

The first line of a lock names the dependencies that it was made from by their hash, so that comparing needs no
network. No lock names a registry: where packages come from is the machine's own business.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LOCKS = {"requirements.lock": (), "requirements-dev.lock": ("--group", "dev", "--constraint", "requirements.lock")}
ADDRESSES = ("UV_INDEX", "UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS")


def header() -> str:
    """The line that a lock made from the present pyproject.toml begins with."""
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [
        project["project"]["requires-python"],
        sorted(project["project"]["dependencies"]),
        {name: sorted(group) for name, group in project["dependency-groups"].items()},
    ]
    digest = hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()
    return f"# Made by `make lock` from dependencies of sha256 {digest}"


def problems() -> list[str]:
    """What is wrong with the locks as they are."""
    found = []
    for name in LOCKS:
        text = (ROOT / name).read_text()
        if text.partition("\n")[0] != header():
            found.append(f"{name} was not made from the present pyproject.toml; run `make lock`.")
        if "://" in text:
            found.append(f"{name} names an address.")
    return found


def renew(*options: str) -> None:
    install = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv")
    subprocess.run(install, check=True)
    environment = {name: value for name, value in os.environ.items() if name not in ADDRESSES}
    for name, options_of_its_own in LOCKS.items():
        command = (
            "uv",
            "pip",
            "compile",
            "pyproject.toml",
            *options_of_its_own,
            "--universal",
            "--python-version",
            "3.11",
        )
        output = ("--generate-hashes", "--no-header", "--quiet", "--output-file", name, *options)
        run = (sys.executable, "-m", *command, *output)
        subprocess.run(run, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        path = ROOT / name
        path.write_text(f"{header()}\n{path.read_text()}")


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit("\n".join(problems()) or 0)
    renew(*sys.argv[1:])
