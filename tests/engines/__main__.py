"""Run the engine suite: tests that depend on the database on PostgreSQL, then the whole journey on all engines."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.engines.servers import MissingError, postgres
from tests.support.running_studio import ROOT

# Rows, their moves and what reads them: tests whose subject differs with the database.
ROWS: Final = (
    "tests/models/test_generation.py",
    "tests/pipeline/test_pipeline.py",
    "tests/pipeline/test_query_plans.py",
    "tests/models/test_fair_share.py",
    "tests/orders/test_budget.py",
    "tests/models/test_upstream.py",
    "tests/models/test_quota.py",
    "tests/views/test_sharing.py",
    "tests/views/test_picking.py",
    "tests/views/test_paging.py",
    "tests/models/test_migrations.py",
    "tests/house/test_upgrade.py",
    "tests/upkeep/test_backup.py",
    "tests/upkeep/test_housekeeping.py",
    "tests/orders/test_limits.py",
    "tests/accounts/test_sign_in.py",
    "tests/pipeline/test_mailing.py",
    "tests/running/test_schema.py",
    "tests/running/test_switched_off.py",
    "tests/orders/test_own_keys.py",
    "tests/pipeline/test_exporting.py",
    "tests/views/test_studio.py",
    "tests/views/test_generations.py",
    "tests/views/test_gallery.py",
    "tests/views/test_selection.py",
    "tests/views/test_monitoring.py",
    "tests/views/test_team.py",
    "tests/views/test_trash.py",
)


def main(words: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="sticker-studio-engines-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL, which does not run as root, must get through
        (folder / "postgres").mkdir()
        try:
            with postgres(folder / "postgres") as server:
                rows = _pytest(*ROWS, "--numprocesses=auto", "--dist=worksteal", *words, TEST_DATABASE_URL=server.url)
        except MissingError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    return rows or _pytest("tests/engines/journey.py", "tests/engines/rabbitmq.py", *words)


def _pytest(*words: str, **variables: str) -> int:
    command = [sys.executable, "-m", "pytest", *words]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **variables}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
