"""The oracle's own reasoning: what it would do to a wrong cut, and that this mends it."""

from __future__ import annotations

import numpy as np
import pytest

from stickers.cutting.edits import play
from stickers.cutting.operations import read
from stickers.cutting.pixels import Pixels
from stickers.cutting.plane import LabelPlane
from tests.bench.oracle import Labels, Mended, operations_for, polygon_of, reached, summary, wrong_ones

SIDE = 200


def disc(x: int, y: int, radius: int) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    rows, columns = np.mgrid[:SIDE, :SIDE]
    return np.hypot(columns - x, rows - y) <= radius


def truth() -> Labels:
    labels = np.zeros((SIDE, SIDE), np.int32)
    for label, (x, y) in enumerate(((50, 50), (101, 50), (50, 140)), 1):
        labels[disc(x, y, 25)] = label
    return labels


def fused() -> Labels:
    return np.where(truth() == 2, 1, truth()).astype(np.int32)


def torn() -> Labels:
    labels = truth()
    labels[:, 50:][labels[:, 50:] == 3] = 4
    return labels


def missed() -> Labels:
    return np.where(truth() == 3, 0, truth()).astype(np.int32)


def swollen() -> Labels:
    return np.where(disc(50, 140, 45), 3, truth()).astype(np.int32)


def littered() -> Labels:
    return np.where(disc(150, 150, 15), 4, truth()).astype(np.int32)


@pytest.mark.parametrize(
    ("cut", "names", "wrong"),
    [
        (truth, [], 0),
        (fused, ["outline"], 2),
        (torn, ["merge"], 2),
        (missed, ["outline"], 1),
        (swollen, ["outline"], 1),
        (littered, ["delete"], 1),
    ],
)
def test_each_kind_of_fault_is_mended(cut, names: list[str], wrong: int) -> None:  # type: ignore[no-untyped-def]
    labels = cut()
    operations = operations_for(truth(), labels)
    assert [operation["op"] for operation in operations] == names
    assert len(wrong_ones(truth(), labels)) == wrong
    pixels = Pixels(np.zeros((SIDE, SIDE, 3), np.uint8))
    mended = play(pixels, LabelPlane.of(labels), read(operations)).plane.labels
    assert wrong_ones(truth(), mended) == set()


def test_a_polygon_covers_loose_parts_and_leaves_holes_open() -> None:
    mask = (disc(60, 60, 40) & ~disc(60, 60, 20)) | disc(150, 150, 20)
    pixels = Pixels(np.zeros((SIDE, SIDE, 3), np.uint8))
    empty = LabelPlane.of(np.zeros((SIDE, SIDE), np.int32))
    drawn = play(pixels, empty, read([{"op": "outline", "polygon": polygon_of(mask)}])).plane.labels > 0
    assert np.count_nonzero(drawn & mask) / np.count_nonzero(drawn | mask) > 0.95


def test_the_goals() -> None:
    good = [Mended(9, 2, 3, perfect_before=False, perfect=True), Mended(9, 0, 0, perfect_before=True, perfect=True)]
    figures = summary(good)
    assert figures["perfect as cut"] == 0.5
    assert figures["operations per wrong, median"] == 1.5
    assert reached(figures)
    assert not reached(summary([Mended(9, 2, 3, perfect_before=False, perfect=False)]))
    assert not reached(summary([Mended(9, 1, 3, perfect_before=False, perfect=True)]))
