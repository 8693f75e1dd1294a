"""Changes of a print sheet: settings, sizes, places, nesting, undo, and the fixes of the preflight."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from stickers.forms.print_sheets import MoveForm, SettingsForm, StickersForm
from stickers.printing.artwork.sizes import FITS, SAME_SCALE, SHARP, Fit
from stickers.printing.errors import OptionsError
from stickers.printing.imposition.spyrrow_nesting import is_available
from stickers.prints import colours, editing, history, preflight, proofs
from stickers.prints.board import fixed_picture
from stickers.prints.cut_lines import Cuts
from stickers.prints.desk import Desk
from stickers.prints.imposing import nested
from stickers.prints.plan import Design, Plan
from stickers.views.answers import wants_fragment
from stickers.views.print_sheets.workspace import (
    TIGHTER_SECONDS,
    answer,
    begin_nesting,
    changed,
    found,
    number_of,
    opened,
    refused,
)

MOVES: Final = {
    "place": "Moved a sticker",
    "turn": "Turned a sticker",
    "lock": "Locked a sticker",
    "unlock": "Unlocked a sticker",
    "remove": "Took a sticker off",
}

FIT_WORDS: Final[Mapping[Fit, str]] = {SAME_SCALE: "Sized by one scale", SHARP: "Sized as large as it is sharp"}


@require_POST
def settings(request: HttpRequest, pk: int) -> HttpResponse:
    desk = opened(request, pk)
    form = SettingsForm(desk.plan, desk.profiles, request.POST)
    if not form.is_valid() or form.plan is None:
        return answer(request, desk, status=_status(form), settings_form=form)

    def edit(desk: Desk) -> Plan:
        return _meant(desk, SettingsForm(desk.plan, desk.profiles, request.POST))

    return changed(request, desk, "Changed the settings", edit, settles=True)


@require_POST
def stickers(request: HttpRequest, pk: int) -> HttpResponse:
    """Sizes and copies."""
    desk = opened(request, pk)
    form = StickersForm(desk.plan, request.POST)
    if not form.is_valid() or form.plan is None:
        return answer(request, desk, status=_status(form), stickers_form=form)

    def edit(desk: Desk) -> Plan:
        return _meant(desk, StickersForm(desk.plan, request.POST))

    return changed(request, desk, "Changed sizes or copies", edit, settles=True)


@require_POST
def fit(request: HttpRequest, pk: int) -> HttpResponse:
    """Give all stickers sizes that fit the art."""
    wanted = next((fit for fit in FITS if fit == request.POST.get("fit")), None)
    if wanted is None:
        raise Http404("There are no sizes of this name.")

    def edit(desk: Desk) -> Plan:
        return _settled(desk, desk.fitted(wanted))

    return changed(request, opened(request, pk), FIT_WORDS[wanted], edit, settles=True)


@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """One copy: placed, turned, locked or taken off, as the button says."""
    desk = opened(request, pk)
    doing = request.POST.get("do", "place")
    if doing not in MOVES:
        raise Http404("Nothing of this name can be done.")
    form = MoveForm(desk.plan, request.POST)
    if not form.is_valid():
        field, problems = next(iter(form.errors.items()))
        number = form.cleaned_data.get("number", 0)
        return refused(request, desk, f"{field.capitalize()}: {problems[0]}", selected=number)
    said = form.cleaned_data
    number = said["number"]

    def edit(desk: Desk) -> Plan:
        if doing == "remove":
            return editing.removed(desk.plan, number)
        if doing in {"lock", "unlock"}:
            return editing.locked(desk.plan, number, is_locked=doing == "lock")
        turn = 90 if doing == "turn" else 0
        return editing.moved(
            desk.plan,
            number,
            x_mm=said["x"],
            y_mm=said["y"],
            rotation_deg=said["rotation"] + turn,
            page=said["page"],
        )

    return changed(request, desk, MOVES[doing], edit, selected=number)


@require_POST
def arrange(request: HttpRequest, pk: int) -> HttpResponse:
    """Place everything but the locked copies again: at once, or by the worker if it takes long."""
    desk = opened(request, pk)
    seconds = request.POST.get("tighter", "")
    if not seconds and desk.places_soon:
        return changed(request, desk, "Arranged again", _arranged)
    if seconds and not is_available():
        return refused(request, desk, "Nesting tighter needs the optional package spyrrow: pip install spyrrow.")
    if seconds and seconds not in map(str, TIGHTER_SECONDS):
        return refused(request, desk, "Choose one of the times for nesting tighter.")
    if seconds and any(copy.locked and copy.page for copy in desk.plan.copies):
        return refused(request, desk, "Nesting tighter begins with empty pages: unlock the locked stickers first.")
    begin_nesting(desk.row, seconds=int(seconds or 0))
    return answer(request, desk)


@require_POST
def newest(request: HttpRequest, pk: int) -> HttpResponse:
    """Take over what was edited since it was laid out. Everything stays in its place."""
    words = "Took over edited stickers"
    return changed(request, opened(request, pk), words, lambda desk: editing.with_newest_art(desk.plan, desk.arts))


@require_POST
def unshared(request: HttpRequest, pk: int) -> HttpResponse:
    """Take off everything that is no longer shared with the designer."""

    def edit(desk: Desk) -> Plan:
        return editing.cleared(desk.plan, desk.cuts.unshared)

    return changed(request, opened(request, pk), "Took off what is not shared", edit)


@require_POST
def step(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo or redo."""
    row = found(request, pk)
    redo = request.POST.get("do") == "redo"
    words = history.redo(row) if redo else history.undo(row)
    if words is None:
        return refused(request, Desk.of(row), f"There is nothing to {'do again' if redo else 'undo'}.")
    return answer(request, Desk.of(row), selected=number_of(request.POST, "number"))


