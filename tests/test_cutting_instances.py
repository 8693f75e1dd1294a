"""Seams: a contact of two figures parts them, a cut through one body does not."""

from __future__ import annotations

import numpy as np
import pytest

from stickers.cutting.instances import Measure, Seam, oneness

MEASURE = Measure(border_px=4.0, small=1_300, whole=8_000, dark_valley=9.0, parting=1.0)
AREA = 20_000.0
DIAMETER = 2 * np.sqrt(AREA / np.pi)


@pytest.mark.parametrize(("share", "one"), [(0.5, False), (0.85, False), (0.95, True), (1.3, True)])
def test_two_whole_cells_are_one_from_nine_tenths_of_the_smaller_s_diameter(share: float, one: bool) -> None:
    seam = Seam(length_px=share * DIAMETER, gap_px=20.0, valley=7.0)
    assert (oneness(seam, AREA, MEASURE) >= 1) is one


@pytest.mark.parametrize(("gap_px", "one"), [(1.5, True), (3.5, False)])
def test_two_whole_cells_share_a_border_only_when_their_artworks_all_but_touch(gap_px: float, one: bool) -> None:
    seam = Seam(length_px=0.62 * DIAMETER, gap_px=gap_px, valley=7.0)
    assert (oneness(seam, AREA, MEASURE) >= 1) is one
