"""The pages of a request that broke: the disk is full, or the studio made a mistake."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.views.decorators.csrf import requires_csrf_token

from stickers.files.full import is_full


@requires_csrf_token
def broken(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  (Django's signature)
    """Django calls this while the error is at hand. The pages ask nothing of the database or of the request."""
    status = 507 if is_full(sys.exc_info()[1]) else 500
    return HttpResponse(loader.get_template(f"{status}.html").render(), status=status)
