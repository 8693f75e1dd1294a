"""The studio's addresses and an empty one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from stickers.urls import urlpatterns as studio_urlpatterns


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=204)


urlpatterns = [*studio_urlpatterns, path("empty/", empty)]
