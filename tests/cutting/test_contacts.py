"""Bare figures that touch come apart; a figure that a pale stripe crosses stays whole."""

from __future__ import annotations

import numpy as np

from stickers.cutting.contacts import without_contacts
from stickers.cutting.raster import Mask, Plane, components

THRESHOLD = 3.0


def two_squares(bridge_px: int, faint: float) -> tuple[Mask, Plane]:
    """Two squares of 40 px, 6 px apart, with a bridge of this height that is `faint` from the ground's colour."""
    distance = np.zeros((200, 200), np.float32)
    distance[80:120, 50:90] = distance[80:120, 96:136] = 60
    distance[100 - bridge_px // 2 : 100 + bridge_px // 2, 90:96] = faint
    return distance > THRESHOLD, distance


def test_it_works() -> None:
    mask, distance = two_squares(10, 8.0)
    parted = without_contacts(mask, distance, THRESHOLD)
    assert (components(mask)[0], components(parted)[0]) == (1, 2)
    assert np.count_nonzero(mask & ~parted) <= 4 * 10


def test_a_pale_stripe_through_a_figure_parts_nothing() -> None:
    mask, distance = two_squares(40, 8.0)
    assert np.array_equal(without_contacts(mask, distance, THRESHOLD), mask)


def test_a_strong_neck_parts_nothing() -> None:
    mask, distance = two_squares(10, 40.0)
    assert np.array_equal(without_contacts(mask, distance, THRESHOLD), mask)


def test_of_many_in_a_row_each_contact_opens_at_its_own_level() -> None:
    distance = np.zeros((200, 240), np.float32)
    for left, faint in ((20, 5.0), (66, 8.0), (112, 14.0), (158, 0.0)):
        distance[80:120, left : left + 40] = 60
        distance[95:105, left + 40 : left + 46] = faint
    parted = without_contacts(distance > THRESHOLD, distance, THRESHOLD)
    assert components(parted)[0] == 4
