"""The raster primitives whose promises depend on OpenCV's behaviour."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from stickers.cutting.raster import (
    areas,
    at,
    boxes,
    chosen,
    components,
    distance_between,
    in_planes,
    nearest,
    nearest_at,
    nearest_component,
    without_small,
)


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


SHAPES = ((40, 30), (1, 50), (50, 1), (17, 33))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("filled", [0.0, 0.2, 0.5, 0.7, 1.0])
def test_areas_and_boxes_are_those_of_a_count_pixel_by_pixel(shape: tuple[int, int], filled: float) -> None:
    count, labels = components(np.random.default_rng(3).random(shape) < filled)
    labels[labels == 2] = 0  # one that does not occur
    assert np.array_equal(areas(labels, count + 1), np.bincount(labels.ravel(), minlength=count + 2))
    assert boxes(labels, count + 1) == ndimage.find_objects(labels, max_label=count + 1)


def test_a_label_over_the_end_of_a_row_and_the_next_one_has_the_box_of_both() -> None:
    labels = np.array([[0, 0, 1], [1, 0, 0]], np.int32)
    assert boxes(labels, 1) == [(slice(0, 2), slice(0, 3))]
    assert areas(labels, 1).tolist() == [4, 2]


@pytest.mark.parametrize("shape", SHAPES)
def test_without_small_takes_out_components_below_the_least_and_nothing_else(shape: tuple[int, int]) -> None:
    mask = np.random.default_rng(4).random(shape) < 0.35
    _, labels = components(mask)
    expected = mask & (np.bincount(labels.ravel())[labels] >= 4)
    before = mask.copy()
    assert np.array_equal(without_small(mask, 4), expected)
    assert np.array_equal(mask, before)


def test_chosen_are_the_pixels_of_kept_labels() -> None:
    labels = np.array([[0, 1], [2, 1]], np.int32)
    assert chosen(np.array([False, True, False]), labels).tolist() == [[False, True], [False, True]]
    assert not chosen(np.array([False, False, False]), labels).any()


def test_the_nearest_component_is_that_of_the_nearest_pixel() -> None:
    mask = np.random.default_rng(5).random((60, 50)) < 0.03
    count, labels = components(mask)
    away, which = nearest_component(mask)
    distance, index = nearest(mask)
    assert np.array_equal(away, distance)
    # Numbered in another order, but with one number for each component.
    pairs = set(zip(labels[mask].tolist(), which[mask].tolist(), strict=True))
    assert len(pairs) == len({label for label, _ in pairs}) == len({number for _, number in pairs}) == count
    number_of = dict(pairs)
    expected = np.array([number_of[label] for label in labels.ravel()[index].ravel().tolist()]).reshape(mask.shape)
    assert (which == expected).mean() > 0.95  # all but ties


def test_planes_index_like_the_picture_they_are_of() -> None:
    image = np.random.default_rng(6).random((7, 5, 3)).astype(np.float32)
    planes = in_planes(image)
    assert np.array_equal(planes, image)
    assert planes[..., 1].flags.c_contiguous
    assert np.array_equal(at(planes, np.array([3, 11])), image.reshape(-1, 3)[[3, 11]])
    other = in_planes(image[::-1].copy())
    assert np.allclose(distance_between(planes, other), np.linalg.norm(image - image[::-1], axis=2), atol=1e-6)


def test_planes_can_be_enlarged_on_the_way() -> None:
    image = np.full((4, 3, 3), 7.0, np.float32)
    large = in_planes(image, size=(9, 8))
    assert large.shape == (8, 9, 3)
    assert np.allclose(large, 7.0)
