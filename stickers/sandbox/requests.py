"""One HTTP request as the stand-in's parts pass it around."""

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
        """The address under which the caller knows the stand-in: the base of every address in an answer."""
        return f"http://{self.headers.get('host', 'localhost')}"
