"""Signing in: the client address by which failed tries are counted, and the page after too many of them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def client_address(request: HttpRequest) -> str:
    """The address that the outermost trusted proxy saw.

    Anybody can write `X-Forwarded-For`, so it counts only with a proxy.
    """
    proxies = settings.TRUSTED_PROXIES
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", ""))
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    if proxies and len(hops) >= proxies:
        return hops[-proxies][:45]
    return str(request.META.get("REMOTE_ADDR", ""))


def locked_out(request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    response = render(request, "registration/locked.html", {"minutes": minutes}, status=429)
    response["Retry-After"] = str(60 * minutes)
    return response
