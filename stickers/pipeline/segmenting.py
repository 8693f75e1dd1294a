"""Cut a sheet into its stickers: once for each time it was asked for, whoever asks how often."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import numpy as np
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from numpy.typing import NDArray
from PIL import Image

from stickers.cutting import CutOptions, Cutout, cut_sheet
from stickers.cutting.match import match_contours
from stickers.cutting.trial import survives
from stickers.files import storage, thumbnails
from stickers.models import CutState, Generation, PrintItem, Sheet, State, Sticker
from stickers.models.leases import LONGEST_SLEEP
from stickers.pictures.opening import UnreadableImage, open_image
from stickers.pipeline.recovery import noticing_refusals

logger = logging.getLogger(__name__)

TRIES: Final = 3  # cuts that were broken off, before the picture itself comes under suspicion
# How long a hint that was lost with the broker delays a sheet. A sheet that is being cut is held for its lease.
OFFER: Final = timedelta(seconds=1.5)
LEASE: Final = timedelta(seconds=120)
STORAGE_PAUSE: Final = timedelta(seconds=2)


@dataclass(frozen=True)
class Piece:
    """A cut-out, ready to become a row once its files are stored."""

    fields: dict[str, Any]


def cut(sheet_pk: int) -> bool:
    """Cut the sheet if it waits for it; True when this call did it.

    Safe to call twice and to kill: files are named by their content and the rows appear in one transaction.
    """
    with noticing_refusals():
        return _cut(sheet_pk)


def _cut(sheet_pk: int) -> bool:
    if not _begin(sheet_pk):
        return False
    sheet = Sheet.objects.get(pk=sheet_pk)
    try:
        data, options = storage.get(sheet.file.name), CutOptions(**sheet.cut_options)
        # Whether it was this picture that took its worker down, or somebody who restarts workers, shows by itself.
        if sheet.cut_tries > TRIES and not survives(data, options):
            return _give_up(sheet, "Cutting this picture ends the process that does it.")
        image = open_image(data)
        cutouts = cut_sheet(image, options)
        files: dict[str, bytes] = {}
        pieces = [_piece(sheet, cutout, files) for cutout in cutouts]
        thumbs = _thumbs(sheet.file.name, image, files)
        storage.put_all(files)
    except UnreadableImage as error:
        return _give_up(sheet, str(error))
    except FileNotFoundError:
        return _give_up(sheet, "The picture's file is no longer there.")
    except OSError as error:
        return _cut_later(sheet, error)
    except Exception as error:  # whatever a picture does to the segmentation, the sheet must say so
        logger.exception("Sheet %s could not be cut.", sheet_pk)
        return _give_up(sheet, f"This sheet could not be cut: {error}")
    return _publish(sheet, pieces, thumbs)


def _begin(sheet_pk: int) -> bool:
    """Take the sheet in hand, unless somebody has it there: a slow hint is sent more than once."""
    now = timezone.now()
    free = Q(cut_next_at__lte=now + OFFER) | Q(cut_next_at__gt=now + LONGEST_SLEEP)
    waiting = Sheet.objects.filter(free, pk=sheet_pk, cut_state=CutState.WAITING)
    return bool(waiting.update(cut_tries=F("cut_tries") + 1, cut_next_at=now + LEASE))


def _piece(sheet: Sheet, cutout: Cutout, files: dict[str, bytes]) -> Piece:
    """The fields of a sticker's row; its files are added to `files`."""
    data = thumbnails.png(cutout.rgba)
    name = storage.sticker(sheet.file.name, cutout.label, data)
    files[name] = data
    x, y, width, height = cutout.box
    return Piece(
        {
            "number": cutout.label,
            "file": name,
            "x": x,
            "y": y,
            "width_px": width,
            "height_px": height,
            "confidence": cutout.confidence,
            "reason": cutout.reason,
            "contour": cutout.contour.astype(float).round(1).tolist(),
            **_thumbs(name, Image.fromarray(cutout.rgba, "RGBA"), files),
        }
    )


