"""Finished files of a print sheet: ordered here, made by the worker, listed with their progress, downloaded here."""

from __future__ import annotations

import secrets
from pathlib import PurePosixPath

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST, require_safe

from stickers import tasks
from stickers.accounts.current_user import current_designer
from stickers.files import storage
from stickers.models import Export, ExportFile, NoRoom, PrintSheet
from stickers.models.quota import check_quota
from stickers.printing.errors import OptionsError
from stickers.printing.writers.formats import media_type
from stickers.prints.naming import file_stem
from stickers.views.answers import wants_fragment
from stickers.views.print_sheets.workspace import exports_of, found, opened


@require_POST
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """Order the files of the print sheet as it is now."""
    desk = opened(request, pk)
    row, plan = desk.row, desk.plan
    if row.nestings.open().exists():
        return _refused(request, row, "The stickers are still being arranged: export when they lie still.")
    if not any(copy.page for copy in plan.copies):
        return _refused(request, row, "There is nothing on the pages to export.")
    for reason in desk.cuts.refusals:
        return _refused(request, row, f"{reason} Take that off the print sheet, or fix it, and export again.")
    try:
        check_quota(row.owner_id)
        clashing = desk.pages.clashing()
    except OptionsError as error:
        return _refused(request, row, error.message)
    except NoRoom as error:
        return _refused(request, row, str(error))
    Export.objects.create(
        print_sheet=row,
        plan=plan.as_json(),
        profile=desk.profile.as_json(),
        file_name=file_stem(plan, row.name, timezone.localdate()),
        clashing=len(clashing),
        folder=f"exports/{row.pk}/{secrets.token_hex(8)}",
    )
    tasks.hint()
    if wants_fragment(request):
        return _list(request, row)
    return redirect("printsheet", row.pk)


def _refused(request: HttpRequest, row: PrintSheet, reason: str) -> HttpResponse:
    if wants_fragment(request):
        return _list(request, row, trouble=reason)
    messages.error(request, reason)
    return redirect("printsheet", row.pk)


@require_GET
def exports(request: HttpRequest, pk: int) -> HttpResponse:
    """The list. It asks again while files are being made."""
    return _list(request, found(request, pk))


def _list(request: HttpRequest, row: PrintSheet, *, trouble: str = "") -> HttpResponse:
    """The list, and for the page the state of the newest export, which stands beside its button."""
    said = exports_of(row) | {"trouble": trouble, "is_fragment": wants_fragment(request)}
    return render(request, "_print_exports.html", said, status=422 if trouble else 200)


@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One finished file, under its own name."""
    row = get_object_or_404(ExportFile.objects.owned_by(current_designer(request).pk), pk=pk)
    name = row.file.name or ""
    content_type = media_type(PurePosixPath(name).suffix)
    disposition = content_disposition_header(as_attachment=True, filename=row.name) or "attachment"
    link = storage.signed_url(name, disposition=disposition, content_type=content_type, method=request.method or "")
    if link is not None:
        return HttpResponseRedirect(link, headers={"Cache-Control": "private, no-store"})
    try:
        opened = default_storage.open(name, "rb")
    except OSError as error:
        raise Http404("The file is gone: export it again.") from error
    response = FileResponse(opened, content_type=content_type)
    response["Content-Disposition"] = disposition
    response["Content-Length"] = row.size_bytes
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
