"""What sheets and stickers have in common at the desk: star, title, trash and back. Each view fetches its own row."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import Truncator
from django_htmx.http import trigger_client_event

from stickers.forms.titles import TitleForm
from stickers.models import PrintSheet, Sheet, Sticker
from stickers.templatetags.shelf import kind
from stickers.views.answers import back, wants_fragment
from stickers.views.picking import Selection

Row = Sheet | Sticker | PrintSheet


def home(row: Row) -> str:
    """The page on which a row is seen."""
    if isinstance(row, PrintSheet):
        return reverse("printsheet", args=[row.pk])
    sheet_pk = row.pk if isinstance(row, Sheet) else row.sheet_id
    return reverse("sheet", args=[sheet_pk])


def star(request: HttpRequest, row: Row) -> HttpResponse:
    """Set or take away the star, as the button said; twice is the same as once."""
    row.starred = request.POST.get("on") == "1"
    row.save(update_fields=["starred"])
    if wants_fragment(request):
        return render(request, "_star.html", {"row": row})
    return back(request, home(row))


def title(request: HttpRequest, row: Row) -> HttpResponse:
    form = TitleForm(request.POST)
    if form.is_valid():
        row.title = form.cleaned_data["title"]
        row.save(update_fields=["title"])
    if wants_fragment(request):
        return render(request, "_title.html", {"row": row, "form": form}, status=200 if form.is_valid() else 422)
    for problem in form.errors.get("title", []):
        messages.error(request, str(problem))
    return back(request, home(row))


def delete(request: HttpRequest, row: Row) -> HttpResponse:
    row.delete_softly()
    return removed(request, [row])


def restore(request: HttpRequest, row: Row) -> HttpResponse:
    row.restore()
    return restored(request, [row])


def removed(request: HttpRequest, rows: Sequence[Row]) -> HttpResponse:
    """The answer after rows went to the trash: the page hides their cells and offers Undo."""
    if wants_fragment(request):
        undo = {"url": reverse("selection", args=["restore"]), "values": Selection.of(rows).fields}
        # answered by an event alone: nothing is swapped, so the page stays where it is
        toast = {"text": f"{_named(rows)} moved to the trash.", "undo": undo | {"target": "body", "swap": "none"}}
        return trigger_client_event(_moved("studio:removed", rows), "toast", toast)
    messages.success(request, f"{_named(rows)} moved to the trash.")
    gone = any(isinstance(row, Sheet) for row in rows)  # a sheet's own page is gone with it
    return back(request, reverse("gallery") if gone else home(rows[0]))


def restored(request: HttpRequest, rows: Sequence[Row]) -> HttpResponse:
    if wants_fragment(request):
        return _moved("studio:restored", rows)
    messages.success(request, f"{_named(rows)} restored.")
    return back(request, home(rows[0]))


def _moved(event: str, rows: Sequence[Row]) -> HttpResponse:
    return trigger_client_event(HttpResponse(), event, {"rows": [f"{kind(row)}-{row.pk}" for row in rows]})


def _named(rows: Sequence[Row]) -> str:
    return f"“{Truncator(rows[0].name).chars(60)}”" if len(rows) == 1 else f"{len(rows)} items"
