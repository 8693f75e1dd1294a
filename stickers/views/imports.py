"""The import page: it takes in sheets of one's own. A drop on any page uses its form, too."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from stickers import tasks
from stickers.accounts.current_user import current_designer
from stickers.forms.imports import MOST_DROPPED, MOST_FILES, ByteCap, ImportForm, most_megabytes, most_pixels
from stickers.models import Sheet
from stickers.pictures.opening import megapixels
from stickers.views.answers import wants_fragment


@csrf_exempt  # the byte cap must be there before anything reads the body; `_import_sheet` checks the token
@require_http_methods(["GET", "POST"])
def import_sheet(request: HttpRequest) -> HttpResponse:
    cap = ByteCap()
    request.upload_handlers = [cap, *request.upload_handlers]
    return _import_sheet(request, cap)


@csrf_protect
def _import_sheet(request: HttpRequest, cap: ByteCap) -> HttpResponse:
    if request.method == "GET":
        return _page(request, ImportForm())
    form = ImportForm(request.POST, request.FILES, cap=cap)
    if not form.is_valid():
        if wants_fragment(request):
            return render(request, "_import_fate.html", {"reasons": form.errors["files"]}, status=422)
        return _page(request, form, status=422)
    owner_pk = current_designer(request).pk
    sheets = [
        Sheet.objects.import_picture(
            owner_pk=owner_pk,
            data=picture.data,
            picture_format=picture.format,
            width_px=picture.width_px,
            height_px=picture.height_px,
            source_name=picture.name,
        )
        for picture in form.cleaned_data["files"]
    ]
    tasks.hint()
    if wants_fragment(request):  # the scripts send each file by itself
        return render(request, "_import_fate.html", {"sheet": sheets[0]})
    if form.refusals:
        messages.success(request, f"{len(sheets)} of {len(sheets) + len(form.refusals)} files were taken in.")
    for refusal in form.refusals:
        messages.error(request, refusal)
    return redirect("sheet", sheets[0].pk) if len(sheets) == 1 else redirect("gallery")


def _page(request: HttpRequest, form: ImportForm, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "is_dialog": wants_fragment(request),
        "most_files": MOST_FILES,
        "most_dropped": MOST_DROPPED,
        "most_bytes": settings.IMPORT_MAX_BYTES,
        "most_megabytes": most_megabytes(),
        "most_megapixels": megapixels(most_pixels()),
    }
    return render(request, "_import_form.html" if context["is_dialog"] else "import.html", context, status=status)
