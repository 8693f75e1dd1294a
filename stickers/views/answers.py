"""How views answer: a page, its fragment or events for it, and the way back after a POST."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

# The page's event after a generation was ordered, cancelled or dismissed: it asks again what the budgets have left.
ORDERS_CHANGED: Final = "orders-changed"


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page. After a step back in the history it asks for the whole page."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-History-Restore-Request") != "true"


def happened(**events: dict[str, Any]) -> JsonResponse:
    """The answer that tells the page's scripts what happened; nothing is swapped.

    The events are the body. A header has no room for a thousand rows: nginx alone allows 4 KB for all of them.
    """
    return JsonResponse(events)


def said(request: HttpRequest, words: str, fallback: str, *, level: int = messages.INFO) -> HttpResponse:
    """The answer where nothing changes and the designer is told why."""
    if wants_fragment(request):
        return happened(toast={"text": words, "bad": level >= messages.ERROR})
    messages.add_message(request, level, words)
    return back(request, fallback)


def back(request: HttpRequest, fallback: str) -> HttpResponseRedirect:
    """Redirect to the page that the form was on, which its `next` names. `fallback` if that is not a page of ours."""
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return redirect(target)
    return redirect(fallback)
