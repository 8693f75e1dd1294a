"""The migrations say what the models say."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import call_command

from stickers.prints.plan import Plan
from tests.support.print_rows import make_print_sheet, order
from tests.support.rows import make_sheet


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_every_migration_is_applied_in_a_fresh_database() -> None:
    call_command("migrate", check_unapplied=True, verbosity=0)


@pytest.mark.django_db
def test_fixups_keep_what_was_mended(designer: User) -> None:
    """Plans of before, in steps and in exports, are read after the upgrade, and again after the way back."""
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
