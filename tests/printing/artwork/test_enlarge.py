"""Edge-extended colours: nothing of the background may be mixed in."""

from __future__ import annotations

import numpy as np

from stickers.printing.artwork.enlarge import extend_colours


def test_it_works() -> None:
    rgba = np.zeros((40, 40, 4), np.uint8)
    rgba[..., :3] = (0, 255, 0)  # a green ground that must not come back
    rgba[9:31, 9:31] = (100, 128, 0, 120)  # its mixture in the rim
    rgba[10:30, 10:30] = (200, 0, 0, 255)
    rgba[10:30, 20:30, 2] = 200
    art = extend_colours(rgba)
    assert art.opacity is None
    assert np.unique(art.rgb.reshape(-1, 3), axis=0).tolist() == [[200, 0, 0], [200, 0, 200]]
    assert art.rgb[0, 0].tolist() == [200, 0, 0]
    assert art.rgb[0, 39].tolist() == [200, 0, 200]


def test_a_hair_keeps_its_own_colour() -> None:
    rgba = np.zeros((40, 60, 4), np.uint8)
    rgba[10:30, 5:25] = (200, 0, 0, 255)
    rgba[20, 25:55] = (0, 0, 90, 140)
    art = extend_colours(rgba)
    assert art.rgb[20, 50].tolist() == [0, 0, 90]


def test_see_through_art_keeps_its_opacity_up_to_the_edge() -> None:
    rgba = np.zeros((40, 40, 4), np.uint8)
    rgba[8:32, 8:32] = (10, 20, 30, 160)
    art = extend_colours(rgba)
    assert art.opacity is not None
    assert art.opacity[8, 8] == art.opacity[20, 20] == 160


def test_faint_art_is_its_own_source() -> None:
    rgba = np.zeros((10, 10, 4), np.uint8)
    rgba[5, 5] = (1, 2, 3, 40)
    assert (extend_colours(rgba).rgb == (1, 2, 3)).all()
