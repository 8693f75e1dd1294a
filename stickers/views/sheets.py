"""One sheet at the desk: its page with outlines and stickers, and what can be done with it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from stickers import tasks
from stickers.designer import current_designer
from stickers.models import CutState, Sheet
from stickers.views import shelf
from stickers.views.answers import wants_fragment


def _sheet(request: HttpRequest, pk: int) -> Sheet:
    sheets = Sheet.objects.owned_by(current_designer(request).pk).select_related("generation")
    return get_object_or_404(sheets, pk=pk)


@require_GET
@vary_on_headers("HX-Request")
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The page; htmx gets the part that changes while the sheet is being cut."""
    row = get_object_or_404(
        Sheet.objects.owned_by(current_designer(request).pk).kept().select_related("generation"), pk=pk
    )
    found = list(row.stickers.filter(deleted_at=None))
    context = {
        "sheet": row,
        "stickers": found,
        "doubtful": sum(sticker.is_doubtful for sticker in found),
        "is_cutting": row.cut_state == CutState.WAITING,
        "badge_px": max(row.width_px, row.height_px) / 64,  # numbers keep their size against the picture's
    }
    return render(request, "_sheet_cut.html" if wants_fragment(request) else "sheet.html", context)


@require_POST
def star(request: HttpRequest, pk: int) -> HttpResponse:
    return shelf.star(request, _sheet(request, pk))


@require_POST
def title(request: HttpRequest, pk: int) -> HttpResponse:
    return shelf.title(request, _sheet(request, pk))


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    return shelf.delete(request, _sheet(request, pk))


@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    return shelf.restore(request, _sheet(request, pk))


@require_POST
def cut(request: HttpRequest, pk: int) -> HttpResponse:
    """Cut again; the page that comes next polls until it is done."""
    row = get_object_or_404(Sheet.objects.owned_by(current_designer(request).pk).kept(), pk=pk)
    if row.cut_again():
        tasks.nudge()
    else:
        messages.info(request, "It is being cut already.")
    return redirect("sheet", row.pk)
