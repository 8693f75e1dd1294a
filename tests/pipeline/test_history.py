"""If it is allowed, the pipeline looks in the request history for a paid job whose record is gone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx
import pytest
from django.contrib.auth.models import User
from django.test import Client as Browser
from pytest_django import Settings

from stickers import pipeline
from stickers.models import Generation, State
from stickers.sandbox.faults import Fault
from stickers.sandbox.server import Sandbox
from stickers.segmind.client import Client
from stickers.segmind.errors import Missing, Unavailable
from stickers.segmind.messages import JobState
from tests.support.jobs import finish, order
from tests.support.stand_in import KEY


@pytest.fixture(autouse=True)
def _allowed(studio_settings: Settings) -> None:
    studio_settings.SEGMIND_HISTORY = True
    studio_settings.SEGMIND_READ_SECONDS = 5


def expired(designer: User, sandbox: Sandbox) -> Generation:
    """A generation that was paid and made, but not fetched within the hour."""
    generation = order(designer)
    pipeline.reconcile()
    sandbox.age(3700)
    finish(generation)
    return generation


def asked(sandbox: Sandbox) -> int:
    return sum("/request-history/" in call.path for call in sandbox.calls)


def test_it_works(designer: User, sandbox: Sandbox) -> None:
    generation = expired(designer, sandbox)
    assert (generation.state, generation.error, generation.cost) == (State.DONE, "", Decimal("0.018"))
    assert generation.sheets.get().stickers.count() == 3
    assert len(sandbox.posts()) == 1


def test_without_the_setting_nobody_asks(designer: User, sandbox: Sandbox, settings: Settings, client: Browser) -> None:
    settings.SEGMIND_HISTORY = False
    generation = expired(designer, sandbox)
    assert (generation.state, asked(sandbox)) == (State.EXPIRED, 0)
    assert "Look again – free" in client.get("/").content.decode()
    settings.SEGMIND_HISTORY = True
    page = client.get("/").content.decode()
    assert "Look in the history" in page
    assert client.post(f"/generations/{generation.pk}/resume/").status_code == 302
    finish(generation)
    assert generation.state == State.DONE


def test_a_history_that_knows_no_better(designer: User, sandbox: Sandbox) -> None:
    sandbox.set_fault(Fault.HISTORY_404)
    generation = expired(designer, sandbox)
    assert generation.state == State.EXPIRED
    assert "nor is its picture in the history" in generation.error
    assert generation.may_be_billed


def test_a_job_that_failed_long_ago(designer: User, sandbox: Sandbox) -> None:
    generation = order(designer, "[fault:job-failed] cats")
    pipeline.reconcile()
    sandbox.age(3700)
    finish(generation)
    assert (generation.state, generation.error) == (State.FAILED, "CUDA out of memory while generating the image")


def answering(body: object, http_status: int = 200) -> tuple[Client, list[httpx.Request]]:
    """A client with the real addresses and a transport that reaches nobody."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(http_status, json=body)

    return Client(api_key=KEY, with_history=True, transport=httpx.MockTransport(answer)), seen


def test_the_key_goes_to_the_history_and_the_api_alone() -> None:
    client, seen = answering({"request_id": "abc", "generation_url": "https://images.segmind.com/a.jpeg"})
    with client:
        result = client.history("abc")
    assert (result.state, result.pictures[0].url) == (JobState.COMPLETED, "https://images.segmind.com/a.jpeg")
    [request] = seen
    assert str(request.url) == "https://api.spotprod.segmind.com/inference-request/request-history/abc"
    assert request.headers["x-api-key"] == KEY


def test_a_client_that_may_not_ask_does_not() -> None:
    with Client(api_key=KEY, transport=httpx.MockTransport(lambda _: pytest.fail("It asked."))) as client:
        assert not client.has_history
        with pytest.raises(RuntimeError):
            client.history("abc")


@pytest.mark.parametrize(
    ("body", "http_status", "kind"),
    [
        ({"error": "Request not found"}, 404, Missing),
        ({"request_id": "abc", "model_status": "PENDING"}, 200, Missing),
        ({"request_id": "another", "generation_url": "https://images.segmind.com/a.jpeg"}, 200, Unavailable),
        (["no object"], 200, Unavailable),
        ({"error": "oops"}, 500, Unavailable),
    ],
)
def test_what_it_answers_otherwise(body: Any, http_status: int, kind: type[Exception]) -> None:
    client, _ = answering(body, http_status)
    with client, pytest.raises(kind):
        client.history("abc")
