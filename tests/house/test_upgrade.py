"""An upgrade: the previous release's database, with work in it, is migrated as the runner does it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.models import SPEC
from tests.support.release import OnSQLite, Release, on_postgresql, run

DEFAULTS = SPEC.defaults()
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


# Columns of a sheet that belong to its segmentation now.
MOVED = {
    "cut_next_at": "next_at",
    "cut_tries": "tries",
    "cut_error": "error",
    "cut_at": "finished_at",
    "cut_options": "options",
}
STATES = {"waiting": "queued", "cut": "done", "failed": "failed"}


def kept(row: dict[str, Any]) -> dict[str, Any]:
    """A row of today with the columns of the previous release: a generation's parameters are in its recipe now."""
    if "recipe" not in row:
        return row
    recipe = json.loads(row["recipe"]) if isinstance(row["recipe"], str) else row["recipe"]
    assert row["model"] == "Norod78-SDXL-StickerSheet-Lora"
    assert [type(value) for value in recipe.values()] == [type(DEFAULTS[name]) for name in recipe]
    return row | recipe


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Release]:
    """On the PostgreSQL that `make test-engines` has started, if it has."""
    if "TEST_DATABASE_URL" in os.environ:
        with on_postgresql(tmp_path, os.environ["TEST_DATABASE_URL"]) as release:
            yield release
    else:
        yield OnSQLite(tmp_path)


@pytest.mark.thorough
def test_it_works(old: Release) -> None:
    tables = ("stickers_generation", "stickers_sheet", "stickers_sticker", "auth_user")
    before = {name: old.table(name) for name in tables}
    assert [len(rows) for rows in before.values()] == [11, 4, 7, 2]
    run(old, "manage.py", "migrate", "--verbosity=0")
    run(old, "manage.py", "migrate", "--check")
    for name, rows in before.items():
        after = old.table(name)
        assert after.keys() == rows.keys()
        for pk, row in rows.items():
            gone = {*MOVED, "cut_state"} if name == "stickers_sheet" else set()
            assert kept(after[pk]).items() >= {column: row[column] for column in row if column not in gone}.items()
    segmentations = old.table("stickers_segmentation")
    for pk, row in before["stickers_sheet"].items():
        assert segmentations[pk]["state"] == STATES[row["cut_state"]]
        assert {column: segmentations[pk][new] for column, new in MOVED.items()} == {name: row[name] for name in MOVED}
    looked = json.loads(run(old, "-c", LOOK))
    assert set(looked["pages"].values()) == {200}, looked
    assert looked["shown"]
    assert looked["new"] == 12
