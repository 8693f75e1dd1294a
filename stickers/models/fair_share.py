"""Shares the workers fairly: takes due rows one per owner in turn, so that one owner's many don't starve another's few.

It also lets one worker at a time take rows where a limit holds for all workers together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from django.db import connection, transaction
from django.db.models import F, Model, QuerySet, Window
from django.db.models.functions import RowNumber

Row = TypeVar("Row", bound=Model)
# PostgreSQL names an advisory lock by two numbers: this one is the studio's, the other one is the table's.
_TURN: Final = 7_487_264


@contextmanager
def one_worker_at_a_time(model: type[Model]) -> Iterator[None]:
    """Open a durable transaction that only one worker at a time can have for these rows.

    A worker counts what is under way and then takes more. No other worker may do so in between, or the limit breaks.
    SQLite has only one writer, so it needs no lock."""
    with transaction.atomic(durable=True):
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_TURN, model._meta.db_table])
        yield


def in_turn(
    due: QuerySet[Row], *, owner: str, key: str, limit: int, turns_had: Counter[int] | None = None
) -> list[Row]:
    """Lock and return up to `limit` of the `due` rows: the oldest of each owner (by `key`) before anybody's second.

    `turns_had` says how many turns each owner had just before. Call it in a transaction. PostgreSQL can't number rows
    while it locks them, so they are chosen first. Rows that another worker takes meanwhile are skipped.
    """
    if limit <= 0:
        return []
    had = turns_had or Counter()
    number = Window(RowNumber(), partition_by=F(owner), order_by=[F(key).asc(), F("pk").asc()])
    # More than the limit, because other workers may choose the same rows.
    ranked = due.annotate(turn=number).filter(turn__lte=2 * limit).order_by()
    candidates = sorted((had[of] + turn, at, pk) for of, turn, at, pk in ranked.values_list(owner, "turn", key, "pk"))
    pks = [pk for _, _, pk in candidates]
    rows: list[Any] = []
    for start in range(0, len(pks), limit):
        chunk = pks[start : start + limit]
        locked = {row.pk: row for row in due.filter(pk__in=chunk).select_for_update(skip_locked=True)}
        rows += [locked[pk] for pk in chunk if pk in locked]
        if len(rows) >= limit:
            break
    return rows[:limit]
