"""The bench: a sheet's pixels and its label plane, read from files and rows, and kept for the next request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from typing import Any, Final

import numpy as np
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from PIL import Image

from stickers.cutting.pixels import Pixels
from stickers.cutting.plane import LabelPlane, packed, unpacked
from stickers.cutting.raster import Mask
from stickers.cutting.strokes import filled
from stickers.files import storage
from stickers.models import CutStep, Sheet, Sticker
from stickers.pictures.opening import open_image
from stickers.pictures.recent import Recent

KEPT_BYTES: Final = 48_000_000  # in one process: four sheets of 1024², or always the last one, however large it is
OPAQUE: Final = 128  # from this alpha on a pixel belongs to its sticker


@dataclass(frozen=True, eq=False)
class Planes:
    """The labels that the engine had found, and those after all steps in effect."""

    engine: LabelPlane
    now: LabelPlane

    @property
    def nbytes(self) -> int:
        return self.engine.labels.nbytes + (self.now.labels.nbytes if self.now is not self.engine else 0)


@dataclass(frozen=True, eq=False)
class Bench:
    """A sheet as it lies in the rows. `steps`: those in effect, the cut by the engine first."""

    sheet: Sheet
    pixels: Pixels
    planes: Planes
    steps: Sequence[CutStep]


# What both hold is decoded within half a second for a sheet of 4096², and an edit takes a tenth of that.
_pixels: Final = Recent[str, Pixels](KEPT_BYTES, lambda pixels: pixels.rgb.nbytes)
_planes: Final = Recent[tuple[object, ...], Planes](KEPT_BYTES, lambda planes: planes.nbytes)


def opened(sheet: Sheet) -> Bench:
    """The bench of a sheet. One that was cut before planes were kept gets its first step here.

    Raises OSError if a file is missing, and UnreadableImage.
    """
    steps = steps_of(sheet)
    return Bench(sheet, pixels_of(sheet), planes_after(steps, fresh=sheet.next_label), steps)


def steps_of(sheet: Sheet) -> list[CutStep]:
    """The steps in effect, light; the first one is made if there is none. Raises OSError."""
    steps = list(sheet.cut_steps.in_effect().light())
    if not steps:
        begin(sheet)
        steps = list(sheet.cut_steps.in_effect().light())
    return steps


def operations_of(steps: Sequence[CutStep]) -> list[dict[str, Any]]:
    """What was done by hand in these steps, in its order."""
    listed = _whole(steps).values_list("operations", flat=True)
    return [operation for operations in listed for operation in operations]


def _whole(steps: Sequence[CutStep]) -> QuerySet[CutStep]:
    return CutStep.objects.filter(pk__in=[step.pk for step in steps]).order_by("number")


def planes_after(steps: Sequence[CutStep], *, fresh: int) -> Planes:
    """The planes after these steps, the first of which is a cut by the engine. Raises OSError."""
    found = _planes.get(_key(steps), partial(_read, steps))
    # Another step may have used labels since the planes were kept.
    return Planes(found.engine, replace(found.now, fresh=fresh))


def pixels_of(sheet: Sheet) -> Pixels:
    """The sheet's pixels, kept for the next request. Raises OSError and UnreadableImage."""
    name = sheet.file.name or ""
    return _pixels.get(name, lambda: Pixels.of(open_image(storage.get(name))))


def keep(steps: Sequence[CutStep], planes: Planes) -> None:
    """Keep the planes after these steps for the next request."""
    _planes.get(_key(steps), lambda: planes)


def forget() -> None:
    """Forget everything that is kept. A worker seldom needs it a second time."""
    _pixels.clear()
    _planes.clear()


def _key(steps: Sequence[CutStep]) -> tuple[object, ...]:
    return (*(step.pk for step in steps), steps[-1].made_at)


def _read(steps: Sequence[CutStep]) -> Planes:
    engine = LabelPlane.of(unpacked(storage.get(steps[0].engine.name)))
    patched = list(_whole(steps).exclude(patch=b"").only("patch", "x", "y"))
    moves = tuple((label, number) for label, number in steps[-1].moves)
    if not patched:
        return Planes(engine, replace(engine, moves=moves))
    labels = engine.labels.copy()
    for step in patched:
        crop = unpacked(bytes(step.patch))
        labels[step.y : step.y + crop.shape[0], step.x : step.x + crop.shape[1]] = crop
    return Planes(engine, LabelPlane.of(labels, moves=moves))


def begin(sheet: Sheet) -> None:
    """The first step of a sheet that was cut before its label plane was kept: made from its stickers' own alpha.

    Two who begin at once make the same step; the second one leaves it to the first.
    """
    labels = np.zeros((sheet.height_px, sheet.width_px), np.int32)
    stickers = [sticker for sticker in sheet.stickers.order_by("number", "pk") if not sticker.is_lost]
    for label, sticker in enumerate(stickers, 1):
        window = labels[sticker.y : sticker.y + sticker.height_px, sticker.x : sticker.x + sticker.width_px]
        opaque = _opaque(sticker)
        window[opaque[: window.shape[0], : window.shape[1]]] = label
    data = packed(labels)
    name = storage.put(storage.plane(sheet.file.name or "", data), data)
    try:
        with transaction.atomic():
            CutStep.objects.create(sheet=sheet, number=1, words="Cut", engine=name, version=sheet.cut_version)
            for label, sticker in enumerate(stickers, 1):
                sticker.label = label
                sticker.save(update_fields=["label"])
            Sheet.objects.filter(pk=sheet.pk).update(next_label=len(stickers) + 1)
    except IntegrityError:
        pass
    sheet.refresh_from_db(fields=["next_label"])


def _opaque(sticker: Sticker) -> Mask:
    """The sticker's pixels in its box, bool HxW: by its alpha, or by its contour if its file is missing or damaged."""
    try:
        with Image.open(BytesIO(storage.get(sticker.file.name or ""))) as picture:
            return np.asarray(np.asarray(picture.convert("RGBA").getchannel("A")) >= OPAQUE)
    except OSError:
        box = (slice(sticker.y, sticker.y + sticker.height_px), slice(sticker.x, sticker.x + sticker.width_px))
        return filled(sticker.contour, box) if len(sticker.contour) > 2 else np.zeros((0, 0), np.bool_)
