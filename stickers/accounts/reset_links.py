"""Links to a new password: Django's own, sent by mail, and links that an admin makes and hands over.

Whoever holds a link can take over the account. So an admin's link works for an hour only, and ends with the admin's
rights.
"""

from __future__ import annotations

from typing import Final

from django.contrib.auth.models import User
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core import signing

HANDED_SECONDS: Final = 3600
_SALT: Final = "stickers.reset_links"


class _Handed(PasswordResetTokenGenerator):
    key_salt = _SALT  # the token inside an admin's link is no link by itself


class _Tokens(PasswordResetTokenGenerator):
    def check_token(self, user: User | None, token: str | None) -> bool:
        return super().check_token(user, token) or _is_handed(user, token or "")


def handed_over(person: User, *, by: User) -> str:
    return signing.dumps([by.pk, _handed.make_token(person)], salt=_SALT)


def _is_handed(user: User | None, token: str) -> bool:
    try:
        maker_pk, inner = signing.loads(token, salt=_SALT, max_age=HANDED_SECONDS)
    except signing.BadSignature:
        return False
    if not User.objects.filter(pk=maker_pk, is_active=True, is_staff=True).exists():
        return False
    return _handed.check_token(user, inner)


_handed: Final = _Handed()
tokens: Final = _Tokens()
