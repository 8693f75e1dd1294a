"""What a person says by hand, applied to labels."""

from __future__ import annotations

import numpy as np

from stickers.cutting.guided import by_boxes, by_seeds, largest, of_size
from stickers.cutting.raster import Labels


def bar() -> Labels:
    """One label, 20 rows of 100 px, on a plane of 60 × 120."""
    labels = np.zeros((60, 120), np.int32)
    labels[20:40, 10:110] = 1
    return labels


def test_it_works() -> None:
    count, labels = by_boxes(bar(), ((5, 15, 110, 30),))
    assert count == 1
    assert (labels == bar()).all()


def test_a_box_takes_its_part_of_what_it_crosses() -> None:
    count, labels = by_boxes(bar(), ((10, 15, 30, 30),))  # less than half of the piece, but most of the box
    assert count == 1
    assert np.count_nonzero(labels) == 20 * 30


def test_a_box_leaves_what_only_reaches_into_it() -> None:
    assert by_boxes(bar(), ((0, 0, 40, 22),))[0] == 0  # 2 rows of 22


def test_a_box_in_a_box_keeps_its_own() -> None:
    count, labels = by_boxes(bar(), ((10, 20, 20, 20), (0, 0, 120, 60)))
    assert count == 2
    assert (labels[20:40, 10:30] == 1).all()
    assert (labels[20:40, 30:110] == 2).all()


def test_a_seed_reaches_no_farther_than_it_may() -> None:
    assert by_seeds(bar(), ((60, 45),), reach_px=7)[0] == 1
    assert by_seeds(bar(), ((60, 50),), reach_px=7)[0] == 0


def test_sizes_and_numbers_choose() -> None:
    labels = bar()
    labels[45:50, 10:40] = 2
    assert of_size(labels, 2, 31)[0] == 1
    assert of_size(labels, 2, 30)[0] == 2
    count, kept = largest(labels, 2, 1)
    assert count == 1
    assert (kept > 0).sum() == 20 * 100
