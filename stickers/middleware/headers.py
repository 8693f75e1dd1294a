"""Headers that Django does not set: what a page never asks of a browser, and that private pages are not kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_NEVER: Final = ("camera", "display-capture", "geolocation", "microphone", "midi", "payment", "serial", "usb")
POLICY: Final = ", ".join(f"{feature}=()" for feature in _NEVER)


class PrivatePagesMiddleware:
    """Pages of a signed-in person stay in no cache: the next one at the same machine must not find them there.

    Pictures and files say themselves how long they keep; in a studio without accounts there is nobody to hide from.
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
    """Django sets the other headers of this kind, but not this one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", POLICY)
        return response
