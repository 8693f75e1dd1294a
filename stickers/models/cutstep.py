"""A step of what was done to a sheet's cut: a cut by the engine, or operations by hand. Undo and redo go along them."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from stickers.models.sheet import Sheet


class CutStepQuerySet(models.QuerySet["CutStep"]):
    def in_effect(self) -> Self:
        """The steps that are not undone, from the newest cut by the engine on; in their order."""
        done = self.filter(undone=False)
        newest = done.exclude(engine="").order_by("-number").values("number")[:1]
        return done.filter(number__gte=models.Subquery(newest)).order_by("number")

    def light(self) -> Self:
        """Without the columns that only a replay reads. They grow with each stroke, and an edit asks for all steps."""
        return self.defer("operations", "patch")


class CutStep(models.Model):
    """The label plane after a step is `engine` with the patches of all steps since then, pasted in their order.

    The patches make it independent of the code: a later version may play an operation a little differently, and would
    give another plane than the one that the stickers' files came from.
    """

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="cut_steps")
    number = models.PositiveIntegerField()
    words = models.CharField(max_length=120)  # what was done, such as "Merge"
    operations = models.JSONField(default=list, blank=True)  # by hand, in sheet pixels; of a cut those that it kept
    refused = models.JSONField(default=list, blank=True)  # of a cut: the operations that no longer fit, each with why
    engine = models.FileField(max_length=200, blank=True, default="")  # of a cut: the labels that the engine found
    patch = models.BinaryField(default=bytes, blank=True)  # the labels in a window, as a PNG; empty if none changed
    x = models.PositiveIntegerField(default=0)  # the window's corner
    y = models.PositiveIntegerField(default=0)
    moves = models.JSONField(default=list, blank=True)  # what was put elsewhere in the order, as [label, number]
    gone = models.JSONField(default=dict, blank=True)  # label: id of a sticker that it removed; undo gives both again
    version = models.PositiveIntegerField()  # the sheet's version that it was made on
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    undone = models.BooleanField(default=False)

    objects = CutStepQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["sheet", "number"], name="cut_step_number")]

    def __str__(self) -> str:
        return f"step {self.number} of sheet {self.sheet_id}: {self.words}"
