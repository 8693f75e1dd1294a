"""What the worker makes of a print sheet: finished files, kept for a while, and pages packed tighter."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from stickers.models.printsheet import PrintSheet
from stickers.models.work import Work, WorkQuerySet

KEPT_FOR: Final = timedelta(days=30)


def kept_until() -> datetime:
    return timezone.now() + KEPT_FOR


class ExportQuerySet(WorkQuerySet):
    def owned_by(self, owner_pk: int) -> Self:
        return self.filter(print_sheet__owner_id=owner_pk)


class Export(Work):
    """One order of files. `plan` is the print sheet as it was when they were ordered, so that a second try after a
    kill makes the same files, whatever was moved meanwhile."""

    print_sheet = models.ForeignKey(PrintSheet, on_delete=models.CASCADE, related_name="exports")
    plan = models.JSONField()
    profile = models.JSONField()  # its values, not its name: it may be edited or deleted meanwhile
    file_name = models.CharField(max_length=120)  # of its files, without suffix
    folder = models.CharField(max_length=80, unique=True)  # in the storage
    keep_until = models.DateTimeField(default=kept_until)  # then its files and its row may be purged
    pages = models.PositiveSmallIntegerField(default=0)
    placed = models.PositiveSmallIntegerField(default=0)
    clashing = models.PositiveSmallIntegerField(default=0)  # copies that lay in a wrong place when it was ordered

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["state", "next_at"], condition=Q(next_at__isnull=False), name="export_due"),
            models.Index(fields=["keep_until"], name="export_keep_until"),
            models.Index(fields=["finished_at"], name="export_finished"),
        ]

    def __str__(self) -> str:
        return f"export {self.pk}, {self.state}"

    @property
    def size_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files.all())


class ExportFileQuerySet(models.QuerySet["ExportFile"]):
    def owned_by(self, owner_pk: int) -> Self:
        return self.filter(export__print_sheet__owner_id=owner_pk)


class ExportFile(models.Model):
    """A finished file. Its row appears together with all the others of its export, once all are stored."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="files")
    format = models.CharField(max_length=12)
    name = models.CharField(max_length=200)  # as it is downloaded
    file = models.FileField(max_length=200)  # in the storage
    page = models.PositiveSmallIntegerField(null=True, blank=True)
    size_bytes = models.PositiveBigIntegerField()

    objects = ExportFileQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


class NestingQuerySet(WorkQuerySet):
    def owned_by(self, owner_pk: int) -> Self:
        return self.filter(print_sheet__owner_id=owner_pk)


class Nesting(Work):
    """An order to arrange a print sheet anew where that takes long: tighter, or very many stickers."""

    print_sheet = models.ForeignKey(PrintSheet, on_delete=models.CASCADE, related_name="nestings")
    seconds = models.PositiveSmallIntegerField(default=0)  # the tighter engine's time; 0 is the studio's own placer
    anew = models.BooleanField(default=True)  # else only what lies on no page, or wrongly

    objects = NestingQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["state", "next_at"], condition=Q(next_at__isnull=False), name="nesting_due"),
            models.Index(fields=["finished_at"], name="nesting_finished"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["print_sheet"], condition=Q(state__in=["queued", "working"]), name="nesting_one_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"nesting {self.pk}, {self.state}"
