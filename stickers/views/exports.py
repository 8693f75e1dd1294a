"""Print-ready files of a selection: a dialog (or a page), its live outlook, and the download."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers

from stickers.accounts.current_user import current_designer
from stickers.forms.exports import DEFAULTS, ExportForm
from stickers.models import Sticker
from stickers.printing.delivery.singles import zip_singles
from stickers.printing.errors import PrintError
from stickers.printing.options import PrintOptions
from stickers.printing.writers import formats
from stickers.prints import artwork
from stickers.views.answers import wants_fragment
from stickers.views.picking import Picked, Selection, told_of_too_many

REMEMBERED: Final = "export"  # the session's key for the last settings
SIZES_MM: Final = (30, 50, 75, 100)  # what shops sell most
_OUTLOOK: Final = "export-outlook"  # the part of the dialog that follows the settings


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request", "HX-Target")
@told_of_too_many
def export(request: HttpRequest) -> HttpResponseBase:
    """GET is the dialog or the page. POST is the download, or what the page shows of other settings.

    A download can't say that a sticker is gone. So the page says it, and its button downloads the rest.
    """
    picked = _picked(request)
    stickers = picked.to_print()
    if request.method != "POST":
        return page(request, picked, stickers)
    # Without scripts, the button "preview" stands in for the live outlook.
    if wants_fragment(request) or "preview" in request.POST or picked.left_out:
        form = ExportForm(request.POST, stickers=stickers)
        return render(request, _template(request), _context(request, form, picked, stickers))
    return _download(request, picked, stickers)


def page(request: HttpRequest, picked: Picked, stickers: list[Sticker]) -> HttpResponse:
    """The dialog or the page, with the settings of the address or else those that were used last."""
    remembered = request.session.get(REMEMBERED, DEFAULTS)
    # Settings of an older session have no fit
    said = request.GET if "size" in request.GET else {"fit": DEFAULTS["fit"], **remembered}
    form = ExportForm(said, stickers=stickers)
    return render(request, _template(request), _context(request, form, picked, stickers))


@require_GET
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """One sticker as it will be printed, small."""
    sticker = get_object_or_404(Sticker.objects.visible_to(current_designer(request).pk).kept(), pk=pk)
    form = ExportForm(request.GET, stickers=[sticker])
    if not form.is_valid():
        raise Http404("These settings cannot be printed.")
    try:
        data = artwork.preview(sticker, form.orders[sticker.pk])
    except PrintError as error:
        raise Http404(error.message) from error
    return HttpResponse(
        data, content_type=formats.named("png").media_type, headers={"Cache-Control": "private, max-age=3600"}
    )


def _picked(request: HttpRequest) -> Picked:
    """The rows that the address or a posted form names. 404 without a selection, or if nothing of it is left."""
    selection = Selection.asked(request.POST if request.method == "POST" else request.GET)
    if not selection:
        raise Http404("Nothing is selected.")
    return selection.rows(current_designer(request).pk)


def _template(request: HttpRequest) -> str:
    if not wants_fragment(request):
        return "export.html"
    return "_export_outlook.html" if request.headers.get("HX-Target") == _OUTLOOK else "_export.html"


def _context(request: HttpRequest, form: ExportForm, picked: Picked, stickers: list[Sticker]) -> dict[str, Any]:
    outlooks = artwork.outlooks(stickers, form.orders) if form.is_valid() else []
    shown = request.POST.get("shown", "")
    template = _template(request)
    return {
        "form": form,
        "picked": picked,
        "stickers": stickers,
        "outlooks": outlooks,
        "coarse": sum(outlook.verdict.warns for outlook in outlooks),
        "sharp_mm": min((outlook.sharp_mm for outlook in outlooks), default=0),
        # Unless one was picked, the sticker with most detail, because it shows best what size and border do.
        "shown": next(
            (one for one in outlooks if str(one.sticker.pk) == shown),
            max(outlooks, key=lambda one: artwork.original(one.sticker).art_px, default=None),
        ),
        "preview_query": urlencode(form.typed),
        "sizes": SIZES_MM,
        "is_dialog": template == "_export.html",
        "is_outlook": template == "_export_outlook.html",
    }


def _download(request: HttpRequest, picked: Picked, stickers: list[Sticker]) -> HttpResponseBase:
    form = ExportForm(request.POST, stickers=stickers)
    if form.is_valid():
        request.session[REMEMBERED] = form.typed
        if len(stickers) > 1:
            return _archive(stickers, form.orders)
        try:
            return _single(stickers[0], form.orders[stickers[0].pk])
        except PrintError as error:
            form.add_error(None, error.message)
    return render(request, "export.html", _context(request, form, picked, stickers), status=422)


def _single(sticker: Sticker, options: PrintOptions) -> HttpResponse:
    data = artwork.single_png(sticker, options)
    png = formats.named("png")
    return HttpResponse(data, content_type=png.media_type, headers=_attached(f"{artwork.stem(sticker)}{png.suffix}"))


def _archive(stickers: list[Sticker], orders: Mapping[int, PrintOptions]) -> StreamingHttpResponse:
    """A ZIP that is made while it is sent. The web server lets it run ahead of a slow reader, and nginx doesn't."""
    dpi = orders[stickers[0].pk].dpi
    pieces = zip_singles((artwork.single(sticker, orders[sticker.pk]) for sticker in stickers), dpi=dpi)
    stem = artwork.archive_stem(stickers, {order.size_mm for order in orders.values()})
    name = f"{stem}{formats.ZIP.suffix}"
    headers = {**_attached(name), "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(pieces, content_type=formats.ZIP.media_type, headers=headers)


def _attached(name: str) -> dict[str, str]:
    disposition = content_disposition_header(as_attachment=True, filename=name)
    return {"Content-Disposition": disposition or "attachment", "Cache-Control": "private, no-store"}
