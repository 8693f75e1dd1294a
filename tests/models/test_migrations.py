"""The migrations match the models, and lose no rows."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import (
    AddField,
    AlterModelTable,
    RemoveField,
    RenameField,
    RenameModel,
)
from django.db.migrations.operations.base import Operation

from stickers.models import PrintSheet
from stickers.prints import history
from stickers.prints.plan import Plan
from tests.support.print_rows import make_print_sheet, order
from tests.support.release import OnSQLite, run
from tests.support.rows import make_sheet

STOPPED = "0023_mail_leads_to_the_studio"  # the last migration that a running studio would not survive
LATER = "2030-01-01 00:00:00"
MAIL = """INSERT INTO stickers_passwordreset
    (id, email, address, host, is_secure, created_at, next_at, tries, is_mailing, notice)
    VALUES (?, 'a@b.example', '::1', 'localhost', 1, '2026-01-01', ?, ?, ?, '')"""


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_every_migration_is_applied_in_a_fresh_database() -> None:
    call_command("migrate", check_unapplied=True, verbosity=0)


def harm_to_running_code(operation: Operation) -> str:
    """Why code of the release before can't work on over the tables after this operation; empty when it can.

    A restart mends whatever else such code misses: it asks for no column that it doesn't know.
    """
    if isinstance(operation, RenameField | RenameModel | AlterModelTable):
        return "Old code reads and writes the old name."
    if isinstance(operation, AddField):
        field = operation.field
        if not (field.null or field.has_db_default() or field.many_to_many):
            return f"Old code inserts rows without {operation.name}: give it a db_default."
    return ""


def test_a_studio_works_on_while_somebody_migrates() -> None:
    """All migrations after the release for which everything has to be stopped."""
    loader = MigrationLoader(None)
    later = {name: one for (app, name), one in loader.disk_migrations.items() if app == "stickers" and name > STOPPED}
    harm = {
        name: [words for one in migration.operations if (words := harm_to_running_code(one))]
        for name, migration in later.items()
    }
    assert {name: words for name, words in harm.items() if words} == {}


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (AddField("sheet", "weight", models.FloatField(default=1.0)), "inserts rows without weight"),
        (AddField("sheet", "weight", models.FloatField(db_default=1.0)), ""),
        (AddField("sheet", "weight", models.FloatField(null=True)), ""),
        (AddField("sheet", "friends", models.ManyToManyField(User)), ""),
        (RenameField("sheet", "title", "name"), "old name"),
        (RenameModel("Sheet", "Page"), "old name"),
        (RemoveField("sheet", "title"), ""),
    ],
)
def test_what_would_harm_a_studio_that_runs(operation: Operation, words: str) -> None:
    assert words in harm_to_running_code(operation)
    assert bool(words) is bool(harm_to_running_code(operation))


@pytest.mark.django_db
def test_fixups_keep_what_was_fixed(designer: User) -> None:
    """Older plans, in steps and in exports, are readable after the upgrade, and again after a downgrade."""
    row = make_print_sheet(make_sheet(designer))
    step, export = row.steps.get(), order(row)
    step.state["copies"][0]["fixups"] = export.plan["copies"][1]["fixups"] = ["hole", "stray"]
    for kept in (step, export):
        kept.save()
        kept.refresh_from_db()
    begun, ordered = step.state, export.plan
    migration = import_module("stickers.migrations.0021_fixups")
    migration.backwards(apps, None)
    step.refresh_from_db()
    export.refresh_from_db()
    assert step.state["copies"][0]["mends"] == export.plan["copies"][1]["mends"] == ["hole", "stray"]
    migration.forwards(apps, None)
    step.refresh_from_db()
    export.refresh_from_db()
    assert (step.state, export.plan) == (begun, ordered)
    assert Plan.of_json(step.state).copies[0].fixups == ("hole", "stray")


@pytest.mark.django_db
def test_layouts_by_hand_are_known_by_their_steps(designer: User) -> None:
    steps = {"kept": ["Moved a sticker", "Changed the settings"], "nested": ["Turned a sticker", "Arranged again"]}
    rows = {title: make_print_sheet(make_sheet(designer), title=title) for title in (*steps, "untouched")}
    for title, words in steps.items():
        for said in words:
            assert history.add(rows[title], history.plan_of(rows[title]), said)
    import_module("stickers.migrations.0028_layout_by_hand").remember(apps, None)
    assert [row.title for row in PrintSheet.objects.filter(by_hand=True)] == ["kept"]
    assert [step.state["by_hand"] for step in rows["kept"].steps.all()] == [False, True, True]
    assert [step.state["by_hand"] for step in rows["nested"].steps.all()] == [False, True, False]


def test_work_under_way_keeps_its_state_its_moment_and_its_tries(tmp_path: Path) -> None:
    """Sheets and mails in every possible state, and back again for the sheets."""
    old = OnSQLite(tmp_path)
    run(old, "manage.py", "migrate", "stickers", "0018_due_indexes", "--verbosity=0")
    sheets = [("waiting", LATER, 0, ""), ("waiting", LATER, 2, ""), ("cut", None, 1, ""), ("failed", None, 4, "Torn.")]
    with closing(sqlite3.connect(old.data / "studio.sqlite3")) as database, database:
        for pk, fields in enumerate(sheets, 1):
            database.execute(
                "UPDATE stickers_sheet SET cut_state = ?, cut_next_at = ?, cut_tries = ?, cut_error = ?,"
                """ cut_options = '{"tolerance": 0.3}' WHERE id = ?""",
                (*fields, pk),
            )
        database.executemany(
            MAIL, [(1, LATER, 0, False), (2, LATER, 1, True), (3, LATER, 3, False), (4, None, 1, False)]
        )
    run(old, "manage.py", "migrate", "stickers", "0022_segmentation", "--verbosity=0")
    found = old.table("stickers_segmentation").values()
    assert [(row["state"], row["next_at"], row["tries"], row["error"]) for row in found] == [
        ("queued", LATER, 0, ""),
        ("working", LATER, 2, ""),
        ("done", None, 1, ""),
        ("failed", None, 4, "Torn."),
    ]
    assert {row["options"] for row in found} == {'{"tolerance": 0.3}'}
    kept = old.table("stickers_mail").values()
    assert [(row["state"], row["next_at"], row["tries"]) for row in kept] == [
        ("queued", LATER, 0),
        ("working", LATER, 1),
        ("queued", LATER, 3),
        ("done", None, 1),
    ]
    run(old, "manage.py", "migrate", "stickers", "0021_fixups", "--verbosity=0")
    back = old.table("stickers_sheet").values()
    assert [(row["cut_state"], row["cut_next_at"], row["cut_tries"], row["cut_error"]) for row in back] == sheets
