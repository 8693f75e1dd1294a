"""An invitation: a link that lets one person make an account, once, within a week."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Final, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

LIFE: Final = timedelta(days=7)
# Without a maker it comes from `manage.py invite`.
MADE_BY_ADMIN: Final = Q(invited_by=None) | Q(invited_by__is_active=True, invited_by__is_staff=True)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> Self:
        """Invitations whose link works. An invitation ends when the admin who made it is no longer an admin."""
        return self.unused().filter(MADE_BY_ADMIN, expires_at__gt=timezone.now())

    def unused(self) -> Self:
        return self.filter(used_at=None)

    def orphaned(self) -> Self:
        """Unused invitations whose maker is no admin now. Delete them, or they open again when the rights return."""
        return self.unused().exclude(MADE_BY_ADMIN)

    def invite(
        self, *, email: str = "", is_admin: bool = False, invited_by_pk: int | None = None
    ) -> tuple[Invitation, str]:
        """Make an invitation and its token. The token is shown only this once, because the row keeps only its hash."""
        token = secrets.token_urlsafe(32)
        row = self.create(
            token_hash=hashed(token),
            email=email,
            is_admin=is_admin,
            invited_by_id=invited_by_pk,
            expires_at=timezone.now() + LIFE,
        )
        return row, token

    def with_token(self, token: str) -> Self:
        return self.open().filter(token_hash=hashed(token))


def hashed(token: str) -> str:
    """Plain SHA-256 is enough for 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


class Invitation(models.Model):
    token_hash = models.CharField(max_length=64, unique=True)
    email = models.EmailField(blank=True, default="")
    is_admin = models.BooleanField(default=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="invitations"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["-created_at"], condition=Q(used_at=None), name="invitation_open")]

    def __str__(self) -> str:
        return f"invitation {self.pk}"

    def use(self) -> bool:
        """Use it up. Only one call gets True."""
        now = timezone.now()
        return bool(Invitation.objects.open().filter(pk=self.pk).update(used_at=now))
