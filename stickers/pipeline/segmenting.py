"""Cut a sheet into its stickers: once for each request, however often a hint names it."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from numpy.typing import NDArray
from PIL import Image

from stickers.cutting import CutOptions, Cutout, cut_sheet
from stickers.cutting.match import match_contours
from stickers.cutting.trial import fate_of
from stickers.files import storage, thumbnails
from stickers.models import Generation, PrintItem, Segmentation, Sheet, State, Sticker, WorkState
from stickers.pictures.opening import UnreadableImage, open_image
from stickers.pipeline.working import HopelessError, carry_out, give_up
from stickers.printing.artwork.die_cut import art_px

logger = logging.getLogger(__name__)


def segment(sheet_pk: int) -> bool:
    """Cut the sheet whose segmentation was claimed. True when this call published the result.

    It is safe to call twice and to kill: files are named by their content, and the rows appear in one transaction.
    """
    return carry_out(Segmentation.objects.select_related("sheet"), sheet_pk, _segment, fail=_give_up)


def _segment(row: Segmentation) -> bool:
    sheet = row.sheet
    try:
        data, options = storage.get(sheet.file.name), CutOptions(**row.options)
        # A trial in a process of its own tells whether this picture ends its worker, or somebody restarts workers.
        if row.tries > Segmentation.SUSPECT and (fate := fate_of(data, options)):
            raise HopelessError(f"{Segmentation.DOING} {fate}.")
        image = open_image(data)
        cutouts = cut_sheet(image, options)
        files: dict[str, bytes] = {}
        found = [_fields(sheet, cutout, files) for cutout in cutouts]
        changed: dict[str, Any] = dict(_thumbs(sheet.file.name, image, files))
        changed["stored_bytes"] = len(data) + sum(map(len, files.values()))
        storage.put_all(files)
    except UnreadableImage as error:
        raise HopelessError(str(error)) from error
    except FileNotFoundError as error:
        raise HopelessError("The picture's file is no longer there.") from error
    except OSError as error:  # a full or failing storage is not the picture's fault
        logger.warning("Sheet %s waits for the storage: %s", sheet.pk, error.strerror or error)
        row.put_off(Segmentation.PAUSE, counts=False)
        return False
    return _publish(row, found, changed)


def _fields(sheet: Sheet, cutout: Cutout, files: dict[str, bytes]) -> dict[str, Any]:
    """The fields of a sticker's row. Its files are added to `files`."""
    data = thumbnails.png(cutout.rgba)
    name = storage.sticker(sheet.file.name, cutout.label, data)
    files[name] = data
    x, y, width, height = cutout.box
    return {
        "number": cutout.label,
        "file": name,
        "x": x,
        "y": y,
        "width_px": width,
        "height_px": height,
        "art_px": art_px(cutout.rgba),
        "confidence": cutout.confidence,
        "reason": cutout.reason,
        "contour": cutout.contour.astype(float).round(1).tolist(),
        **_thumbs(name, Image.fromarray(cutout.rgba, "RGBA"), files),
    }


def _thumbs(name: str, image: Image.Image, files: dict[str, bytes]) -> dict[str, str]:
    """The names of thumbnails by field. Their files are added to `files`. A small picture is its own thumbnail."""
    fields: dict[str, str] = {}
    for side_px in storage.THUMB_SIDES_PX:
        small = name
        if max(image.size) > side_px:
            small = storage.thumb(name, side_px)
            files[small] = thumbnails.thumb(image, side_px)
        fields[f"thumb_{side_px}"] = small
    return fields


def _publish(row: Segmentation, found: list[dict[str, Any]], changed: dict[str, Any]) -> bool:
    """Write all rows of a segmentation at once, if it is the newest. `changed` is what is new of the sheet.

    A sticker that is found again keeps its row, with star, title and trash. A missing sticker that somebody has named,
    starred or laid out goes to the trash. It comes back with the segmentation that finds it again.
    """
    sheet = row.sheet
    with transaction.atomic():
        if not row.end(WorkState.DONE):
            return False
        Sheet.objects.filter(pk=sheet.pk).update(**changed)
        before = list(sheet.stickers.select_for_update())
        same = dict(
            match_contours([_ring(sticker.contour) for sticker in before], [_ring(new["contour"]) for new in found])
        )
        still_there = {there: before[was] for was, there in same.items()}
        lost = sheet.stickers.exclude(pk__in=[sticker.pk for sticker in still_there.values()])
        dear = ~Q(title="") | Q(starred=True) | Exists(PrintItem.objects.filter(sticker=OuterRef("pk")))
        now = timezone.now()
        lost.filter(dear, deleted_at=None).update(deleted_at=now, lost_at=now)
        lost.filter(deleted_at=None).delete()
        for index, fields in enumerate(found):
            sticker = still_there.get(index, Sticker(sheet=sheet))
            changes = fields | ({"deleted_at": None} if sticker.is_lost else {})
            for name, value in changes.items():
                setattr(sticker, name, value)
            sticker.save(update_fields=changes if sticker.pk else None)
        kept = {name for sticker in sheet.stickers.all() for name in sticker.files}
        finish_if_cut(sheet.generation_id)
    storage.remove(sorted({name for sticker in before for name in sticker.files} - kept))
    return True


def _ring(contour: list[list[float]]) -> NDArray[np.float32]:
    return np.array(contour, np.float32).reshape(-1, 2)


def _give_up(row: Segmentation, words: str) -> None:
    with transaction.atomic():
        if give_up(row, words):
            finish_if_cut(row.sheet.generation_id)


def finish_if_cut(generation_pk: int | None) -> None:
    """Move a generation to DONE once the segmentation of all its sheets has ended.

    Call it in the transaction of the change that may be the last one. A kill in between would leave a generation that
    no lease offers again.
    """
    if generation_pk is None:
        return  # an imported sheet
    # Write first, and to READY, too. The write waits for others who change this row now, and then sees their change.
    # The card shows something else anyway, whether this was the last sheet or not.
    order = Generation.objects.filter(pk=generation_pk, state__in=[State.READY, State.CUTTING])
    order.update(changed_at=timezone.now())
    generation = order.first()
    if generation is not None and not generation.sheets.being_cut().exists():
        generation.move(frm=[State.CUTTING], to=State.DONE)
