"""The request log: gives every request an id for the log and the answer, and measures how long the answer took."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse

from stickers.monitoring.metrics import observe_request
from stickers.running import logs

HEADER: Final = "X-Request-ID"
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestLogMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        name = _name_of(request)
        with logs.about(request=name):
            response = self.get_response(request)
        response[HEADER] = name
        view = request.resolver_match.view_name if request.resolver_match else "none"
        method = request.method if request.method in {"GET", "HEAD", "POST"} else "other"
        observe_request(view, method, response.status_code, time.perf_counter() - begun)
        return response


def _name_of(request: HttpRequest) -> str:
    """The proxy's id of the request, so that both logs can be matched, or a new one."""
    given = request.headers.get(HEADER, "")
    return given if _NAME.fullmatch(given) else uuid.uuid4().hex
