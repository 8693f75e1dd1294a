"""The working part of the print page: who may see it, what it shows, and how every change of it is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django_htmx.http import trigger_client_event

from stickers import tasks
from stickers.accounts.current_user import current_designer
from stickers.forms.print_sheets import SettingsForm, StickersForm
from stickers.models import Nesting, PrintSheet
from stickers.printing.errors import OptionsError
from stickers.printing.imposition.spyrrow_nesting import is_available
from stickers.printing.writers import formats
from stickers.prints import colours, history
from stickers.prints.board import board
from stickers.prints.desk import BusyError, Desk
from stickers.prints.plan import Plan
from stickers.views.answers import wants_fragment

TIGHTER_SECONDS: Final = (10, 30, 60, 120)
EXPORTS_SHOWN: Final = 12


def found(request: HttpRequest, pk: int, *, deleted: bool = False) -> PrintSheet:
    """The designer's own print sheet, or 404. One in the trash only counts with `deleted`."""
    rows = PrintSheet.objects.owned_by(current_designer(request).pk)
    return get_object_or_404(rows if deleted else rows.kept(), pk=pk)


def opened(request: HttpRequest, pk: int) -> Desk:
    """The desk of the designer's own print sheet, or 404."""
    return Desk.of(found(request, pk))


def number_of(said: QueryDict, name: str) -> int:
    """The number of a copy, as an address or a form gives it; 0 if it gives none."""
    text = said.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def context(
    desk: Desk,
    *,
    settings_form: SettingsForm | None = None,
    stickers_form: StickersForm | None = None,
    selected: int = 0,
    trouble: str = "",
) -> dict[str, Any]:
    """All that the working part shows: the pages as the rows say, and beside them what a refused form says."""
    plan = desk.plan
    try:
        pages, fit = board(desk), desk.fit
    except OptionsError as error:  # a profile that was edited since may make no page any more
        pages, fit, trouble = None, None, trouble or error.message
    try:
        press, press_missing = colours.condition_of(desk.profile), ""
    except OptionsError as error:
        press, press_missing = None, error.message
    undo, redo = history.reach(desk.row)
    return exports_of(desk.row) | {
        "plan": plan,
        "profile": desk.profile,
        "board": pages,
        "fit": fit,
        "press": press,
        "press_missing": press_missing,
        "refused": desk.cuts.refusals,
        "form": settings_form or SettingsForm(plan, desk.profiles),
        "stickers_form": stickers_form or StickersForm(plan),
        "undo": undo,
        "redo": redo,
        "edited": desk.edited,
        "is_stale": any(form is not None and form.clashes for form in (settings_form, stickers_form)),
        "selected": selected,
        "trouble": trouble,
        "nesting": desk.row.nestings.first(),
        "can_tighten": is_available(),
        "tighter_seconds": TIGHTER_SECONDS,
        "page_formats": formats.of_pages(),
        "packs": formats.packs(),
        "unit_words": "inch" if plan.unit == "in" else "mm",
        "scale": 1 / 25.4 if plan.unit == "in" else 1,
    }


def exports_of(row: PrintSheet) -> dict[str, Any]:
    """The list of finished files, newest first, and whether more are being made."""
    shown = list(row.exports.prefetch_related("files")[:EXPORTS_SHOWN])
    return {"print_sheet": row, "exports": shown, "is_making": any(one.is_open for one in shown)}


def answer(request: HttpRequest, desk: Desk, *, status: int = 200, **said: Any) -> HttpResponse:
    """The working part after a change. Without htmx it is the whole page: after a change by a redirect."""
    if not wants_fragment(request):
        if status == 200:
            return redirect("printsheet", desk.row.pk)
        return render(request, "print.html", context(desk, **said), status=status)
    response = render(request, "_print_work.html", context(desk, **said), status=status)
    return trigger_client_event(response, "print-changed", {"version": desk.row.version}, after="settle")


def changed(
    request: HttpRequest,
    desk: Desk,
    words: str,
    edit: Callable[[Desk], Plan],
    *,
    selected: int = 0,
    settles: bool = False,
) -> HttpResponse:
    """Write a change and answer with what has become of it. A refused one changes nothing, and the answer says why.

    With `settles`, the worker places the copies if they are too many to do it at once.
    """
    try:
        desk = desk.change(words, edit)
    except OptionsError as error:
        return refused(request, desk, error.message, selected=selected)
    except BusyError:
        return refused(request, desk, "It was changed in another window at the same moment. Try again.")
    except KeyError:
        return refused(request, desk, "That is no longer on this print sheet.")
    if settles and not desk.places_soon:
        begin_nesting(desk.row, anew=False)
    return answer(request, desk, selected=selected)


def begin_nesting(row: PrintSheet, *, seconds: int = 0, anew: bool = True) -> None:
    """Order a nesting. If one is under way, it goes on and there is no second one."""
    try:
        with transaction.atomic():
            Nesting.objects.create(print_sheet=row, seconds=seconds, anew=anew)
    except IntegrityError:
        return
    tasks.hint()


def refused(request: HttpRequest, desk: Desk, reason: str, *, selected: int = 0) -> HttpResponse:
    if not wants_fragment(request):
        messages.error(request, reason)
        return redirect(reverse("printsheet", args=[desk.row.pk]))
    return answer(request, desk, status=422, selected=selected, trouble=reason)
