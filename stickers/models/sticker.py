"""A sticker: one cut-out of a sheet, as a person would peel it."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from stickers.models.sheet import Sheet, Shelved


class StickerQuerySet(models.QuerySet["Sticker"]):
    def owned_by(self, owner_pk: int) -> Self:
        return self.filter(sheet__owner_id=owner_pk)

    def visible_to(self, user_pk: int) -> Self:
        """The stickers of the sheets that the user sees, without other owners' stickers in the trash."""
        sheets = Sheet.objects.visible_to(user_pk)
        return self.filter(Q(sheet__owner_id=user_pk) | Q(sheet__in=sheets, deleted_at=None))

    def editable_by(self, user_pk: int) -> Self:
        return self.visible_to(user_pk)

    def kept(self) -> Self:
        return self.filter(deleted_at=None, sheet__deleted_at=None)


class Sticker(Shelved):
    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="stickers")
    number = models.PositiveSmallIntegerField()  # as drawn over the sheet, from 1 in reading order
    label = models.PositiveIntegerField(null=True)  # in the sheet's label plane; none before that was kept
    file = models.FileField(max_length=200)  # RGBA PNG, straight alpha, no border added
    thumb_256 = models.FileField(max_length=200, blank=True, default="")
    thumb_512 = models.FileField(max_length=200, blank=True, default="")
    # The crop's place on the sheet, in sheet pixels.
    x = models.IntegerField()
    y = models.IntegerField()
    width_px = models.PositiveIntegerField()
    height_px = models.PositiveIntegerField()
    art_px = models.PositiveIntegerField(default=0, db_default=0)  # longest side of its outline; 0 if not measured
    confidence = models.FloatField()  # 0-1
    reason = models.CharField(max_length=200, blank=True, default="")  # why a person should look, in words
    contour = models.JSONField(default=list)  # [[x, y], …] outer ring in sheet pixels
    lost_at = models.DateTimeField(null=True, blank=True)  # when a new cut no longer had it and put it into the trash

    objects = StickerQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        indexes = [models.Index(fields=["sheet", "number"], name="sticker_on_sheet")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.title or f"Sticker {self.number}"

    @property
    def longest_px(self) -> int:
        """The longest side of the art in pixels. Where it was never measured, the contour on the sheet is near it."""
        if self.art_px or not self.contour:
            return int(self.art_px or max(self.width_px, self.height_px))
        columns, rows = zip(*self.contour, strict=True)
        return int(max(max(columns) - min(columns), max(rows) - min(rows))) + 1

    @property
    def is_lost(self) -> bool:
        """Whether a cut put it into the trash, not a person. A later cut that has it again takes it out."""
        return self.deleted_at is not None and self.deleted_at == self.lost_at

    @property
    def files(self) -> set[str]:
        """The names of its files."""
        return {file.name for file in (self.file, self.thumb_256, self.thumb_512) if file.name}

    @property
    def is_doubtful(self) -> bool:
        return bool(self.reason)

    @property
    def outline(self) -> str:
        """The contour as the points of an SVG polygon in sheet pixels."""
        return " ".join(f"{x:g},{y:g}" for x, y in self.contour)
