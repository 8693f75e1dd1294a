"""Reading one HTTP answer: reasons, refusals and the reset of a rate limit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stickers.segmind.answers import Answer, read_body, read_retry_after, refusal, say_reason
from stickers.segmind.errors import (
    BadKey,
    Forbidden,
    Missing,
    NoCredits,
    RateLimited,
    Refused,
    Retired,
    SegmindError,
)

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)


def answer(code: int, body: str | bytes = b"", **headers: str) -> Answer:
    data = body.encode() if isinstance(body, str) else body
    return Answer(code, httpx.Headers({name.replace("_", "-"): value for name, value in headers.items()}), data)


def test_it_works() -> None:
    error = refusal(answer(401, '{"error": "Invalid API key"}'))
    assert type(error) is BadKey
    assert (error.message, error.http_status, error.permanent, error.billed) == ("Invalid API key", 401, True, False)


@pytest.mark.parametrize(
    ("code", "text", "kind"),
    [
        (400, "Malformed request", Refused),
        (401, "API key is missing", BadKey),
        (401, "Invalid API key", BadKey),
        (402, "Insufficient credits", NoCredits),
        (403, "Not permitted", Forbidden),
        (404, "Model not found", Missing),
        (405, "", Refused),
        (406, "Insufficient credits", NoCredits),
        (406, "Not enough CREDITS left", NoCredits),
        (406, "Invalid content type", Refused),
        (406, "Value not accepted", Refused),
        (406, "Spend cap reached", NoCredits),
        (410, "Retired", Retired),
        (422, "prompt is required", Refused),
        (429, "Slow down", RateLimited),
        (451, "No", Refused),
    ],
)
def test_each_row_of_the_error_table(code: int, text: str, kind: type[SegmindError]) -> None:
    body = f'{{"error": "{text}"}}' if text else "<html><h1>405</h1></html>"
    error = refusal(answer(code, body))
    assert type(error) is kind
    assert error.http_status == code
    assert error.permanent == (code != 429)
    assert text in error.message
    assert "<" not in error.message


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('{"error": "  no\\n way "}', "no way"),
        ('{"error": {"message": "inner"}}', "inner"),
        ('{"error": [{"msg": "one"}, {"msg": "two"}]}', "one; two"),
        ('{"detail": "elsewhere"}', "elsewhere"),
        ('{"error": null}', "The service has an internal error (HTTP 500)."),
        ("[1, 2]", "The service has an internal error (HTTP 500)."),
        ("<html>oops</html>", "The service has an internal error (HTTP 500)."),
        ("", "The service has an internal error (HTTP 500)."),
        ('{"error": NaN}', "The service has an internal error (HTTP 500)."),
        ('{"error": 1e99999999999999999999}', "The service has an internal error (HTTP 500)."),
        ("[" * 100_000, "The service has an internal error (HTTP 500)."),
        (b"\xff\xfe\x00", "The service has an internal error (HTTP 500)."),
    ],
)
def test_reasons(body: str | bytes, reason: str) -> None:
    assert say_reason(answer(500, body)) == reason


def test_a_long_reason_is_cut() -> None:
    assert len(say_reason(answer(500, '{"error": "' + "x" * 9000 + '"}'))) == 500


def test_other_answers_have_words_too() -> None:
    assert "another address" in say_reason(answer(302))
    assert "not the expected JSON" in say_reason(answer(200, "<html>"))
    assert "HTTP 599" in say_reason(answer(599))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2025-06-01T12:00:30Z", 30),
        ("2025-06-01T12:00:30.500+00:00", 30.5),
        ("2025-06-01T14:00:30+02:00", 30),
        ("2025-06-01T12:00:30", 30),
        ("2025-06-01 12:00:30", 30),
        ("2025-06-01 12:00:30 UTC", 30),
        ("Sun, 01 Jun 2025 12:00:30 GMT", 30),
        (str(int(NOW.timestamp()) + 30), 30),
        (str(NOW.timestamp() + 30.5), 30.5),
        (str(int(NOW.timestamp() * 1000) + 30_000), 30),
        ("30", 30),
        ("2025-06-01T11:00:00Z", 1),
        ("2026-06-01T12:00:00Z", 600),
        ("0", 1),
        ("inf", 600),
        ("nan", None),
        ("soon", None),
        ("", None),
    ],
)
def test_when_the_limit_resets(text: str, seconds: float | None) -> None:
    waiting = read_retry_after({"x-rate-limit-reset-at-utc": text}, now=NOW)
    assert waiting == (None if seconds is None else pytest.approx(seconds))


def test_a_clock_that_is_off_does_no_harm() -> None:
    there = NOW - timedelta(days=400)
    headers = {"date": format_datetime(there, usegmt=True), "x-rate-limit-reset-at-utc": "2024-04-27T12:00:20Z"}
    assert read_retry_after(headers) == 20


def test_retry_after_of_a_gateway() -> None:
    assert refusal(answer(429, "{}", retry_after="7")).retry_after == 7


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_header_gives_a_bounded_wait_or_none(text: str) -> None:
    waiting = read_retry_after({"x-rate-limit-reset-at-utc": text}, now=NOW)
    assert waiting is None or 1 <= waiting <= 600


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_an_object_or_none(data: bytes) -> None:
    assert isinstance(read_body(answer(200, data)), dict | None)
