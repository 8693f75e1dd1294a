"""Work for a print sheet: an export makes files, which are kept for a while; a nesting arranges the stickers."""

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
        """Report how far it is and renew the lease. False if the row is no longer this try's."""
        return self.renew(progress=min(max(progress, 0.0), 1.0))


class Export(PrintWork):
    """One job of files.

    `plan` is the print sheet at the moment of the request. So a second try after a kill makes the same files, whatever
    was moved meanwhile.
    """

    DOING: ClassVar = "Making these files"
    SUSPECT: ClassVar = 3  # broken-off tries before the layout itself is suspected

    print_sheet = models.ForeignKey(PrintSheet, on_delete=models.CASCADE, related_name="exports")
    plan = models.JSONField()
    profile = models.JSONField()  # its values, not its name, because it may be edited or deleted meanwhile
    file_name = models.CharField(max_length=120)  # of its files, without suffix
    folder = models.CharField(max_length=80, unique=True)  # in the storage
    keep_until = models.DateTimeField(default=kept_until)  # after this its files and its row may be deleted
    pages = models.PositiveSmallIntegerField(default=0)
    placed = models.PositiveSmallIntegerField(default=0)
    clashing = models.PositiveSmallIntegerField(default=0)  # copies that lay in a wrong place at the request

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
    """A request to arrange a print sheet again that takes long: tighter, or very many stickers."""

    DOING: ClassVar = "Arranging these pages"

    print_sheet = models.ForeignKey(PrintSheet, on_delete=models.CASCADE, related_name="nestings")
    # time for the tighter engine; 0 means the studio's own engine
    seconds = models.PositiveSmallIntegerField(default=0)
    anew = models.BooleanField(default=True)  # else only copies that lie on no page, or wrongly

    objects = PrintWorkQuerySet.as_manager()

    class Meta(PrintWork.Meta):
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["print_sheet"], condition=Q(state__in=["queued", "working"]), name="nesting_one_at_a_time"
            )
        ]
