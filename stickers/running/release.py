"""Names the release that runs, so that a backup can say which one made it."""

from __future__ import annotations

import subprocess
import tomllib

from stickers.running.data_folder import CHECKOUT


def name() -> str:
    """The version, and the commit where the code is a git checkout, such as `0.1.0 (1a2b3c4d5e6f)`."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    commit = _commit()
    return f"{project['version']} ({commit})" if commit else str(project["version"])


def _commit() -> str:
    """The commit that is checked out; empty without git or outside a checkout."""
    # On a server the checkout belongs to root and the services run as another user. Git refuses such a folder unless
    # it is told that it is safe.
    command = ("git", "-c", f"safe.directory={CHECKOUT}", "-C", str(CHECKOUT), "rev-parse", "--short=12", "HEAD")
    try:
        asked = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return asked.stdout.strip() if asked.returncode == 0 else ""
