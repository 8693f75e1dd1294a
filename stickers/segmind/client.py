"""The client: six calls. Each ends in a value or in one error of the tree.

The key goes only to the API's own origin, and to its history's if that is allowed. Addresses are derived from the
request id. Addresses that the API sends are not followed, because a foreign host there would receive the key.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from types import TracebackType
from typing import Final, Self

import httpx

from stickers.recipes.parameters import Value
from stickers.segmind.addresses import (
    PICTURE_HOSTS,
    Resolve,
    base_address,
    check_picture_address,
    checked_request_id,
    is_request_id,
    picture_address,
    resolve,
)
from stickers.segmind.answers import Answer, read_body, refusal, say_reason
from stickers.segmind.errors import Ambiguous, BadPicture, Forbidden, Missing, Unavailable
from stickers.segmind.messages import (
    JobState,
    Picture,
    PictureRef,
    Result,
    Status,
    Submitted,
    read_history,
    read_money,
    read_result,
    read_state,
    read_status,
)
from stickers.segmind.pictures import decode_base64, read_picture
from stickers.segmind.wire import MAX_ANSWER_BYTES, Key, Timeouts, Wire

BASE_URL: Final = "https://api.segmind.com"
# Segmind keeps requests here for longer than the API's hour. Source: its SDK 1.3.0.
HISTORY_URL: Final = "https://api.spotprod.segmind.com"

# Four sheets as base64 PNG are about 14 MB.
_MAX_RESULT_BYTES: Final = 64 * 1024 * 1024
_MAX_REDIRECTS: Final = 3
_REDIRECTS: Final = {301, 302, 303, 307, 308}
# These codes concern the call, not the job, whatever the body says.
_ABOUT_THE_CALL: Final = {401, 403, 404, 429}


class Client:
    """Speaks to Segmind, or to the stand-in. Safe to share between threads. Close it, or use it in a `with`.

    `with_history` lets the key go to Segmind's history, too, and to no third host. `picture_hosts` are hosts from which
    pictures may come, beside Segmind's own. `base_url` may end in a slash, /v1 or /v2 (ValueError if it is no address).
    `transport` replaces the network in tests, `resolve` the look-up of a picture's host.
    """

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str = BASE_URL,
        transport: httpx.BaseTransport | None = None,
        timeouts: Timeouts | None = None,
        resolve: Resolve = resolve,
        with_history: bool = False,
        picture_hosts: Collection[str] = (),
    ) -> None:
        self._base = base_address(base_url)
        self._history = _history_of(self._base) if with_history else None
        self._resolve = resolve
        self._picture_hosts = (*PICTURE_HOSTS, *picture_hosts)
        self._wire = Wire(self._base, Key(api_key), timeouts=timeouts or Timeouts(), transport=transport)

    def __repr__(self) -> str:
        return f"Client({str(self._base)!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._wire.close()

    def submit(self, model: str, payload: Mapping[str, Value]) -> Submitted:
        """Order one job of a model, by its slug: a single POST on a connection of its own, never repeated here.

        Raises NotSent, RateLimited, Refused (nothing was made) or Ambiguous (a job may exist).
        """
        answer = self._wire.post(f"v2/{model}", payload)
        if answer.refused:
            raise refusal(answer)
        request_id = (read_body(answer) or {}).get("request_id") if answer.succeeded else None
        if not isinstance(request_id, str) or not is_request_id(request_id):
            raise Ambiguous(say_reason(answer), http_status=answer.http_status)
        return Submitted(request_id)

    def status(self, request_id: str) -> Status:
        """The job's status. A FAILED job is a status, though it arrives as HTTP 422.

        Raises Missing (unknown, or older than the retention), RateLimited, Refused, Unavailable.
        """
        body, state = self._read_job(request_id, "/status", cap_bytes=MAX_ANSWER_BYTES)
        return read_status(body, state)

    def result(self, request_id: str) -> Result:
        """The job's result. Raises as `status` does."""
        body, state = self._read_job(request_id, "", cap_bytes=_MAX_RESULT_BYTES)
        return read_result(body, state)

    @property
    def has_history(self) -> bool:
        return self._history is not None

    def history(self, request_id: str) -> Result:
        """The end of a job, however old: its picture's address, its cost, or why it failed.

        Only with `with_history`; RuntimeError without. Raises Missing (not there, or not over), RateLimited, Refused,
        Unavailable.
        """
        if self._history is None:
            raise RuntimeError("This client may not ask the history.")
        path = f"inference-request/request-history/{checked_request_id(request_id)}"
        answer = self._wire.get_at(self._history.join(path))
        if answer.refused:
            raise refusal(answer)
        body = read_body(answer)
        if not answer.succeeded or body is None or body.get("request_id") not in (None, request_id):
            raise Unavailable(say_reason(answer), http_status=answer.http_status)
        return read_history(body)

    def credits(self) -> Decimal:
        """The account's balance in US dollars: the cheapest check of a key.

        Raises RateLimited, Refused, Unavailable.
        """
        answer = self._wire.get("v1/get-user-credits")
        if answer.refused:
            raise refusal(answer)
        left = read_money((read_body(answer) or {}).get("credits"))
        if not answer.succeeded or left is None:
            raise Unavailable(say_reason(answer), http_status=answer.http_status)
        return left

    def fetch(self, ref: PictureRef) -> Picture:
        """The picture behind `ref`, at its address or inline. Raises as `download` and `decode` do."""
        return self.download(ref.url) if ref.url else self.decode(ref)

    def decode(self, ref: PictureRef) -> Picture:
        """The picture inside an answer. Raises BadPicture if it is no whole JPEG, PNG or WebP."""
        return read_picture(decode_base64(ref.encoded))

    def download(self, url: str) -> Picture:
        """Fetch one picture without the key. At most three redirects are followed, each checked like the first address.

        Raises BadPicture (no whole picture, too large, or an address that is not allowed), Missing (404, 410),
        RateLimited, Refused, Unavailable.
        """
        address = picture_address(url)
        for _ in range(_MAX_REDIRECTS + 1):
            check_picture_address(address, base=self._base, hosts=self._picture_hosts, resolve=self._resolve)
            answer = self._wire.fetch(address)
            if answer.http_status not in _REDIRECTS:
                return _read_download(answer)
            address = address.join(picture_address(answer.headers.get("location", "")))
        raise BadPicture("The picture's address leads from one place to the next.")

    def _read_job(self, request_id: str, suffix: str, *, cap_bytes: int) -> tuple[dict[str, object], JobState]:
        """The body of a job's status or result, and the state it announces."""
        answer = self._wire.get(f"v2/requests/{checked_request_id(request_id)}{suffix}", cap_bytes=cap_bytes)
        body = read_body(answer) or {}
        state = _believed_state(answer, body, request_id)
        if state is not None:
            return body, state
        if answer.refused and answer.http_status != 422:
            raise refusal(answer)
        message = say_reason(answer)
        if answer.succeeded and read_state(body) is None and isinstance(body.get("status"), str):
            message = f"The service named a state that is unknown here: {str(body['status'])[:40]!r}."
        raise Unavailable(message, http_status=answer.http_status)


