"""The label plane: pieces, order, and its lossless file."""

from __future__ import annotations

import numpy as np
import pytest

from stickers.cutting.plane import LabelPlane, packed, unpacked


def two() -> LabelPlane:
    labels = np.zeros((20, 30), np.int32)
    labels[2:8, 20:28] = 4
    labels[3:9, 2:8] = 9
    return LabelPlane.of(labels)


def test_it_knows_its_pieces_and_their_order() -> None:
    plane = two()
    assert plane.pieces[4] == ((slice(2, 8), slice(20, 28)), 48)
    assert plane.order == [9, 4]
    assert plane.fresh == 10
    assert plane.usual == 42
    assert plane.renumbered().labels[4, 4] == 1


def test_a_move_puts_a_label_elsewhere_and_may_name_one_that_is_gone() -> None:
    plane = LabelPlane.of(two().labels, moves=((7, 1), (4, 1)))
    assert plane.order == [4, 9]
    assert plane.renumbered().order == [1, 2]


def test_an_empty_plane_has_no_stickers() -> None:
    empty = LabelPlane.of(np.zeros((4, 4), np.int32))
    assert empty.order == []
    assert empty.usual == 1.0
    assert empty.renumbered().fresh == 1


def test_its_file_holds_the_same_labels() -> None:
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 65536, (40, 50)).astype(np.int32)
    assert (unpacked(packed(labels)) == labels).all()
    assert packed(labels)[:4] == b"\x89PNG"


def test_a_sheet_of_discs_takes_little_room() -> None:
    rows, columns = np.mgrid[:1024, :1024]
    labels = np.zeros((1024, 1024), np.int32)
    for number in range(25):
        y, x = 100 + 200 * (number // 5), 100 + 200 * (number % 5)
        labels[np.hypot(rows - y, columns - x) < 90] = number + 1
    assert len(packed(labels)) < 30_000


def test_what_is_no_plane_is_refused() -> None:
    with pytest.raises(ValueError, match="65535 stickers in its life"):
        packed(np.full((2, 2), 65536, np.int32))
    for data in (b"no picture", b"\x89PNG"):
        with pytest.raises(ValueError, match="no label plane"):
            unpacked(data)
