"""Cut a sheet into its stickers: once for each request, however often a hint names it."""

from __future__ import annotations

import contextlib
import logging
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from stickers.cuts.bench import forget
from stickers.cuts.publishing import StaleError, thumbs_of
from stickers.cuts.recutting import Recut, prepared
from stickers.cutting import CutOptions
from stickers.cutting.cutout import plane_of
from stickers.cutting.pixels import Pixels
from stickers.cutting.trial import fate_of
from stickers.files import storage
from stickers.models import Generation, Segmentation, Sheet, State, WorkState
from stickers.pictures.opening import UnreadableImage, open_image
from stickers.pipeline.working import HopelessError, carry_out, give_up

logger = logging.getLogger(__name__)
TRIES: Final = 4  # while a person edits the sheet; each takes a tenth of the cut itself


def segment(sheet_pk: int) -> bool:
    """Cut the sheet whose segmentation was claimed. True when this call published the result.

    It is safe to call twice and to kill: files are named by their content, and the rows appear in one transaction.
    """
    try:
        return carry_out(Segmentation.objects.select_related("sheet"), sheet_pk, _segment, fail=_give_up)
    finally:
        forget()


def _segment(row: Segmentation) -> bool:
    sheet = row.sheet
    try:
        data, options = storage.get(sheet.file.name), CutOptions(**row.options)
        # A trial in a process of its own tells whether this picture ends its worker, or somebody restarts workers.
        if row.tries > Segmentation.SUSPECT and (fate := fate_of(data, options)):
            raise HopelessError(f"{Segmentation.DOING} {fate}.")
        image = open_image(data)
        pixels = Pixels.of(image)
        engine = plane_of(pixels, options)
        small: dict[str, bytes] = {}
        thumbs = thumbs_of(sheet.file.name or "", image, small)
        for _ in range(TRIES):
            row.sheet = Sheet.objects.get(pk=sheet.pk)
            recut = prepared(row.sheet, pixels, engine, row.way)
            files = small | dict(recut.files)
            stored_bytes = len(data) + sum(map(len, files.values())) + storage.size_bytes(recut.stays - files.keys())
            storage.put_all(files)
            with contextlib.suppress(StaleError):
                return _publish(row, recut, {**thumbs, "stored_bytes": stored_bytes})
    except UnreadableImage as error:
        raise HopelessError(str(error)) from error
    except FileNotFoundError as error:
        raise HopelessError("The picture's file is no longer there.") from error
    except OSError as error:  # a full or failing storage is not the picture's fault
        logger.warning("Sheet %s waits for the storage: %s", sheet.pk, error.strerror or error)
    row.put_off(Segmentation.PAUSE, counts=False)  # a full storage, or a person who edits faster than this
    return False


def _publish(row: Segmentation, recut: Recut, changed: dict[str, Any]) -> bool:
    """Write all rows of a segmentation at once, if it is the newest. `changed` is what is new of the sheet.

    A sticker that is found again keeps its row, with star, title and trash. A missing sticker that somebody has named,
    starred or laid out goes to the trash. It comes back with the segmentation that finds it again. Raises StaleError if
    the sheet was edited meanwhile, so that the cut has to heed that first.
    """
    sheet = row.sheet
    before = {name for sticker in sheet.stickers.all() for name in sticker.files}
    with transaction.atomic():
        if not row.end(WorkState.DONE):
            return False
        recut.write(**changed)
        kept = {name for sticker in sheet.stickers.all() for name in sticker.files}
        finish_if_cut(sheet.generation_id)
    storage.remove(sorted(before - kept))
    return True


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
