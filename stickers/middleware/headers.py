"""Set headers that Django does not set: browser features that no page uses, and no caching of private pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_NEVER: Final = ("camera", "display-capture", "geolocation", "microphone", "midi", "payment", "serial", "usb")
_SIGN_OUT: Final = {"logout", "admin:logout"}
POLICY: Final = ", ".join(f"{feature}=()" for feature in _NEVER)


class PrivatePagesMiddleware:
    """Hides the work of a signed-in person from the next one at the same machine. Without accounts there is only one.

    No cache keeps their pages. Pictures and files set their own caching, so signing out empties the browser's cache
    and what the pages keep there, such as a draft. Cookies stay out of that: a browser would also clear those of
    other hosts of the same domain, and Django ends the session itself.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if settings.STUDIO_ACCOUNTS and is_page and request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store, private")
        if settings.STUDIO_ACCOUNTS and _has_signed_out(request):
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response


def _has_signed_out(request: HttpRequest) -> bool:
    """Whether this request was a sign-out that took place: a form without its token signs nobody out."""
    view = request.resolver_match.view_name if request.resolver_match else ""
    return view in _SIGN_OUT and request.method == "POST" and not request.user.is_authenticated


class PermissionsPolicyMiddleware:
    """Sets Permissions-Policy. Django sets the other headers of this kind, but not this one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", POLICY)
        return response