def _history_of(base: httpx.URL) -> httpx.URL:
    """The history that belongs to an API: Segmind's own host for Segmind, the same address for any other."""
    return base_address(HISTORY_URL) if base == base_address(BASE_URL) else base


def _believed_state(answer: Answer, body: Mapping[str, object], request_id: str) -> JobState | None:
    """The job's state by `answer`; None if it does not speak about this job.

    A body with a final state is believed whatever the HTTP code, as in the official SDK: FAILED comes as 422. Only
    codes about the call itself win over the body.
    """
    state = read_state(body)
    if state is None and answer.http_status == 422 and "error" in body:
        state = JobState.FAILED
    if state is None or body.get("request_id") not in (None, request_id):  # an answer for another job, from some cache
        return None
    if answer.succeeded or (state.final and answer.http_status not in _ABOUT_THE_CALL):
        return state
    return None


def _read_download(answer: Answer) -> Picture:
    """The picture in `answer`. Errors are in our own words, because a file host gives no useful reasons."""
    if answer.succeeded:
        return read_picture(answer.data)
    code = answer.http_status
    if code in {404, 410}:
        raise Missing(f"The picture is no longer there (HTTP {code}).", http_status=code)
    if code in {401, 403}:
        raise Forbidden(f"The picture may not be fetched (HTTP {code}).", http_status=code)
    if answer.refused:
        raise refusal(answer)
    raise Unavailable(f"The picture could not be fetched (HTTP {code}).", http_status=code)
