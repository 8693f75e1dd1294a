"""Changes of a print sheet: settings, sizes, places, arranging, undo, and what the print doctor mends."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from stickers.forms.print_sheets import MoveForm, SettingsForm, StickersForm
from stickers.models import PrintSheet
from stickers.printing.errors import OptionsError
from stickers.printing.imposition.spyrrow_nesting import is_available
from stickers.prints import editing, history, preflight
from stickers.prints.board import mended_picture
from stickers.prints.imposing import arranged, laid
from stickers.prints.plan import Plan
from stickers.prints.profiles import profiles_of
from stickers.views.print_sheets.desk import (
    TIGHTER_SECONDS,
    answer,
    begin_nesting,
    changed,
    cuts_of_row,
    found,
    profile_of,
    refused,
)

DOINGS: Final = ("place", "lock", "unlock", "turn", "remove")


@require_POST
def settings(request: HttpRequest, pk: int) -> HttpResponse:
    row = found(request, pk)
    profiles = profiles_of(row.owner_id)
    form = SettingsForm(history.plan_of(row), profiles, request.POST)
    if not form.is_valid() or form.plan is None:
        return answer(request, row, status=422, settings_form=form)
    wanted = form.plan

    def edit(plan: Plan) -> Plan:
        return _settled(row, replace(wanted, copies=plan.copies), plan)

    return changed(request, row, "Changed the settings", edit, settles=True)


@require_POST
def stickers(request: HttpRequest, pk: int) -> HttpResponse:
    """Sizes and copies."""
    row = found(request, pk)
    form = StickersForm(history.plan_of(row), request.POST)
    if not form.is_valid() or form.plan is None:
        return answer(request, row, status=422, stickers_form=form)
    wanted = form.plan
    return changed(request, row, "Changed sizes or copies", lambda plan: _settled(row, wanted, plan), settles=True)


@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """One copy: placed, turned, locked or taken off, as the button says."""
    row = found(request, pk)
    plan = history.plan_of(row)
    doing = request.POST.get("do", "place")
    form = MoveForm(plan, request.POST)
    if doing not in DOINGS:
        raise Http404("Nothing of this name can be done.")
    if not form.is_valid():
        field, problems = next(iter(form.errors.items()))
        number = form.cleaned_data.get("number", 0)
        return refused(request, row, f"{field.capitalize()}: {problems[0]}", selected=number)
    said = form.cleaned_data
    number = said["number"]

    def edit(plan: Plan) -> Plan:
        if doing == "remove":
            return editing.removed(plan, number)
        if doing in {"lock", "unlock"}:
            return editing.locked(plan, number, is_locked=doing == "lock")
        turn = 90 if doing == "turn" else 0
        return editing.moved(
            plan,
            number,
            x_mm=said["x"],
            y_mm=said["y"],
            rotation_deg=said["rotation"] + turn,
            page=said["page"],
        )

    words = {"place": "Moved a sticker", "turn": "Turned a sticker", "remove": "Took a sticker off"}
    return changed(request, row, words.get(doing, f"{doing.capitalize()}ed a sticker"), edit, selected=number)


@require_POST
def arrange(request: HttpRequest, pk: int) -> HttpResponse:
    """Place everything but the locked anew: at once, or by the worker where it takes long."""
    row = found(request, pk)
    seconds = request.POST.get("tighter", "")
    if not seconds and editing.places_soon(history.plan_of(row)):
        return changed(request, row, "Arranged again", lambda plan: arranged(plan, cuts_of_row(row, plan)))
    if seconds and not is_available():
        return refused(request, row, "Packing tighter needs the optional package spyrrow: pip install spyrrow.")
    if seconds and seconds not in map(str, TIGHTER_SECONDS):
        return refused(request, row, "Choose one of the times for packing tighter.")
    if seconds and row.items.filter(locked=True, page__gt=0).exists():
        return refused(request, row, "Packing tighter begins with empty pages: unlock the locked stickers first.")
    begin_nesting(row, seconds=int(seconds or 0))
    return answer(request, row)


@require_POST
def unshared(request: HttpRequest, pk: int) -> HttpResponse:
    """Take off all that is no longer shared with the designer."""
    row = found(request, pk)

    def edit(plan: Plan) -> Plan:
        return editing.cleared(plan, cuts_of_row(row, plan).unshared)

    return changed(request, row, "Took off what is not shared", edit)


@require_POST
def step(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo or redo."""
    row = found(request, pk)
    redo = request.POST.get("do") == "redo"
    words = history.redo(row) if redo else history.undo(row)
    if words is None:
        return refused(request, row, f"There is nothing to {'do again' if redo else 'undo'}.")
    return answer(request, row, selected=_number(request))


@require_POST
def fix(request: HttpRequest, pk: int) -> HttpResponse:
    """Mend what the print doctor found: one finding, or all that can be mended."""
    row = found(request, pk)
    rule, number = request.POST.get("rule", ""), _number(request)

    def edit(plan: Plan) -> Plan:
        profile = profile_of(row, plan)
        if rule == "all":
            return preflight.all_fixed(plan, profile, row.owner_id)
        return preflight.fixed(plan, profile, row.owner_id, rule, number)

    return changed(request, row, "Mended by the print doctor", edit)


@require_GET
def doctor(request: HttpRequest, pk: int) -> HttpResponse:
    """The lights: found apart from the pages, since looking into every picture takes longer than moving it."""
    row = found(request, pk)
    plan = history.plan_of(row)
    cuts = cuts_of_row(row, plan)
    try:
        verdict = preflight.examined(plan, cuts, laid(plan, cuts))
    except OptionsError as error:
        return render(request, "_print_doctor.html", {"print_sheet": row, "trouble": error.message})
    return render(request, "_print_doctor.html", {"print_sheet": row, "verdict": verdict, "profile": cuts.profile})


@require_GET
def picture(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A sticker's own picture as it was mended for this print sheet."""
    row = found(request, pk)
    plan = history.plan_of(row)
    copy = plan.copy(number)
    if copy is None:
        raise Http404("That is no longer on this print sheet.")
    only = replace(plan, copies=(copy,))
    try:
        data = mended_picture(cuts_of_row(row, only), copy.kind)
    except KeyError as error:
        raise Http404("This sticker cannot be cut.") from error
    return HttpResponse(data, content_type="image/png", headers={"Cache-Control": "private, max-age=600"})


def _settled(row: PrintSheet, wanted: Plan, before: Plan) -> Plan:
    """`wanted` with everything in a place; as it is where only names or formats differ."""
    if wanted == before:
        return wanted
    if not editing.places_soon(wanted):
        return wanted
    return editing.resettled(wanted, profile_of(row, wanted), row.owner_id)


def _number(request: HttpRequest) -> int:
    text = request.POST.get("number", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
