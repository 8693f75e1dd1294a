"""Regions of a view, and what is measured of each and of each pair."""

from __future__ import annotations

import numpy as np

from tests.fitting.cutting.learned.regions import FAR_PX, measured, neighbours, over_segmented
from tests.fitting.cutting.learned.sheet_net import PARTS, View


def view_of(labels: np.ndarray) -> View:
    """A view that sees these coarse labels without any doubt; each points to its own middle."""
    height, width = labels.shape
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    middle_y, middle_x = rows.copy(), columns.copy()
    for label in range(1, int(labels.max()) + 1):
        mine = labels == label
        middle_y[mine], middle_x[mine] = rows[mine].mean(), columns[mine].mean()
    parts = np.zeros((len(PARTS), height, width), np.float32)
    parts[0], parts[1] = labels == 0, labels > 0
    cover = np.kron((labels > 0).astype(np.float32), np.ones((2, 2), np.float32))
    return View(cover, parts, np.zeros((height, width), np.float32), middle_y, middle_x)


def two(gap: int) -> np.ndarray:
    """Two squares of 20 px, `gap` px apart."""
    labels = np.zeros((60, 90), np.int32)
    labels[20:40, 10:30] = 1
    labels[20:40, 30 + gap : 50 + gap] = 2
    return labels


def test_it_works() -> None:
    view = view_of(two(gap=6))
    regions = over_segmented(view, least=0.35)
    assert len(regions.size) == 3
    assert regions.size[1:].tolist() == [400, 400]
    np.testing.assert_allclose(regions.cover[1:], 1)
    np.testing.assert_allclose(regions.spread[1:], 0, atol=1e-3)
    pairs = neighbours(regions, view)
    assert pairs.one.tolist() == [1]
    assert pairs.other.tolist() == [2]
    assert abs(pairs.gap[0] - 6) <= 1
    assert pairs.contact[0] == 0
    assert pairs.bridge[0] < 0.5
    assert pairs.apart[0] == np.hypot(0, 26) / np.sqrt(800)


def test_two_that_touch_are_parted_where_they_point_to_other_middles() -> None:
    regions = over_segmented(view_of(two(gap=0)), least=0.35)
    assert regions.size[1:].tolist() == [400, 400]
    assert set(np.unique(regions.labels[20:40, 10:30])) == {1}


def test_a_seam_parts_one_that_points_to_one_middle() -> None:
    labels = np.zeros((60, 90), np.int32)
    labels[20:40, 10:50] = 1
    view = view_of(labels)
    view.seam[:, 29:31] = 0.9
    regions = over_segmented(view, least=0.35)
    assert len(regions.size) == 3
    assert regions.size[1:].sum() == 800  # the seam's own pixels belong to the nearest side


def test_far_ones_are_no_neighbours() -> None:
    view = view_of(two(gap=int(FAR_PX) + 6))
    assert len(neighbours(over_segmented(view, least=0.35), view).one) == 0


def test_an_empty_view_has_no_regions() -> None:
    view = view_of(np.zeros((40, 40), np.int32))
    regions = over_segmented(view, least=0.35)
    assert len(regions.size) == 1
    assert not regions.labels.any()
    assert len(neighbours(regions, view).one) == 0


def test_whole_stickers_are_measured_alike() -> None:
    labels = two(gap=6)
    found = measured(labels, view_of(labels))
    assert found.size[1:].tolist() == [400, 400]
    assert found.y[1:].tolist() == [29.5, 29.5]
