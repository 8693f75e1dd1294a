"""One sheet: its page with outlines and stickers, and cutting it again."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers

from stickers import tasks
from stickers.accounts.current_user import current_designer
from stickers.forms.segmentation import SegmentationForm
from stickers.models import Generation, Project, Sheet, Way
from stickers.recipes.parameters import Role
from stickers.views.answers import wants_fragment


def _visible(request: HttpRequest, pk: int) -> Sheet:
    sheets = Sheet.objects.visible_to(current_designer(request).pk).select_related(
        "generation", "segmentation", "owner", "project"
    )
    return get_object_or_404(sheets, pk=pk)


@require_GET
@vary_on_headers("HX-Request")
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The page. htmx gets the parts that change once the sheet is cut. A sheet in the trash says so."""
    row = _visible(request, pk)
    if not wants_fragment(request):
        return render(request, "sheet.html", _context(request, row, SegmentationForm.of(row.segmentation.options)))
    if row.segmentation.is_open:
        return HttpResponse(status=204)  # nothing new: the page asks again
    return render(request, "_sheet_polled.html", _context(request, row, SegmentationForm.of(row.segmentation.options)))


def may_cut(request: HttpRequest, row: Sheet) -> bool:
    """Whether this is the owner, or an admin who sees it. A new cut can drop stickers that are laid out for print."""
    person = current_designer(request)
    return row.owner_id == person.pk or person.is_staff


def _context(request: HttpRequest, row: Sheet, cut_form: SegmentationForm) -> dict[str, Any]:
    user_pk = current_designer(request).pk
    siblings = Sheet.objects.visible_to(user_pk).kept()
    # Those of the last cut, also in the trash, but not those of an earlier cut that the last one put there.
    found = list(row.stickers.exclude(lost_at=F("deleted_at")))
    stickers = [sticker for sticker in found if sticker.deleted_at is None]
    return {
        "sheet": row,
        "siblings": siblings.filter(generation=row.generation).order_by("index") if row.generation else [],
        "is_mine": row.owner_id == user_pk,
        "may_cut": may_cut(request, row),
        "projects": Project.objects.visible_to(user_pk) if settings.STUDIO_ACCOUNTS else [],
        "stickers": stickers,
        "lost": row.stickers.filter(lost_at=F("deleted_at")).count(),
        "doubtful": sum(sticker.is_doubtful for sticker in stickers),
        "found": len(found),
        "expected": row.segmentation.options.get("expected_count"),
        "is_cutting": row.segmentation.is_open,
        "generation": row.generation,
        "recipe": _recipe(row.generation) if row.generation else [],
        "cut_form": cut_form,
        "keeps_edits": row.cut_steps.filter(engine="", undone=False).exists(),
    }


def _recipe(generation: Generation) -> list[tuple[str, object]]:
    """The parameters that the page does not show elsewhere, with the labels of the form."""
    spec = generation.spec
    elsewhere = {each.name for role in (Role.PROMPT, Role.NEGATIVE, Role.SEED) if (each := spec.of_role(role))}
    shown = [(name, value) for name, value in generation.values.items() if name not in elsewhere]
    labels = {name: spec.by_name[name].label if name in spec.by_name else name for name, _ in shown}
    return [(labels[name], ("no", "yes")[value] if isinstance(value, bool) else value) for name, value in shown]


@require_http_methods(["GET", "HEAD", "POST"])
def cut(request: HttpRequest, pk: int) -> HttpResponse:
    """Cut again, with the options of the form if it has any. The next page polls until it is done.

    The field `edits` says what becomes of edits by hand (`Way`); without it they are kept.

    A refused form is shown here. A GET of this address leads to the sheet.
    """
    sheets = Sheet.objects.editable_by(current_designer(request).pk).kept()
    row = get_object_or_404(sheets.select_related("generation", "segmentation"), pk=pk)
    if not may_cut(request, row):
        raise PermissionDenied(f"Only {row.owner.username} can cut this sheet again.")
    if request.method != "POST":
        return redirect("sheet", row.pk)
    form = SegmentationForm(request.POST)
    options: dict[str, Any] | None = None  # None means the options of the last cut; the button "Try again" sends none
    if "defaults" in request.POST:  # this button is in the form, too, but drops the values of the fields
        options = {}
    elif "tolerance" in request.POST:
        if not form.is_valid():
            return render(request, "sheet.html", _context(request, row, form), status=422)
        options = form.options
    said = request.POST.get("edits", "")
    if row.segmentation.ask_again(options, Way(said) if said in Way.values else Way.KEEP):
        tasks.hint()
    else:
        messages.info(request, "It is being cut already.")
    return redirect("sheet", row.pk)
