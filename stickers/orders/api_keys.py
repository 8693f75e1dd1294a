"""The API key that pays for an order: a designer's own key, or the studio's from its environment or a key file."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from stickers.models import Generation, OwnKey
from stickers.orders.encryption import seal, unseal
from stickers.running import logs

logger = logging.getLogger(__name__)

# An order that was claimed just before its key was replaced has been sent long before this time is over.
KEPT_AT_LEAST: Final = timedelta(hours=1)


def key_of(owner_pk: int) -> str:
    """The key with which this designer's next order is sent; empty when there is none.

    It is their own key where they may have one. An own key that can no longer be decrypted counts as no key: falling
    back to the studio's key would bill the studio.
    """
    own = OwnKey.objects.in_effect().filter(owner_id=owner_pk).first()
    return studio_key() if own is None else unseal(own.sealed) or ""


def key_for(generation: Generation) -> str:
    """The key of the account that has this order's job, whatever its owner has saved or removed since.

    The studio's key may have been rotated meanwhile. The present one belongs to the same account.
    """
    if not generation.key:  # sent before keys were written down
        return key_of(generation.owner_id)
    if not generation.own_key or settings.SANDBOX_IN_USE:
        return studio_key()
    # This holds even if designers may no longer use own keys: this order was sent with one.
    own = OwnKey.objects.filter(owner_id=generation.owner_id, fingerprint=generation.key).first()
    return "" if own is None else unseal(own.sealed) or ""


def name_of(owner_pk: int) -> str:
    """The fingerprint of the key with which this designer's next order is sent."""
    return names_of([owner_pk])[owner_pk]


def names_of(owner_pks: Collection[int]) -> dict[int, str]:
    """The fingerprint of the key with which each of these designers' next order is sent."""
    own = OwnKey.objects.filter(owner_id__in=owner_pks).fingerprints()
    studios = fingerprint(studio_key())
    return {pk: own[pk] or fingerprint(key_of(pk)) if pk in own else studios for pk in owner_pks}


def name_for(generation: Generation) -> str:
    """The fingerprint of `key_for`."""
    if not generation.key:
        return name_of(generation.owner_id)
    return generation.key if generation.own_key else fingerprint(studio_key())


def in_use() -> list[str]:
    """Every key with which orders may be sent or jobs polled."""
    own = [] if settings.SANDBOX_IN_USE else OwnKey.objects.values_list("sealed", flat=True)
    return list(dict.fromkeys([studio_key(), *filter(None, map(unseal, own))]))


def save_own(owner_pk: int, key: str) -> None:
    """Save the owner's key for the next orders. Jobs sent with the key before are still polled with that one."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=owner_pk)  # if two saves run at once, the second one replaces the first
        remove_own(owner_pk)
        fields = {"sealed": seal(key), "last_four": key[-4:], "changed_at": timezone.now(), "replaced_at": None}
        OwnKey.objects.update_or_create(owner_id=owner_pk, fingerprint=fingerprint(key), defaults=fields)


def remove_own(owner_pk: int) -> bool:
    """Stop ordering with the own key; False when there was none. It is kept until `forget_replaced`."""
    return bool(OwnKey.objects.present().filter(owner_id=owner_pk).update(replaced_at=timezone.now()))


def forget_replaced() -> int:
    """Delete replaced and removed keys that no job needs any more. Returns how many."""
    sent = Generation.objects.filter(owner_id=OuterRef("owner_id"), key=OuterRef("fingerprint"), own_key=True)
    replaced = OwnKey.objects.filter(replaced_at__lt=timezone.now() - KEPT_AT_LEAST)
    return replaced.exclude(Exists(sent.within_reach())).delete()[0]


def studio_key() -> str:
    if settings.SEGMIND_API_KEY_FILE:
        return _file.read(Path(settings.SEGMIND_API_KEY_FILE))
    return settings.SEGMIND_API_KEY or settings.SANDBOX_KEY


def fingerprint(key: str) -> str:
    """A name for a key: rows can be found by it, but the key cannot be found from it."""
    return hashlib.sha256(f"sticker-studio:{key}".encode()).hexdigest()[:24]


@dataclass(frozen=True)
class _Seen:
    """The content of a file together with the state of the file when it was read."""

    state: tuple[str, int, int, int]
    key: str


class _KeyFile:
    """Reads the file again when it has changed. To find that out costs one `stat`."""

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
                    # The file is empty because somebody is just rotating the key.
                    if not key and self._seen is not None:
                        return self._seen.key
                    logs.hide(key)
                    self._seen = _Seen(state, key)
                    logger.info("The key was read from %s.", path)
            except (OSError, UnicodeDecodeError) as error:
                if self._seen is None or self._seen.state[0] != str(path):
                    self._complain(f"SEGMIND_API_KEY_FILE: {path} cannot be read: {error}.")
                    return ""
                # The old file is gone and the new one is not there yet: the old key is the best guess.
            return self._seen.key

    def _complain(self, words: str) -> None:
        """Log a complaint once, although every call asks for the key."""
        if words != self._complaint:
            logger.error(words)
            self._complaint = words


_file: Final = _KeyFile()
