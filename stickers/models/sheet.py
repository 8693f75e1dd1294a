"""A sheet: one picture full of stickers, generated or imported, and how far its cutting has come."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Min, Q
from django.utils import timezone

from stickers.files import storage
from stickers.models.fair_share import in_turn, one_worker_at_a_time
from stickers.models.generation import Generation
from stickers.models.leases import LONGEST_SLEEP
from stickers.models.project import Project


class CutState(models.TextChoices):
    """WAITING -> CUT | FAILED; CUT or FAILED -> WAITING when the designer cuts again."""

    WAITING = "waiting", "Cutting"
    CUT = "cut", "Cut"
    FAILED = "failed", "Not cut"


class Binned(models.Model):
    """A row that can be put into the trash and taken out again. The trash can be emptied later."""

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def delete_softly(self) -> None:
        self.deleted_at = timezone.now()
        self.save(update_fields=["deleted_at"])

    def restore(self) -> None:
        self.deleted_at = None
        self.save(update_fields=["deleted_at"])


class Shelved(Binned):
    """What sheets and stickers share in the gallery: a name, a star, and the trash."""

    title = models.CharField(max_length=120, blank=True, default="")
    starred = models.BooleanField(default=False)

    class Meta:
        abstract = True


class SheetQuerySet(models.QuerySet["Sheet"]):
    def owned_by(self, owner_pk: int) -> Self:
        return self.filter(owner_id=owner_pk)

    def visible_to(self, user_pk: int) -> Self:
        """Their own, and what projects share with them; what its owner threw away is its owner's alone."""
        shared = Q(project__in=Project.objects.visible_to(user_pk), deleted_at=None)
        return self.filter(Q(owner_id=user_pk) | shared)

    def editable_by(self, user_pk: int) -> Self:
        """Who sees a sheet may name and star it; deleting it and cutting it again is for its owner (`owned_by`)."""
        return self.visible_to(user_pk)

    def kept(self) -> Self:
        return self.filter(deleted_at=None)

    def being_cut(self) -> Self:
        return self.filter(cut_state=CutState.WAITING)

    def next_at(self) -> datetime | None:
        at: datetime | None = self.being_cut().filter(cut_next_at__isnull=False).aggregate(at=Min("cut_next_at"))["at"]
        return at

    def import_picture(
        self, *, owner_pk: int, data: bytes, picture_format: str, width_px: int, height_px: int, source_name: str
    ) -> Sheet:
        """Store a picture of the designer's own as a sheet to be cut; a file without its row does not stay."""
        with ExitStack() as undo:
            name = storage.imported_sheet(data, picture_format)
            undo.callback(storage.remove, [name])
            sheet = self.create(
                owner_id=owner_pk,
                file=storage.put(name, data),
                format=picture_format,
                width_px=width_px,
                height_px=height_px,
                source_name=source_name,
            )
            undo.pop_all()
        return sheet

    def claim_cuts(self, *, at_once: int, lease_until: datetime) -> list[int]:
        """The ids of sheets to cut now, one of each owner in turn, so that `at_once` are being cut in all.
        Each is leased.

        All at once would be no quicker, and would keep the worker's threads from everything else.
        """
        now = timezone.now()
        # A lease that ends later than any does is from before the clock was set back.
        awake = Q(cut_next_at__lte=now) | Q(cut_next_at__gt=now + LONGEST_SLEEP)
        due = self.being_cut().filter(awake).order_by("cut_next_at", "pk")
        if not due.exists():
            return []
        with one_worker_at_a_time(self.model):
            under_way = self.being_cut().filter(cut_next_at__gt=now, cut_next_at__lte=now + LONGEST_SLEEP).order_by()
            turns_had = Counter(dict(under_way.values_list("owner_id").annotate(Count("pk"))))
            free = at_once - turns_had.total()
            pks = [row.pk for row in in_turn(due, owner="owner_id", key="cut_next_at", turns_had=turns_had, limit=free)]
            self.filter(pk__in=pks).update(cut_next_at=lease_until)
        return pks


class Sheet(Shelved):
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sheets")
    generation = models.ForeignKey(Generation, null=True, blank=True, on_delete=models.PROTECT, related_name="sheets")
    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.SET_NULL, related_name="sheets")
    index = models.PositiveSmallIntegerField(default=0)  # which of the samples
    source_name = models.CharField(max_length=200, blank=True, default="")  # the imported file's own name
    file = models.FileField(max_length=200)
    format = models.CharField(max_length=4, choices=[(name, name) for name in storage.SUFFIXES])
    width_px = models.PositiveIntegerField()
    height_px = models.PositiveIntegerField()
    thumb_256 = models.FileField(max_length=200, blank=True, default="")
    thumb_512 = models.FileField(max_length=200, blank=True, default="")

    cut_state = models.CharField(max_length=7, choices=CutState, default=CutState.WAITING)
    cut_next_at = models.DateTimeField(null=True, default=timezone.now)
    cut_tries = models.PositiveSmallIntegerField(default=0)
    cut_error = models.TextField(blank=True, default="")
    cut_at = models.DateTimeField(null=True, blank=True)
    cut_options = models.JSONField(default=dict, blank=True)  # what differs from the segmentation's own defaults

    objects = SheetQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["cut_state", "cut_next_at"], condition=Q(cut_next_at__isnull=False), name="sheet_due"),
            models.Index(fields=["owner", "-id"], name="sheet_gallery"),
        ]
        constraints = [models.UniqueConstraint(fields=["generation", "index"], name="sheet_once_per_sample")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What people call it: its title, else its prompt, else the file it came from."""
        prompt = self.generation.prompt if self.generation else ""
        return self.title or prompt or self.source_name or f"Sheet {self.pk}"

    @property
    def is_imported(self) -> bool:
        return self.generation_id is None

    def cut_again(self, options: dict[str, Any] | None = None) -> bool:
        """Queue another cut, with other options if they are given; False while one is under way."""
        return bool(
            Sheet.objects.filter(pk=self.pk)
            .exclude(cut_state=CutState.WAITING)
            .update(
                cut_state=CutState.WAITING,
                cut_next_at=timezone.now(),
                cut_tries=0,
                cut_error="",
                cut_options=self.cut_options if options is None else options,
            )
        )
