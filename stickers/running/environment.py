"""Read settings from environment variables. A value of the wrong type is refused at start, with a reason."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

_YES = {"1", "true", "yes", "on"}
_NO = {"0", "false", "no", "off"}
_SQLITE: Final[dict[str, Any]] = {
    "timeout": 20,
    # A deferred transaction that reads first cannot wait for the lock when it begins to write.
    "transaction_mode": "IMMEDIATE",
    # FULL, not NORMAL: a power cut must not undo a committed "about to POST", or the job is paid twice.
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA mmap_size=134217728;"
        "PRAGMA journal_size_limit=27103364; PRAGMA cache_size=-8000; PRAGMA temp_store=MEMORY;"
    ),
}
APPLICATION: Final = "sticker-studio"  # the studio's connections have this name in PostgreSQL's own list
_BROKERS: Final = ("embedded://", "redis://", "rediss://", "amqp://", "amqps://", "pyamqp://")
_POSTGRESQL: Final[dict[str, Any]] = {"connect_timeout": 5, "application_name": APPLICATION}
_LABEL: Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN: Final = re.compile(rf"{_LABEL}(\.{_LABEL})+")
_CONNECTION_SECONDS: Final = 60  # how long a connection is kept, because a new one costs PostgreSQL a process


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


def domains(name: str) -> list[str]:
    """A comma-separated list of host names, each with or without a leading dot."""
    found = [word.lower().removeprefix(".").removesuffix(".") for word in words(name, [])]
    # A single label would be a whole top-level domain, or a name in the local network.
    if wrong := [word for word in found if not _DOMAIN.fullmatch(word)]:
        raise ImproperlyConfigured(f"{name} must hold host names such as cdn.example, not {wrong[0]!r}.")
    return found


def one_of(name: str, choices: Sequence[str], default: str) -> str:
    """One of `choices`, which are upper case. The variable may have any case."""
    value = text(name, default).upper()
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


def some_of(name: str, choices: Sequence[str]) -> list[str]:
    """A comma-separated list of some of `choices`, in their order. If the variable is unset, all of them."""
    named = words(name, list(choices))
    if unknown := [word for word in named if word not in choices]:
        raise ImproperlyConfigured(f"{name} must hold some of {', '.join(choices)}, not {unknown[0]!r}.")
    return [choice for choice in choices if choice in named]


def time_zone(name: str, default: str) -> str:
    value = text(name, default)
    try:
        # The default needs no time zone data on the system.
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
    if parts.username is not None:  # the message does not repeat the value, because it holds a password
        raise ImproperlyConfigured(f"{name} must not hold a user name or a password.")
    if parts.scheme not in {"https", "http"} or not parts.hostname or not is_plain:
        raise ImproperlyConfigured(f"{name} must begin with https:// or http:// and name a host, not {value!r}.")
    return value


def origin(name: str) -> str:
    """An address without a path, such as https://studio.example; empty where it is unset."""
    if not text(name):
        return ""
    value = http_address(name, "")
    if urlsplit(value).path:
        raise ImproperlyConfigured(f"{name} must be an address without a path, not {value!r}.")
    return value


def passwords(name: str) -> list[str]:
    """The password in an address, as written and decoded; an empty list if there is none."""
    try:
        written = urlsplit(text(name)).password or ""
    except ValueError:
        return []
    return list(dict.fromkeys(filter(None, (written, unquote(written)))))


def broker(name: str, default: str) -> str:
    """The broker's address. No error message repeats it, because it holds a password."""
    value = text(name, default)
    if not value.startswith(_BROKERS):
        raise ImproperlyConfigured(f"{name} must begin with redis://, rediss://, amqp:// or amqps://.")
    return value


def database(name: str, default: Path) -> dict[str, Any]:
    """The database from an address such as postgres://user:password@host:5432/name, or a SQLite file at `default`.

    No error message repeats the address, because it holds a password.
    """
    value = text(name)
    if not value:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": default, "OPTIONS": _SQLITE.copy()}
    scheme = value.partition(":")[0]
    if scheme not in {"postgres", "postgresql", "sqlite"}:
        raise ImproperlyConfigured(f"{name} must begin with postgres:// or sqlite:///.")
    try:
        found: dict[str, Any] = dict(
            dj_database_url.parse(value, conn_max_age=_CONNECTION_SECONDS, conn_health_checks=True)
        )
    except dj_database_url.ParseError:
        raise ImproperlyConfigured(
            f"{name} cannot be read; special characters in a password are written %40."
        ) from None
    if not found["NAME"]:
        raise ImproperlyConfigured(f"{name} must name a database.")
    # Options in the address itself, such as ?sslmode=require, win over these defaults.
    defaults: dict[str, Any] = _SQLITE if scheme == "sqlite" else _POSTGRESQL
    found["OPTIONS"] = {**defaults, **found.get("OPTIONS", {})}
    return found
