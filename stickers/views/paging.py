"""Paging: newest rows first, with positions that stay in place while new rows arrive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)
LARGEST_PK = 2**63 - 1  # what a database's bigint can be asked for


@dataclass(frozen=True)
class Position:
    """Where a page begins: below one row, above one row, or at the top."""

    before: int | None = None
    after: int | None = None

    @classmethod
    def asked(cls, query: Mapping[str, str]) -> Position:
        """The position that an address names. Nonsense means the top."""
        return cls(before=_pk(query.get("before")), after=_pk(query.get("after")))


@dataclass(frozen=True)
class RowPage(Generic[Row]):
    """One page: its rows, newest first, and the ids where the newer and the older page start."""

    rows: list[Row]
    newer: int | None = None
    older: int | None = None


def page(rows: QuerySet[Row], place: Position, size: int) -> RowPage[Row]:
    """The page of `rows` at `place`, in one query. It reads one row more, to know whether there is a next page."""
    if place.after is not None:
        found = list(rows.filter(pk__gt=place.after).order_by("pk")[: size + 1])
        more = len(found) > size
        shown = found[:size][::-1]
        return RowPage(shown, newer=shown[0].pk if more else None, older=shown[-1].pk if shown else place.after + 1)
    if place.before is not None:
        rows = rows.filter(pk__lt=place.before)
    found = list(rows.order_by("-pk")[: size + 1])
    shown = found[:size]
    older = shown[-1].pk if len(found) > size else None
    if place.before is None:
        return RowPage(shown, older=older)
    return RowPage(shown, newer=shown[0].pk if shown else place.before - 1, older=older)


def _pk(text: str | None) -> int | None:
    if text is None or not (text.isascii() and text.isdigit()):
        return None
    return min(int(text[:20]), LARGEST_PK)
