"""The import page: it takes in sheets of one's own. A drop on any page uses its form, too."""

from __future__ import annotations

import threading
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from stickers import tasks
from stickers.accounts.current_user import current_designer
from stickers.files import full
from stickers.forms.imports import (
    MOST_DROPPED,
    MOST_FILES,
    WANTED,
    ByteCap,
    ImportedPicture,
    ImportForm,
    ImportRefused,
    most_megabytes,
    most_pixels,
    picture,
    shown,
)
from stickers.models import NoRoom, Sheet
from stickers.models.quota import check_disk, check_quota, used_bytes
from stickers.pictures.opening import megapixels
from stickers.views.answers import wants_fragment

# In each process. A file of 26 MB takes 110 MB more while it is looked at; more of them at once would be no faster.
_reading: Final = threading.BoundedSemaphore(2)


@csrf_exempt  # the byte cap must be there before anything reads the body; `_import_sheet` checks the token
@require_http_methods(["GET", "POST"])
def import_sheet(request: HttpRequest) -> HttpResponse:
    cap = ByteCap()
    request.upload_handlers = [cap, *request.upload_handlers]
    return _import_sheet(request, cap)


@login_not_required
def allowed(request: HttpRequest) -> HttpResponse:
    """For a proxy that asks before it stores a large body: 204, or 401 if nobody is signed in, whatever the method."""
    return HttpResponse(status=204 if request.user.is_authenticated else 401)


@csrf_protect
def _import_sheet(request: HttpRequest, cap: ByteCap) -> HttpResponse:
    if request.method == "GET":
        return _page(request, ImportForm())
    form = ImportForm(request.POST, request.FILES, cap=cap)
    if not form.is_valid():
        return _refused(request, form)
    sheets, is_full = _take_in(current_designer(request).pk, form)
    tasks.hint()
    if not sheets:
        form.add_error("files", form.refusals)
        return _refused(request, form, status=507 if is_full else 422)
    if wants_fragment(request):  # the scripts send each file by itself
        return render(request, "_import_fate.html", {"sheet": sheets[0]})
    if form.refusals:
        was = "was" if len(sheets) == 1 else "were"
        messages.success(request, f"{len(sheets)} of {len(sheets) + len(form.refusals)} files {was} taken in.")
    for refusal in form.refusals:
        messages.error(request, refusal)
    return redirect("sheet", sheets[0].pk) if len(sheets) == 1 else redirect("gallery")


def _take_in(owner_pk: int, form: ImportForm) -> tuple[list[Sheet], bool]:
    """Read and store one file after the other, so that memory holds one at a time.

    Returns the new sheets, and whether the disk was too full for a file. The form gets the reasons for the others.
    """
    sheets: list[Sheet] = []
    is_full = False
    for file in form.cleaned_data["files"]:
        try:
            with _reading:
                sheets.append(_import(owner_pk, picture(file)))
        except ImportRefused as refusal:
            form.refusals.append(str(refusal))
        except NoRoom as error:
            is_full = is_full or error.is_disk
            form.refusals.append(f"{shown(file.name or '')} was not taken in. {error}")
        except (OSError, DatabaseError) as error:
            if not full.is_full(error):
                raise
            is_full = True
            form.refusals.append(f"{shown(file.name or '')} was not taken in: the studio's disk is full.")
    return sheets, is_full


def _import(owner_pk: int, taken: ImportedPicture) -> Sheet:
    """Store one picture as a sheet. Raises NoRoom. Its stickers will take about as much again."""
    with transaction.atomic():
        check_quota(owner_pk, 2 * len(taken.data))
        check_disk(2 * len(taken.data))
        return Sheet.objects.import_picture(
            owner_pk=owner_pk,
            data=taken.data,
            picture_format=taken.format,
            width_px=taken.width_px,
            height_px=taken.height_px,
            source_name=taken.name,
        )


def _refused(request: HttpRequest, form: ImportForm, *, status: int = 422) -> HttpResponse:
    if wants_fragment(request):
        return render(request, "_import_fate.html", {"reasons": form.errors["files"]}, status=status)
    return _page(request, form, status=status)


def _page(request: HttpRequest, form: ImportForm, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "is_dialog": wants_fragment(request),
        "quota": settings.STORAGE_QUOTA_BYTES,
        "used": used_bytes(current_designer(request).pk) if settings.STORAGE_QUOTA_BYTES else 0,
        "wanted": WANTED,
        "most_files": MOST_FILES,
        "most_dropped": MOST_DROPPED,
        "most_bytes": settings.IMPORT_MAX_BYTES,
        "most_megabytes": most_megabytes(),
        "most_megapixels": megapixels(most_pixels()),
    }
    return render(request, "_import_form.html" if context["is_dialog"] else "import.html", context, status=status)
