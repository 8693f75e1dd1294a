"""Runs the engine suite: what depends on the database over PostgreSQL, then the whole journey over all engines."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.engines.servers import MissingError, postgres
from tests.running_studio import ROOT

# Rows, their moves and what reads them: the tests whose subject is another on another database.
ROWS: Final = (
    *(
        "generation",
        "pipeline",
        "turns",
        "budget",
        "upstream",
        "sharing",
        "selection",
        "keyset",
        "migrations",
        "upgrade",
    ),
    *("backup", "housekeeping"),
    *("limits", "signin", "resets", "switched_off", "own_keys", "exporting"),
    *("views_studio", "views_generations", "views_gallery", "views_selection", "views_monitoring"),
)


def main(words: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="sticker-studio-engines-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL, which is not root, has to come through
        (folder / "postgres").mkdir()
        try:
            with postgres(folder / "postgres") as server:
                files = [f"tests/test_{name}.py" for name in ROWS]
                rows = _pytest(*files, "--numprocesses=auto", "--dist=worksteal", *words, TEST_DATABASE_URL=server.url)
        except MissingError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    return rows or _pytest("tests/engines/journey.py", "tests/engines/rabbitmq.py", *words)


def _pytest(*words: str, **variables: str) -> int:
    command = [sys.executable, "-m", "pytest", *words]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **variables}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
