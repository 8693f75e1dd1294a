"""Encrypts secrets in rows with keys outside the database, so that a copy of the database alone reveals nothing."""

from __future__ import annotations

import base64
import functools
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


def seal(text: str) -> str:
    """Encrypt `text` with the first of the FIELD_KEYS, or with SECRET_KEY if there is none."""
    return _ciphers((*settings.FIELD_KEYS, settings.SECRET_KEY)).encrypt(text.encode()).decode()


def unseal(sealed: str) -> str | None:
    """Decrypt what was sealed with any of the keys; None when none of them fits."""
    try:
        return _ciphers((*settings.FIELD_KEYS, settings.SECRET_KEY)).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


@functools.lru_cache(maxsize=4)
def _ciphers(secrets: tuple[str, ...]) -> MultiFernet:
    # The secrets are long and random, so one round of a hash is as good as a slow derivation.
    digests = (hashlib.sha256(f"sticker-studio field key:{secret}".encode()).digest() for secret in secrets)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
