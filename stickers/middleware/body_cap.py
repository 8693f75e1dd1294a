"""Refuses a request whose body is larger than its address takes, before anything reads it.

Django reads a form as soon as its token is checked, and puts files into the machine's folder of temporary files. So
without a cap anybody could fill the disk from the sign-in page. The view of the import reads its body itself, after
it knows who asks, and counts each file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

_FOR_FILES: Final = {"import_sheet"}


class BodyCapMiddleware:
    """Stands before every middleware that reads a form. What says no length has no body for Django."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        view = request.resolver_match.view_name if request.resolver_match else ""
        most = settings.IMPORT_BODY_MAX_BYTES if view in _FOR_FILES else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if _length(request) <= most:
            return None
        return render(request, "413.html", {"most_megabytes": most // 2**20}, status=413)


def _length(request: HttpRequest) -> int:
    try:
        return int(request.headers.get("Content-Length") or 0)
    except ValueError:
        return 0  # as Django takes it
