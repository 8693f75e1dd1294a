"""How views answer: a page or its fragment, and the way back after a POST."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

# The page's event for an order that was made, given up or taken back: what the budgets have left is then asked again.
ORDERS_CHANGED: Final = "orders-changed"


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a piece of the page; a step back in the history wants the page again."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-History-Restore-Request") != "true"


def back(request: HttpRequest, fallback: str) -> HttpResponseRedirect:
    """To the page that the form was on, as its `next` says, if that is one of ours."""
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return redirect(target)
    return redirect(fallback)
