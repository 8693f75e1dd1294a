"""Settings read from environment variables, each of the right type or refused loudly at start."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured

_YES = {"1", "true", "yes", "on"}
_NO = {"0", "false", "no", "off"}


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value in _YES:
        return True
    if value in _NO:
        return False
    raise ImproperlyConfigured(f"{name} must be yes or no, not {value!r}.")


def whole(name: str, default: int, *, low: int, high: int) -> int:
    value = text(name)
    if not value:
        return default
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None
    if not low <= number <= high:
        raise ImproperlyConfigured(f"{name} must be from {low} to {high}, not {number}.")
    return number


def words(name: str, default: list[str]) -> list[str]:
    """A comma-separated list."""
    value = text(name)
    return [word.strip() for word in value.split(",") if word.strip()] if value else default


def one_of(name: str, choices: Sequence[str], default: str) -> str:
    """One of `choices`, which are upper case; the variable may be written in any."""
    value = text(name, default).upper()
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


def time_zone(name: str, default: str) -> str:
    value = text(name, default)
    try:
        # the default needs no data of the system
        if value != default:
            ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ImproperlyConfigured(f"{name} must be a time zone such as Europe/Berlin, not {value!r}.") from None
    return value


def folder(name: str, default: Path) -> Path:
    return Path(text(name, str(default))).expanduser().resolve()


def http_address(name: str, default: str) -> str:
    value = text(name, default).rstrip("/")
    try:
        parts = urlsplit(value)
        is_plain = parts.port != 0 and not (parts.query or parts.fragment)
    except ValueError:  # an unclosed bracket, a port beyond 65535
        is_plain, parts = False, urlsplit("")
    if parts.username is not None:  # the value is not repeated: it holds a password
        raise ImproperlyConfigured(f"{name} must not hold a user name or a password.")
    if parts.scheme not in {"https", "http"} or not parts.hostname or not is_plain:
        raise ImproperlyConfigured(f"{name} must begin with https:// or http:// and name a host, not {value!r}.")
    return value
