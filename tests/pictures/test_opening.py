"""Opening pictures of every kind: what is normalised, and what is refused."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from stickers.cutting import cut_sheet
from stickers.pictures.opening import NoPicture, UnreadableImage, header, open_image


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def test_it_works(tmp_path: Path) -> None:
    path = tmp_path / "sheet.png"
    Image.new("RGB", (20, 10), "red").save(path)
    image = open_image(path)
    assert (image.mode, image.size) == ("RGB", (20, 10))
    assert image.getpixel((0, 0)) == (255, 0, 0)


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr", "RGB"])
def test_plain_modes_become_rgb(mode: str) -> None:
    source = Image.new("RGB", (8, 8), "white").convert(mode)
    kind = "JPEG" if mode in {"CMYK", "YCbCr"} else "PNG"
    image = open_image(encoded(source, kind))
    assert image.mode == "RGB"
    assert min(image.getpixel((3, 3))) > 250


def test_sixteen_bit_keeps_its_tones() -> None:
    deep = Image.fromarray(np.full((6, 6), 0x8000, np.uint16))
    image = open_image(encoded(deep))
    assert image.getpixel((0, 0)) == (128, 128, 128)


def test_a_rotated_photo_stands_upright() -> None:
    source = Image.new("RGB", (30, 10), "blue")
    exif = source.getexif()
    exif[0x0112] = 6
    assert open_image(encoded(source, "JPEG", exif=exif)).size == (10, 30)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_alpha_is_kept(mode: str) -> None:
    source = Image.new("RGBA", (8, 8), (200, 200, 200, 255))
    source.putpixel((0, 0), (0, 0, 0, 0))
    data = encoded(source.convert("P")) if mode == "PA" else encoded(source.convert(mode))
    image = open_image(data)
    assert image.mode == "RGBA"
    assert image.getpixel((0, 0))[3] == 0
    assert image.getpixel((5, 5))[3] == 255


def avif(primaries: int = 1, **options: Any) -> bytes:
    """A small AVIF in these primaries of H.273, which libavif writes as 1."""
    data = encoded(Image.new("RGB", (30, 10), (200, 100, 100)), "AVIF", quality=100, subsampling="4:4:4", **options)
    at = data.index(b"colrnclx") + 8
    return data[:at] + primaries.to_bytes(2) + data[at + 2 :]


@pytest.mark.parametrize(("primaries", "seen"), [(1, (200, 100, 100)), (12, (215, 93, 97)), (2, (200, 100, 100))])
def test_an_avif_and_its_colours(primaries: int, seen: tuple[int, int, int]) -> None:
    image = open_image(avif(primaries))
    assert (image.mode, image.size) == ("RGB", (30, 10))
    assert image.getpixel((5, 5)) == pytest.approx(seen, abs=3)
    assert not header(avif(primaries)).is_plain


def test_a_turned_avif_with_alpha() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(Image.new("RGBA", (30, 10), (200, 100, 100, 90)), "AVIF", exif=exif.tobytes())
    image = open_image(data)
    assert (image.mode, image.size) == ("RGBA", (10, 30))
    assert image.getpixel((5, 5))[3] == 90


def test_the_profile_of_an_avif_counts_more_than_its_numbers() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encoded(Image.new("RGB", (30, 10), (200, 100, 100)), "AVIF", quality=100, icc_profile=profile)
    assert open_image(data).getpixel((5, 5)) == pytest.approx((200, 100, 100), abs=3)


@pytest.mark.parametrize("length", [60, 200, -10])
def test_an_avif_that_is_cut_off(length: int) -> None:
    with pytest.raises(UnreadableImage, match="damaged or cut off"):
        open_image(avif()[:length])


def test_an_animated_avif() -> None:
    frames = [Image.new("RGB", (30, 10), colour) for colour in ("red", "blue")]
    with pytest.raises(UnreadableImage, match="animated"):
        open_image(encoded(frames[0], "AVIF", save_all=True, append_images=frames[1:]))


def test_full_alpha_is_dropped() -> None:
    assert open_image(encoded(Image.new("RGBA", (8, 8), "red"))).mode == "RGB"


@pytest.mark.parametrize(
    "data",
    [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + bytes(40), b"%PDF-1.4", b"<svg xmlns='http://www.w3.org/2000/svg'/>"],
)
def test_garbage_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableImage):
        open_image(data)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_truncated_file_is_refused(kind: str) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8)
    data = encoded(Image.fromarray(noise), kind)
    with pytest.raises(UnreadableImage):
        open_image(data[: len(data) // 2])


def test_an_animation_is_refused() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    with pytest.raises(UnreadableImage, match="animated"):
        open_image(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))


def test_too_many_pixels_are_refused_before_they_are_decoded() -> None:
    with pytest.raises(UnreadableImage, match=r"has 400 megapixels; at most 17 can be opened\."):
        open_image(encoded(Image.new("1", (20000, 20000))))
    with pytest.raises(UnreadableImage, match=r"has 5000 × 4000 pixels; at most 17 megapixels can be opened\."):
        open_image(encoded(Image.new("1", (5000, 4000))))


def test_a_kind_that_cannot_be_opened_is_named() -> None:
    words = r"is a PDF, a kind that cannot be opened; send PNG, JPEG, WebP, AVIF, GIF, BMP, TIFF or PPM\."
    with pytest.raises(NoPicture, match=words):
        open_image(b"%PDF-1.4")
    with pytest.raises(NoPicture, match="is not a picture; send PNG"):
        open_image(b"no picture")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableImage, match="cannot be read"):
        open_image(tmp_path / "nothing.png")


def test_a_see_through_sheet_is_cut_by_its_alpha() -> None:
    sheet = Image.new("RGBA", (200, 120), (0, 0, 0, 0))
    sheet.paste((250, 120, 90, 255), (20, 20, 80, 90))
    sheet.paste((80, 120, 250, 255), (110, 30, 180, 100))
    boxes = [cutout.box for cutout in cut_sheet(open_image(encoded(sheet)))]
    assert len(boxes) == 2
    assert boxes[0][0] <= 20 <= boxes[0][0] + 8
