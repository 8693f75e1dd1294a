"""The errors between this studio and Segmind, sorted by what can be done about them.

    SegmindError
    ├── NotSent          no connection was made, so surely no job either        (submit)
    ├── RateLimited      429: nothing was made, ask again after `retry_after`
    ├── Refused          4xx: the same call will be refused again, nothing billed
    │   ├── BadKey       401: tell the operator
    │   ├── NoCredits    402, or 406 with a text about credits or a spend cap
    │   ├── Forbidden    403
    │   ├── Missing      404: no such model, or no such (or an expired) request, or no such picture
    │   └── Retired      410
    ├── Ambiguous        the job may exist and may be billed: never sent again by itself   (submit)
    ├── Unavailable      a read that failed in passing: ask again               (status, result, download, credits)
    └── BadPicture       what came is no whole picture, or may not be fetched   (download, decode)

`submit` raises NotSent, RateLimited, Refused or Ambiguous and nothing else; the reads raise RateLimited, Refused or
Unavailable; `download` BadPicture as well; `decode` BadPicture only. All survive pickling, and none holds the key.
"""

# ruff: noqa: N818  these names are read in `except` and in a row's state, where "Error" adds nothing

from __future__ import annotations

from typing import ClassVar


class SegmindError(Exception):
    """The root of the tree. `message` is the API's own reason if it gave one, fit for a designer.

    `permanent`: do not repeat the call automatically. `billed`: False if the call surely cost nothing, None if it may
    have made a job that costs money. `retry_after`: seconds to wait, if the API said so.
    """

    permanent: ClassVar[bool] = False
    billed: ClassVar[bool | None] = False

    def __init__(self, message: str, *, http_status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.http_status = http_status
        self.retry_after = retry_after

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.message!r}, http_status={self.http_status})"


class NotSent(SegmindError):
    """The connection was never made. The job surely does not exist, and submitting again is safe."""


class RateLimited(SegmindError):
    """HTTP 429. Nothing was made. `retry_after` says when to ask again; None if the API did not."""


class Refused(SegmindError):
    """HTTP 4xx: the API understood the call and refuses it. Nothing was made and nothing is billed."""

    permanent = True


class BadKey(Refused):
    """HTTP 401: the key is missing or not valid. The operator has to act, not the designer."""


class NoCredits(Refused):
    """HTTP 402, or 406 with a text about credits or a spend cap: the account cannot pay for the job."""


class Forbidden(Refused):
    """HTTP 403: this key's team may not use the model."""


class Missing(Refused):
    """HTTP 404: there is no such model; or the request is unknown or older than an hour; or the picture is gone."""


class Retired(Refused):
    """HTTP 410: Segmind has retired the model. Every order of it will be refused."""


class Ambiguous(SegmindError):
    """The submission left this machine, and no clear answer came back.

    Segmind has no idempotency key, so a second POST might be a second charge. Only a person decides.
    """

    permanent = True
    billed = None


class Unavailable(SegmindError):
    """A read that failed for now: time-out, dropped connection, 5xx, a redirect, or an answer that is no JSON."""


class BadPicture(SegmindError):
    """Something else came instead of a picture, or the address may not be fetched."""

    permanent = True
