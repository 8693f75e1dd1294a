"""Print sheets in the gallery: begun with a selection, listed, opened, duplicated, shown as pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

from django.contrib import messages
from django.core.files.storage import default_storage
from django.db.models import Count, Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from stickers.accounts.current_user import current_designer
from stickers.files import storage
from stickers.models import PrintSheet, Sticker
from stickers.printing.errors import OptionsError
from stickers.printing.words import counted
from stickers.prints import history
from stickers.prints.board import picture
from stickers.prints.desk import BusyError, Desk
from stickers.prints.plan import Plan
from stickers.views import paging
from stickers.views.answers import back, wants_fragment
from stickers.views.picking import Picked, Selection, told_of_too_many
from stickers.views.print_sheets.workspace import begin_nesting, context, found, number_of

PER_PAGE: Final = 24
OFFERED: Final = 8  # print sheets that a selection can be added to


@require_GET
def prints(request: HttpRequest) -> HttpResponse:
    """All kept print sheets, newest first."""
    rows = PrintSheet.objects.owned_by(current_designer(request).pk).kept()
    shown = paging.page(
        rows.annotate(copies=Count("items"), last_page=Max("items__page")),
        paging.Position.asked(request.GET),
        PER_PAGE,
    )
    return render(request, "prints.html", {"page": shown, "count": rows.count(), "tab": "prints"})


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@told_of_too_many
def new(request: HttpRequest) -> HttpResponse:
    """Lay a selection out. GET asks where to."""
    selection = Selection.asked(request.POST if request.method == "POST" else request.GET)
    if not selection:
        raise Http404("Nothing is selected.")
    picked = selection.rows(current_designer(request).pk)
    stickers = picked.to_print()
    if request.method != "POST":
        return where_to(request, picked, stickers)
    if picked.left_out:
        messages.warning(request, picked.left_out)
    return _laid_out(request, stickers)


def where_to(request: HttpRequest, picked: Picked, stickers: list[Sticker]) -> HttpResponse:
    """Ask where the stickers go: on a new print sheet or on one there is. `to` names the one to begin with."""
    offered = PrintSheet.objects.owned_by(current_designer(request).pk).kept().order_by("-changed_at")[:OFFERED]
    context = {
        "picked": picked,
        "stickers": stickers,
        "offered": offered,
        "to": request.POST.get("to") or request.GET.get("to", ""),
        "is_dialog": wants_fragment(request),
    }
    return render(request, "_print_new.html" if context["is_dialog"] else "print_new.html", context)


def _laid_out(request: HttpRequest, stickers: list[Sticker]) -> HttpResponse:
    owner_pk = current_designer(request).pk
    into = request.POST.get("into", "new")
    row = None
    if into != "new":
        kept = PrintSheet.objects.owned_by(owner_pk).kept()
        row = get_object_or_404(kept, pk=int(into) if into.isascii() and into.isdigit() and len(into) < 19 else 0)
    desk = Desk.of(row) if row else Desk.with_plan(PrintSheet(owner_id=owner_pk), _like_the_last(owner_pk))
    before = {copy.number for copy in desk.plan.copies}

    def edit(desk: Desk) -> Plan:
        return desk.on(desk.with_new(good)).filled()

    try:
        plan = desk.with_new(stickers)
        fresh = tuple(copy for copy in plan.copies if copy.number not in before)
        cuts = desk.on(replace(plan, copies=fresh)).cuts
        good = [cuts.stickers[design.sticker_pk] for design in cuts.made]
        if row is None and good:
            desk = desk.on(edit(desk))
            row = history.begin(owner_pk, desk.plan, title=_title(stickers))
        elif good:
            desk = desk.change(f"Added {counted(len(good), 'sticker')}", edit)
    except (OptionsError, BusyError) as error:
        messages.error(request, str(error) or "It was changed in another window. Try again.")
        return back(request, reverse("gallery"))
    for reason in cuts.refusals[:5]:
        messages.error(request, f"Left out: {reason}")
    if row is None:
        messages.error(request, "None of these stickers can be printed." if stickers else "There are no stickers here.")
        return back(request, reverse("gallery"))
    if not desk.places_soon and not all(copy.page for copy in desk.plan.copies):
        begin_nesting(row, anew=False)
    return redirect("printsheet", row.pk)


def _title(stickers: list[Sticker]) -> str:
    """The sheet's own name if all stickers are of one sheet."""
    return stickers[0].sheet.name[:100] if len({sticker.sheet_id for sticker in stickers}) == 1 else ""


def _like_the_last(owner_pk: int) -> Plan:
    """An empty plan with the settings that the designer used last."""
    last = PrintSheet.objects.owned_by(owner_pk).order_by("-changed_at").first()
    return replace(history.plan_of(last), copies=(), file_name="", by_hand=False) if last else Plan()


@require_GET
def print_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The page. htmx gets its working part. A print sheet in the trash says so."""
    desk = Desk.of(found(request, pk, deleted=True))
    template = "_print_work.html" if wants_fragment(request) else "print.html"
    return render(request, template, context(desk, selected=number_of(request.GET, "item")))


@require_safe
def thumb(request: HttpRequest, pk: int) -> HttpResponse:
    """The first page as a picture. It is drawn again after a change, and after other stickers are shared.

    A browser asks each time whether its picture is still right: sharing does not change the version.
    """
    desk = Desk.of(found(request, pk, deleted=True))
    row, name = desk.row, _picture_name(desk)
    before = row.picture.name or ""
    if before != name or not default_storage.exists(name):
        try:
            data = picture(desk.pages)
        except OptionsError as error:
            raise Http404(error.message) from error
        storage.put(name, data)
        storage.remove([before] if before != name else [])
        PrintSheet.objects.filter(pk=row.pk).update(picture=name)
    etag = f'"{PurePosixPath(name).stem}"'
    headers = {"Cache-Control": "private, no-cache", "ETag": etag}
    response = HttpResponse(storage.get(name), content_type="image/webp", headers=headers)
    return get_conditional_response(request, etag=etag, response=response) or response


def _picture_name(desk: Desk) -> str:
    """A name made of all that the picture depends on: the version, and which stickers the owner may see."""
    shown = f"{desk.row.version} {sorted(desk.stickers)}"
    return f"prints/{desk.row.pk}/{storage.digest(shown.encode())[:16]}.webp"


@require_POST
def duplicate(request: HttpRequest, pk: int) -> HttpResponse:
    copy = history.duplicate(found(request, pk))
    messages.success(request, "This is the copy. The original stays as it was.")
    return redirect("printsheet", copy.pk)
