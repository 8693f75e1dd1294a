"""From a label plane to the rows and files of its stickers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from PIL import Image

from stickers.cutting import Cutout
from stickers.cutting.plane import LabelPlane
from stickers.files import storage, thumbnails
from stickers.models import CutStep, PrintItem, Sheet, Sticker
from stickers.printing.artwork.die_cut import art_px


class StaleError(Exception):
    """The sheet was changed after the version that this change was made on. Nothing was changed."""


def fields_of(sheet: Sheet, cutout: Cutout, files: dict[str, bytes]) -> dict[str, Any]:
    """The fields of a sticker's row. Its files are added to `files`."""
    data = thumbnails.png(cutout.rgba)
    name = storage.sticker(sheet.file.name or "", cutout.label, data)
    files[name] = data
    x, y, width, height = cutout.box
    return {
        "file": name,
        "x": x,
        "y": y,
        "width_px": width,
        "height_px": height,
        "art_px": art_px(cutout.rgba),
        "confidence": cutout.confidence,
        "reason": cutout.reason,
        "contour": cutout.contour.astype(float).round(1).tolist(),
        **thumbs_of(name, Image.fromarray(cutout.rgba, "RGBA"), files),
    }


def thumbs_of(name: str, image: Image.Image, files: dict[str, bytes]) -> dict[str, str]:
    """The names of thumbnails by field. Their files are added to `files`. A small picture is its own thumbnail."""
    fields: dict[str, str] = {}
    for side_px in storage.THUMB_SIDES_PX:
        small = name
        if max(image.size) > side_px:
            small = storage.thumb(name, side_px)
            files[small] = thumbnails.thumb(image, side_px)
        fields[f"thumb_{side_px}"] = small
    return fields


def publish(
    step: CutStep,
    plane: LabelPlane,
    found: Mapping[int, dict[str, Any]],
    rows: Mapping[int, Sticker],
    lost: Iterable[Sticker],
) -> None:
    """Write the stickers' rows after a step, in the transaction that writes the step.

    `found`: the new fields of changed and new labels. `rows`: the rows that already have a label. `lost`: the rows that
    the step took away. Whoever of them has a name, a star or a place on a print sheet goes to the trash, and comes back
    with a step that has it again. The others are deleted; the step keeps their ids, so that undo gives them back.
    """
    sheet = step.sheet
    now = timezone.now()
    taken = [sticker for sticker in lost if sticker.deleted_at is None]
    stays = dear(taken)
    sheet.stickers.filter(pk__in=stays, deleted_at=None).update(deleted_at=now, lost_at=now)
    rest = {sticker.pk: sticker.label for sticker in taken if sticker.pk not in stays}
    sheet.stickers.filter(pk__in=rest, deleted_at=None).delete()
    step.gone = step.gone | {str(label): pk for pk, label in rest.items() if label}
    ids = _ids_by_label(sheet, found.keys() - rows.keys())
    for number, label in enumerate(plane.order, 1):
        fields = found.get(label, {}) | {"number": number, "label": label}
        sticker = rows.get(label)
        if sticker is None:
            Sticker.objects.create(pk=ids.get(label), sheet=sheet, **fields)
            continue
        if label in found and sticker.is_lost:
            fields["deleted_at"] = None
        changed = [name for name, value in fields.items() if getattr(sticker, name) != value]
        if changed:
            for name in changed:
                setattr(sticker, name, fields[name])
            sticker.save(update_fields=changed)


def dear(stickers: Iterable[Sticker]) -> set[int]:
    """The ids of those that have a name, a star or a place on a print sheet."""
    laid_out = Exists(PrintItem.objects.filter(sticker=OuterRef("pk")))
    found = Sticker.objects.filter(~Q(title="") | Q(starred=True) | Q(laid_out), pk__in=[one.pk for one in stickers])
    return set(found.values_list("pk", flat=True))


def _ids_by_label(sheet: Sheet, labels: Iterable[int]) -> dict[int, int]:
    """The ids that deleted stickers of these labels had."""
    wanted = {str(label) for label in labels}
    if not wanted:
        return {}
    kept: QuerySet[CutStep, dict[str, int]] = sheet.cut_steps.exclude(gone={}).values_list("gone", flat=True)
    return {int(label): pk for gone in kept for label, pk in gone.items() if label in wanted}
