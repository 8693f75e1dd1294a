"""A pull and a migration under a running studio: nothing breaks that a restart doesn't mend, and no order is lost.

The release that is pulled adds a column, and reads it wherever it reads a generation.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stickers.models import State
from tests.support.running_studio import ROOT, RunningStudio, until

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(sys.platform != "linux", reason="finds the processes to kill in /proc"),
]

PATIENCE_SECONDS = 120
ORDER = {"add_trigger": "off", "img_width": 512, "img_height": 512}
MIGRATION = """
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("stickers", {last!r})]
    operations = [migrations.AddField("generation", "probe", models.IntegerField(db_default=7))]
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The code of today in a folder of its own."""
    folder = tmp_path / "checkout"
    for part in ("stickers", "templates", "static"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("manage.py", "pyproject.toml"):
        shutil.copy(ROOT / file, folder / file)
    (folder / ".venv").symlink_to((ROOT / ".venv").resolve())
    return folder


def pull(checkout: Path) -> None:
    migrations = checkout / "stickers/migrations"
    last = max(path.stem for path in migrations.glob("[0-9]*.py"))
    (migrations / "9999_probe.py").write_text(MIGRATION.format(last=last))
    module = checkout / "stickers/models/generation.py"
    text, anchor = module.read_text(), "    objects = GenerationQuerySet.as_manager()\n"
    assert text.count(anchor) == 1
    module.write_text(text.replace(anchor, f"    probe = models.IntegerField(db_default=7)\n\n{anchor}"))


def order(studio: RunningStudio, prompt: str) -> None:
    with studio.browser() as browser:
        assert browser.post("/", data={"prompt": prompt, **ORDER}).status_code == 302


def state(studio: RunningStudio, prompt: str) -> str:
    [(found,)] = studio.rows("SELECT state FROM stickers_generation WHERE prompt = ?", prompt)
    return str(found)


def finish(studio: RunningStudio, prompt: str) -> None:
    until(lambda: state(studio, prompt) == State.DONE, seconds=PATIENCE_SECONDS, what=f"{prompt!r} to be done")


def test_it_works(checkout: Path, tmp_path: Path) -> None:
    with RunningStudio(tmp_path / "data", checkout=checkout) as studio:
        order(studio, "before")
        finish(studio, "before")

        # Somebody pulls. What runs works on; a worker that dies takes no work until the tables fit the code.
        pull(checkout)
        order(studio, "pulled")
        finish(studio, "pulled")
        studio.kill("worker")
        until(
            lambda: "newer than the database, which lacks stickers.9999_probe" in studio.log,
            seconds=PATIENCE_SECONDS,
            what="the worker to say why it waits",
        )
        order(studio, "waiting")

        # Somebody migrates. The old web server works on over the new tables, and so does the worker.
        assert state(studio, "waiting") == State.CREATED
        migrate = [checkout / ".venv/bin/python", "manage.py", "migrate", "--verbosity=0"]
        subprocess.run(migrate, cwd=checkout, env=studio.environment, check=True)
        order(studio, "migrated")
        for prompt in ("waiting", "migrated"):
            finish(studio, prompt)
        with studio.browser() as browser:
            for path in ("/", "/queue/", "/gallery/", "/import/", "/prints/"):
                assert browser.get(path).status_code == 200, path

        # A web server that dies comes back, too, and a restart brings the new release everywhere.
        studio.kill("web")
        order(studio, "web again")
        finish(studio, "web again")
        assert "Traceback" not in studio.log
        studio.stop()
        studio.start()
        order(studio, "restarted")
        finish(studio, "restarted")
        assert studio.rows("SELECT probe, count(*) FROM stickers_generation GROUP BY probe") == [(7, 6)]
        sent = "SELECT count(*) FROM stickers_generation WHERE submitted_at IS NOT NULL AND state = 'done'"
        assert studio.rows(sent) == [(6,)]
        assert "Traceback" not in studio.log
