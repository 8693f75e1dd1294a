"""Publish a cut by the engine: the first one of a sheet, or another one that heeds what was done by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stickers.cuts.bench import operations_of, planes_after, steps_of
from stickers.cuts.publishing import StaleError, fields_of, publish
from stickers.cutting.cutout import cutouts_of
from stickers.cutting.match import match_contours
from stickers.cutting.operations import as_json, read
from stickers.cutting.pixels import Pixels
from stickers.cutting.plane import LabelPlane, packed
from stickers.cutting.recut import added, relabelled, replayed
from stickers.files import storage
from stickers.models import CutStep, Sheet, Sticker, Way


@dataclass(frozen=True, eq=False)
class Recut:
    """A cut that is ready to be published. Its files are stored first; `write` needs a transaction.

    `stays`: the names of files that the sheet has already and keeps.
    """

    step: CutStep
    plane: LabelPlane
    found: Mapping[int, dict[str, Any]]
    files: Mapping[str, bytes]
    rows: Mapping[int, Sticker]
    lost: Sequence[Sticker]
    stays: frozenset[str]

    def write(self, **changed: Any) -> None:
        """Write all rows. `changed`: what else is new of the sheet.

        Raises StaleError if the sheet has another version than the one that this cut heeds.
        """
        sheet = self.step.sheet
        unchanged = Sheet.objects.filter(pk=sheet.pk, cut_version=self.step.version)
        if not unchanged.update(**changed, cut_version=self.step.version + 1, next_label=self.plane.fresh):
            raise StaleError
        sheet.cut_steps.filter(undone=True).delete()
        publish(self.step, self.plane, self.found, self.rows, self.lost)
        self.step.save()


def prepared(sheet: Sheet, pixels: Pixels, engine: LabelPlane, way: str) -> Recut:
    """The cut with what was done by hand, as `way` says. `engine`: the labels 1..n of the new cut. Raises OSError."""
    stickers = list(sheet.stickers.all())
    steps = steps_of(sheet) if stickers or sheet.cut_version else []
    if way == Way.ADD and steps:
        return _adding(sheet, pixels, engine, steps, stickers)
    by_hand = operations_of(steps) if way == Way.KEEP else []
    operations = [operation for one in by_hand for operation in read([one])]
    plane, kept, refused = replayed(pixels, engine, operations)
    cutouts = cutouts_of(pixels, plane)
    pairs = match_contours([_ring(sticker) for sticker in stickers], [cutout.contour for cutout in cutouts])
    same = {cutouts[there].label: stickers[was] for was, there in pairs}
    identity: dict[int, int] = {}
    fresh = sheet.next_label
    for label in sorted(engine.pieces.keys() | plane.pieces.keys()):
        known = same[label].label if label in same else None
        identity[label] = known or fresh
        fresh += not known
    files: dict[str, bytes] = {}
    found = {
        identity[cutout.label]: fields_of(sheet, replace(cutout, label=identity[cutout.label]), files)
        for cutout in cutouts
    }
    after, base = relabelled(plane, identity, fresh), relabelled(engine, identity, fresh)
    step = _step(sheet, steps, base, after, files)
    step.operations = [as_json(operation) for operation in kept]
    step.refused = [{"operation": as_json(operation), "why": why} for operation, why in refused]
    rows = {identity[label]: sticker for label, sticker in same.items()}
    still_there = {sticker.pk for sticker in same.values()}
    lost = [sticker for sticker in stickers if sticker.pk not in still_there]
    return Recut(step, after, found, files, rows, lost, _engines(sheet))


def _adding(
    sheet: Sheet, pixels: Pixels, engine: LabelPlane, steps: Sequence[CutStep], stickers: Sequence[Sticker]
) -> Recut:
    now = planes_after(steps, fresh=sheet.next_label).now
    after, base = added(now, engine)
    files: dict[str, bytes] = {}
    new = after.pieces.keys() - now.pieces.keys()
    found = {cutout.label: fields_of(sheet, cutout, files) for cutout in cutouts_of(pixels, after, new)}
    step = _step(sheet, steps, base, after, files)
    step.operations = operations_of(steps)
    stays = _engines(sheet).union(*(one.files for one in stickers))
    return Recut(step, after, found, files, {one.label: one for one in stickers if one.label}, [], stays)


def _engines(sheet: Sheet) -> frozenset[str]:
    return frozenset(sheet.cut_steps.exclude(engine="").values_list("engine", flat=True))


def _step(
    sheet: Sheet, steps: Sequence[CutStep], base: LabelPlane, after: LabelPlane, files: dict[str, bytes]
) -> CutStep:
    data = packed(base.labels)
    name = storage.plane(sheet.file.name or "", data)
    files[name] = data
    is_same = np.array_equal(base.labels, after.labels)
    return CutStep(
        sheet=sheet,
        number=steps[-1].number + 1 if steps else 1,
        words="Cut again" if steps else "Cut",
        engine=name,
        patch=b"" if is_same else packed(after.labels),
        moves=[list(move) for move in after.moves],
        version=sheet.cut_version,
    )


def _ring(sticker: Sticker) -> NDArray[np.float32]:
    return np.array(sticker.contour, np.float32).reshape(-1, 2)
