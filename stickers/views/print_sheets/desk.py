"""The print page's working part: who may see it, what it shows, and how every change of it is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django_htmx.http import trigger_client_event

from stickers import tasks
from stickers.accounts.current_user import current_designer
from stickers.forms.print_sheets import SettingsForm, StickersForm
from stickers.models import Nesting, PrintSheet
from stickers.printing.errors import OptionsError
from stickers.printing.imposition.spyrrow_nesting import is_available
from stickers.printing.profiles import DEFAULT_PROFILE, Profile
from stickers.printing.writers import formats
from stickers.prints import editing, history
from stickers.prints.board import Board, board
from stickers.prints.cut_lines import Cuts, cuts_of, refusals
from stickers.prints.imposing import laid
from stickers.prints.plan import Plan
from stickers.prints.profiles import profiles_of
from stickers.views.answers import wants_fragment

TIGHTER_SECONDS: Final = (10, 30, 60, 120)
EXPORTS_SHOWN: Final = 12


def found(request: HttpRequest, pk: int, *, deleted: bool = False) -> PrintSheet:
    rows = PrintSheet.objects.owned_by(current_designer(request).pk)
    return get_object_or_404(rows if deleted else rows.kept(), pk=pk)


def profile_of(row: PrintSheet, plan: Plan) -> Profile:
    """The plan's profile; one that is gone is the home printer's."""
    return profiles_of(row.owner_id).get(plan.profile, DEFAULT_PROFILE)


def cuts_of_row(row: PrintSheet, plan: Plan) -> Cuts:
    return cuts_of(plan, profile_of(row, plan), row.owner_id)


def context(
    row: PrintSheet,
    *,
    settings_form: SettingsForm | None = None,
    stickers_form: StickersForm | None = None,
    selected: int = 0,
    trouble: str = "",
) -> dict[str, Any]:
    """All that the working part shows: the pages as they are in the rows, whatever a refused form says beside."""
    plan = history.plan_of(row)
    profiles = profiles_of(row.owner_id)
    profile = profiles.get(plan.profile, DEFAULT_PROFILE)
    cuts = cuts_of(plan, profile, row.owner_id)
    pages, broken = _pages(plan, cuts)
    undo, redo = history.reach(row)
    return exports_of(row) | {
        "print_sheet": row,
        "plan": plan,
        "profile": profile,
        "board": pages,
        "refused": list(refusals(cuts)),
        "form": settings_form or SettingsForm(plan, profiles),
        "stickers_form": stickers_form or StickersForm(plan),
        "undo": undo,
        "redo": redo,
        "selected": selected,
        "trouble": trouble or broken,
        "nesting": row.nestings.first(),
        "can_tighten": is_available(),
        "tighter_seconds": TIGHTER_SECONDS,
        "page_formats": formats.of_pages(),
        "packs": formats.packs(),
        "unit_words": "inch" if plan.unit == "in" else "mm",
        "scale": 1 / 25.4 if plan.unit == "in" else 1,
        "page_said": _page_said(pages, plan),
    }


def exports_of(row: PrintSheet) -> dict[str, Any]:
    """The list of finished files, newest first, and whether more are being made."""
    shown = list(row.exports.prefetch_related("files")[:EXPORTS_SHOWN])
    return {"print_sheet": row, "exports": shown, "is_making": any(one.is_open for one in shown)}


def _pages(plan: Plan, cuts: Cuts) -> tuple[Board | None, str]:
    """The board, or in words why these settings make no page any more (a profile may have been edited since)."""
    try:
        return board(plan, cuts, laid(plan, cuts)), ""
    except OptionsError as error:
        return None, error.message


def _page_said(pages: Board | None, plan: Plan) -> str:
    if pages is None:
        return ""
    sides = f"{editing.in_unit(pages.size.width_mm, plan.unit)} × {editing.in_unit(pages.size.height_mm, plan.unit)}"
    return f"{sides} {'inch' if plan.unit == 'in' else 'mm'}"


def answer(request: HttpRequest, row: PrintSheet, *, status: int = 200, **said: Any) -> HttpResponse:
    """The working part after a change: by htmx alone, else the page (anew after a change, at once after a refusal)."""
    if not wants_fragment(request):
        if status == 200:
            return redirect("printsheet", row.pk)
        return render(request, "print.html", context(row, **said), status=status)
    response = render(request, "_print_work.html", context(row, **said), status=status)
    return trigger_client_event(response, "print-changed", {"version": row.version}, after="settle")


def changed(
    request: HttpRequest,
    row: PrintSheet,
    words: str,
    edit: Callable[[Plan], Plan],
    *,
    selected: int = 0,
    settles: bool = False,
) -> HttpResponse:
    """Make a change last and answer with what has become of it; a refused one says why, and nothing is lost.

    With `settles`, the worker finds places where there are too many copies to do it at once.
    """
    try:
        plan = history.change(row, words, edit)
    except OptionsError as error:
        return refused(request, row, error.message, selected=selected)
    except history.BusyError:
        return refused(request, row, "It was changed in another window at the same moment. Try again.")
    except KeyError:
        return refused(request, row, "That is no longer on this print sheet.")
    if settles and not editing.places_soon(plan):
        begin_nesting(row, anew=False)
    return answer(request, row, selected=selected)


def begin_nesting(row: PrintSheet, *, seconds: int = 0, anew: bool = True) -> None:
    """Order a nesting; one that is under way is left to its end."""
    try:
        with transaction.atomic():
            Nesting.objects.create(print_sheet=row, seconds=seconds, anew=anew)
    except IntegrityError:
        return
    tasks.nudge()


def refused(request: HttpRequest, row: PrintSheet, reason: str, *, selected: int = 0) -> HttpResponse:
    if not wants_fragment(request):
        messages.error(request, reason)
        return redirect(reverse("printsheet", args=[row.pk]))
    return answer(request, row, status=422, selected=selected, trouble=reason)
