"""The cut editor's addresses: a sheet's outlines, edits by hand, undo and redo, and a preview of another cut. JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stickers.accounts.current_user import current_designer
from stickers.cuts import drawing, hand
from stickers.cuts.bench import opened, pixels_of
from stickers.cuts.previewing import previewed
from stickers.cuts.publishing import StaleError
from stickers.cutting import CutOptions
from stickers.cutting.operations import EditError, read
from stickers.forms.segmentation import SegmentationForm
from stickers.models import NoRoom, Sheet
from stickers.pictures.opening import UnreadableImage

MOST_BYTES: Final = 1_000_000  # of one request: a thousand strokes of fifty points
STALE: Final = "It was changed elsewhere."
UNREADABLE: Final = "The sheet's picture cannot be read."


def _editable(request: HttpRequest, pk: int) -> Sheet:
    sheets = Sheet.objects.editable_by(current_designer(request).pk).kept()
    return get_object_or_404(sheets.select_related("segmentation", "generation"), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def edits(request: HttpRequest, pk: int) -> HttpResponse:
    """GET: all that the editor shows. POST: operations as one step, all or nothing."""
    sheet = _editable(request, pk)
    if request.method == "POST":
        return _stepped(request, sheet, _edit)
    person = current_designer(request)
    try:
        bench = opened(sheet)
    except (OSError, UnreadableImage):
        return _refused(UNREADABLE, status=422)
    said = drawing.everything(bench) | {"may_cut": sheet.owner_id == person.pk or person.is_staff}
    return JsonResponse(said, headers={"Cache-Control": "no-store"})


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    return _stepped(request, _editable(request, pk), lambda sheet, version, *_: hand.undo(sheet, version=version))


@require_POST
def redo(request: HttpRequest, pk: int) -> HttpResponse:
    return _stepped(request, _editable(request, pk), lambda sheet, version, *_: hand.redo(sheet, version=version))


@require_GET
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The outlines that another cut would give, on a small copy of the sheet. Nothing is written."""
    sheet = _editable(request, pk)
    form = SegmentationForm(request.GET)
    if not form.is_valid():
        return _refused(" ".join(str(problem) for problems in form.errors.values() for problem in problems), status=422)
    try:
        rings = previewed(pixels_of(sheet), CutOptions(**form.options))
    except (OSError, UnreadableImage):
        return _refused(UNREADABLE, status=422)
    return JsonResponse({"count": len(rings), "rings": rings})


def _edit(sheet: Sheet, version: int, said: dict[str, Any], user_pk: int) -> hand.Done:
    return hand.edit(sheet, read(said.get("operations")), version=version, user_pk=user_pk)


def _stepped(
    request: HttpRequest, sheet: Sheet, act: Callable[[Sheet, int, dict[str, Any], int], hand.Done]
) -> HttpResponse:
    """Take the step that the request's body asks for. The answer says what has changed, or why nothing has."""
    said = _body(request)
    version = said.get("version") if said is not None else None
    if said is None or not isinstance(version, int) or isinstance(version, bool):
        return _refused("The request must be a JSON object with the version that it is made on.", status=400)
    user_pk = current_designer(request).pk
    try:
        done = act(sheet, version, said, user_pk)
    except StaleError:
        return _stale(sheet, version)
    except EditError as error:
        return JsonResponse({"error": str(error), "operation": max(error.index, 0)}, status=422)
    except NoRoom as error:
        return _refused(str(error), status=422)
    except (OSError, UnreadableImage):
        return _refused(UNREADABLE, status=422)
    return JsonResponse(drawing.after(done.bench, done.changed, done.gone, user_pk=user_pk))


def _stale(sheet: Sheet, version: int) -> JsonResponse:
    """What was done since that version, so that the page can offer to look, to take it, or to put its own on top."""
    sheet.refresh_from_db(fields=["cut_version"])
    since = [
        {
            "words": step.words,
            "who": step.made_by.username if step.made_by else "",
            "at": timezone.localtime(step.made_at).isoformat(timespec="seconds"),
        }
        for step in sheet.cut_steps.filter(version__gte=version).select_related("made_by")
    ]
    return JsonResponse({"error": STALE, "version": sheet.cut_version, "since": since}, status=409)


def _refused(words: str, *, status: int) -> JsonResponse:
    return JsonResponse({"error": words}, status=status)


def _body(request: HttpRequest) -> dict[str, Any] | None:
    """The JSON object that was sent; None if it is none, or a huge one."""
    if request.content_type != "application/json" or len(request.body) > MOST_BYTES:
        return None
    try:
        said = json.loads(request.body)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None
