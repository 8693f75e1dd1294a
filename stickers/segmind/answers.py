"""Read one HTTP answer: its JSON, its reason in words, when to ask again, and which refusal it is."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Final, Never

import httpx

from stickers.segmind.errors import (
    BadKey,
    Forbidden,
    Missing,
    NoCredits,
    RateLimited,
    Refused,
    Retired,
)
from stickers.segmind.messages import read_reason

SHORTEST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 600.0
# A reason is shown on a card and stored in a row, so a stack trace is cut off.
LONGEST_REASON: Final = 500

_RESET_HEADER: Final = "x-rate-limit-reset-at-utc"
_REFUSALS: Final[Mapping[int, type[Refused]]] = {
    401: BadKey,
    402: NoCredits,
    403: Forbidden,
    404: Missing,
    410: Retired,
}
_WORDS: Final[Mapping[int, str]] = {
    400: "The request was malformed",
    401: "The API key is missing or not valid",
    402: "The account has not enough credits",
    403: "The API key may not use this model",
    404: "The model or the request was not found",
    405: "The address does not take this kind of request",
    406: "The request was not acceptable",
    410: "The model is no longer served",
    413: "The request was too large",
    422: "The request's values were refused",
    429: "Too many requests",
    500: "The service has an internal error",
    502: "The service is not reachable behind its gateway",
    503: "The service is temporarily unavailable",
    504: "The service did not answer its gateway in time",
}


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, read to its end. It does not hold its request, because the request carried the key."""

    http_status: int
    headers: httpx.Headers
    data: bytes

    @property
    def succeeded(self) -> bool:
        return 200 <= self.http_status < 300

    @property
    def refused(self) -> bool:
        """Whether it is a 4xx other than 408. A gateway reports its own time-out with 408."""
        return 400 <= self.http_status < 500 and self.http_status != 408


def read_body(answer: Answer) -> dict[str, object] | None:
    """The answer's JSON object, with decimal numbers as Decimal; None for HTML, other JSON and garbage."""
    try:
        body = json.loads(answer.data, parse_float=Decimal, parse_constant=_no_constant)
    # RecursionError: thousands of brackets. ArithmeticError: exponents of twenty digits.
    except (ValueError, RecursionError, ArithmeticError):
        return None
    return body if isinstance(body, dict) else None


def say_reason(answer: Answer) -> str:
    """The API's own words for a failure, or our sentence if it gave none. Never HTML."""
    if reason := read_reason(read_body(answer) or {}):
        return reason if len(reason) <= LONGEST_REASON else reason[: LONGEST_REASON - 1] + "…"
    if 300 <= answer.http_status < 400:
        return f"The service pointed to another address (HTTP {answer.http_status}), which is not followed."
    if answer.succeeded:
        return "The service answered with something that is not the expected JSON."
    words = _WORDS.get(answer.http_status, "The service answered with an error")
    return f"{words} (HTTP {answer.http_status})."


def refusal(answer: Answer) -> RateLimited | Refused:
    """The error for a 4xx answer."""
    message = say_reason(answer)
    if answer.http_status == 429:
        return RateLimited(message, http_status=429, retry_after=read_retry_after(answer.headers))
    kind = _REFUSALS.get(answer.http_status, Refused)
    # 406 has four meanings, which only the text tells apart: credits, content type, a rejected value, a spend cap.
    if answer.http_status == 406 and any(word in message.lower() for word in ("credit", "spend")):
        kind = NoCredits
    return kind(message, http_status=answer.http_status)


def read_retry_after(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """Seconds until the limit resets, between 1 and 600; None if the answer does not say it readably.

    The format of the reset moment is undocumented. These are read: ISO 8601 (UTC unless it says otherwise), an HTTP
    date, Unix seconds or milliseconds, and a small number as a span. The moment is measured against the answer's own
    Date if there is one, so that a wrong clock does no harm. A Retry-After, which a gateway may add, is the fallback.
    """
    text = (headers.get(_RESET_HEADER) or headers.get("retry-after") or "").strip()
    if not text:
        return None
    now = now or _read_moment(headers.get("date", "")) or datetime.now(UTC)
    try:
        number = float(text)
    except ValueError:
        moment = _read_moment(text)
        if moment is None:
            return None
        wait_s = (moment - now).total_seconds()
    else:
        if number > 1e11:  # milliseconds: as seconds this would be the year 5138
            number /= 1000
        wait_s = number - now.timestamp() if number > 1e8 else number
    if math.isnan(wait_s):
        return None
    return min(max(wait_s, SHORTEST_WAIT_S), LONGEST_WAIT_S)


def _read_moment(text: str) -> datetime | None:
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(text.removesuffix(" UTC"))
        except (ValueError, IndexError, TypeError):
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def _no_constant(name: str) -> Never:
    raise ValueError(f"{name} is no JSON")
