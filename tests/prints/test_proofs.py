"""The soft proof: colours as printed, stripes on those that are lost, and the outline as it was."""

from __future__ import annotations

import io
from unittest.mock import Mock

import numpy as np
import pytest
from PIL import Image

from stickers.printing.artwork.die_cut import die_cut
from stickers.printing.options import PrintOptions
from stickers.prints.cut_lines import Cuts
from stickers.prints.plan import Design
from stickers.prints.proofs import PROOF_PX, proof
from tests.support.print_art import disc, press

DESIGN = Design(1, 40.0)


def cuts(picture: np.ndarray) -> Cuts:
    return Mock(Cuts, made={DESIGN: die_cut(picture, PrintOptions(size_mm=40))})


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


@pytest.mark.parametrize("lost", [False, True])
def test_it_works(lost: bool) -> None:
    picture = disc()
    shown = pixels(proof(cuts(picture), DESIGN, press(), lost=lost))
    assert np.array_equal(shown[..., 3], picture[..., 3])
    wanted = press().screen(press().plain_inks(np.array([[(200, 40, 60)]], np.uint8)))
    assert np.array_equal(shown[100, 100, :3], wanted[0, 0])


def test_a_colour_that_the_press_has_not_is_duller_and_striped() -> None:
    green = disc(colour=(0, 255, 0))
    plain, striped = (pixels(proof(cuts(green), DESIGN, press(), lost=lost)) for lost in (False, True))
    assert plain[100, 100, 1] < 220
    middle = striped[80:120, 80:120, :3].reshape(-1, 3)
    assert {tuple(colour) for colour in middle.tolist()} == {(0, 0, 0), (255, 255, 255)}


def test_large_art_is_drawn_small() -> None:
    large = disc(side_px=1500, radius_px=700)
    assert max(pixels(proof(cuts(large), DESIGN, press())).shape) == PROOF_PX
