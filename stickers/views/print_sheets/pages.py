"""Print sheets in the gallery: made of a selection, listed, opened, named, duplicated, put into the trash."""

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
from stickers.printing.profiles import DEFAULT_PROFILE, Profile
from stickers.prints import artwork, editing, history
from stickers.prints.board import picture
from stickers.prints.cut_lines import cuts_of, refusals, shown_to
from stickers.prints.imposing import laid, placed_in_the_rest
from stickers.prints.plan import Plan
from stickers.prints.profiles import profiles_of
from stickers.views import paging, shelf
from stickers.views.answers import back, wants_fragment
from stickers.views.picking import Selection
from stickers.views.print_sheets.desk import begin_nesting, context, cuts_of_row, found

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
def new(request: HttpRequest) -> HttpResponse:
    """Lay a selection out: asked for its address, the choice between a new print sheet and those there are."""
    owner_pk = current_designer(request).pk
    selection = Selection.asked(request.POST if request.method == "POST" else request.GET)
    if not selection:
        raise Http404("Nothing is selected.")
    stickers = artwork.ordered(*selection.rows(owner_pk))
    if request.method == "POST":
        return _laid_out(request, stickers)
    offered = PrintSheet.objects.owned_by(owner_pk).kept().order_by("-changed_at")[:OFFERED]
    said = {"selection": selection, "stickers": stickers, "offered": offered, "is_dialog": wants_fragment(request)}
    return render(request, "_print_new.html" if wants_fragment(request) else "print_new.html", said)


def _laid_out(request: HttpRequest, stickers: list[Sticker]) -> HttpResponse:
    owner_pk = current_designer(request).pk
    into = request.POST.get("into", "new")
    row = None
    if into != "new":
        kept = PrintSheet.objects.owned_by(owner_pk).kept()
        row = get_object_or_404(kept, pk=int(into) if into.isascii() and into.isdigit() and len(into) < 19 else 0)
    plan = history.plan_of(row) if row else _like_the_last(owner_pk)
    profile = profiles_of(owner_pk).get(plan.profile, DEFAULT_PROFILE)
    size_mm = plan.copies[0].size_mm if plan.copies else profile.size_mm
    try:
        good, reasons = _printable(editing.added(replace(plan, copies=()), _pks(stickers), size_mm), profile, owner_pk)
        if row is None and good:
            begun = _placed(editing.added(plan, good, size_mm), profile, owner_pk)
            row = history.begin(owner_pk, begun, title=_title(stickers))
        elif row is not None and good:
            history.change(
                row,
                f"Added {len(good)} stickers",
                lambda now: _placed(editing.added(now, good, size_mm), profile, owner_pk),
            )
    except (OptionsError, history.BusyError) as error:
        messages.error(request, str(error) or "It was changed in another window. Try again.")
        return back(request, reverse("gallery"))
    for reason in reasons[:5]:
        messages.error(request, f"Left out: {reason}")
    if row is None:
        messages.error(request, "None of these stickers can be printed." if stickers else "There are no stickers here.")
        return back(request, reverse("gallery"))
    if row.items.filter(page=0).exists() and not editing.places_soon(history.plan_of(row)):
        begin_nesting(row, anew=False)
    return redirect("printsheet", row.pk)


def _printable(plan: Plan, profile: Profile, owner_pk: int) -> tuple[list[int], list[str]]:
    """The stickers that have a cut line, and in words why the others have none."""
    cuts = cuts_of(plan, profile, owner_pk)
    return [kind.sticker_pk for kind in cuts.made], list(refusals(cuts))


def _placed(plan: Plan, profile: Profile, owner_pk: int) -> Plan:
    return placed_in_the_rest(plan, cuts_of(plan, profile, owner_pk)) if editing.places_soon(plan) else plan


def _pks(stickers: list[Sticker]) -> list[int]:
    return [sticker.pk for sticker in stickers]


def _title(stickers: list[Sticker]) -> str:
    """The sheet's own name where all are of one."""
    return stickers[0].sheet.name[:100] if len({sticker.sheet_id for sticker in stickers}) == 1 else ""


def _like_the_last(owner_pk: int) -> Plan:
    """The settings that the designer used last, without what lay on it."""
    last = PrintSheet.objects.owned_by(owner_pk).order_by("-changed_at").first()
    return replace(history.plan_of(last), copies=(), file_name="") if last else Plan()


@require_GET
def print_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The page; htmx gets its working part. A deleted one says that it is."""
    row = found(request, pk, deleted=True)
    template = "_print_work.html" if wants_fragment(request) else "print.html"
    return render(request, template, context(row, selected=_item(request)))


def _item(request: HttpRequest) -> int:
    text = request.GET.get("item", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


@require_safe
def thumb(request: HttpRequest, pk: int) -> HttpResponse:
    """Its first page, drawn when it is first asked for after a change, or after other stickers are shared.

    A browser asks each time whether its picture still is the right one: what is shared changes no version.
    """
    row = found(request, pk, deleted=True)
    plan = history.plan_of(row)
    name = _picture_name(row, plan)
    before = row.picture.name or ""
    if before != name or not default_storage.exists(name):
        try:
            data = picture(laid(plan, cuts_of_row(row, plan)))
        except OptionsError as error:
            raise Http404(error.message) from error
        storage.put(name, data)
        storage.remove([before] if before != name else [])
        PrintSheet.objects.filter(pk=row.pk).update(picture=name)
    etag = f'"{PurePosixPath(name).stem}"'
    headers = {"Cache-Control": "private, no-cache", "ETag": etag}
    response = HttpResponse(storage.get(name), content_type="image/webp", headers=headers)
    return get_conditional_response(request, etag=etag, response=response) or response


def _picture_name(row: PrintSheet, plan: Plan) -> str:
    """Of all that the picture shows: the version, and which stickers the owner may see."""
    shown = f"{row.version} {sorted(shown_to(row.owner_id, plan))}"
    return f"prints/{row.pk}/{storage.digest(shown.encode())[:16]}.webp"


@require_POST
def star(request: HttpRequest, pk: int) -> HttpResponse:
    return shelf.star(request, found(request, pk, deleted=True))


@require_POST
def title(request: HttpRequest, pk: int) -> HttpResponse:
    return shelf.title(request, found(request, pk, deleted=True))


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    row = found(request, pk, deleted=True)
    row.delete_softly()
    messages.success(request, f"“{row.name}” moved to the trash.")
    return redirect("prints")


@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    return shelf.restore(request, found(request, pk, deleted=True))


@require_POST
def duplicate(request: HttpRequest, pk: int) -> HttpResponse:
    copy = history.duplicate(found(request, pk))
    messages.success(request, "This is the copy. The original stays as it was.")
    return redirect("printsheet", copy.pk)
