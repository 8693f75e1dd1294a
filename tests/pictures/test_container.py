"""Dividing picture files: pixels stay; metadata is read if possible and dropped if not."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from stickers.pictures.container import PNG_SIGNATURE, Description, divide
from stickers.pictures.opening import header
from tests.pictures.files import WIDE, encoded, exif_of, with_chunk, with_webp_chunk


def said(data: bytes) -> Description:
    description = divide(data)[1]
    assert description is not None
    return description


def pixels(data: bytes) -> Any:
    return Image.open(io.BytesIO(divide(data)[0])).convert("RGB").tobytes()


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_it_works(kind: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    options = {"lossless": True} if kind == "WEBP" else {}
    data = encoded(WIDE, kind, icc_profile=profile, exif=exif_of(6), **options)
    rest, description = divide(data)
    assert description == Description(profile=profile, orientation=6)
    left = Image.open(io.BytesIO(rest))
    assert not {"icc_profile", "exif"} & set(left.info)
    assert left.convert("RGB").tobytes() == WIDE.tobytes()


def test_a_png_states_its_colours_in_four_ways() -> None:
    data = encoded(WIDE)
    data = with_chunk(data, b"gAMA", struct.pack(">I", 45455))
    data = with_chunk(data, b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000))
    data = with_chunk(data, b"sRGB", b"\0")
    data = with_chunk(data, b"cICP", bytes([12, 13, 0, 1]))
    description = said(data)
    assert (description.gamma, description.is_srgb, description.cicp) == (0.45455, True, (12, 13, 0, 1))
    assert description.chromaticities == (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
    assert pixels(data) == WIDE.tobytes()


@pytest.mark.parametrize(
    ("name", "body"),
    [
        *((b"eXIf", body) for body in (b"", b"II*\0", b"not exif", b"Exif\0\0MM\0*\xff\xff\xff\xff")),
        *((b"iCCP", body) for body in (b"", b"name", b"name\0\0no zlib", b"name\0\0" + zlib.compress(b"x" * 99)[:-6])),
        *((name, b"\1") for name in (b"cICP", b"gAMA", b"cHRM")),
        (b"gAMA", bytes(4)),
        (b"zTXt", b"words\0\0" + zlib.compress(bytes(3 * 2**20))),
        (b"iTXt", b"words\0\1\0\0\0" + zlib.compress(bytes(3 * 2**20))),
    ],
)
def test_metadata_that_cannot_be_read_costs_no_pixel(name: bytes, body: bytes) -> None:
    data = with_chunk(encoded(WIDE), name, body)
    assert replace(said(data), is_whole=True) == Description()
    assert pixels(data) == WIDE.tobytes()


@pytest.mark.parametrize("body", [b"", b"not exif", b"II*\0\xff\xff\xff\xff"])
def test_nor_does_it_in_webp(body: bytes) -> None:
    data = with_webp_chunk(encoded(WIDE, "WEBP", lossless=True, exif=exif_of(3)), b"EXIF", body)
    assert replace(said(data), is_whole=True) == Description()
    assert pixels(data) == WIDE.tobytes()


@pytest.mark.parametrize(
    ("name", "body", "is_whole"),
    [
        (b"eXIf", exif_of(1), True),
        (b"eXIf", b"not exif", False),
        (b"iCCP", b"name\0\0no zlib", False),
        (b"zTXt", b"words\0\0" + zlib.compress(b"a few"), True),
        (b"zTXt", b"words\0\0" + zlib.compress(bytes(2**20 + 1)), False),
        (b"iTXt", b"words\0\0\0en\0\0a few", True),
        (b"iTXt", b"words\0\1\0en\0\0" + zlib.compress(bytes(2**20 + 1)), False),
    ],
)
def test_it_says_whether_other_programs_may_stumble(name: bytes, body: bytes, is_whole: bool) -> None:
    data = with_chunk(encoded(WIDE), name, body)
    assert said(data).is_whole == is_whole
    assert header(data).is_plain == is_whole


def test_other_kinds_stay_whole() -> None:
    for data in (encoded(WIDE, "JPEG"), b"", b"no picture"):
        assert divide(data) == (data, None)


@given(cut=st.integers(0, 2000), noise=st.binary(max_size=20))
def test_a_torn_file_stays_torn(cut: int, noise: bytes) -> None:
    whole = with_chunk(encoded(WIDE), b"tEXt", b"words\0more words")
    torn = whole[: min(cut, len(whole) - 1)]
    rest, _ = divide(torn)
    if torn.startswith(PNG_SIGNATURE) and b"IDAT" in torn and cut < len(whole) - 12:
        assert not rest.endswith(b"IEND\xaeB`\x82")
    divide(PNG_SIGNATURE + noise)
    divide(b"RIFF" + noise[:4].ljust(4, b"\0") + b"WEBP" + noise)
