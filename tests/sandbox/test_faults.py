"""Every fault of the stand-in, as the client meets it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import httpx
import pytest

from stickers.sandbox.faults import Fault, Faults, read_markers, unknown_markers, without_markers
from stickers.sandbox.server import Sandbox
from stickers.sandbox.service import FOREIGN_ORIGIN
from stickers.segmind.client import Client
from stickers.segmind.errors import (
    Ambiguous,
    BadKey,
    BadPicture,
    Forbidden,
    Missing,
    NoCredits,
    RateLimited,
    Refused,
    Retired,
    SegmindError,
    Unavailable,
)
from stickers.segmind.messages import JobState
from tests.support.stand_in import IMPATIENT, ORDER, SLUG, quick_client, quick_sandbox, wait_for


class Outcome(NamedTuple):
    kind: type[SegmindError]
    http_status: int | None
    words: str


SUBMIT = {
    Fault.SUBMIT_400: Outcome(Refused, 400, "Malformed"),
    Fault.SUBMIT_401_MISSING: Outcome(BadKey, 401, "missing"),
    Fault.SUBMIT_401_INVALID: Outcome(BadKey, 401, "Invalid"),
    Fault.SUBMIT_402: Outcome(NoCredits, 402, "credits"),
    Fault.SUBMIT_403: Outcome(Forbidden, 403, "permitted"),
    Fault.SUBMIT_404: Outcome(Missing, 404, "Model not found"),
    Fault.SUBMIT_405: Outcome(Refused, 405, "does not take"),
    Fault.SUBMIT_406_CREDITS: Outcome(NoCredits, 406, "credits"),
    Fault.SUBMIT_406_TYPE: Outcome(Refused, 406, "content type"),
    Fault.SUBMIT_406_VALUE: Outcome(Refused, 406, "scheduler"),
    Fault.SUBMIT_406_CAP: Outcome(NoCredits, 406, "spend cap"),
    Fault.SUBMIT_410: Outcome(Retired, 410, "retired"),
    Fault.SUBMIT_422: Outcome(Refused, 422, "Validation"),
    Fault.SUBMIT_429: Outcome(RateLimited, 429, "Rate limit"),
    Fault.SUBMIT_500: Outcome(Ambiguous, 500, "Internal server error"),
    Fault.SUBMIT_502: Outcome(Ambiguous, 502, "gateway"),
    Fault.SUBMIT_504: Outcome(Ambiguous, 504, "gateway"),
    Fault.SUBMIT_DROPPED: Outcome(Ambiguous, None, "lost"),
    Fault.SUBMIT_UNMADE: Outcome(Ambiguous, None, "lost"),
    Fault.SUBMIT_CUT: Outcome(Ambiguous, None, "lost"),
    Fault.SUBMIT_HUNG: Outcome(Ambiguous, None, "timed out"),
    Fault.SUBMIT_502_MADE: Outcome(Ambiguous, 502, "gateway"),
    Fault.SUBMIT_NO_ID: Outcome(Ambiguous, 200, "not the expected JSON"),
    Fault.SUBMIT_HTML: Outcome(Ambiguous, 200, "not the expected JSON"),
    Fault.SUBMIT_302: Outcome(Ambiguous, 302, "another address"),
}
MADE_IN_DOUBT = {
    Fault.SUBMIT_DROPPED,
    Fault.SUBMIT_CUT,
    Fault.SUBMIT_HUNG,
    Fault.SUBMIT_502_MADE,
    Fault.SUBMIT_NO_ID,
    Fault.SUBMIT_HTML,
}
READ = {
    Fault.STATUS_401_MISSING: Outcome(BadKey, 401, "missing"),
    Fault.STATUS_401_INVALID: Outcome(BadKey, 401, "Invalid"),
    Fault.STATUS_403: Outcome(Forbidden, 403, "permitted"),
    Fault.STATUS_404: Outcome(Missing, 404, "Request .* not found"),
    Fault.STATUS_405: Outcome(Refused, 405, "does not take"),
    Fault.STATUS_429: Outcome(RateLimited, 429, "Rate limit"),
    Fault.STATUS_500: Outcome(Unavailable, 500, "Internal server error"),
    Fault.STATUS_502: Outcome(Unavailable, 502, "gateway"),
    Fault.STATUS_504: Outcome(Unavailable, 504, "gateway"),
    Fault.STATUS_HUNG: Outcome(Unavailable, None, "timed out"),
    Fault.STATUS_DROPPED: Outcome(Unavailable, None, "did not answer"),
    Fault.STATUS_HTML: Outcome(Unavailable, 200, "not the expected JSON"),
    Fault.STATUS_302: Outcome(Unavailable, 302, "another address"),
    Fault.STATUS_GARBAGE: Outcome(Unavailable, 200, "not the expected JSON"),
    Fault.STATUS_UNKNOWN_STATE: Outcome(Unavailable, 200, "WARMING_UP"),
    Fault.RESULT_401_INVALID: Outcome(BadKey, 401, "Invalid"),
    Fault.RESULT_404: Outcome(Missing, 404, "Request .* not found"),
    Fault.RESULT_429: Outcome(RateLimited, 429, "Rate limit"),
    Fault.RESULT_500: Outcome(Unavailable, 500, "Internal server error"),
    Fault.RESULT_502: Outcome(Unavailable, 502, "gateway"),
    Fault.RESULT_504: Outcome(Unavailable, 504, "gateway"),
    Fault.RESULT_HUNG: Outcome(Unavailable, None, "timed out"),
    Fault.RESULT_DROPPED: Outcome(Unavailable, None, "did not answer"),
    Fault.RESULT_HTML: Outcome(Unavailable, 200, "not the expected JSON"),
    Fault.RESULT_302: Outcome(Unavailable, 302, "another address"),
    Fault.RESULT_GARBAGE: Outcome(Unavailable, 200, "not the expected JSON"),
}
IMAGE = {
    Fault.IMAGE_404: Outcome(Missing, 404, "no longer there"),
    Fault.IMAGE_403: Outcome(Forbidden, 403, "may not be fetched"),
    Fault.IMAGE_429: Outcome(RateLimited, 429, "Too many requests"),
    Fault.IMAGE_503: Outcome(Unavailable, 503, "could not be fetched"),
    Fault.IMAGE_HUNG: Outcome(Unavailable, None, "timed out"),
    Fault.IMAGE_DROPPED: Outcome(Unavailable, None, "could not be fetched"),
    Fault.IMAGE_TRUNCATED: Outcome(BadPicture, None, "cut short"),
    Fault.IMAGE_EMPTY: Outcome(BadPicture, None, "empty"),
    Fault.IMAGE_HTML: Outcome(BadPicture, None, "web page"),
    Fault.IMAGE_WRONG_TYPE: Outcome(BadPicture, None, "not a JPEG"),
    Fault.IMAGE_OVERSIZE: Outcome(BadPicture, None, "32 MB"),
    Fault.IMAGE_TOO_MANY_PIXELS: Outcome(BadPicture, None, "pixels"),
    Fault.IMAGE_REDIRECT_LOOP: Outcome(BadPicture, None, "one place to the next"),
    Fault.IMAGE_REDIRECT_PRIVATE: Outcome(BadPicture, None, "private network"),
}
GOOD_PICTURES = {
    Fault.IMAGE_SLOW: "JPEG",
    Fault.IMAGE_REDIRECT: "JPEG",
    Fault.IMAGE_PNG: "PNG",
    Fault.IMAGE_WEBP: "WEBP",
    Fault.IMAGE_TURNED: "JPEG",
    Fault.IMAGE_ODD_WORDS: "PNG",
}
OUTPUTS = {
    Fault.OUTPUT_STRING: 1,
    Fault.OUTPUT_LIST: 2,
    Fault.OUTPUT_IMAGES: 2,
    Fault.OUTPUT_BASE64: 1,
    Fault.OUTPUT_BASE64_LIST: 2,
    Fault.OUTPUT_DATA_URI: 1,
    Fault.OUTPUT_NULL: 0,
}
FAILURES = {Fault.MODERATION: "Content policy", Fault.JOB_FAILED: "CUDA"}
OTHERS = {
    Fault.SUBMIT_SLOW,
    Fault.FOREIGN_URLS,
    Fault.LOST,
    Fault.HISTORY_404,
    Fault.STATUS_SLOW,
    Fault.STUCK,
    Fault.OUTPUT_NOISE,
    Fault.OUTPUT_PRIVATE,
}


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


@pytest.fixture
def impatient(stand_in: Sandbox) -> Iterator[Client]:
    with quick_client(stand_in, timeouts=IMPATIENT) as running:
        yield running


def finished(client: Client, **values: object) -> str:
    """The id of a job that has ended."""
    request_id = client.submit(SLUG, {**ORDER, **values}).request_id  # type: ignore[dict-item]
    wait_for(client, request_id)
    return request_id


def test_every_fault_is_tested() -> None:
    tested = [*SUBMIT, *READ, *IMAGE, *GOOD_PICTURES, *OUTPUTS, *FAILURES, *OTHERS]
    assert sorted(tested) == sorted(Fault)


def check(caught: pytest.ExceptionInfo[SegmindError], outcome: Outcome) -> None:
    error = caught.value
    assert type(error) is outcome.kind
    assert error.http_status == outcome.http_status
    assert "<" not in error.message
    assert error.permanent == (not isinstance(error, Unavailable | RateLimited))
    if isinstance(error, RateLimited) and outcome.words == "Rate limit":
        assert 1 <= (error.retry_after or 0) <= 600


@pytest.mark.parametrize(("fault", "outcome"), SUBMIT.items(), ids=SUBMIT)
def test_submit(stand_in: Sandbox, client: Client, impatient: Client, fault: Fault, outcome: Outcome) -> None:
    before = len(stand_in.jobs)
    stand_in.set_fault(fault)
    with pytest.raises(SegmindError, match=outcome.words) as caught:
        (impatient if fault.manner == "hung" else client).submit(SLUG, ORDER)
    check(caught, outcome)
    assert caught.value.billed is (None if outcome.kind is Ambiguous else False)
    assert len(stand_in.posts()) == 1
    assert len(stand_in.jobs) - before == (fault in MADE_IN_DOUBT)


@pytest.mark.parametrize(("fault", "outcome"), READ.items(), ids=READ)
def test_reads(stand_in: Sandbox, client: Client, impatient: Client, fault: Fault, outcome: Outcome) -> None:
    request_id = finished(client)
    stand_in.set_fault(fault, times=1)
    reader = impatient if fault.manner == "hung" else client
    with pytest.raises(SegmindError, match=outcome.words) as caught:
        reader.status(request_id) if fault.stage == "status" else reader.result(request_id)
    check(caught, outcome)
    assert client.status(request_id).state is JobState.COMPLETED
    assert len(client.result(request_id).pictures) == 1


@pytest.mark.parametrize(("fault", "outcome"), IMAGE.items(), ids=IMAGE)
def test_pictures(stand_in: Sandbox, client: Client, impatient: Client, fault: Fault, outcome: Outcome) -> None:
    (ref,) = client.result(finished(client)).pictures
    stand_in.set_fault(fault)
    with pytest.raises(SegmindError, match=outcome.words) as caught:
        (impatient if fault.manner == "hung" else client).fetch(ref)
    check(caught, outcome)
    stand_in.clear_faults()
    assert client.fetch(ref).format == "JPEG"
    assert all(call.key is None for call in stand_in.calls if call.path.startswith("/generations/"))


@pytest.mark.parametrize(("fault", "kind"), GOOD_PICTURES.items(), ids=GOOD_PICTURES)
def test_good_pictures_that_come_oddly(stand_in: Sandbox, client: Client, fault: Fault, kind: str) -> None:
    (ref,) = client.result(finished(client)).pictures
    stand_in.set_fault(fault)
    assert client.fetch(ref).format == kind


@pytest.mark.parametrize(("fault", "number"), OUTPUTS.items(), ids=OUTPUTS)
def test_every_shape_of_output(stand_in: Sandbox, client: Client, fault: Fault, number: int) -> None:
    request_id = finished(client, samples=2)
    stand_in.set_fault(fault)
    pictures = [client.fetch(ref) for ref in client.result(request_id).pictures]
    assert len({picture.data for picture in pictures}) == number


@pytest.mark.parametrize("fault", [Fault.OUTPUT_NOISE, Fault.OUTPUT_PRIVATE])
def test_output_that_is_no_picture(stand_in: Sandbox, client: Client, fault: Fault) -> None:
    request_id = finished(client)
    stand_in.set_fault(fault)
    (ref,) = client.result(request_id).pictures
    with pytest.raises(BadPicture):
        client.fetch(ref)


@pytest.mark.parametrize(("fault", "words"), FAILURES.items(), ids=FAILURES)
def test_failing_jobs(client: Client, fault: Fault, words: str) -> None:
    request_id = client.submit(SLUG, {**ORDER, "prompt": f"cats [fault:{fault}]"}).request_id
    status = wait_for(client, request_id)
    assert status.state is JobState.FAILED
    assert words in status.error
    assert client.result(request_id).error == status.error


def test_lost_is_for_ever(stand_in: Sandbox, client: Client) -> None:
    request_id = finished(client)
    stand_in.set_fault(Fault.LOST, times=1)
    for _ in range(2):
        with pytest.raises(Missing):
            client.status(request_id)
        with pytest.raises(Missing):
            client.result(request_id)


def test_stuck_until_cleared(stand_in: Sandbox, client: Client) -> None:
    request_id = finished(client)
    stand_in.set_fault(Fault.STUCK)
    assert client.status(request_id).state is JobState.PROCESSING
    stand_in.clear_faults()
    assert client.status(request_id).state is JobState.COMPLETED


def test_slow_is_only_slow(stand_in: Sandbox, client: Client) -> None:
    stand_in.set_fault(Fault.SUBMIT_SLOW)
    stand_in.set_fault(Fault.STATUS_SLOW)
    assert client.status(client.submit(SLUG, ORDER).request_id).state in JobState


def test_foreign_addresses_in_the_answer(stand_in: Sandbox) -> None:
    stand_in.set_fault(Fault.FOREIGN_URLS)
    answer = httpx.post(
        f"{stand_in.url}/v2/{SLUG}", json=ORDER, headers={"x-api-key": "SG_practice"}, trust_env=False, timeout=30
    ).json()
    for name in ("status_url", "response_url"):
        assert answer[name].startswith(f"{FOREIGN_ORIGIN}/")


def test_a_marker_strikes_its_own_job_alone(stand_in: Sandbox, client: Client) -> None:
    bad = client.submit(SLUG, {**ORDER, "prompt": "cats [fault:status-502 1]"}).request_id
    good = client.submit(SLUG, ORDER).request_id
    client.status(good)
    with pytest.raises(Unavailable):
        client.status(bad)
    assert wait_for(client, bad).state is JobState.COMPLETED
    assert [job.sheets[0].prompt for job in stand_in.jobs[-2:]] == ["cats", "cats"]


def test_a_passing_marker_on_the_post_passes(client: Client) -> None:
    values = {**ORDER, "prompt": "dogs [fault:submit-429]"}
    for _ in range(2):
        with pytest.raises(RateLimited):
            client.submit(SLUG, values)
    client.submit(SLUG, values)


def test_a_numbered_marker_on_the_job_passes(client: Client) -> None:
    values = {**ORDER, "prompt": "birds [fault:moderation 1]"}
    states = [wait_for(client, client.submit(SLUG, values).request_id).state for _ in range(2)]
    assert states == [JobState.FAILED, JobState.COMPLETED]


def test_a_marker_with_a_slip_fails_the_job_and_says_so(client: Client) -> None:
    request_id = client.submit(SLUG, {**ORDER, "prompt": "cats [fault:modration]"}).request_id
    assert "modration" in wait_for(client, request_id).error


def test_markers() -> None:
    prompt = "cats [fault:MODERATION], [fault: status-502] and [fault:image-503 x5] [fault:nope]"
    assert read_markers(prompt) == {Fault.MODERATION: None, Fault.STATUS_502: 2, Fault.IMAGE_503: 5}
    assert unknown_markers(prompt) == ["nope"]
    assert without_markers(prompt) == "cats , and"


def test_faults_wear_off() -> None:
    faults = Faults()
    faults.set(Fault.STATUS_502, times=2)
    faults.set(Fault.STATUS_429, times=1)
    taken = [faults.take("status", prompt="", job="") for _ in range(4)]
    assert taken == [Fault.STATUS_502, Fault.STATUS_502, Fault.STATUS_429, None]
    assert faults.take("result", prompt="", job="") is None


def test_names_and_meanings() -> None:
    assert all(Fault.named(fault.value) is fault for fault in Fault)
    assert Fault.named("nothing") is None
    assert all(fault.meaning.endswith(".") for fault in Fault)
