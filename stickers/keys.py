"""The key that pays for an order: of the studio, from its environment or from a file that may change while it runs."""

from __future__ import annotations

import hashlib
import logging
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

from stickers.models import OwnKey
from stickers.sealing import unseal

logger = logging.getLogger(__name__)


def key_of(owner_pk: int) -> str:
    """The key with which this designer's orders are sent and looked after; empty when there is none.

    Their own, where they may have one. One that cannot be read any more is none: the studio's would bill the studio.
    """
    if _own_keys_count():
        own = OwnKey.objects.filter(owner_id=owner_pk).values_list("sealed", flat=True).first()
        if own is not None:
            return unseal(own) or ""
    return studio_key()


def in_use() -> list[str]:
    """Every key that orders may be sent with."""
    own = OwnKey.objects.values_list("sealed", flat=True) if _own_keys_count() else []
    return list(dict.fromkeys([studio_key(), *filter(None, map(unseal, own))]))


def _own_keys_count() -> bool:
    """The stand-in is never shown a real key."""
    return bool(settings.STUDIO_OWN_KEYS and not settings.SANDBOX_IN_USE)


def studio_key() -> str:
    if settings.SEGMIND_API_KEY_FILE:
        return _file.read(Path(settings.SEGMIND_API_KEY_FILE))
    return settings.SEGMIND_API_KEY or settings.SANDBOX_KEY


def fingerprint(key: str) -> str:
    """A name for a key by which it can be found in rows, and from which it cannot be found again."""
    return hashlib.sha256(f"sticker-studio:{key}".encode()).hexdigest()[:24]


@dataclass(frozen=True)
class _Seen:
    """A file's content as of one state of the file."""

    state: tuple[str, int, int, int]
    key: str


class _KeyFile:
    """Reads the file again when it has changed; asking whether it has costs one `stat`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: _Seen | None = None
        self._complaint = ""

    def read(self, path: Path) -> str:
        with self._lock:
            try:
                stat = path.stat()
                state = (str(path), stat.st_mtime_ns, stat.st_size, stat.st_ino)
                if self._seen is None or self._seen.state != state:
                    key = path.read_text(encoding="utf-8").strip()
                    # Emptied and not yet written again: whoever rotates it is half-way.
                    if not key and self._seen is not None:
                        return self._seen.key
                    self._seen = _Seen(state, key)
                    logger.info("The key was read from %s.", path)
            except (OSError, UnicodeDecodeError) as error:
                if self._seen is None or self._seen.state[0] != str(path):
                    self._complain(f"SEGMIND_API_KEY_FILE: {path} cannot be read: {error}.")
                    return ""
                # Between the removal of the old file and the arrival of the new one the old key is as good as any.
            return self._seen.key

    def _complain(self, words: str) -> None:
        """Once, though the key is asked for with every call."""
        if words != self._complaint:
            logger.error(words)
            self._complaint = words


_file: Final = _KeyFile()
