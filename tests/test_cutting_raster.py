"""The raster primitives whose promises rest on OpenCV's habits."""

from __future__ import annotations

import numpy as np
import pytest

from stickers.cutting.raster import nearest, nearest_at


@pytest.mark.parametrize("share", [0.001, 0.05, 0.5, 0.95])
def test_the_nearest_pixel_is_one_of_the_mask_at_the_distance_said(share: float) -> None:
    mask = np.random.default_rng(7).random((83, 61)) < share
    distance, index = nearest(mask)
    assert mask.ravel()[index].all()
    ys, xs = np.divmod(index, 61)
    rows, columns = np.indices(mask.shape)
    true = np.hypot(rows - ys, columns - xs)
    assert np.abs(distance - true).max() <= 0.03 * true.max() + 1e-3
    assert (index[mask] == np.flatnonzero(mask)).all()


def test_places_get_what_the_plane_has() -> None:
    mask = np.random.default_rng(8).random((40, 50)) < 0.02
    places = np.array([0, 77, 1999, 1234])
    distance, index = nearest(mask)
    some, where = nearest_at(mask, places)
    assert (some == distance.ravel()[places]).all()
    assert (where == index.ravel()[places]).all()


def test_nothing_is_far_from_everything() -> None:
    distance, index = nearest(np.zeros((4, 5), np.bool_))
    assert distance.min() > 1e5
    assert (index == 0).all()
