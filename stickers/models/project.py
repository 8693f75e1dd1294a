"""A project: a folder of sheets that several designers share."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.utils import timezone


class ProjectQuerySet(models.QuerySet["Project"]):
    def owned_by(self, owner_pk: int) -> Self:
        return self.filter(owner_id=owner_pk)

    def visible_to(self, user_pk: int) -> Self:
        """The user's own projects, and those that the user is a member of."""
        return self.filter(
            Q(owner_id=user_pk)
            | Q(pk__in=self.model.members.through.objects.filter(user_id=user_pk).values("project_id"))
        )


class Project(models.Model):
    """The owner and the members see, use and edit every sheet in it.

    A sheet keeps its owner. Only its owner deletes it, restores it or moves it to another project. When the project
    is gone, only its owner sees the sheet.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="projects")
    members = models.ManyToManyField(User, blank=True, related_name="shared_projects")
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name
