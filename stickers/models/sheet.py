"""A sheet: one picture full of stickers, generated or imported, and its segmentation into them."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from stickers.files import storage
from stickers.models.generation import Generation
from stickers.models.project import Project
from stickers.models.work import OPEN, Work, WorkQuerySet, WorkState


class Trashable(models.Model):
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


class Shelved(Trashable):
    """What sheets and stickers share in the gallery: a name, a star, and the trash."""

    title = models.CharField(max_length=120, blank=True, default="")
    starred = models.BooleanField(default=False)

    class Meta:
        abstract = True


class SheetQuerySet(models.QuerySet["Sheet"]):
    def owned_by(self, owner_pk: int) -> Self:
        return self.filter(owner_id=owner_pk)

    def visible_to(self, user_pk: int) -> Self:
        """The user's own sheets, and those that a project shares. A sheet in the trash is visible only to its owner."""
        shared = Q(project__in=Project.objects.visible_to(user_pk), deleted_at=None)
        return self.filter(Q(owner_id=user_pk) | shared)

    def editable_by(self, user_pk: int) -> Self:
        """Who sees a sheet may name and star it. Only its owner deletes it or cuts it again (`owned_by`)."""
        return self.visible_to(user_pk)

    def kept(self) -> Self:
        return self.filter(deleted_at=None)

    def being_cut(self) -> Self:
        return self.filter(segmentation__state__in=OPEN)

    def import_picture(
        self, *, owner_pk: int, data: bytes, picture_format: str, width_px: int, height_px: int, source_name: str
    ) -> Sheet:
        """Store a designer's own picture as a sheet to be cut. If the row fails, the file is removed."""
        with ExitStack() as undo:
            name = storage.imported_sheet(data, picture_format)
            undo.callback(storage.remove, [name])
            with transaction.atomic():
                sheet = self.create(
                    owner_id=owner_pk,
                    file=storage.put(name, data),
                    format=picture_format,
                    width_px=width_px,
                    height_px=height_px,
                    source_name=source_name,
                    stored_bytes=len(data),
                )
                Segmentation.objects.create(sheet=sheet)
            undo.pop_all()
        return sheet

    def add_sample(self, generation: Generation, index: int, **fields: Any) -> None:
        """Add one picture of a generation as a sheet to be cut. Twice is the same as once."""
        with transaction.atomic():
            sample = {"generation": generation, "index": index}
            sheet, is_new = self.get_or_create(**sample, defaults={"owner_id": generation.owner_id, **fields})
            if is_new:
                Segmentation.objects.create(sheet=sheet)


class Sheet(Shelved):
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sheets")
    generation = models.ForeignKey(Generation, null=True, blank=True, on_delete=models.PROTECT, related_name="sheets")
    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.SET_NULL, related_name="sheets")
    index = models.PositiveSmallIntegerField(default=0)  # which of the generation's sheets
    source_name = models.CharField(max_length=200, blank=True, default="")  # the imported file's own name
    file = models.FileField(max_length=200)
    format = models.CharField(max_length=4, choices=[(name, name) for name in storage.SUFFIXES])
    width_px = models.PositiveIntegerField()
    height_px = models.PositiveIntegerField()
    thumb_256 = models.FileField(max_length=200, blank=True, default="")
    thumb_512 = models.FileField(max_length=200, blank=True, default="")
    # Of its files, thumbnails and stickers. 0 is not measured yet: the housekeeping does that.
    stored_bytes = models.PositiveBigIntegerField(default=0, db_default=0)
    cut_version = models.PositiveIntegerField(default=0, db_default=0)  # counts every cut, edit, undo and redo
    next_label = models.PositiveIntegerField(default=1, db_default=1)  # of its next new sticker; none is used twice

    objects = SheetQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["owner", "-id"], name="sheet_gallery"),
        ]
        constraints = [models.UniqueConstraint(fields=["generation", "index"], name="sheet_once_per_sample")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Its title, else its prompt, else the name of its file."""
        prompt = self.generation.prompt if self.generation else ""
        return self.title or prompt or self.source_name or f"Sheet {self.pk}"

    @property
    def is_imported(self) -> bool:
        return self.generation_id is None


class Way(models.TextChoices):
    """What a new cut does with what was done to the sheet by hand."""

    KEEP = "keep", "Keep my edits"
    ADD = "add", "Only add what is missing"
    REPLACE = "replace", "Replace everything"


class Segmentation(Work):
    """The newest request to cut a sheet into its stickers, and its state.

    A new request takes its place, even while a worker is busy with it. That worker's `fence` is then old, so it
    publishes nothing. The stickers of the last segmentation stay with the sheet until the next one is published.
    """

    OWNER: ClassVar = "sheet__owner_id"
    TURN: ClassVar = timedelta(minutes=1)
    DOING: ClassVar = "Cutting this picture"
    SUSPECT: ClassVar = 3  # broken-off tries before the picture itself is suspected
    PAUSE: ClassVar = timedelta(seconds=2)  # while the storage takes no files

    sheet = models.OneToOneField(Sheet, on_delete=models.CASCADE, primary_key=True)
    options = models.JSONField(default=dict, blank=True)  # what differs from the engine's own defaults
    way = models.CharField(max_length=7, choices=Way, default=Way.KEEP, db_default=Way.KEEP)

    objects = WorkQuerySet.as_manager()

    class Meta(Work.Meta):
        pass

    def ask_again(self, options: dict[str, Any] | None = None, way: Way = Way.KEEP) -> bool:
        """Ask for another segmentation, with other options if given. False while the same request is under way."""
        wanted = self.options if options is None else options
        rows = Segmentation.objects.filter(pk=self.pk)
        if wanted == self.options and way == self.way:
            rows = rows.exclude(state__in=OPEN)
        now = timezone.now()
        again = {"state": WorkState.QUEUED, "next_at": now, "tries": 0, "error": "", "finished_at": None}
        return bool(rows.update(**again, options=wanted, way=way, created_at=now, fence=F("fence") + 1))
