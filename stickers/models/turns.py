"""Whose turn it is: of rows that are due, one of each owner after the other, so that nobody's many starve one's few."""

from __future__ import annotations

from collections import Counter
from typing import Any, TypeVar

from django.db.models import F, Model, QuerySet, Window
from django.db.models.functions import RowNumber

Row = TypeVar("Row", bound=Model)


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
