"""For machines that watch over the studio: does it live, can it work, and its figures."""

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

_PROXIED = ("X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "X-Real-IP")


@require_safe
@never_cache
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """This process answers. Asks nothing else: a web server is not to be killed because its database is away."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """200 when everything needed is there, else 503; the JSON says of each what is wrong."""
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
    """Anybody may ask, so the engines are asked once a second at most."""
    return readiness.checks()


def _may_see_figures(request: HttpRequest) -> bool:
    """Whoever brings the token; without a token set, this machine itself, unless it asks for somebody else."""
    if settings.METRICS_TOKEN:
        return constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}")
    is_near = request.META.get("REMOTE_ADDR") in {"127.0.0.1", "::1"}
    return is_near and not any(name in request.headers for name in _PROXIED)
