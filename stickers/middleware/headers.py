"""Set headers that Django does not set: browser features that no page uses, and no caching of private pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_NEVER: Final = ("camera", "display-capture", "geolocation", "microphone", "midi", "payment", "serial", "usb")
POLICY: Final = ", ".join(f"{feature}=()" for feature in _NEVER)


class PrivatePagesMiddleware:
    """Keeps the pages of a signed-in person out of caches: the next person at the same machine must not find them.

    Pictures and files set their own caching. A studio without accounts has nobody to hide pages from.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if settings.STUDIO_ACCOUNTS and is_page and request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response


class PermissionsPolicyMiddleware:
    """Sets Permissions-Policy. Django sets the other headers of this kind, but not this one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", POLICY)
        return response
