"""An upgrade: the database of the release before, with work in it, migrated as the runner does it."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
# Rows of every state, a bin, an import, a sheet still to be cut; see its first line.
DUMP = ROOT / "tests/release_0001.sql"
LOOK = """
import json
import django
django.setup()
from django.contrib.auth.models import User
from django.test import Client
from stickers.models import Generation, Sheet, Sticker
client = Client(SERVER_NAME="localhost")
done = Sheet.objects.get(title="Foxes")
paths = ["/", "/queue/", "/gallery/", "/gallery/stickers/", "/trash/", "/import/", f"/sheets/{done.pk}/"]
paths += [f"/export/?sheets={done.pk}", f"/?from={done.generation_id}"]
new = Generation.objects.create(owner=done.owner, prompt="new", seed=1)
print(json.dumps({
    "pages": {path: client.get(path).status_code for path in paths},
    "shown": "Done foxes" in client.get(f"/sheets/{done.pk}/").content.decode(),
    "new": new.pk,
}))
"""


def run(data: Path, *command: str) -> str:
    environment = {"PATH": os.environ["PATH"], "STUDIO_DATA": str(data), "DJANGO_SETTINGS_MODULE": "stickers.settings"}
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def table(path: Path, name: str) -> dict[int, dict[str, Any]]:
    with sqlite3.connect(path) as database:
        database.row_factory = sqlite3.Row
        rows = {row["id"]: dict(row) for row in database.execute(f"SELECT * FROM {name}")}  # noqa: S608  (ours)
    database.close()
    return rows


@pytest.fixture
def old(tmp_path: Path) -> Path:
    database = sqlite3.connect(tmp_path / "studio.sqlite3")
    database.executescript(DUMP.read_text())
    database.close()
    return tmp_path


def test_it_works(old: Path) -> None:
    tables = ("stickers_generation", "stickers_sheet", "stickers_sticker", "auth_user")
    before = {name: table(old / "studio.sqlite3", name) for name in tables}
    assert [len(rows) for rows in before.values()] == [11, 4, 7, 2]
    run(old, "manage.py", "migrate", "--verbosity=0")
    run(old, "manage.py", "migrate", "--check")
    for name, rows in before.items():
        after = table(old / "studio.sqlite3", name)
        assert after.keys() == rows.keys()
        for pk, row in rows.items():
            assert {column: after[pk][column] for column in row if column in after[pk]} == row
        assert not {column for row in rows.values() for column in row} - {c for row in after.values() for c in row}
    looked = json.loads(run(old, "-c", LOOK))
    assert set(looked["pages"].values()) == {200}, looked
    assert looked["shown"]
    assert looked["new"] == 12
