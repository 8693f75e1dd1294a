"""What the stand-in records of each call, so that a test can count the POSTs and check where the key went."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

_KEY: Final = re.compile(r"SG_[A-Za-z0-9_-]+")
_CREDENTIALS: Final = {"x-api-key", "authorization", "proxy-authorization", "cookie"}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call as it arrived. Header names are lower case; keys are fingerprints. `at` is Unix time in seconds."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: str = field(repr=False)
    at: float

    @property
    def json(self) -> Any:
        """The body as JSON; None if it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def key(self) -> str | None:
        """The fingerprint of the key in the call; None if there was no key."""
        return self.headers.get("x-api-key")


def fingerprint(key: str) -> str:
    """A short name for a key. The key cannot be found from it, so a recording may be shown and kept."""
    return "key:" + hashlib.sha256(key.encode()).hexdigest()[:12]


def without_keys(text: str) -> str:
    """`text` with every key in it replaced by its fingerprint."""
    return _KEY.sub(lambda found: fingerprint(found[0]), text)


def recorded_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers with every credential replaced by its fingerprint, fit to be recorded."""
    return {
        name.lower(): fingerprint(value) if name.lower() in _CREDENTIALS else without_keys(value)
        for name, value in headers.items()
    }
