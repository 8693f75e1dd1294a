"""The gallery: all sheets or all stickers outside the trash, newest first. The address holds the filters."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from stickers.accounts.current_user import current_designer
from stickers.forms.filters import FilterForm
from stickers.models import Project, Sheet, Sticker
from stickers.views import paging
from stickers.views.answers import wants_fragment

SHEETS_PER_PAGE: Final = 36  # whole rows of two, three, four and six
STICKERS_PER_PAGE: Final = 60


@require_GET
@vary_on_headers("HX-Request")
def gallery(request: HttpRequest) -> HttpResponse:
    form = FilterForm(request.GET)
    kept = Sheet.objects.visible_to(current_designer(request).pk).kept()
    found = form.sheets(kept)
    rows = found.select_related("generation", "segmentation").annotate(
        sticker_count=Count("stickers", filter=Q(stickers__deleted_at=None))
    )
    page = paging.page(rows, paging.Position.asked(request.GET), SHEETS_PER_PAGE)
    return _answer(request, form, page, tab="sheets", count=found.count(), is_empty=not kept.exists())


@require_GET
@vary_on_headers("HX-Request")
def stickers(request: HttpRequest) -> HttpResponse:
    form = FilterForm(request.GET)
    kept = Sticker.objects.visible_to(current_designer(request).pk).kept()
    found = form.stickers(kept)
    page = paging.page(found.select_related("sheet__generation"), paging.Position.asked(request.GET), STICKERS_PER_PAGE)
    return _answer(request, form, page, tab="stickers", count=found.count(), is_empty=not kept.exists())


def _answer(
    request: HttpRequest,
    form: FilterForm,
    page: paging.RowPage[Any],
    *,
    tab: str,
    count: int,
    is_empty: bool,
) -> HttpResponse:
    """The page, or only its results: htmx asks for those when a filter or the page number changes."""
    context = {
        "form": form,
        "filters": form.chosen,
        "query": urlencode(form.chosen),
        "page": page,
        "tab": tab,
        "count": count,
        "is_empty": is_empty,
        "projects": Project.objects.visible_to(current_designer(request).pk) if settings.STUDIO_ACCOUNTS else [],
    }
    return render(request, "_gallery_results.html" if wants_fragment(request) else "gallery.html", context)
