"""Serves the files of sheets, stickers and thumbnails, only to those who may see them."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

from django.core.files.storage import default_storage
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, quote_etag
from django.views.decorators.http import require_safe

from stickers.accounts.current_user import current_designer
from stickers.files import storage
from stickers.models import Sheet, Sticker
from stickers.printing.filenames import safe_name

CONTENT_TYPES: Final = {".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp"}
# A year: the name is a hash of the content, so what is stored under it never changes.
FOR_GOOD: Final = "private, max-age=31536000, immutable"
ASK_FIRST: Final = "private, no-cache"
AS_LONG_AS_A_LINK: Final = "private, max-age=240"  # shorter than a signed link, which ends after 300 s


@require_safe
def sheet_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    sheet = get_object_or_404(
        Sheet.objects.visible_to(current_designer(request).pk).select_related("generation"), pk=pk
    )
    return _serve(request, sheet.file.name, title=safe_name(sheet.name, f"sheet-{pk}"))


@require_safe
def sheet_thumb(request: HttpRequest, pk: int, side: int) -> HttpResponseBase:
    sheet = get_object_or_404(Sheet.objects.visible_to(current_designer(request).pk), pk=pk)
    return _serve(request, _thumb(sheet, side), title=f"sheet-{pk}-{side}")


@require_safe
def sticker_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    stickers = Sticker.objects.visible_to(current_designer(request).pk).select_related("sheet__generation")
    sticker = get_object_or_404(stickers, pk=pk)
    return _serve(request, sticker.file.name, title=safe_name(_sticker_title(sticker), f"sticker-{pk}"))


@require_safe
def sticker_thumb(request: HttpRequest, pk: int, side: int) -> HttpResponseBase:
    sticker = get_object_or_404(Sticker.objects.visible_to(current_designer(request).pk), pk=pk)
    return _serve(request, _thumb(sticker, side), title=f"sticker-{pk}-{side}")


def _sticker_title(sticker: Sticker) -> str:
    return sticker.title or f"{sticker.sheet.name} {sticker.number}"


def _thumb(row: Sheet | Sticker, side: int) -> str | None:
    """The thumbnail's file, or the full picture until the worker has made the thumbnail."""
    if side not in storage.THUMB_SIDES_PX:
        raise Http404("No thumbnails of this size are made.")
    thumb: FieldFile = getattr(row, f"thumb_{side}")
    return thumb.name or row.file.name


def _serve(request: HttpRequest, name: str | None, *, title: str) -> HttpResponseBase:
    """Answer with the stored file `name`. With `?download` the browser saves it under its title."""
    path = PurePosixPath(name or "")
    content_type = CONTENT_TYPES.get(path.suffix, "application/octet-stream")
    filename = f"{title}{path.suffix}"
    disposition = content_disposition_header("download" in request.GET, filename) or "inline"
    link = storage.signed_url(
        str(path), disposition=disposition, content_type=content_type, method=request.method or ""
    )
    if link is not None:
        return HttpResponseRedirect(link, headers={"Cache-Control": AS_LONG_AS_A_LINK})
    response = _unless_known(request, path, content_type)
    response["Content-Disposition"] = disposition
    response["X-Content-Type-Options"] = "nosniff"
    # People upload these pictures. Opened on its own, none may ever run as a page of the studio.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _unless_known(request: HttpRequest, path: PurePosixPath, content_type: str) -> HttpResponseBase:
    """Send the file from here, unless the browser has it already.

    A file's name is a hash of its content, so the stem is the ETag. An address that carries it (`?v=`) may be cached
    for good. Any other address, such as one from before a new segmentation, is asked for each time.
    """
    etag = quote_etag(path.stem)
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is None:
        try:
            response = FileResponse(default_storage.open(str(path), "rb"), content_type=content_type)
        except OSError as error:
            raise Http404("The file is gone.") from error
    response["ETag"] = etag
    response["Cache-Control"] = FOR_GOOD if request.GET.get("v") == path.stem else ASK_FIRST
    return response