@require_POST
def fix(request: HttpRequest, pk: int) -> HttpResponse:
    """Fix what the preflight found: one finding, or all that have a fix."""
    rule, number = request.POST.get("rule", ""), number_of(request.POST, "number")

    def edit(desk: Desk) -> Plan:
        return preflight.all_fixed(desk) if rule == "all" else preflight.fixed(desk, rule, number)

    return changed(request, opened(request, pk), "Fixed by the preflight", edit)


@require_GET
def findings(request: HttpRequest, pk: int) -> HttpResponse:
    """The preflight's lights. They have an address of their own: to check every picture takes longer than a move."""
    desk = opened(request, pk)
    said = {"print_sheet": desk.row, "profile": desk.profile, "is_fragment": wants_fragment(request)}
    try:
        said["verdict"] = preflight.examined(desk)
    except OptionsError as error:
        said["trouble"] = error.message
    return render(request, "_print_preflight.html", said)


@require_GET
def picture(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A sticker's own picture with the fixups of this print sheet."""
    return _picture_of(opened(request, pk), number, fixed_picture)


@require_GET
def proof(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The same picture as the press prints it. With `lost` in the query, what cannot be printed is striped."""
    desk = opened(request, pk)
    try:
        condition = colours.condition_of(desk.profile)
    except OptionsError as error:
        raise Http404(error.message) from error
    return _picture_of(desk, number, partial(proofs.proof, condition=condition, lost="lost" in request.GET))


def _picture_of(desk: Desk, number: int, draw: Callable[[Cuts, Design], bytes]) -> HttpResponse:
    """A PNG of the copy's sticker. Its address names the print sheet's version, so a browser may keep it."""
    copy = desk.plan.copy(number)
    if copy is None:
        raise Http404("That is no longer on this print sheet.")
    only = desk.on(replace(desk.plan, copies=(copy,)))
    try:
        data = draw(only.cuts, copy.design)
    except KeyError as error:
        raise Http404("This sticker cannot be cut.") from error
    return HttpResponse(data, content_type="image/png", headers={"Cache-Control": "private, max-age=600"})


def _arranged(desk: Desk) -> Plan:
    return nested(editing.with_newest_art(desk.plan, desk.arts), desk.cuts)


def _meant(desk: Desk, form: SettingsForm | StickersForm) -> Plan:
    """What the form means on this desk. Another window may have changed the plan since the form was read first."""
    if not form.is_valid() or form.plan is None:
        raise OptionsError("", "It was changed in another window at the same moment. Try again.")
    return _settled(desk, form.plan)


def _status(form: SettingsForm | StickersForm) -> int:
    """Conflict, if another window has changed the same field; else the form itself is refused."""
    return 409 if form.clashes else 422


def _settled(desk: Desk, wanted: Plan) -> Plan:
    """`wanted` with everything in a place. If it is no change, or too many copies for now, it stays as it is."""
    after = desk.on(wanted)
    return after.settled() if wanted != desk.plan and after.places_soon else wanted
