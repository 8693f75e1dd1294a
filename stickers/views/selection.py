"""Actions on many sheets and stickers at once: star, delete, restore, export, lay out for print."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from stickers.accounts.current_user import current_designer
from stickers.models import Sheet, Sticker
from stickers.prints import artwork
from stickers.views import exports, shelf
from stickers.views.answers import back, said, wants_fragment
from stickers.views.picking import Selection, TooManyError
from stickers.views.print_sheets import pages

ACTIONS = ("star", "unstar", "delete", "restore", "export", "print")


@require_POST
def selection(request: HttpRequest, action: str) -> HttpResponse:
    """Do it with all rows or with none. The designer must see every row, and own every row to delete or restore it."""
    if action not in ACTIONS:
        raise Http404("Nothing of this name can be done.")
    try:
        chosen = Selection.asked(request.POST)
    except TooManyError as error:
        return said(request, str(error), reverse("gallery"), level=messages.ERROR)
    if not chosen:
        return said(request, "Nothing is selected.", reverse("gallery"))
    user_pk = current_designer(request).pk
    sheets, stickers = chosen.rows(user_pk, deleted=action == "restore")
    if action == "export":
        return exports.page(request, chosen, artwork.ordered(sheets, stickers))
    if action == "print":
        return pages.where_to(request, chosen, artwork.ordered(sheets, stickers))
    owners = {row.owner_id for row in sheets} | {row.sheet.owner_id for row in stickers}
    if action in {"delete", "restore"} and owners != {user_pk}:
        words = "Nothing was deleted: a shared sheet and its stickers are deleted by the one whose sheet it is."
        return said(request, words, reverse("gallery"), level=messages.ERROR)
    fields: dict[str, object] = (
        {"starred": action == "star"}
        if action in {"star", "unstar"}
        else {"deleted_at": timezone.now() if action == "delete" else None}
    )
    Sheet.objects.filter(pk__in=chosen.sheets).update(**fields)
    Sticker.objects.filter(pk__in=chosen.stickers).update(**fields)
    rows: list[Sheet | Sticker] = [*sheets, *stickers]
    if action == "delete":
        undo = {"url": reverse("selection", args=["restore"]), "values": chosen.fields}
        return shelf.removed(request, rows, undo=undo)
    if action == "restore":
        return shelf.restored(request, rows)
    return _starred(request, rows, is_starred=action == "star")


def _starred(request: HttpRequest, rows: list[Sheet | Sticker], *, is_starred: bool) -> HttpResponse:
    if not wants_fragment(request):
        return back(request, reverse("gallery"))
    for row in rows:
        row.starred = is_starred
    return render(request, "_stars.html", {"rows": rows})
