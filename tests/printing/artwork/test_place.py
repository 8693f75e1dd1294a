"""Finding the scale that gives the ordered millimetres, also where outlines depend on the scale."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from stickers.printing.artwork.place import EDGE_PX, Placement, place, source_margin_px
from stickers.printing.geometry.silhouette import Bytes, extent, outline_field
from stickers.printing.options import PrintOptions


def placed(alpha: Bytes, options: PrintOptions) -> Placement:
    rough = extent(outline_field(np.pad(alpha, 8)))
    assert rough is not None
    scale = options.art_mm / 25.4 * options.dpi / rough.longest
    field = outline_field(np.pad(alpha, source_margin_px(scale, options, margin_mm=2)))
    box = extent(field)
    assert box is not None
    return place(Image.fromarray(field), box, options, margin_mm=2)


@pytest.mark.parametrize("border_mm", [0, 2])
@pytest.mark.parametrize("size_mm", [8, 50])
@pytest.mark.parametrize("alpha", [np.full((90, 60), 255, np.uint8), np.full((1, 1), 255, np.uint8)])
def test_it_works(alpha: Bytes, size_mm: float, border_mm: float) -> None:
    options = PrintOptions(size_mm=size_mm, border_mm=border_mm)
    got = placed(alpha, options)
    found = extent(got.field)
    assert found is not None
    assert found.longest == pytest.approx(options.art_mm / 25.4 * 300, abs=0.1)
    assert max(got.cut_width_px, got.cut_height_px) == pytest.approx(size_mm / 25.4 * 300, abs=0.1)
    middle = got.width / 2 + got.margin_px, got.height / 2 + got.margin_px
    assert found.centre == pytest.approx(middle, abs=0.1)
    assert got.work_scale == 1
    assert got.height - 2 * EDGE_PX - got.cut_height_px == pytest.approx(0.5, abs=0.5)


def test_a_tip_that_comes_and_goes_with_the_scale() -> None:
    y, x = np.mgrid[0:40, 0:3]
    inside = np.clip(1.5 - np.abs(x - 1) - np.abs(y - 19.5) ** 2 / 280, 0, 1)
    options = PrintOptions(size_mm=6)
    found = extent(placed((inside * 255).astype(np.uint8), options).field)
    assert found is not None
    assert found.longest == pytest.approx(options.art_mm / 25.4 * 300, abs=0.4)


def test_large_canvases_are_laid_out_on_a_coarser_grid() -> None:
    got = placed(np.full((90, 60), 255, np.uint8), PrintOptions(size_mm=200, dpi=600))
    assert got.height > 4700
    assert got.field.size < 3_000_000
    found = extent(got.field)
    assert found is not None
    assert found.longest / got.work_scale == pytest.approx(196 / 25.4 * 600, abs=0.1)
