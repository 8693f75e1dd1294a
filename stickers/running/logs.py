"""Write log lines: words for a terminal or JSON for a collector, with their subject and without secrets.

The subject comes from the context: the request that is being answered, or the generation or sheet in work.
"""

from __future__ import annotations

import json
import logging.config
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from django.conf import settings
from pythonjsonlogger.json import JsonFormatter

HIDDEN: Final = "[secret]"
# Keys that were read while the studio runs, from a file or decrypted for a call. Each stands here once, so there are
# few.
_learned: Final[dict[str, None]] = {}
_about: ContextVar[Mapping[str, Any]] = ContextVar("about")


@contextmanager
def about(**what: Any) -> Iterator[None]:
    """Add `what`, such as `generation=7`, to every line that is logged inside."""
    token = _about.set({**_about.get({}), **what})
    try:
        yield
    finally:
        _about.reset(token)


def hide(secret: str) -> None:
    """Hide `secret` in every line of this process from now on."""
    if secret:
        _learned[secret] = None


def configure(**_: Any) -> None:
    """Configure logging as the settings say. This is for Celery, which would add handlers of its own."""
    logging.config.dictConfig(settings.LOGGING)


class WithoutRefusals(logging.Filter):
    """Drops the traceback of a request that was refused (403, 400): only a fault of the studio needs one."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", 500) < 500:
            record.exc_info = None
        return True


class Lines(logging.Formatter):
    """A line for people, with its subject at the end."""

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")
        self._secrets = secrets

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        line = super().formatMessage(record)
        subjects = ", ".join(f"{name} {value}" for name, value in _about.get({}).items())
        return f"{line} ({subjects})" if subjects else line

    def format(self, record: logging.LogRecord) -> str:
        return _without(self._secrets, super().format(record))


class Objects(JsonFormatter):
    """One JSON object per line: time, level, logger, message, subject, and an exception's traceback."""

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        super().__init__(
            "{levelname}{name}{message}",
            style="{",
            timestamp="time",
            rename_fields={"levelname": "level", "name": "logger", "exc_info": "traceback"},
        )
        self._secrets = secrets

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        super().add_fields(log_data, record, message_dict)
        log_data.update(_about.get({}))

    def format(self, record: logging.LogRecord) -> str:
        return _without(self._secrets, super().format(record))


def _without(secrets: Sequence[str], line: str) -> str:
    """The line without secrets. The studio logs none on purpose, but a library's message or a traceback might."""
    # The longest comes first, so that a secret that begins with another one is hidden as a whole.
    for secret in sorted((*secrets, *list(_learned)), key=len, reverse=True):
        line = line.replace(secret, HIDDEN).replace(json.dumps(secret)[1:-1], HIDDEN)
    return line
