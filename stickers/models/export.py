"""What a worker does for a print sheet: it makes files, which are kept for a while, or it nests the stickers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Final, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from stickers.models.printsheet import PrintSheet
from stickers.models.work import W, Work, WorkQuerySet

KEPT_FOR: Final = timedelta(days=30)


def kept_until() -> datetime:
    return timezone.now() + KEPT_FOR


class PrintWorkQuerySet(WorkQuerySet[W]):
    def owned_by(self, owner_pk: int) -> Self:
        return self.filter(print_sheet__owner_id=owner_pk)


class PrintWork(Work):
    OWNER: ClassVar = "print_sheet__owner_id"
    LEASE: ClassVar = timedelta(minutes=10)  # fifty pages at 600 DPI are minutes of work

    progress = models.FloatField(default=0.0)  # 0-1

    class Meta(Work.Meta):
        abstract = True

    @property
    def percent(self) -> int:
        return round(100 * self.progress)

    def report(self, progress: float) -> bool:
        """How far it is, which also renews the lease; False when it is no longer this try's to do."""
        return self.renew(progress=min(max(progress, 0.0), 1.0))


class Export(PrintWork):
    """One job of files.

    `plan` is the print sheet as it was when the files were asked for. So a second try after a kill makes the same
    files, whatever was moved meanwhile.
    """

    DOING: ClassVar = "Making these files"
    SUSPECT: ClassVar = 3  # tries that were broken off, before the layout itself comes under suspicion

    print_sheet = models.ForeignKey(PrintSheet, on_delete=models.CASCADE, related_name="exports")
    plan = models.JSONField()
    profile = models.JSONField()  # its values, not its name: it may be edited or deleted meanwhile
    file_name = models.CharField(max_length=120)  # of its files, without suffix
    folder = models.CharField(max_length=80, unique=True)  # in the storage
    keep_until = models.DateTimeField(default=kept_until)  # then its files and its row may be purged
    pages = models.PositiveSmallIntegerField(default=0)
    placed = models.PositiveSmallIntegerField(default=0)
    clashing = models.PositiveSmallIntegerField(default=0)  # copies that lay in a wrong place when it was ordered

    objects = PrintWorkQuerySet.as_manager()

    class Meta(PrintWork.Meta):
        ordering = ["-pk"]
        indexes = [*PrintWork.Meta.indexes, models.Index(fields=["keep_until"], name="export_keep_until")]

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


class Nesting(PrintWork):
    """A print sheet is to be arranged anew, and that takes long: tighter, or very many stickers."""

    DOING: ClassVar = "Arranging these pages"

    print_sheet = models.ForeignKey(PrintSheet, on_delete=models.CASCADE, related_name="nestings")
    seconds = models.PositiveSmallIntegerField(default=0)  # the tighter engine's time; 0 is the studio's own engine
    anew = models.BooleanField(default=True)  # else only what lies on no page, or wrongly

    objects = PrintWorkQuerySet.as_manager()

    class Meta(PrintWork.Meta):
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["print_sheet"], condition=Q(state__in=["queued", "working"]), name="nesting_one_at_a_time"
            )
        ]
