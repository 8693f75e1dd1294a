"""Edits by hand: operations, undo and redo. Each is a step, made on the version of the sheet that the page showed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from stickers.cuts.bench import Bench, Planes, keep, opened, planes_after
from stickers.cuts.publishing import StaleError, dear, fields_of, publish
from stickers.cutting.cutout import PAD_PX, cutouts_of
from stickers.cutting.edits import play
from stickers.cutting.operations import EditError, Operation, as_json
from stickers.cutting.plane import LabelPlane, packed
from stickers.cutting.raster import dilate, grown
from stickers.files import storage
from stickers.models import CutStep, Sheet
from stickers.models.quota import check_quota


@dataclass(frozen=True, eq=False)
class Done:
    """What a step did: the bench after it, the labels with another cut-out, and the ids of stickers that it took."""

    bench: Bench
    changed: frozenset[int]
    gone: tuple[int, ...]


def edit(sheet: Sheet, operations: Sequence[Operation], *, version: int, user_pk: int) -> Done:
    """Play the operations as one step. What was undone before can't be done again after it.

    Raises EditError, StaleError and NoRoom, with nothing changed.
    """
    _check(sheet, version)
    if not operations:
        raise EditError("There is nothing to do.")
    check_quota(sheet.owner_id)
    bench = opened(sheet)
    played = play(bench.pixels, bench.planes.now, operations, engine=bench.planes.engine)
    words = operations[0].words if len(operations) == 1 else f"{len(operations)} changes"
    step = CutStep(
        sheet=sheet,
        number=bench.steps[-1].number + 1,
        words=words,
        operations=[as_json(operation) for operation in operations],
        moves=[list(move) for move in played.plane.moves],
        version=version,
        made_by_id=user_pk,
    )
    if played.window is not None:
        rows, columns = played.window
        step.patch = packed(played.plane.labels[rows, columns])
        step.y, step.x = rows.start, columns.start

    def write() -> None:
        sheet.cut_steps.filter(undone=True).delete()
        step.save()

    after = replace(bench, planes=Planes(bench.planes.engine, played.plane), steps=[*bench.steps, step])
    return _written(bench, after, step, played.changed, write)


def undo(sheet: Sheet, *, version: int) -> Done:
    """Take the last step back. Raises EditError if there is none, and StaleError."""
    _check(sheet, version)
    bench = opened(sheet)
    last = bench.steps[-1]
    if last.number == 1:
        raise EditError("There is nothing to undo.")
    return _turned(bench, last, undone=True)


def redo(sheet: Sheet, *, version: int) -> Done:
    """Do the last undone step again. Raises EditError if there is none, and StaleError."""
    _check(sheet, version)
    step = sheet.cut_steps.filter(undone=True).light().first()
    if step is None:
        raise EditError("There is nothing to do again.")
    return _turned(opened(sheet), step, undone=False)


def reach(sheet: Sheet) -> tuple[str, str]:
    """The words of the step that undo takes back, and of the one that redo does again. Empty where there is none."""
    last = sheet.cut_steps.filter(undone=False).light().last()
    undone = sheet.cut_steps.filter(undone=True).light().first()
    return last.words if last and last.number > 1 else "", undone.words if undone else ""


def _check(sheet: Sheet, version: int) -> None:
    if sheet.cut_version != version:
        raise StaleError


def _turned(before: Bench, step: CutStep, *, undone: bool) -> Done:
    """The sheet with a step undone, or done again."""

    def write() -> None:
        CutStep.objects.filter(pk=step.pk).update(undone=undone, gone=step.gone)

    # The sheet as it is once the step is turned.
    steps = [each for each in before.sheet.cut_steps.light() if not (undone if each.pk == step.pk else each.undone)]
    newest = max(place for place, each in enumerate(steps) if each.engine)
    planes = planes_after(steps[newest:], fresh=before.sheet.next_label)
    after = replace(before, planes=planes, steps=steps[newest:])
    return _written(before, after, step, _differing(before.planes.now, planes.now), write)


def _differing(one: LabelPlane, other: LabelPlane) -> frozenset[int]:
    """The labels of the `other` plane whose cut-out is another one than in `one`."""
    differ = one.labels != other.labels
    rows, columns = np.flatnonzero(differ.any(axis=1)), np.flatnonzero(differ.any(axis=0))
    if not len(rows):
        return frozenset()
    box = (slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1))
    window = grown(box, PAD_PX, differ.shape)
    there = differ[window].copy()
    before, after = one.labels[window][there], other.labels[window][dilate(there, PAD_PX)]
    return frozenset({*np.unique(before).tolist(), *np.unique(after).tolist()} & other.pieces.keys())


def _written(before: Bench, after: Bench, step: CutStep, changed: frozenset[int], write: Callable[[], None]) -> Done:
    """Write the files of changed stickers, then all rows at once, if the sheet still has the version of `before`."""
    sheet, plane = before.sheet, after.planes.now
    files: dict[str, bytes] = {}
    found = {cutout.label: fields_of(sheet, cutout, files) for cutout in cutouts_of(before.pixels, plane, changed)}
    storage.put_all(files)
    rows = {sticker.label: sticker for sticker in sheet.stickers.defer("contour") if sticker.label}
    lost = [rows[label] for label in before.planes.now.pieces.keys() - plane.pieces.keys() if label in rows]
    # Files that no row names any more are left to the housekeeping: somebody may be storing one of them again.
    stays = dear(lost)
    leaving = [rows[label] for label in changed & rows.keys()] + [row for row in lost if row.pk not in stays]
    named = {name for row in leaving for name in row.files}
    more_bytes = sum(len(data) for name, data in files.items() if name not in named)
    fewer_bytes = storage.size_bytes(named - files.keys())
    with transaction.atomic():
        unchanged = Sheet.objects.filter(pk=sheet.pk, cut_version=sheet.cut_version)
        fields = {"cut_version": sheet.cut_version + 1, "next_label": plane.fresh}
        if not unchanged.update(**fields, stored_bytes=Greatest(F("stored_bytes") + more_bytes - fewer_bytes, 1)):
            raise StaleError
        publish(step, plane, found, rows, lost)
        write()
    for name, value in fields.items():
        setattr(sheet, name, value)
    keep(after.steps, after.planes)
    return Done(after, changed, tuple(sticker.pk for sticker in lost))
