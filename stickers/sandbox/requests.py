"""One HTTP request, as the parts of the stand-in pass it on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Request:
    """One HTTP request, read to its end. Header names are lower case; `path` has no query."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def origin(self) -> str:
        """The address that the caller used for the stand-in. Every address in an answer begins with it."""
        return f"http://{self.headers.get('host', 'localhost')}"
