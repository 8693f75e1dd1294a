"""Thumbnails and stickers as files."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from stickers.files.thumbnails import png, thumb


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def test_it_works() -> None:
    small = opened(thumb(Image.new("RGB", (1024, 768), "pink"), 256))
    assert (small.format, small.size, small.mode) == ("WEBP", (256, 192), "RGB")


def test_transparency_is_kept() -> None:
    image = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    image.paste((255, 0, 0, 255), (100, 100, 200, 200))
    assert opened(thumb(image, 256)).getchannel("A").getextrema() == (0, 255)


def test_small_pictures_are_not_enlarged() -> None:
    assert opened(thumb(Image.new("RGB", (20, 10)), 256)).size == (20, 10)


@pytest.mark.parametrize("mode", ["L", "P", "LA", "CMYK", "1"])
def test_any_mode(mode: str) -> None:
    assert opened(thumb(Image.new(mode, (400, 400)), 256)).size == (256, 256)


def test_png_is_lossless() -> None:
    rgba = np.random.default_rng(1).integers(0, 256, (17, 23, 4), dtype=np.uint8)
    assert (np.asarray(opened(png(rgba))) == rgba).all()
