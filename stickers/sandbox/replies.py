"""The stand-in's answers: the error table, pages of a gateway, and broken deliveries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

RESET_HEADER: Final = "x-rate-limit-reset-at-utc"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An HTTP answer.

    `delay_s` and `hung` hold it back. `cut_after` drops the connection after so many bytes of the body, `dropped`
    before the first byte.
    """

    http_status: int = 200
    content_type: str = "application/json"
    body: bytes = b""
    headers: Mapping[str, str] | None = None
    delay_s: float = 0
    hung: bool = False
    dropped: bool = False
    cut_after: int | None = None


@dataclass(frozen=True)
class ErrorRow:
    """A row of the error table. A row without text is the gateway's own answer, in HTML."""

    http_status: int
    text: str = ""


ROWS: Final[Mapping[str, ErrorRow]] = {
    "400": ErrorRow(400, "Malformed request: a required field is missing"),
    "401-missing": ErrorRow(401, "API key is missing: send it as x-api-key"),
    "401-invalid": ErrorRow(401, "Invalid API key"),
    "402": ErrorRow(402, "Insufficient credits. Please top up your account."),
    "403": ErrorRow(403, "Your team is not permitted to use this model"),
    "404": ErrorRow(404, "Model not found"),
    "405": ErrorRow(405),
    "406-credits": ErrorRow(406, "Insufficient credits. Please top up your account."),
    "406-type": ErrorRow(406, "Invalid content type"),
    "406-value": ErrorRow(406, "Value of scheduler is not accepted"),
    "406-cap": ErrorRow(406, "The spend cap of your team has been reached"),
    "410": ErrorRow(410, "This model has been retired"),
    "413": ErrorRow(413, "Request body is too large"),
    "422": ErrorRow(422, "Validation failed: img_width must be one of 512, 768, 1024"),
    "429": ErrorRow(429, "Rate limit exceeded"),
    "500": ErrorRow(500, "Internal server error"),
    "502": ErrorRow(502),
    "503": ErrorRow(503),
    "504": ErrorRow(504),
}


def json_reply(body: object, http_status: int = 200, **manner: Any) -> Reply:
    return Reply(http_status=http_status, body=json.dumps(body).encode(), **manner)


def html_reply(http_status: int, title: str) -> Reply:
    page = f"<!doctype html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return Reply(http_status=http_status, content_type="text/html; charset=utf-8", body=page.encode())


def page_reply(http_status: int) -> Reply:
    """The HTML page that a gateway or a file host shows for this code."""
    return html_reply(http_status, f"{http_status} {HTTPStatus(http_status).phrase}")


def row_reply(name: str, *, reset_seconds: float = 2) -> Reply:
    """The row of the error table with this name. A 429 says when the limit resets, and sends no Retry-After."""
    row = ROWS[name]
    if not row.text:
        return page_reply(row.http_status)
    reply = json_reply({"error": row.text}, row.http_status)
    if row.http_status == 429:
        reset_at = datetime.now(UTC) + timedelta(seconds=reset_seconds)
        return replace(reply, headers={RESET_HEADER: reset_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")})
    return reply


def request_not_found(request_id: str) -> Reply:
    """The answer for an unknown, a lost and an expired request."""
    return json_reply({"error": f"Request {request_id} not found"}, 404)


def redirect_reply(location: str) -> Reply:
    return replace(page_reply(302), headers={"location": location})


def text_reply(text: str, http_status: int = 200) -> Reply:
    return Reply(http_status=http_status, content_type="text/plain; charset=utf-8", body=text.encode())
