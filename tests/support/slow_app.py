"""A WSGI application with large answers of each kind, for the tests of slow clients. gunicorn loads it by its name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from stickers.running import slow_clients

LARGE = 12 * 2**20  # more than the kernel keeps for a socket
BLOCK = bytes(range(256)) * 256

# How a test's server differs from the studio's: impatient, so that no test waits for a minute.
for name in filter(None, os.environ.get("IMPATIENT", "").split(",")):
    setattr(slow_clients, name, 0.5 if name.endswith("SECONDS") else 2**20)


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    if environ["PATH_INFO"] == "/file":
        start_response("200 OK", [("Content-Length", str(LARGE))])
        file = Path(os.environ["LARGE_FILE"]).open("rb")  # noqa: SIM115  gunicorn closes it
        wrapped: Iterable[bytes] = environ["wsgi.file_wrapper"](file)
        return wrapped
    if environ["PATH_INFO"] == "/bytes":
        start_response("200 OK", [("Content-Length", str(LARGE))])
        return [BLOCK * (LARGE // len(BLOCK))]
    if environ["PATH_INFO"] == "/stream":
        start_response("200 OK", [])  # chunked
        return (BLOCK for _ in range(LARGE // len(BLOCK)))
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", str(len(body) + 2))])
    return [b"ok", body]
