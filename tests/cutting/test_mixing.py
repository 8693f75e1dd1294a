"""What a doubtful place is made of: ground, shadow and figure, or a colour of its own."""

from __future__ import annotations

import numpy as np
import pytest

from stickers.cutting.background import Background
from stickers.cutting.mixing import mix, of_another_colour

GROUND = np.array([90.0, -4.0, 12.0], np.float32)
FIGURE = np.array([-40.0, 50.0, 20.0], np.float32)  # difference from the ground


@pytest.mark.parametrize(("figure", "shade"), [(0.0, 0.0), (0.2, 0.0), (0.0, 0.1), (0.1, 0.08)])
def test_a_mix_of_ground_figure_and_shadow_leaves_no_rest(figure: float, shade: float) -> None:
    found = mix(figure * FIGURE - shade * GROUND, FIGURE, GROUND)
    assert (found.figure, found.shade) == pytest.approx((figure, shade), abs=1e-4)
    assert found.rest < 1e-3


@pytest.mark.parametrize("offset", [(4.0, 0.0, 0.0), (0.0, -5.0, 0.0), (-1.0, 0.0, 6.0)])
def test_what_is_lighter_or_of_a_third_hue_is_no_mix(offset: tuple[float, float, float]) -> None:
    assert mix(np.array(offset, np.float32), FIGURE, GROUND).rest > 3


@pytest.mark.parametrize(("offset", "other"), [((-4.0, 0.2, -0.5), False), ((-1.0, 4.0, 4.0), True)])
def test_a_notch_of_another_colour_is_no_gap(offset: tuple[float, float, float], *, other: bool) -> None:
    lab = np.tile(GROUND, (60, 60, 1))
    figures = np.zeros((60, 60), np.bool_)
    figures[10:50, 10:50] = True
    notch = np.zeros_like(figures)
    notch[10:40, 27:33] = True
    figures &= ~notch
    lab[figures] += FIGURE
    lab[notch] += np.array(offset, np.float32)
    background = Background(np.tile(GROUND, (60, 60, 1)), np.zeros((60, 60), np.float32), 3.0, white=False)
    assert of_another_colour(lab, background, notch, figures)[notch].all() == other
