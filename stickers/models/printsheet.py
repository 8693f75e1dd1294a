"""A print sheet: stickers of one or many sheets laid out on pages, kept so that it can be opened and exported again."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone

from stickers.models.sheet import Shelved
from stickers.models.sticker import Sticker


class Unit(models.TextChoices):
    MM = "mm", "mm"
    INCH = "in", "inch"


class PrintSheetQuerySet(models.QuerySet["PrintSheet"]):
    def owned_by(self, owner_pk: int) -> Self:
        return self.filter(owner_id=owner_pk)

    def editable_by(self, user_pk: int) -> Self:
        """A print sheet is shared with nobody."""
        return self.owned_by(user_pk)

    def kept(self) -> Self:
        return self.filter(deleted_at=None)


class PrintSheet(Shelved):
    """The settings of the pages. The items lie on the pages. The steps record what was done to them.

    All lengths are millimetres, whatever `unit` the designer reads them in.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="print_sheets")
    changed_at = models.DateTimeField(default=timezone.now)
    page = models.CharField(max_length=40, default="A4")  # such as A4 landscape or 100x150mm
    margin_mm = models.FloatField(default=10.0)
    gap_mm = models.FloatField(default=3.0)
    border_mm = models.FloatField(default=2.0)
    bleed_mm = models.FloatField(default=0.0)
    keep_upright = models.BooleanField(default=True)
    keep_holes = models.BooleanField(default=False)  # cut out the holes of the art too
    profile = models.CharField(max_length=40, default="home")
    unit = models.CharField(max_length=2, choices=Unit, default=Unit.MM)
    formats = models.JSONField(default=list)
    dpi = models.PositiveSmallIntegerField(default=300)
    file_name = models.CharField(
        max_length=80, blank=True, default=""
    )  # a pattern; if it is empty, the title and the number of copies are used
    white_underlay = models.BooleanField(default=False)
    as_drawn = models.BooleanField(default=False, db_default=False)  # few pixels are enlarged evenly, not redrawn
    cover = models.PositiveBigIntegerField(
        default=0, db_default=0
    )  # key of the sticker on a pack's cover; 0: the first
    pack_author = models.CharField(max_length=128, blank=True, default="", db_default="")
    pack_emoji = models.CharField(max_length=60, blank=True, default="", db_default="")
    by_hand = models.BooleanField(
        default=False, db_default=False
    )  # since the last nesting a sticker was moved or turned
    version = models.PositiveIntegerField(default=0)  # counts every change, undo and redo too
    step = models.PositiveIntegerField(default=0)  # the number of the step that it shows
    picture = models.FileField(
        max_length=200, blank=True, default=""
    )  # a picture of its first page; the file's name depends on everything that it shows

    objects = PrintSheetQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["owner", "-id"], name="print_sheet_gallery")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.title or f"Print sheet {self.pk}"


class PrintItem(models.Model):
    """One copy of a sticker on a print sheet. Its centre lies at (x_mm, y_mm) from the page's top left corner."""

    print_sheet = models.ForeignKey(PrintSheet, on_delete=models.CASCADE, related_name="items")
    sticker = models.ForeignKey(Sticker, on_delete=models.CASCADE, related_name="print_items")
    number = models.PositiveIntegerField()  # its name on the print sheet; undo and redo keep it
    size_mm = models.FloatField(default=50.0, validators=[MinValueValidator(0)])  # longest side of the cut line
    fixups = models.JSONField(default=list, blank=True)  # changes to its pixels by the preflight, in this order
    page = models.PositiveSmallIntegerField(default=0)  # from 1; on page 0 are copies that have no place
    x_mm = models.FloatField(default=0.0)
    y_mm = models.FloatField(default=0.0)
    rotation_deg = models.FloatField(default=0.0)  # clockwise
    locked = models.BooleanField(default=False)
    art = models.CharField(max_length=200, blank=True, default="", db_default="")  # the sticker's file then; see `Copy`

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["print_sheet", "number"], name="print_item_number")]

    def __str__(self) -> str:
        return f"item {self.number} of print sheet {self.print_sheet_id}"


class PrintStep(models.Model):
    """A print sheet as it was after one change. Undo and redo go from step to step."""

    print_sheet = models.ForeignKey(PrintSheet, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveIntegerField()
    words = models.CharField(max_length=120)  # what was done, such as "Moved a sticker"
    state = models.JSONField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["print_sheet", "number"], name="print_step_number")]

    def __str__(self) -> str:
        return f"step {self.number} of print sheet {self.print_sheet_id}: {self.words}"
