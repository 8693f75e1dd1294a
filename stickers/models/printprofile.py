"""A designer's own print profile: the requirements of a shop or cutter, copied from a built-in one and edited."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models

from stickers.models.sheet import Trashable


class PrintProfileQuerySet(models.QuerySet["PrintProfile"]):
    def owned_by(self, owner_pk: int) -> Self:
        return self.filter(owner_id=owner_pk)

    def kept(self) -> Self:
        return self.filter(deleted_at=None)


class PrintProfile(Trashable):
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="print_profiles")
    name = models.CharField(max_length=40)  # as its owner calls it
    data = models.JSONField(default=dict)  # the fields of a profile, without its names

    objects = PrintProfileQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        indexes = [models.Index(fields=["owner"], condition=models.Q(deleted_at=None), name="profile_kept")]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """Its name in forms, saved print sheets and commands. It stays when the profile is renamed."""
        return f"own-{self.pk}"
