"""A designer's own key for Segmind: encrypted at rest, never shown again but for its last four characters."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class OwnKey(models.Model):
    owner = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="own_key")
    # Changing it changes the key of the orders under way, too: as with the studio's, it is the same account's.
    sealed = models.TextField()  # by sealing.seal
    last_four = models.CharField(max_length=4)
    changed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"key ending in {self.last_four}"
