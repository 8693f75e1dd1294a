"""What a round of the worker or a poll of a page costs: no query reads a crowded table from end to end."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from stickers import pipeline
from stickers.models import (
    Export,
    Generation,
    Mail,
    Nesting,
    PrintSheet,
    Segmentation,
    Sheet,
    State,
    Trouble,
    Upstream,
    WorkState,
)
from stickers.orders import api_keys, cards
from tests.support.jobs import order

# SQLite plans without looking at the rows, PostgreSQL by their number.
MANY = 50_000 if connection.vendor == "postgresql" else 500
BEYOND = 10_000_000  # PostgreSQL goes on counting from test to test; no other row has so high an id
# Columns that must differ from row to row. The others are copied.
UNIQUE = {"id": "n", "sheet_id": "n", "folder": "'exports/' || n"}
CROWDED = [model._meta.db_table for model in (Generation, Sheet, Segmentation, Export, Nesting, Mail)]
MOST_COST = 500  # in PostgreSQL's units: reading a crowded table costs more than a thousand


@pytest.fixture
def crowded(designer: User) -> User:
    """A designer with very many finished rows of each kind that the worker looks at."""
    over = timezone.now() - timedelta(days=40)
    generation = order(
        designer,
        state=State.DONE,
        next_at=None,
        created_at=over,
        finished_at=over,
        dismissed_at=over,
        submitted_at=over,
        completed_at=over,
    )
    sheet = Sheet.objects.create(owner=designer, file="x.png", format="PNG", width_px=1, height_px=1)
    print_sheet = PrintSheet.objects.create(owner=designer)
    finished: dict[str, Any] = {"state": WorkState.DONE, "next_at": None, "created_at": over, "finished_at": over}
    export = Export.objects.create(
        print_sheet=print_sheet, plan={}, profile={}, file_name="x", folder="exports/0", **finished
    )
    nesting = Nesting.objects.create(print_sheet=print_sheet, **finished)
    mail = Mail.objects.create(email="a@example.org", address="::1", **finished)
    segmentation = Segmentation.objects.create(sheet=sheet, **finished)
    for row in (generation, sheet, segmentation, export, nesting, mail):
        multiply(row)
    return designer


def multiply(row: Any) -> None:
    """Make copies of the row, up to MANY, and tell the planner."""
    table = row._meta.db_table
    columns = [field.column for field in row._meta.concrete_fields]
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(UNIQUE.get(name, f'"{name}"') for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}) WITH RECURSIVE counted(n) AS "  # noqa: S608  names of the models' own
            f"(SELECT {BEYOND} UNION ALL SELECT n + 1 FROM counted WHERE n <= {BEYOND + MANY}) "
            f"SELECT {values} FROM {table}, counted WHERE {row._meta.pk.column} = {row.pk}"
        )
        if connection.vendor == "postgresql":
            cursor.execute(f"ANALYZE {table}")
    assert type(row).objects.count() > MANY


def faults(look: Callable[[], object]) -> dict[str, str]:
    """For each statement that `look` executes, what is wrong with the database's plan for it."""
    found: dict[str, str] = {}

    def explain(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if sql.startswith(("SELECT", "UPDATE", "DELETE")):
            execute(f"{EXPLAIN[connection.vendor]} {sql}", params, many, context)
            found[sql] = FAULT[connection.vendor](context["cursor"].fetchall())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        look()
    assert found, "It asked nothing."
    return {sql: fault for sql, fault in found.items() if fault}


def scans(lines: list[Any]) -> str:
    """SQLite: what a plan reads of a crowded table from end to end.

    An index of what is due is short. The index of what was sent is read until some twenty rows are found.
    """
    fine = re.compile(r"SEARCH |SCAN \w+ USING (COVERING )?INDEX (\w+_due|generation_sent)$")
    plan = [line for *_, line in lines if any(table in line for table in CROWDED)]
    return "; ".join(line for line in plan if not fine.match(line))


def costs(rows: list[Any]) -> str:
    """PostgreSQL: a plan that costs as much as reading a crowded table from end to end."""
    [(answer,)] = rows
    [explained] = answer if isinstance(answer, list) else json.loads(answer)
    return json.dumps(explained) if explained["Plan"]["Total Cost"] > MOST_COST else ""


EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN (FORMAT JSON)"}
FAULT = {"sqlite": scans, "postgresql": costs}


def look_around() -> None:
    """All queries of one round of a worker."""
    pipeline.reconcile()
    pipeline.next_exports()
    pipeline.next_nestings()
    pipeline.next_mails()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("studio_settings")
def test_no_round_reads_a_crowded_table(crowded: User, client: Client) -> None:
    """One test, because writing PostgreSQL's rows takes seconds."""
    assert faults(pipeline.take_over) == {}, "a worker that starts"
    assert faults(look_around) == {}, "an idle worker"
    order(crowded)
    client.get("/")  # the session
    assert faults(lambda: client.get("/queue/")) == {}, "the queue page"
    assert faults(lambda: client.get("/queue/", {"v": cards.version(crowded.pk)})) == {}, "its poll"
    make_everything_due(crowded)
    assert faults(look_around) == {}, "a worker that finds something"
    order(crowded)
    Upstream.objects.stop(api_keys.name_of(crowded.pk), Trouble.MONEY, "No credits.")
    assert faults(look_around) == {}, "a worker while a key is refused"


def make_everything_due(owner: User) -> None:
    order(owner, state=State.SUBMITTING, next_at=timezone.now())
    order(owner, state=State.WAITING, request_id="a", next_at=timezone.now())
    sheet = Sheet.objects.create(owner=owner, file="x.png", format="PNG", width_px=1, height_px=1)
    Segmentation.objects.create(sheet=sheet)
    print_sheet = PrintSheet.objects.latest("pk")
    Export.objects.create(print_sheet=print_sheet, plan={}, profile={}, file_name="x", folder="exports/new")
    Nesting.objects.create(print_sheet=print_sheet)
    Mail.objects.ask("b@example.org", address="::1")