def _thumbs(name: str, image: Image.Image, files: dict[str, bytes]) -> dict[str, str]:
    """Thumbnails by field, their files added to `files`; a picture that is small already is its own."""
    fields: dict[str, str] = {}
    for side_px in storage.THUMB_SIDES_PX:
        small = name
        if max(image.size) > side_px:
            small = storage.thumb(name, side_px)
            files[small] = thumbnails.thumb(image, side_px)
        fields[f"thumb_{side_px}"] = small
    return fields


def _publish(sheet: Sheet, pieces: list[Piece], thumbs: dict[str, str]) -> bool:
    """Write all rows of a cut at once. A sticker that is still there keeps its row, with star, title and trash.

    A missing sticker that somebody has named, starred or laid out goes to the trash. It comes back with the cut that
    has it again.
    """
    with transaction.atomic():
        won = Sheet.objects.filter(pk=sheet.pk, cut_state=CutState.WAITING).update(
            cut_state=CutState.CUT, cut_next_at=None, cut_error="", cut_at=timezone.now(), **thumbs
        )
        if not won:
            return False
        before = list(sheet.stickers.select_for_update())
        same = dict(
            match_contours([_ring(row.contour) for row in before], [_ring(p.fields["contour"]) for p in pieces])
        )
        still_there = {there: before[was] for was, there in same.items()}
        lost = sheet.stickers.exclude(pk__in=[row.pk for row in still_there.values()])
        dear = ~Q(title="") | Q(starred=True) | Exists(PrintItem.objects.filter(sticker=OuterRef("pk")))
        now = timezone.now()
        lost.filter(dear, deleted_at=None).update(deleted_at=now, lost_at=now)
        lost.filter(deleted_at=None).delete()
        for index, piece in enumerate(pieces):
            row = still_there.get(index, Sticker(sheet=sheet))
            fields = piece.fields | ({"deleted_at": None} if row.is_lost else {})
            for name, value in fields.items():
                setattr(row, name, value)
            row.save(update_fields=fields if row.pk else None)
        kept = {name for row in sheet.stickers.all() for name in row.files}
        finish_if_cut(sheet.generation_id)
    storage.remove(sorted({name for row in before for name in row.files} - kept))
    return True


def _ring(contour: list[list[float]]) -> NDArray[np.float32]:
    return np.array(contour, np.float32).reshape(-1, 2)


def _cut_later(sheet: Sheet, error: OSError) -> bool:
    """A full or failing storage is not the picture's fault."""
    logger.warning("Sheet %s waits for the storage: %s", sheet.pk, error.strerror or error)
    Sheet.objects.filter(pk=sheet.pk, cut_state=CutState.WAITING).update(
        cut_next_at=timezone.now() + STORAGE_PAUSE, cut_tries=F("cut_tries") - 1
    )
    return False


def _give_up(sheet: Sheet, reason: str) -> bool:
    with transaction.atomic():
        Sheet.objects.filter(pk=sheet.pk, cut_state=CutState.WAITING).update(
            cut_state=CutState.FAILED, cut_next_at=None, cut_error=reason
        )
        finish_if_cut(sheet.generation_id)
    return False


def finish_if_cut(generation_pk: int | None) -> None:
    """Done means that every sheet was segmented.

    Belongs into the transaction of the change that may have been the last: a kill in between would leave an order
    that no lease offers again.
    """
    if generation_pk is None:
        return  # an imported sheet
    # Writing comes first, and to READY, too: whoever changes this order at the same moment is waited for, and seen.
    # What the card shows has changed anyway, whether this was the last sheet or not.
    order = Generation.objects.filter(pk=generation_pk, state__in=[State.READY, State.CUTTING])
    order.update(changed_at=timezone.now())
    generation = order.first()
    if generation is not None and not generation.sheets.being_cut().exists():
        generation.move(frm=[State.CUTTING], to=State.DONE)
