"""The API's answers as frozen values, read from JSON whose keys vary."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final, Literal

from stickers.segmind.errors import Missing

PictureFormat = Literal["JPEG", "PNG", "WEBP"]

_LINK: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
# The keys under which this model or a similar one puts the picture inside an object.
_PICTURE_KEYS: Final = ("url", "image", "images", "b64_json", "base64")
# A list of objects that hold a list is the deepest known shape. Deeper nesting is no real answer.
_DEEPEST: Final = 4
# US dollars for one job: more than any job costs, and the most that the row can hold.
MOST_EXPENSIVE: Final = 10**5


class JobState(StrEnum):
    """The four states of a request. FAILED and COMPLETED are final."""

    QUEUED = "QUEUED"
    PROCESSING = "PROCESSING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"

    @property
    def final(self) -> bool:
        return self in {JobState.COMPLETED, JobState.FAILED}


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """The job's cost in US dollars and its time in seconds; None for what the API did not say."""

    cost: Decimal | None = None
    remaining_credits: Decimal | None = None
    inference_time: float | None = None
    queue_time: float | None = None
    total_time: float | None = None


@dataclass(frozen=True)
class Submitted:
    """An accepted submission. The id is all that is needed to find the job again."""

    request_id: str


@dataclass(frozen=True, kw_only=True)
class Status:
    """A job's status. `error` is the API's own reason, empty unless FAILED."""

    state: JobState
    error: str = ""
    metrics: Metrics = field(default_factory=Metrics)


@dataclass(frozen=True, kw_only=True)
class PictureRef:
    """The place of one picture: `url`, or inline as base64 text in `encoded`. Exactly one of the two is filled."""

    url: str = ""
    encoded: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class Result:
    """A finished job. `pictures` is empty if the API reported success without any."""

    state: JobState
    pictures: tuple[PictureRef, ...] = ()
    seed: int | None = None
    error: str = ""
    metrics: Metrics = field(default_factory=Metrics)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A whole picture file that was decoded once. `format` comes from the bytes, never from a name or a header."""

    data: bytes = field(repr=False)
    format: PictureFormat
    width_px: int
    height_px: int


def read_state(body: Mapping[str, object]) -> JobState | None:
    """The state in a body; None if it names none of the four. Lower case is accepted."""
    value = body.get("status")
    if isinstance(value, str) and value.upper() in JobState.__members__:
        return JobState(value.upper())
    return None


def read_reason(value: object, *, depth: int = 0) -> str:
    """The human sentence inside an error value: `{"error": "…"}`, a string, or a list of such; else empty."""
    if isinstance(value, str):
        # The database refuses a NUL or half a character; the failure itself could not be stored then.
        return "".join(char for char in " ".join(value.split()) if char.isprintable())
    if depth > _DEEPEST:
        return ""
    if isinstance(value, Mapping):
        for key in ("error", "message", "detail", "msg"):
            if reason := read_reason(value.get(key), depth=depth + 1):
                return reason
    if isinstance(value, list):
        return "; ".join(filter(None, (read_reason(item, depth=depth + 1) for item in value)))
    return ""


def read_metrics(body: Mapping[str, object]) -> Metrics:
    """The metrics of a status or a result body. What is unreadable becomes None."""
    metrics = body.get("metrics")
    if not isinstance(metrics, Mapping):
        return Metrics()
    return Metrics(
        cost=read_money(metrics.get("cost"), below=MOST_EXPENSIVE),
        remaining_credits=read_money(metrics.get("remaining_credits")),
        inference_time=_read_seconds(metrics.get("inference_time")),
        queue_time=_read_seconds(metrics.get("queue_time")),
        total_time=_read_seconds(metrics.get("total_time")),
    )


def read_money(value: object, *, below: int = 10**9) -> Decimal | None:
    """US dollars as the API writes them: a number, or a number in a string. None if it is neither or is no amount."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    # No account holds a billion. The bound keeps nonsense such as 1e999 out of the database.
    return amount if amount.is_finite() and abs(amount) < below else None


def read_status(body: Mapping[str, object], state: JobState) -> Status:
    """A status body with a known state."""
    return Status(state=state, error=_read_failure(body, state), metrics=read_metrics(body))


def read_result(body: Mapping[str, object], state: JobState) -> Result:
    """A result body: `images[]` first, then `output` as a list or an object, then as one string."""
    pictures: tuple[PictureRef, ...] = ()
    if state is JobState.COMPLETED:
        pictures = _read_pictures(body.get("images")) or _read_pictures(body.get("output"))
    return Result(
        state=state,
        pictures=pictures,
        seed=_read_seed(body.get("seed")),
        error=_read_failure(body, state),
        metrics=read_metrics(body),
    )


def read_history(body: Mapping[str, object]) -> Result:
    """A row of the request history. Raises Missing if it names neither a picture nor a failure yet."""
    metrics = Metrics(cost=read_money(body.get("credits_deduction")))
    if pictures := _read_pictures(body.get("generation_url")):
        return Result(state=JobState.COMPLETED, pictures=pictures, metrics=metrics)
    if reason := read_reason(body.get("error")):
        return Result(state=JobState.FAILED, error=reason, metrics=metrics)
    raise Missing("The history has no picture of this request.")


def _read_failure(body: Mapping[str, object], state: JobState) -> str:
    if state is not JobState.FAILED:
        return ""
    return read_reason(body) or "The model failed and gave no reason."


def _read_pictures(value: object, *, depth: int = 0) -> tuple[PictureRef, ...]:
    if isinstance(value, str) and (text := value.strip()):
        is_link = _LINK.match(text) and text.isprintable()
        return (PictureRef(url=text) if is_link else PictureRef(encoded=text),)
    if depth > _DEEPEST:
        return ()
    if isinstance(value, list):
        return tuple(ref for item in value for ref in _read_pictures(item, depth=depth + 1))
    if isinstance(value, Mapping):
        for key in _PICTURE_KEYS:
            if refs := _read_pictures(value.get(key), depth=depth + 1):
                return refs
    return ()


def _read_seed(value: object) -> int | None:
    """The result gives the seed as a string. A number is accepted, too."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        return int(value)
    except ValueError:
        return None


def _read_seconds(value: object) -> float | None:
    seconds = read_money(value)  # as tolerant: a finite number or None
    return None if seconds is None else float(seconds)
