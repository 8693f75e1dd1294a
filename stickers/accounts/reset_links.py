"""Links to a new password: Django's own, sent by mail, and links that an admin makes and hands over.

Whoever holds a link can take over the account. So every link works for an hour only (PASSWORD_RESET_TIMEOUT), and an
admin's link ends with the admin's rights over that person.
"""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core import signing

from stickers.accounts import roles

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
        maker_pk, inner = signing.loads(token, salt=_SALT, max_age=settings.PASSWORD_RESET_TIMEOUT)
    except signing.BadSignature:
        return False
    maker = User.objects.filter(pk=maker_pk, is_active=True, is_staff=True).first()
    if user is None or maker is None or not roles.may_manage(maker, user):
        return False
    return _handed.check_token(user, inner)


_handed: Final = _Handed()
tokens: Final = _Tokens()
