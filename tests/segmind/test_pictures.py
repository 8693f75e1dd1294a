"""What counts as a whole picture."""

from __future__ import annotations

import base64
import contextlib
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from stickers.sandbox.results import huge_png
from stickers.segmind import pictures
from stickers.segmind.errors import BadPicture
from stickers.segmind.pictures import decode_base64, read_picture


def encode(kind: str, size: tuple[int, int] = (48, 32), **options: object) -> bytes:
    image = Image.effect_noise(size, 60).convert("RGB")
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


WHOLE = {
    "JPEG": encode("JPEG"),
    "progressive JPEG": encode("JPEG", progressive=True),
    "PNG": encode("PNG"),
    "WEBP": encode("WEBP"),
    "lossless WEBP": encode("WEBP", lossless=True),
}


@pytest.mark.parametrize("name", WHOLE)
def test_it_works(name: str) -> None:
    picture = read_picture(WHOLE[name])
    assert (picture.format, picture.width_px, picture.height_px) == (name.rsplit(maxsplit=1)[-1], 48, 32)
    assert picture.data == WHOLE[name]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(WHOLE)), st.floats(0, 1, exclude_max=True))
def test_cut_short_anywhere_it_is_refused(name: str, share: float) -> None:
    data = WHOLE[name]
    with pytest.raises(BadPicture):
        read_picture(data[: int(len(data) * share)])


@pytest.mark.parametrize("name", WHOLE)
def test_the_last_byte_counts(name: str) -> None:
    with pytest.raises(BadPicture):
        read_picture(WHOLE[name][:-1])


def test_bytes_behind_a_jpegs_end_do_no_harm() -> None:
    assert read_picture(WHOLE["JPEG"] + b"\n").width_px == 48


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_damage_gives_a_picture_or_a_refusal(name: str, data: st.DataObject) -> None:
    damaged = bytearray(WHOLE[name])
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(BadPicture):
        assert read_picture(bytes(damaged)).data == damaged


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"<!doctype html><html>", "web page"),
        (b"\n <HTML>", "web page"),
        (b'{"error": "no"}', "not a JPEG"),
        (encode("GIF"), "not a JPEG"),
        (encode("BMP"), "not a JPEG"),
        (encode("TIFF"), "not a JPEG"),
        (b"RIFF\x04\x00\x00\x00WEBP", "damaged"),
        (b"\xff\xd8\xff\xda\xff\xd9", "damaged"),
    ],
)
def test_what_is_none(data: bytes, words: str) -> None:
    with pytest.raises(BadPicture, match=words):
        read_picture(data)


def test_too_many_bytes() -> None:
    with pytest.raises(BadPicture, match="32 MB"):
        read_picture(WHOLE["JPEG"] + bytes(pictures.MAX_BYTES))


@pytest.mark.parametrize("side_px", [6000, 10_000, 14_000])  # within Pillow's own limits, warned of, refused
def test_too_many_pixels(side_px: int) -> None:
    with pytest.raises(BadPicture, match=r"The picture has .* at most 32 (megapixels )?can be opened\."):
        read_picture(huge_png(side_px))


def test_as_many_pixels_as_a_printer_needs() -> None:
    assert read_picture(huge_png(4000)).width_px == 4000


@pytest.mark.parametrize("prefix", ["", "data:image/jpeg;base64,", "data:;base64,", "data:image/png;name=a;base64,"])
def test_both_shapes_of_base64(prefix: str) -> None:
    encoded = base64.b64encode(WHOLE["JPEG"]).decode()
    assert decode_base64(prefix + encoded) == WHOLE["JPEG"]
    assert decode_base64(prefix + encoded.rstrip("=")) == WHOLE["JPEG"]
    assert decode_base64(f" {prefix}{encoded[:76]}\r\n{encoded[76:]}\n") == WHOLE["JPEG"]


@pytest.mark.parametrize("bad", ["data:image/jpeg,abc", "ab cd!", "a", "data:image/jpeg;base64,é"])
def test_what_is_no_base64(bad: str) -> None:
    with pytest.raises(BadPicture, match="base64"):
        decode_base64(bad)


def test_too_much_base64() -> None:
    with pytest.raises(BadPicture, match="32 MB"):
        decode_base64("A" * (pictures.MAX_BYTES * 3 // 2))
