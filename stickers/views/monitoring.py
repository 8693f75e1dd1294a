"""The addresses for monitoring: is the server alive, is the studio ready, and its metrics."""

from __future__ import annotations

import time
from functools import lru_cache

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from stickers.monitoring import metrics, readiness

# Whichever header a proxy adds; docs/operate.md asks for X-Forwarded-Proto.
_PROXIED = {"forwarded", "via", "x-real-ip", "x-request-id"}


@require_safe
@never_cache
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Say that this process answers. It asks nothing else: a lost database is no reason to kill the web server."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """200 if all that the studio needs is there, else 503. The JSON names what is wrong with each."""
    checks = _checked(int(time.monotonic()))
    is_ready = all(said == "ok" for said in checks.values())
    return JsonResponse({"ready": is_ready, "checks": checks}, status=200 if is_ready else 503)


@require_safe
@never_cache
@login_not_required
def figures(request: HttpRequest) -> HttpResponse:
    if not _may_see_figures(request):
        raise Http404("The figures are for the operator.")
    return HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)


@lru_cache(maxsize=1)
def _checked(second: int) -> dict[str, str]:  # noqa: ARG001
    """The checks, made at most once a second: anybody may ask for them."""
    return readiness.checks()


def _may_see_figures(request: HttpRequest) -> bool:
    """Whether the request brings the token. If none is set: whether it comes from this machine, without a proxy."""
    if settings.METRICS_TOKEN:
        return constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}")
    is_near = request.META.get("REMOTE_ADDR") in {"127.0.0.1", "::1"}
    names = {name.lower() for name in request.headers}
    is_proxied = bool(names & _PROXIED) or any(name.startswith("x-forwarded-") for name in names)
    return is_near and not is_proxied
