"""What the net says of a sheet, in which shapes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.fitting.cutting.learned.sheet_net import PARTS, input_of, seen

PINK = (246, 150, 170)


def sheet(width: int = 640, height: int = 640) -> np.ndarray:
    """A blue disc with a white border in the middle of a pink sheet."""
    rgb = np.full((height, width, 3), PINK, np.uint8)
    cv2.circle(rgb, (width // 2, height // 2), 120, (255, 255, 255), -1, cv2.LINE_AA)
    cv2.circle(rgb, (width // 2, height // 2), 104, (40, 60, 180), -1, cv2.LINE_AA)
    return rgb


def test_it_works() -> None:
    view = seen(sheet())
    fine, coarse = view.cover.shape, view.seam.shape
    assert fine == (512, 512)
    assert coarse == (256, 256)
    assert view.parts.shape == (len(PARTS), 256, 256)
    assert view.cover[256, 256] > 0.9
    assert view.cover[10, 10] < 0.1
    np.testing.assert_allclose(view.parts.sum(axis=0), 1, atol=1e-5)
    inside = view.cover[::2, ::2] > 0.9
    assert abs(float(np.median(view.middle_y[inside])) - 128) < 8
    assert abs(float(np.median(view.middle_x[inside])) - 128) < 8


@pytest.mark.parametrize("size", [(1024, 1024), (1000, 700), (3000, 90), (17, 640), (64, 64), (16, 16)])
def test_planes_have_the_sheet_s_shape(size: tuple[int, int]) -> None:
    width, height = size
    view = seen(sheet(width, height))
    assert view.cover.shape == (2 * view.seam.shape[0], 2 * view.seam.shape[1])
    assert view.middle_x.shape == view.middle_y.shape == view.seam.shape
    assert np.isfinite(view.cover).all()
    if min(size) > 100:
        assert view.cover.shape[1] / view.cover.shape[0] == pytest.approx(width / height, rel=0.02)


def test_the_same_sheet_gives_the_same_view_with_any_number_of_threads() -> None:
    before = cv2.getNumThreads()
    try:
        views = []
        for threads in (1, 2):
            cv2.setNumThreads(threads)
            views.append(seen(sheet()))
    finally:
        cv2.setNumThreads(before)
    np.testing.assert_array_equal(views[0].cover, views[1].cover)


def test_the_net_reads_colours_and_the_distance_from_the_ground() -> None:
    planes = input_of(sheet(256, 256))
    assert planes.shape == (5, 256, 256)
    assert planes.dtype == np.float32
    assert planes.min() >= -0.5
    assert planes.max() <= 0.5
    assert planes[3, 2, 2] < -0.4
    assert planes[4, 128, 128] == pytest.approx(0.5)
    np.testing.assert_allclose(planes[:3, 2, 2], np.array(PINK) / 255 - 0.5, atol=1e-6)
