"""The trash: what was deleted, until it is restored."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from stickers.accounts.current_user import current_designer
from stickers.models import PrintProfile, PrintSheet, Sheet, Sticker

MOST_SHOWN: Final = 200  # of each kind, the latest first


@require_GET
def trash(request: HttpRequest) -> HttpResponse:
    """Everything in the trash. A deleted sheet stands for its stickers, which come back with it."""
    owner_pk = current_designer(request).pk
    sheets = Sheet.objects.owned_by(owner_pk).filter(deleted_at__isnull=False).select_related("generation")
    stickers = (
        Sticker.objects.owned_by(owner_pk)
        .filter(deleted_at__isnull=False, sheet__deleted_at=None)
        .select_related("sheet__generation")
    )
    context = {
        "days": settings.TRASH_DAYS,
        "sheets": sheets.order_by("-deleted_at")[:MOST_SHOWN],
        "stickers": stickers.order_by("-deleted_at")[:MOST_SHOWN],
        "profiles": PrintProfile.objects.owned_by(owner_pk)
        .filter(deleted_at__isnull=False)
        .order_by("-deleted_at")[:MOST_SHOWN],
        "print_sheets": PrintSheet.objects.owned_by(owner_pk)
        .filter(deleted_at__isnull=False)
        .order_by("-deleted_at")[:MOST_SHOWN],
    }
    return render(request, "trash.html", context)
