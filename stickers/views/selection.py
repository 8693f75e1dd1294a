"""Actions on many sheets and stickers at once: star, delete, restore, export, lay out for print."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from stickers.accounts.current_user import current_designer
from stickers.models import Sheet, Sticker
from stickers.views import exports, shelf
from stickers.views.answers import back, said, wants_fragment
from stickers.views.picking import Picked, Selection, told_of_too_many
from stickers.views.print_sheets import pages

ACTIONS = ("star", "unstar", "delete", "restore", "export", "print")


@require_POST
@told_of_too_many
def selection(request: HttpRequest, action: str) -> HttpResponse:
    """Do it with all rows that are still there, and say how many are gone.

    To delete or restore rows, the designer must own all of them.
    """
    if action not in ACTIONS:
        raise Http404("Nothing of this name can be done.")
    chosen = Selection.asked(request.POST)
    if not chosen:
        return said(request, "Nothing is selected.", reverse("gallery"))
    user_pk = current_designer(request).pk
    picked = chosen.rows(user_pk, deleted=action == "restore")
    if action == "export":
        return exports.page(request, picked, picked.to_print())
    if action == "print":
        return pages.where_to(request, picked, picked.to_print())
    owners = {row.owner_id for row in picked.sheets} | {row.sheet.owner_id for row in picked.stickers}
    if action in {"delete", "restore"} and owners != {user_pk}:
        done = f"{action}d"
        words = f"Nothing was {done}: a shared sheet and its stickers are {done} by the one whose sheet it is."
        return said(request, words, reverse("gallery"), level=messages.ERROR)
    fields: dict[str, object] = (
        {"starred": action == "star"}
        if action in {"star", "unstar"}
        else {"deleted_at": timezone.now() if action == "delete" else None}
    )
    Sheet.objects.filter(pk__in=picked.selection.sheets).update(**fields)
    Sticker.objects.filter(pk__in=picked.selection.stickers).update(**fields)
    if action == "delete":
        undo = {"url": reverse("selection", args=["restore"]), "values": picked.selection.fields}
        return shelf.removed(request, picked.rows, undo=undo, left_out=picked.left_out)
    if action == "restore":
        return shelf.restored(request, picked.rows, left_out=picked.left_out)
    return _starred(request, picked, is_starred=action == "star")


def _starred(request: HttpRequest, picked: Picked, *, is_starred: bool) -> HttpResponse:
    if not wants_fragment(request):
        if picked.left_out:
            messages.warning(request, picked.left_out)
        return back(request, reverse("gallery"))
    for row in picked.rows:
        row.starred = is_starred
    response = render(request, "_stars.html", {"rows": picked.rows})
    if picked.left_out:
        response["HX-Trigger"] = json.dumps({"toast": {"text": picked.left_out}})
    return response
