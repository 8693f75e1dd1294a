"""A selection: the sheets and stickers that a designer has picked, in short form.

`sheets=7,3&stickers=10-14,20` names rows by id, and neighbours as a range. An address carries a few rows;
what was picked on a page travels by POST. The designer must be allowed to see every row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db.models import Model
from django.http import Http404, QueryDict

from stickers.models import Sheet, Sticker

MOST_IDS: Final = 1000  # sheets, and as many stickers: each is read, and an export names each
_IDS: Final = re.compile(r"\d{1,18}(-\d{1,18})?(,\d{1,18}(-\d{1,18})?)*", re.ASCII)


class TooManyError(Http404):
    """More rows are picked than one action takes. The message is for the designer."""


@dataclass(frozen=True)
class Selection:
    """Ids of sheets and of stickers, each once, in the order in which they were picked."""

    sheets: tuple[int, ...] = ()
    stickers: tuple[int, ...] = ()

    @classmethod
    def asked(cls, query: QueryDict) -> Selection:
        """What an address or a form names: `sheets` and `stickers` in short form, `sheet` and `sticker` one by one.

        Raises Http404 if it cannot be read, and TooManyError (an Http404 of its own) for too many rows.
        """
        return cls(
            sheets=_ids([*query.getlist("sheets"), *query.getlist("sheet")]),
            stickers=_ids([*query.getlist("stickers"), *query.getlist("sticker")]),
        )

    @classmethod
    def of(cls, rows: Iterable[Model]) -> Selection:
        rows = list(rows)
        return cls(
            sheets=tuple(row.pk for row in rows if isinstance(row, Sheet)),
            stickers=tuple(row.pk for row in rows if isinstance(row, Sticker)),
        )

    def __bool__(self) -> bool:
        return bool(self.sheets or self.stickers)

    @property
    def fields(self) -> dict[str, str]:
        """The selection as the values of a form, as short as possible."""
        named = {"sheets": _short(self.sheets), "stickers": _short(self.stickers)}
        return {name: value for name, value in named.items() if value}

    def rows(self, user_pk: int, *, deleted: bool = False) -> tuple[list[Sheet], list[Sticker]]:
        """The rows, in the order of the selection. Http404 if one of them is hidden from the designer or in the trash.

        With `deleted`, rows in the trash count, too.
        """
        sheets = Sheet.objects.visible_to(user_pk).filter(pk__in=self.sheets).select_related("generation")
        stickers = (
            Sticker.objects.visible_to(user_pk)
            .filter(pk__in=self.stickers)
            .select_related("sheet", "sheet__generation")
        )
        if not deleted:
            sheets, stickers = sheets.kept(), stickers.kept()
        sheets_by_pk = {sheet.pk: sheet for sheet in sheets}
        stickers_by_pk = {sticker.pk: sticker for sticker in stickers}
        try:
            return [sheets_by_pk[pk] for pk in self.sheets], [stickers_by_pk[pk] for pk in self.stickers]
        except KeyError as error:
            raise Http404("One of them is not here.") from error


def _ids(texts: Iterable[str]) -> tuple[int, ...]:
    ids: dict[int, None] = {}
    for text in texts:
        if not text:
            continue
        if not _IDS.fullmatch(text):
            raise Http404("That is no selection.")
        for part in text.split(","):
            first, _, last = part.partition("-")
            low, high = int(first), int(last or first)
            if high - low < MOST_IDS:  # else it is too many without being counted out
                ids |= dict.fromkeys(range(low, high + 1))
            if high - low >= MOST_IDS or len(ids) > MOST_IDS:
                raise TooManyError(f"At most {MOST_IDS:,} can be picked at once. Pick fewer, several times.")
    return tuple(ids)


def _short(ids: tuple[int, ...]) -> str:
    """`1,2,3,9` as `1-3,9`. The order is kept, so only numbers that follow each other are joined."""
    runs: list[list[int]] = []
    for pk in ids:
        if runs and pk == runs[-1][1] + 1:
            runs[-1][1] = pk
        else:
            runs.append([pk, pk])
    return ",".join(f"{low}-{high}" if high > low else str(low) for low, high in runs)
