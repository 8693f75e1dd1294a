"""A sticker at its ordered size: cut line, source resolution, and what cannot be cut."""

from __future__ import annotations

import numpy as np
import pytest

from stickers.printing.artwork.die_cut import die_cut
from stickers.printing.errors import ArtError
from stickers.printing.options import PrintOptions
from tests.support.print_art import cut_outs, disc, hair


@pytest.mark.parametrize(("size_mm", "border_mm"), [(50, 2), (20, 1.6), (8, 1), (50, 0), (150, 5)])
def test_it_works(size_mm: float, border_mm: float) -> None:
    sticker = die_cut(disc(), PrintOptions(size_mm=size_mm, border_mm=border_mm), name="disc")
    assert sticker.name == "disc"
    assert max(sticker.width_mm, sticker.height_mm) == pytest.approx(size_mm, abs=0.03)
    left, top, right, bottom = sticker.path.bounds
    assert (left + right, top + bottom) == pytest.approx((0, 0), abs=1e-6)
    # The disc is 160 px wide.
    assert sticker.effective_ppi == pytest.approx(160 * 25.4 / (size_mm - 2 * border_mm), rel=0.04)


@pytest.mark.parametrize("picture", [p for _, p in cut_outs()[:4]])
def test_art_and_line_lie_upon_each_other(picture: np.ndarray) -> None:
    sticker = die_cut(picture, PrintOptions(size_mm=60))
    rows, columns = np.nonzero(sticker.field >= 0.5)
    drawn = (np.array([columns.min(), rows.min()]) - sticker.origin_px) * sticker.mm_per_px
    assert drawn == pytest.approx(sticker.shape.bounds[:2], abs=sticker.mm_per_px)
    assert sticker.contour.least_distance_mm >= 1.99


def test_art_up_to_all_four_edges_is_cut_around() -> None:
    sticker = die_cut(np.full((60, 80, 4), 255, np.uint8), PrintOptions(size_mm=50))
    assert (sticker.width_mm, sticker.height_mm) == pytest.approx((50, 38.5), abs=0.3)


def test_a_source_much_finer_than_the_print_is_averaged() -> None:
    fine = die_cut(disc(2000, 900), PrintOptions(size_mm=20))
    assert fine.art.rgb.shape[0] < 1000
    assert fine.effective_ppi == pytest.approx(1800 * 25.4 / 16, rel=0.02)


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (np.zeros((40, 40, 4), np.uint8), "every pixel is fully transparent"),
        (np.full((40, 40, 4), (9, 9, 9, 60), np.uint8), "almost fully transparent"),
    ],
)
def test_what_cannot_be_cut_is_refused(picture: np.ndarray, words: str) -> None:
    with pytest.raises(ArtError, match=words):
        die_cut(picture, PrintOptions(size_mm=50))


@pytest.mark.parametrize(
    "picture", [np.full((1, 1, 4), 255, np.uint8), np.pad(np.full((1, 1, 4), 255), ((4, 4), (4, 4), (0, 0)))]
)
def test_a_single_pixel_is_cut_and_its_coarseness_told(picture: np.ndarray) -> None:
    sticker = die_cut(picture.astype(np.uint8), PrintOptions(size_mm=50))
    assert max(sticker.width_mm, sticker.height_mm) == pytest.approx(50, abs=0.01)
    assert "Too coarse" in " ".join(sticker.warnings)


@pytest.mark.parametrize(
    "picture",
    [np.zeros(shape, kind) for shape, kind in (((4, 4), np.uint8), ((4, 4, 3), np.uint8), ((4, 4, 4), np.float32))],
)
def test_arrays_of_another_kind_are_a_programmer_s_error(picture: np.ndarray) -> None:
    with pytest.raises(ValueError, match="HxWx4"):
        die_cut(picture, PrintOptions(size_mm=50))


@pytest.mark.parametrize("border_mm", [1.0, 2.0])
@pytest.mark.parametrize("size_mm", [6, 12, 50])
def test_a_tip_that_comes_and_goes_with_the_scale(size_mm: float, border_mm: float) -> None:
    y, x = np.mgrid[0:40, 0:3]
    lens = np.zeros((40, 3, 4), np.uint8)
    lens[..., 3] = np.clip(1.5 - np.abs(x - 1) - np.abs(y - 19.5) ** 2 / 280, 0, 1) * 255
    sticker = die_cut(lens, PrintOptions(size_mm=size_mm, border_mm=border_mm))
    assert sticker.height_mm == pytest.approx(size_mm, abs=0.03)


def test_art_finer_than_a_blade_needs_a_border() -> None:
    with pytest.raises(ArtError, match="a wider border may help"):
        die_cut(hair(), PrintOptions(size_mm=50, border_mm=0))
    sticker = die_cut(hair(), PrintOptions(size_mm=50, border_mm=1))
    assert sticker.width_mm == pytest.approx(50, abs=0.03)
    left, _, right, _ = sticker.shape.bounds
    assert right - left == pytest.approx(48, abs=0.5)  # the hair is part of the art


def test_warnings_say_what_was_done() -> None:
    two = np.zeros((100, 300, 4), np.uint8)
    two[20:80, 20:80] = two[20:80, 220:280] = (200, 0, 0, 255)
    said = " ".join(die_cut(two, PrintOptions(size_mm=60)).warnings)
    assert "1 loose part was joined" in said
    pale = disc()
    pale[60:140, 60:140, 3] = 150
    assert "see-through" in " ".join(die_cut(pale, PrintOptions(size_mm=40)).warnings)
    narrow = np.full((10, 200, 4), 255, np.uint8)
    assert "The cut is only 2." in " ".join(die_cut(narrow, PrintOptions(size_mm=50, border_mm=0)).warnings)
    dirty = np.pad(disc(), ((0, 0), (0, 60), (0, 0)))
    dirty[10, -10] = (0, 0, 0, 255)
    assert "1 speck too small to print left out." in die_cut(dirty, PrintOptions(size_mm=30)).warnings


@pytest.mark.parametrize(("size_mm", "finer"), [(12.0, 1), (45.0, 1), (12.0, 5)])  # the last one is averaged down
def test_the_whole_picture_lies_where_it_is_drawn(size_mm: float, finer: int) -> None:
    """What a screen shows at `source_box_mm` is what the files print: the same disc, to a tenth of a millimetre."""
    picture = np.pad(disc(400 * finer, 120 * finer), ((10 * finer, 70), (90 * finer, 30), (0, 0)))
    sticker = die_cut(picture, PrintOptions(size_mm=size_mm, border_mm=2.0))
    left, top, width, height = sticker.source_box_mm
    assert width / picture.shape[1] == pytest.approx(height / picture.shape[0])
    # The disc's middle and radius, in the picture's pixels and on the sticker, which is centred on (0, 0).
    per_px = width / picture.shape[1] * finer
    assert (left + (90 + 200) * per_px, top + (10 + 200) * per_px) == pytest.approx((0, 0), abs=0.1)
    assert 120 * per_px == pytest.approx((size_mm - 4) / 2, abs=0.15)
