"""Colours from outside come in as browsers show them."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from stickers.pictures.colour import is_srgb, to_srgb
from stickers.pictures.container import Description
from stickers.pictures.opening import header, open_image
from tests.pictures.files import encoded, with_chunk

P3 = (12, 13, 0, 1)
SRGB = (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
ADOBE = (0.3127, 0.329, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)


def of(colour: tuple[int, int, int], **said: object) -> tuple[int, ...]:
    pixel = to_srgb(Image.new("RGB", (3, 2), colour), Description(**said)).getpixel((1, 1))
    assert isinstance(pixel, tuple)
    return pixel


def test_it_works() -> None:
    assert of((200, 100, 100), cicp=P3) == (215, 93, 97)
    assert of((128, 128, 128), gamma=1.0) == (188, 188, 188)
    assert of((12, 34, 56)) == (12, 34, 56)


@pytest.mark.parametrize(
    "said",
    [
        {"is_srgb": True, "gamma": 1.0},  # sRGB wins over gamma
        {"gamma": 0.45455, "chromaticities": SRGB},
        {"cicp": (1, 13, 0, 1)},
        {"cicp": (9, 16, 0, 1)},  # high dynamic range
        {"cicp": (99, 13, 0, 1)},
        {"cicp": (12, 13, 1, 1)},  # not RGB
        {"profile": b"no profile"},
        {"chromaticities": (0.0,) * 8},
        {"chromaticities": (0.3127, 0.329) + (0.3, 0.3) * 3},
    ],
)
def test_plain_numbers_stay(said: dict[str, object]) -> None:
    assert of((200, 100, 50), **said) == (200, 100, 50)


@pytest.mark.parametrize("said", [{"cicp": P3}, {"gamma": 0.45455, "chromaticities": ADOBE}, {"cicp": (1, 1, 0, 1)}])
def test_grey_stays_grey(said: dict[str, object]) -> None:
    for value in (0, 70, 255):
        assert len(set(of((value,) * 3, **said))) == 1
    assert of((0, 0, 0), **said) == (0, 0, 0)
    assert of((255, 255, 255), **said) == (255, 255, 255)


def test_another_white_becomes_white() -> None:
    assert of((255, 255, 255), cicp=(11, 13, 0, 1)) == (255, 255, 255)


def test_cicp_counts_before_the_profile() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert of((200, 100, 100), cicp=P3, profile=profile) == (215, 93, 97)
    assert of((200, 100, 100), cicp=(9, 16, 0, 1), profile=profile, gamma=1.0) == (200, 100, 100)


def test_a_large_picture_is_the_same_in_every_band() -> None:
    rows = np.tile(np.arange(256, dtype=np.uint8)[None, :, None], (700, 1, 3))
    converted = np.asarray(to_srgb(Image.fromarray(rows), Description(gamma=1.0)))
    assert (converted == converted[0]).all()
    assert (np.diff(converted[0, :, 0].astype(int)) >= 0).all()


def test_a_grey_profile_is_followed() -> None:
    dark = Image.new("L", (4, 4), 128)
    plain = open_image(encoded(dark, "JPEG", quality=100)).getpixel((1, 1))
    assert plain == (128, 128, 128)
    linear = open_image(encoded(dark, "JPEG", quality=100, icc_profile=grey_profile(gamma=1.0))).getpixel((1, 1))
    assert linear == (188, 188, 188)


def test_a_grey_profile_is_followed_beside_alpha() -> None:
    see_through = Image.new("LA", (4, 4), (128, 100))
    assert open_image(encoded(see_through)).getpixel((1, 1)) == (128, 128, 128, 100)
    linear = open_image(encoded(see_through, icc_profile=grey_profile(gamma=1.0))).getpixel((1, 1))
    assert linear == (188, 188, 188, 100)


@pytest.mark.parametrize(
    ("chunk", "body", "colour"),
    [
        (b"cICP", bytes(P3), (215, 93, 97)),
        (b"gAMA", struct.pack(">I", 100_000), (229, 168, 168)),
        (b"gAMA", struct.pack(">I", 45_455), (200, 100, 100)),
    ],
)
def test_a_png_that_states_colours(chunk: bytes, body: bytes, colour: tuple[int, int, int]) -> None:
    data = with_chunk(encoded(Image.new("RGB", (4, 4), (200, 100, 100))), chunk, body)
    assert open_image(data).getpixel((0, 0)) == colour
    assert header(data).is_plain == (colour == (200, 100, 100))


def test_is_srgb() -> None:
    assert is_srgb(Description())
    assert is_srgb(Description(profile=b"browsers follow profiles themselves"))
    assert not is_srgb(Description(cicp=P3))


def grey_profile(*, gamma: float) -> bytes:
    """A minimal grey ICC profile, version 2, with this exponent."""
    white = b"XYZ " + bytes(4) + struct.pack(">3i", *(round(65536 * value) for value in (0.9642, 1.0, 0.8249)))
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(256 * gamma)) + bytes(2)
    words = b"text" + bytes(4) + b"none\0" + bytes(3)
    description = b"desc" + bytes(4) + struct.pack(">I", 2) + b"g\0" + bytes(78) + bytes(2)
    bodies = {b"wtpt": white, b"kTRC": curve, b"cprt": words, b"desc": description}
    offset, table, data = 128 + 4 + 12 * len(bodies), b"", b""
    for name, body in bodies.items():
        table += name + struct.pack(">II", offset + len(data), len(body))
        data += body
    size = offset + len(data)
    head = struct.pack(">I4sI4s4s4s", size, bytes(4), 0x02400000, b"mntr", b"GRAY", b"XYZ ")
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp"
    head = head.ljust(68, b"\0") + struct.pack(">3i", *(round(65536 * value) for value in (0.9642, 1.0, 0.8249)))
    profile = head.ljust(128, b"\0") + struct.pack(">I", len(bodies)) + table + data
    assert ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile.xcolor_space.strip() == "GRAY"
    return profile
