"""The trash: what was deleted, until it is restored or the trash is emptied."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import pluralize
from django.views.decorators.http import require_GET, require_POST

from stickers.accounts.current_user import current_designer
from stickers.models import PrintProfile, PrintSheet, Sheet, Sticker
from stickers.models.quota import used_bytes
from stickers.upkeep import housekeeping

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
    quota = settings.STORAGE_QUOTA_BYTES
    context = {
        "quota": quota,
        "used": used_bytes(owner_pk) if quota else 0,
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


@require_POST
def empty(request: HttpRequest) -> HttpResponse:
    """Delete for good what the designer has put into the trash."""
    gone, stay = housekeeping.empty_trash(current_designer(request).pk)
    words = f"{gone} thing{pluralize(gone)} gone for good."
    if stay:
        messages.warning(request, f"{words} {stay} still in use or being cut: try again in a moment.")
    else:
        messages.success(request, f"The trash is empty: {words}")
    return redirect("trash")
