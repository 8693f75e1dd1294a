"""The shelf: star, title, trash and back, one view each for every kind of row that has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import register_converter, reverse
from django.utils.text import Truncator
from django.views.decorators.http import require_POST

from stickers.accounts.current_user import current_designer
from stickers.forms.titles import TitleForm
from stickers.models import PrintProfile, PrintSheet, Sheet, Sticker
from stickers.prints.profiles import free_name
from stickers.templatetags.shelf import KINDS, kind
from stickers.views.answers import back, happened, wants_fragment

Shelved = Sheet | Sticker | PrintSheet
Row = Shelved | PrintProfile


class ShelvedConverter:
    """In an address, the kind of a row with a star and a title, as its model: `sheets`, `stickers` or `prints`."""

    regex = "sheets|stickers|prints"

    def to_python(self, folder: str) -> type[Row]:
        return next(model for model, name in KINDS.items() if name == folder)

    def to_url(self, model: type[Row]) -> str:
        return KINDS[model]


class TrashableConverter(ShelvedConverter):
    """The kind of a row that can be put into the trash."""

    regex = "sheets|stickers|prints|profiles"


register_converter(ShelvedConverter, "shelved")
register_converter(TrashableConverter, "trashable")


@require_POST
def star(request: HttpRequest, model: type[Shelved], pk: int) -> HttpResponse:
    """Set the star or take it away, as the button said. Twice is the same as once."""
    row = _editable(request, model, pk)
    row.starred = request.POST.get("on") == "1"
    row.save(update_fields=["starred"])
    if wants_fragment(request):
        return render(request, "_star.html", {"row": row})
    return back(request, _home(row))


@require_POST
def title(request: HttpRequest, model: type[Shelved], pk: int) -> HttpResponse:
    row = _editable(request, model, pk)
    form = TitleForm(request.POST)
    if form.is_valid():
        row.title = form.cleaned_data["title"]
        row.save(update_fields=["title"])
    if wants_fragment(request):
        return render(request, "_title.html", {"row": row, "form": form}, status=200 if form.is_valid() else 422)
    for problem in form.errors.get("title", []):
        messages.error(request, str(problem))
    return back(request, _home(row))


@require_POST
def delete(request: HttpRequest, model: type[Row], pk: int) -> HttpResponse:
    """Put a row of one's own into the trash."""
    row = _mine(request, model, pk)
    row.delete_softly()
    return removed(request, [row], undo={"url": reverse("restore", args=[model, pk])})


@require_POST
def restore(request: HttpRequest, model: type[Row], pk: int) -> HttpResponse:
    """Take a row of one's own out of the trash. A profile gets another name if a new one has taken its own."""
    row = _mine(request, model, pk)
    if isinstance(row, PrintProfile):
        row.name = free_name(row.name, row.owner_id, but=row.pk)
        row.save(update_fields=["name"])
    row.restore()
    return restored(request, [row])


def removed(request: HttpRequest, rows: Sequence[Row], *, undo: dict[str, Any], left_out: str = "") -> HttpResponse:
    """The answer after rows went to the trash: the page hides their cells and offers `undo`, an address and values.

    `left_out` says which rows could not go.
    """
    words = f"{_named(rows)} moved to the trash. {left_out}".rstrip()
    if wants_fragment(request):
        toast = {"text": words, "undo": undo | {"target": "body", "swap": "none"}}
        return happened(**{"studio:removed": _on_page(rows), "toast": toast})
    messages.success(request, words)
    return back(request, _listed(rows[0]))


def restored(request: HttpRequest, rows: Sequence[Row], *, left_out: str = "") -> HttpResponse:
    if wants_fragment(request):
        told = {"toast": {"text": left_out}} if left_out else {}
        return happened(**{"studio:restored": _on_page(rows)}, **told)
    messages.success(request, f"{_named(rows)} restored. {left_out}".rstrip())
    return back(request, _home(rows[0]))


def _editable(request: HttpRequest, model: type[Shelved], pk: int) -> Shelved:
    rows: QuerySet[Any] = model.objects.editable_by(current_designer(request).pk)
    row: Shelved = get_object_or_404(rows, pk=pk)
    return row


def _mine(request: HttpRequest, model: type[Row], pk: int) -> Row:
    rows: QuerySet[Any] = model.objects.owned_by(current_designer(request).pk)
    row: Row = get_object_or_404(rows, pk=pk)
    return row


def _home(row: Row) -> str:
    """The page on which a row is seen."""
    if isinstance(row, Sticker):
        return reverse("sheet", args=[row.sheet_id])
    return reverse("profiles") if isinstance(row, PrintProfile) else reverse(kind(row), args=[row.pk])


def _listed(row: Row) -> str:
    """The page from which a row goes when it is deleted: its own page goes with it."""
    if isinstance(row, Sheet):
        return reverse("gallery")
    return reverse("prints") if isinstance(row, PrintSheet) else _home(row)


def _on_page(rows: Sequence[Row]) -> dict[str, Any]:
    """The rows by the names that their cells have on the page."""
    return {"rows": [f"{kind(row)}-{row.pk}" for row in rows]}


def _named(rows: Sequence[Row]) -> str:
    return f"“{Truncator(rows[0].name).chars(60)}”" if len(rows) == 1 else f"{len(rows)} items"
