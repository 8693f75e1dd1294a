"""A selection: the sheets and stickers that a designer has picked, in short form.

`sheets=7,3&stickers=10-14,20` names rows by id, and neighbours as a range. An address carries a few rows;
what was picked on a page travels by POST.

A page can be older than the rows: one of them may be in the trash by now, or no longer shared with the designer.
Such rows are gone. They are counted and left out, and the designer is told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.urls import reverse

from stickers.models import Sheet, Sticker
from stickers.prints import artwork
from stickers.views.answers import said

MOST_IDS: Final = 1000  # sheets, and as many stickers: each row is read
MOST_STICKERS: Final = 1000  # on all picked sheets together: an export lists each, and a print sheet holds no more
_IDS: Final = re.compile(r"\d{1,18}(-\d{1,18})?(,\d{1,18}(-\d{1,18})?)*", re.ASCII)


class TooManyError(Exception):
    """More is picked than one action takes. The message is for the designer."""


def told_of_too_many(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The view, which answers a TooManyError in its words."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except TooManyError as error:
            return said(request, str(error), reverse("gallery"), level=messages.ERROR)

    return answered


@dataclass(frozen=True)
class Selection:
    """Ids of sheets and of stickers, each once, in the order in which they were picked."""

    sheets: tuple[int, ...] = ()
    stickers: tuple[int, ...] = ()

    @classmethod
    def asked(cls, query: QueryDict) -> Selection:
        """What an address or a form names: `sheets` and `stickers` in short form, `sheet` and `sticker` one by one.

        Raises Http404 if it cannot be read, and TooManyError for too many rows.
        """
        return cls(
            sheets=_ids([*query.getlist("sheets"), *query.getlist("sheet")]),
            stickers=_ids([*query.getlist("stickers"), *query.getlist("sticker")]),
        )

    def __bool__(self) -> bool:
        return bool(self.sheets or self.stickers)

    @property
    def fields(self) -> dict[str, str]:
        """The selection as the values of a form, as short as possible."""
        named = {"sheets": _short(self.sheets), "stickers": _short(self.stickers)}
        return {name: value for name, value in named.items() if value}

    def rows(self, user_pk: int, *, deleted: bool = False) -> Picked:
        """The rows that the designer can see and that are not in the trash. Raises Http404 if none is left.

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
        picked = Picked(
            sheets=[sheets_by_pk[pk] for pk in self.sheets if pk in sheets_by_pk],
            stickers=[stickers_by_pk[pk] for pk in self.stickers if pk in stickers_by_pk],
            asked=len(self.sheets) + len(self.stickers),
        )
        if not picked.rows:
            raise Http404("Nothing of it is here.")
        return picked


@dataclass(frozen=True)
class Picked:
    """The rows of a selection that are still there, in its order."""

    sheets: list[Sheet]
    stickers: list[Sticker]
    asked: int
    """How many rows the selection names, with those that are gone."""

    @property
    def rows(self) -> list[Sheet | Sticker]:
        return [*self.sheets, *self.stickers]

    @property
    def selection(self) -> Selection:
        """The selection without what is gone."""
        return Selection(tuple(sheet.pk for sheet in self.sheets), tuple(sticker.pk for sticker in self.stickers))

    @property
    def left_out(self) -> str:
        """What the designer is told about rows that are gone. Empty if none is."""
        gone = self.asked - len(self.rows)
        if not gone:
            return ""
        are = "is no longer here, so it is" if gone == 1 else "are no longer here, so they are"
        return f"{gone:,} of the {self.asked:,} that were picked {are} left out."

    def to_print(self) -> list[Sticker]:
        """Every kept sticker of the sheets, then the single stickers. Raises TooManyError for too many of them."""
        pks = [sticker.pk for sticker in self.stickers]
        count = Sticker.objects.filter(Q(sheet__in=self.sheets, deleted_at=None) | Q(pk__in=pks)).count()
        if count > MOST_STICKERS:
            words = f"What was picked holds {count:,} stickers. At most {MOST_STICKERS:,} can be printed at once."
            raise TooManyError(f"{words} Pick fewer, several times.")
        return artwork.ordered(self.sheets, self.stickers)


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
