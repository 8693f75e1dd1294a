"""Send and read bytes: three kinds of connection with their time-outs and caps, and the key for two of them."""

from __future__ import annotations

import functools
import re
import ssl
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Final

import httpx

from stickers.recipes.parameters import Value
from stickers.segmind.addresses import is_loopback
from stickers.segmind.answers import Answer
from stickers.segmind.errors import Ambiguous, BadKey, BadPicture, NotSent, SegmindError, Unavailable
from stickers.segmind.pictures import MAX_BYTES

MAX_ANSWER_BYTES: Final = 1024 * 1024

_UNSENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,  # the proxy refused the tunnel
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)
_TOO_LONG: Final = "the answer was too long"


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """Seconds without progress after which a call is given up.

    An answer that does make progress may take `whole_factor` times as long. For a submission that must stay below the
    lease of its row.
    """

    connect_s: float = 5
    pool_s: float = 5
    submit_s: float = 30
    read_s: float = 10
    download_s: float = 30
    whole_factor: float = 2


class Key(httpx.Auth):
    """The API key. It is added to a request at the last moment, so that no client, message or repr holds it."""

    def __init__(self, text: str) -> None:
        self._text = text.strip()

    def __repr__(self) -> str:
        return "<API key>"

    @property
    def problem(self) -> str:
        """Why no call can be made with this key; empty if one can.

        Check it first: h11 would quote a bad key in its error.
        """
        if not self._text:
            return "No API key is set."
        if not re.fullmatch(r"[!-~]+", self._text):
            return "The API key holds characters that no key has."
        return ""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["x-api-key"] = self._text
        yield request

    def removed_from(self, data: bytes) -> bytes:
        """`data` without the key, because a service may quote the key in its complaint."""
        return data.replace(self._text.encode(), b"SG_***")


class Wire:
    """The connections to one API. Safe to share between threads."""

    def __init__(self, base: httpx.URL, key: Key, *, timeouts: Timeouts, transport: httpx.BaseTransport | None) -> None:
        self._base = base
        self._key = key
        self._timeouts = timeouts
        # Proxy settings are for other hosts. A stand-in on this machine is never behind a proxy.
        self._trust_env = not is_loopback(base)
        self._reads = self._connections(transport)
        # An idle connection may be dead already, and an error on it would leave the job in doubt.
        self._posts = self._connections(transport, keep_alive=False)
        self._pictures = self._connections(transport)

    def close(self) -> None:
        for connections in (self._reads, self._posts, self._pictures):
            connections.close()

    def post(self, path: str, payload: Mapping[str, Value]) -> Answer:
        """One POST, sent at most once. Raises BadKey, NotSent or Ambiguous."""
        request = self._posts.build_request("POST", self._base.join(path), json=payload)
        return self._call(self._posts, request, self._timeouts.submit_s, MAX_ANSWER_BYTES)

    def get(self, path: str, *, cap_bytes: int = MAX_ANSWER_BYTES) -> Answer:
        """One GET of the API. Raises BadKey or Unavailable."""
        return self.get_at(self._base.join(path), cap_bytes=cap_bytes)

    def get_at(self, url: httpx.URL, *, cap_bytes: int = MAX_ANSWER_BYTES) -> Answer:
        """One GET with the key, from an address that the caller has checked. Raises BadKey or Unavailable."""
        return self._call(self._reads, self._reads.build_request("GET", url), self._timeouts.read_s, cap_bytes)

    def fetch(self, url: httpx.URL) -> Answer:
        """One GET of a picture, without the key. Raises BadPicture if it is too long, or Unavailable."""
        request = self._pictures.build_request("GET", url, headers={"accept": "image/*"})
        outcome = self._exchange(self._pictures, request, None, self._timeouts.download_s, MAX_BYTES)
        if isinstance(outcome, Answer):
            return outcome
        if outcome.reason == _TOO_LONG:
            raise BadPicture(f"The picture is larger than {MAX_BYTES // 2**20} MB.")
        raise Unavailable(f"The picture could not be fetched: {outcome.reason}.")

    def _call(self, connections: httpx.Client, request: httpx.Request, patience_s: float, cap_bytes: int) -> Answer:
        if self._key.problem:
            raise BadKey(self._key.problem)
        outcome = self._exchange(connections, request, self._key, patience_s, cap_bytes)
        if isinstance(outcome, Answer):
            return Answer(outcome.http_status, outcome.headers, self._key.removed_from(outcome.data))
        raise outcome.as_error(posting=request.method == "POST")

    def _exchange(
        self,
        connections: httpx.Client,
        request: httpx.Request,
        auth: httpx.Auth | None,
        patience_s: float,
        cap_bytes: int,
    ) -> Answer | _Failure:
        """Send the request and read its answer to the end.

        A failure is returned, not raised. Raised inside the `except`, the error would carry httpx's own error, and with
        it the request and its key, into every printed traceback.
        """
        limits = self._timeouts
        request.extensions["timeout"] = {
            "connect": limits.connect_s,
            "pool": limits.pool_s,
            "write": patience_s,
            "read": patience_s,
        }
        deadline = time.monotonic() + patience_s * limits.whole_factor
        data = bytearray()
        try:
            response = connections.send(request, auth=auth, stream=True)
            try:
                for chunk in response.iter_bytes():
                    data += chunk
                    if len(data) > cap_bytes:
                        return _Failure(_TOO_LONG)
                    if time.monotonic() > deadline:  # a slow drip of bytes never meets the read time-out
                        return _Failure("the answer took too long")
            finally:
                response.close()
        except _UNSENT as error:
            return _Failure(_words(error), sent=False)
        except (httpx.TransportError, httpx.DecodingError) as error:
            return _Failure(_words(error))
        return Answer(response.status_code, response.headers, bytes(data))

    def _connections(self, transport: httpx.BaseTransport | None, *, keep_alive: bool = True) -> httpx.Client:
        return httpx.Client(
            transport=transport,
            verify=_tls(),
            trust_env=self._trust_env,
            follow_redirects=False,
            limits=httpx.Limits(max_keepalive_connections=20 if keep_alive else 0),
            headers={
                "user-agent": "sticker-studio",
                "accept-encoding": "identity",  # a cap on bytes would mean little for a compressed stream
                "connection": "keep-alive" if keep_alive else "close",
            },
        )


@dataclass(frozen=True)
class _Failure:
    """Why no complete answer came, in words, and whether the request may have arrived."""

    reason: str
    sent: bool = True

    def as_error(self, *, posting: bool) -> SegmindError:
        if not posting:
            return Unavailable(f"The service did not answer: {self.reason}.")
        if self.sent:
            return Ambiguous(f"The connection was lost before the service answered: {self.reason}.")
        return NotSent(f"The service could not be reached: {self.reason}.")


def _words(error: Exception) -> str:
    """httpx's own words, which never hold headers. For time-outs they are often just "timed out" or empty."""
    if isinstance(error, httpx.TimeoutException):
        return "timed out"
    return str(error).rstrip(".") or type(error).__name__


@functools.cache
def _tls() -> ssl.SSLContext:
    """One context for all. Making it costs 40 to 90 ms of CPU; a client that shares it costs 1 ms."""
    return httpx.create_ssl_context()
