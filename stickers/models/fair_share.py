"""Whose turn it is: of rows that are due, one of each owner after the other, so that nobody's many starve one's few.

And which worker's turn it is to take them, where a limit holds for all workers together.
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
# PostgreSQL's locks by two numbers: this one is ours, the other one is the table's.
_TURN: Final = 7_487_264


@contextmanager
def one_worker_at_a_time(model: type[Model]) -> Iterator[None]:
    """A durable transaction that no other worker has for these rows meanwhile: who counts what is under way, and takes
    more, must not be counted past. SQLite has but one writer."""
    with transaction.atomic(durable=True):
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_TURN, model._meta.db_table])
        yield


def in_turn(
    due: QuerySet[Row], *, owner: str, key: str, limit: int, turns_had: Counter[int] | None = None
) -> list[Row]:
    """Lock and return up to `limit` of the rows that are `due`: each owner's oldest (by `key`) before anybody's second.

    `turns_had` counts, by owner, what was served to them just before. Belongs into a transaction. PostgreSQL numbers
    no rows while it locks them, so they are chosen first; what another worker has taken meanwhile is passed over.
    """
    if limit <= 0:
        return []
    had = turns_had or Counter()
    number = Window(RowNumber(), partition_by=F(owner), order_by=[F(key).asc(), F("pk").asc()])
    # More than the limit, since other workers may be choosing the very same ones.
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
