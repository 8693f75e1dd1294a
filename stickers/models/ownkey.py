"""A designer's own key for Segmind. It is stored encrypted, and only its last four characters are ever shown again."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class OwnKeyQuerySet(models.QuerySet["OwnKey"]):
    def present(self) -> Self:
        return self.filter(replaced_at=None)

    def in_effect(self) -> Self:
        """The keys that orders are sent with now. The stand-in never gets a real key."""
        if not settings.STUDIO_OWN_KEYS or settings.SANDBOX_IN_USE:
            return self.none()
        return self.present()

    def fingerprints(self) -> dict[int, str]:
        """The fingerprint of each key in effect, by owner."""
        return dict(self.in_effect().values_list("owner_id", "fingerprint"))


class OwnKey(models.Model):
    """One key of an owner. The present one has no `replaced_at`.

    A replaced or removed key is kept while jobs of its account can still be polled. No other key finds them.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="own_keys")
    fingerprint = models.CharField(max_length=24, blank=True, default="")
    sealed = models.TextField()  # by encryption.seal
    last_four = models.CharField(max_length=4)
    changed_at = models.DateTimeField(default=timezone.now)
    replaced_at = models.DateTimeField(null=True, blank=True)

    objects = OwnKeyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner"], condition=Q(replaced_at=None), name="ownkey_one_present"),
            models.UniqueConstraint(fields=["owner", "fingerprint"], name="ownkey_fingerprint"),
        ]

    def __str__(self) -> str:
        return f"key ending in {self.last_four}"
