"""Cut a sheet again without losing what was done to it by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from stickers.cutting.edits import play
from stickers.cutting.operations import EditError, Operation
from stickers.cutting.pixels import Pixels
from stickers.cutting.plane import LabelPlane

MISSING: Final = 0.2  # of its area: a thing of which less lies on stickers is missing


def replayed(
    pixels: Pixels, engine: LabelPlane, operations: Sequence[Operation]
) -> tuple[LabelPlane, list[Operation], list[tuple[Operation, str]]]:
    """The plane of a new cut with the operations played on it: the plane, those that fit, and the others with why."""
    plane, kept, refused = engine, [], []
    for operation in operations:
        try:
            plane = play(pixels, plane, [operation], engine=engine).plane
        except EditError as error:
            refused.append((operation, str(error.__cause__ or error)))
        else:
            kept.append(operation)
    return plane, kept, refused


def added(now: LabelPlane, engine: LabelPlane) -> tuple[LabelPlane, LabelPlane]:
    """The plane `now` with everything of a new cut that it lacks, and the new cut with the labels of `now`.

    What is added gets fresh labels. A thing of the new cut that `now` has, too, gets the label with which it shares
    most; where two would get the same, the smaller share gets a fresh one.
    """
    high = max(engine.pieces, default=0) + 1
    wide = max(now.pieces, default=0) + 1
    pairs = engine.labels.astype(np.int64) * wide + now.labels
    common = np.bincount(pairs.ravel(), minlength=high * wide).reshape(high, wide)
    fresh = now.fresh
    identity: dict[int, int] = {}
    missing = []
    shares = [(int(common[label, other]), label, other) for label in engine.pieces for other in now.pieces]
    for share, label, other in sorted(shares, reverse=True):
        if share and label not in identity and other not in identity.values():
            identity[label] = other
    for label, piece in engine.pieces.items():
        on_stickers = piece.area - int(common[label, 0])
        if on_stickers < MISSING * piece.area:
            missing.append(label)
            identity.pop(label, None)
        if label not in identity:
            identity[label] = fresh
            fresh += 1
    found = relabelled(engine, identity, fresh)
    labels = now.labels.copy()
    there = np.isin(engine.labels, missing) & (labels == 0)
    labels[there] = found.labels[there]
    return LabelPlane.of(labels, fresh=fresh, moves=now.moves), found


def relabelled(plane: LabelPlane, identity: Mapping[int, int], fresh: int) -> LabelPlane:
    """The plane with other labels. `identity` has one for each of its own."""
    new = np.zeros(max(plane.pieces, default=0) + 1, np.int32)
    for label in plane.pieces:
        new[label] = identity[label]
    pieces = {identity[label]: piece for label, piece in plane.pieces.items()}
    moves = tuple((identity[label], number) for label, number in plane.moves if label in identity)
    return replace(plane, labels=np.take(new, plane.labels), pieces=pieces, fresh=fresh, moves=moves)
