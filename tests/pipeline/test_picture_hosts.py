"""A paid sheet on a host that is not allowed: not fetched, not lost, and free to fetch once the host is allowed."""

from __future__ import annotations

import functools

import httpx
import pytest
from django.contrib.auth.models import User
from django.test import Client as Browser
from pytest_django import Settings

from stickers.models import State
from stickers.pipeline import lanes
from stickers.sandbox.server import Sandbox
from stickers.segmind.client import Client
from tests.support.jobs import finish, order

HOST = "pictures.new-cdn.example"


class NewCDN(httpx.BaseTransport):
    """A transport to a stand-in whose pictures have moved to another host."""

    def __init__(self, api: str) -> None:
        self._api = api
        self.fetched = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = str(request.url)
        if request.url.host == HOST:
            self.fetched += 1
            url = f"{self._api}{request.url.path}"
        headers = {name: value for name, value in request.headers.items() if name != "host"}
        answer = httpx.request(request.method, url, headers=headers, content=request.read(), trust_env=False)
        moved = answer.content.replace(f"{self._api}/generations/".encode(), f"https://{HOST}/generations/".encode())
        return httpx.Response(
            answer.status_code, headers={"content-type": answer.headers["content-type"]}, content=moved
        )


@pytest.fixture
def cdn(sandbox: Sandbox, studio_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> NewCDN:
    wire = NewCDN(sandbox.url)
    on_this_wire = functools.partial(Client, transport=wire, resolve=lambda _: ["93.184.215.14"])
    monkeypatch.setattr(lanes, "Client", on_this_wire)
    return wire


def test_it_works(designer: User, sandbox: Sandbox, cdn: NewCDN, settings: Settings, client: Browser) -> None:
    generation = order(designer, samples=2)
    finish(generation)
    assert (generation.state, generation.sheets.count(), cdn.fetched) == (State.UNSAVED, 0, 0)
    page = client.get("/").content.decode()
    assert f"It is at {HOST}, where this studio does not fetch from." in page
    assert "SEGMIND_PICTURE_HOSTS" in page
    assert "Look again – free" in page

    settings.SEGMIND_PICTURE_HOSTS = ["new-cdn.example"]
    sandbox.age(7200)  # by then the record is gone, but not the picture
    assert client.post(f"/generations/{generation.pk}/resume/").status_code == 302
    finish(generation)
    assert (generation.state, generation.error) == (State.DONE, "")
    assert (generation.sheets.count(), cdn.fetched, len(sandbox.posts())) == (2, 2, 1)


def test_polling_again_too_early_loses_nothing(
    designer: User, sandbox: Sandbox, cdn: NewCDN, settings: Settings
) -> None:
    generation = order(designer)
    for _ in range(2):
        finish(generation)
        assert generation.state == State.UNSAVED
        assert generation.resume()
    settings.SEGMIND_PICTURE_HOSTS = [HOST]
    finish(generation)
    assert (generation.state, len(sandbox.posts())) == (State.DONE, 1)
