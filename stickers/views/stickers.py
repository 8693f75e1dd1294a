"""One sticker at the desk: star, title, trash and back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from stickers.accounts.current_user import current_designer
from stickers.models import Sticker
from stickers.views import shelf


def _editable(request: HttpRequest, pk: int) -> Sticker:
    stickers = Sticker.objects.editable_by(current_designer(request).pk).select_related("sheet__generation")
    return get_object_or_404(stickers, pk=pk)


def _mine(request: HttpRequest, pk: int) -> Sticker:
    stickers = Sticker.objects.owned_by(current_designer(request).pk).select_related("sheet__generation")
    return get_object_or_404(stickers, pk=pk)


@require_POST
def star(request: HttpRequest, pk: int) -> HttpResponse:
    return shelf.star(request, _editable(request, pk))


@require_POST
def title(request: HttpRequest, pk: int) -> HttpResponse:
    return shelf.title(request, _editable(request, pk))


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    return shelf.delete(request, _mine(request, pk))


@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    return shelf.restore(request, _mine(request, pk))
