"""The client's five calls against the stand-in, and what it never does."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import httpx
import pytest

from stickers.sandbox.faults import Fault
from stickers.sandbox.recording import fingerprint
from stickers.sandbox.server import Sandbox
from stickers.segmind.client import Client
from stickers.segmind.errors import (
    Ambiguous,
    BadKey,
    BadPicture,
    Missing,
    NoCredits,
    NotSent,
    RateLimited,
    Refused,
    Unavailable,
)
from stickers.segmind.messages import JobState, PictureRef
from tests.support.stand_in import KEY, ORDER, SLUG, draw_discs, quick_client, quick_sandbox, wait_for


@pytest.fixture(scope="module")
def shared() -> Iterator[Sandbox]:
    with quick_sandbox() as running:
        yield running


@pytest.fixture
def stand_in(shared: Sandbox) -> Sandbox:
    shared.clear()
    shared.clear_faults()
    return shared


@pytest.fixture
def client(stand_in: Sandbox) -> Iterator[Client]:
    with quick_client(stand_in) as running:
        yield running


def answering(answer: Callable[[httpx.Request], httpx.Response]) -> Client:
    return Client(api_key=KEY, transport=httpx.MockTransport(answer), resolve=lambda _: ["93.184.215.14"])


def test_it_works(stand_in: Sandbox, client: Client) -> None:
    before = client.credits()
    submitted = client.submit(SLUG, {**ORDER, "samples": 2})
    assert wait_for(client, submitted.request_id).metrics.inference_time is not None
    result = client.result(submitted.request_id)
    assert result.state is JobState.COMPLETED
    assert result.seed == 7
    assert result.metrics.cost == Decimal("0.036")
    assert result.metrics.total_time is not None
    assert client.credits() == before - Decimal("0.036")
    pictures = [client.fetch(ref) for ref in result.pictures]
    assert [(picture.format, picture.width_px, picture.height_px) for picture in pictures] == [("JPEG", 64, 64)] * 2
    assert pictures[0].data != pictures[1].data


def test_exactly_one_post_and_the_key_on_api_paths_only(stand_in: Sandbox, client: Client) -> None:
    request_id = client.submit(SLUG, ORDER).request_id
    wait_for(client, request_id)
    client.fetch(client.result(request_id).pictures[0])
    (post,) = stand_in.posts("cats")
    assert post.json == ORDER
    assert post.headers["connection"] == "close"
    for call in stand_in.calls:
        expected = None if call.path.startswith("/generations/") else fingerprint(KEY)
        assert call.key == expected, call.path


@pytest.mark.parametrize("ending", ["", "/", "/v1", "/v2/"])
def test_base_url_may_end_as_people_write_it(stand_in: Sandbox, ending: str) -> None:
    with quick_client(stand_in, base_url=stand_in.url + ending) as client:
        wait_for(client, client.submit(SLUG, ORDER).request_id)
    assert {call.path.split("/")[1] for call in stand_in.calls} == {"v2"}


def test_failed_is_a_status_and_keeps_the_reason(client: Client) -> None:
    request_id = client.submit(SLUG, {"prompt": "cats", "scheduler": "Nonsense"}).request_id
    status = wait_for(client, request_id)
    assert status.state is JobState.FAILED
    assert "scheduler" in status.error
    assert client.result(request_id).state is JobState.FAILED
    assert client.result(request_id).error == status.error
    assert client.result(request_id).metrics.cost is None


@pytest.mark.parametrize("samples", [1, 3])
def test_inline_pictures(client: Client, samples: int) -> None:
    request_id = client.submit(SLUG, {**ORDER, "base64": True, "samples": samples}).request_id
    wait_for(client, request_id)
    refs = client.result(request_id).pictures
    assert len(refs) == samples
    assert all(ref.encoded and not ref.url for ref in refs)
    assert {client.fetch(ref).format for ref in refs} == {"JPEG"}


def test_unknown_request_is_missing(client: Client) -> None:
    with pytest.raises(Missing, match="Request nobody not found"):
        client.status("nobody")


@pytest.mark.parametrize("bad", ["", "..", "../v1/get-user-credits", "a/b", "a?b", "a#b", "x" * 300, "é"])
def test_what_is_no_request_id_never_reaches_a_path(stand_in: Sandbox, client: Client, bad: str) -> None:
    with pytest.raises(Refused):
        client.status(bad)
    with pytest.raises(Refused):
        client.result(bad)
    assert stand_in.calls == ()


def test_addresses_in_answers_are_not_followed(stand_in: Sandbox, client: Client) -> None:
    stand_in.set_fault(Fault.FOREIGN_URLS)
    assert wait_for(client, client.submit(SLUG, ORDER).request_id).state is JobState.COMPLETED


@pytest.mark.parametrize(("key", "text"), [("", "No API key"), ("SG_a b", "characters"), ("SG_\n\x7f", "characters")])
def test_a_key_that_is_none_is_not_sent(stand_in: Sandbox, key: str, text: str) -> None:
    with quick_client(stand_in, api_key=key) as client:
        for call in (lambda: client.submit(SLUG, ORDER), client.credits, lambda: client.status("a")):
            with pytest.raises(BadKey, match=text):
                call()
    assert stand_in.calls == ()


def test_a_key_with_a_line_break_behind_it_works(stand_in: Sandbox) -> None:
    with quick_client(stand_in, api_key=f" {KEY}\n") as client:
        assert client.credits() > 0


def test_a_wrong_key(stand_in: Sandbox) -> None:
    with quick_client(stand_in, api_key="sk-other") as client, pytest.raises(BadKey, match="Invalid API key") as caught:
        client.submit(SLUG, ORDER)
    assert caught.value.permanent
    assert caught.value.billed is False
    assert caught.value.http_status == 401


def test_balance_too_short() -> None:
    with quick_sandbox(balance=Decimal("0.02")) as poor, quick_client(poor) as client:
        client.submit(SLUG, ORDER)
        with pytest.raises(NoCredits, match="Insufficient credits"):
            client.submit(SLUG, ORDER)


def test_no_connection_means_not_sent(stand_in: Sandbox) -> None:
    with quick_client(stand_in, base_url="http://127.0.0.1:1") as client:
        with pytest.raises(NotSent) as caught:
            client.submit(SLUG, ORDER)
        assert caught.value.billed is False
        assert not caught.value.permanent
        with pytest.raises(Unavailable):
            client.status("a")


@pytest.mark.parametrize(
    "error",
    [httpx.ReadError, httpx.ReadTimeout, httpx.WriteError, httpx.WriteTimeout, httpx.RemoteProtocolError],
)
def test_an_error_after_sending_is_ambiguous(error: type[httpx.TransportError]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error("gone")

    with answering(answer) as client:
        with pytest.raises(Ambiguous) as caught:
            client.submit(SLUG, ORDER)
        assert caught.value.billed is None
        assert caught.value.permanent
        with pytest.raises(Unavailable):
            client.result("a")
        with pytest.raises(Unavailable):
            client.download("https://images.segmind.com/a.jpeg")


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError])
def test_an_error_before_sending_is_not_sent(error: type[httpx.TransportError]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error("nobody there")

    with answering(answer) as client, pytest.raises(NotSent):
        client.submit(SLUG, ORDER)


@pytest.mark.parametrize(
    ("code", "body"),
    [
        (200, {"status": "QUEUED"}),
        (200, {"request_id": "../../etc"}),
        (200, {"request_id": 5}),
        (200, ["request_id"]),
        (204, None),
        (301, {"request_id": "a"}),
        (408, {"error": "Request timeout"}),
        (503, {"error": "Overloaded", "request_id": "a"}),
    ],
)
def test_a_post_without_a_clear_answer_is_ambiguous(code: int, body: object) -> None:
    with answering(lambda _: httpx.Response(code, json=body)) as client, pytest.raises(Ambiguous):
        client.submit(SLUG, ORDER)


def test_a_final_state_wins_over_the_code_but_not_over_what_concerns_the_call() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        code = int(request.url.path.split("/")[3])
        return httpx.Response(code, json={"status": "FAILED", "error": "words"})

    with answering(answer) as client:
        assert client.status("500").error == "words"
        assert client.status("406").state is JobState.FAILED
        with pytest.raises(RateLimited):
            client.status("429")
        with pytest.raises(Missing):
            client.status("404")


def test_422_without_a_state_is_a_failed_job() -> None:
    with answering(lambda _: httpx.Response(422, json={"error": "flagged"})) as client:
        assert client.status("a").error == "flagged"


def test_a_neighbours_answer_is_not_taken() -> None:
    body = {"status": "COMPLETED", "request_id": "neighbour"}
    with answering(lambda _: httpx.Response(200, json=body)) as client, pytest.raises(Unavailable):
        client.status("mine")


def test_an_answer_without_end_is_cut_off() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=(b" " * 65536 for _ in range(2000)))

    with answering(answer) as client:
        with pytest.raises(Ambiguous, match="too long"):
            client.submit(SLUG, ORDER)
        with pytest.raises(Unavailable, match="too long"):
            client.status("a")
        with pytest.raises(BadPicture, match="32 MB"):
            client.download("https://images.segmind.com/a.jpeg")


def test_credits_as_text_and_as_nonsense() -> None:
    answers = iter([{"credits": "3.25"}, {"credits": None}, {"credits": float("inf")}])
    with answering(lambda _: httpx.Response(200, content=json.dumps(next(answers)))) as client:
        assert client.credits() == Decimal("3.25")
        for _ in range(2):
            with pytest.raises(Unavailable):
                client.credits()


def test_redirected_pictures_are_checked_again_and_keyless() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if request.url.host == "images.segmind.com":
            return httpx.Response(302, headers={"location": "https://cdn.segmind.com/b.jpeg"})
        return httpx.Response(200, content=draw_discs(None))  # type: ignore[arg-type]

    with answering(answer) as client:
        assert client.download("https://images.segmind.com/a.jpeg").width_px == 64
    assert [request.url.host for request in seen] == ["images.segmind.com", "cdn.segmind.com"]
    assert all("x-api-key" not in request.headers for request in seen)


@pytest.mark.parametrize(
    "target", ["http://images.segmind.com/", "https://127.0.0.1/", "https://[::1]/", "file://localhost/a.jpeg"]
)
def test_redirects_to_forbidden_places(target: str) -> None:
    with (
        answering(lambda _: httpx.Response(302, headers={"location": target})) as client,
        pytest.raises(BadPicture),
    ):
        client.download("https://images.segmind.com/a.jpeg")


@pytest.mark.parametrize(
    "encoded", ["", "not base64!", "data:image/jpeg,abc", "data:text/html;base64,PGh0bWw+", "aGVsbG8="]
)
def test_what_is_no_inline_picture(client: Client, encoded: str) -> None:
    with pytest.raises(BadPicture):
        client.decode(PictureRef(encoded=encoded))


def test_many_threads_share_one_client(stand_in: Sandbox, client: Client) -> None:
    started = threading.Barrier(8)

    def order(number: int) -> str:
        started.wait()
        return client.submit(SLUG, {**ORDER, "prompt": f"cat {number}"}).request_id

    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(order, range(8)))
        finished = list(pool.map(lambda request_id: wait_for(client, request_id), ids))
    assert len(set(ids)) == 8
    assert {status.state for status in finished} == {JobState.COMPLETED}
    assert len(stand_in.posts()) == 8


def test_base_url_that_is_no_address() -> None:
    for bad in (
        "",
        "api.segmind.com",
        "ftp://api.segmind.com",
        "https://",
        "https://user:word@host",
        "https://host/?a",
    ):
        with pytest.raises(ValueError, match="base address"):
            Client(api_key=KEY, base_url=bad)
