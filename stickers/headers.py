"""What the studio's pages never ask of a browser: no camera, no place, no payment, whatever might get into a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse

_NEVER: Final = ("camera", "display-capture", "geolocation", "microphone", "midi", "payment", "serial", "usb")
POLICY: Final = ", ".join(f"{feature}=()" for feature in _NEVER)


class PermissionsPolicyMiddleware:
    """Django sets the other headers of this kind, but not this one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", POLICY)
        return response
