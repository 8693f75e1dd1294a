"""Kinds that are not opened, told apart by their first bytes."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from stickers.pictures.kinds import kind_of

HEIC = bytes.fromhex("0000001c66747970 68656963 00000000 6d696631 68656963 6d696166".replace(" ", ""))
HEIF = bytes.fromhex("00000014 66747970 6d696631 00000000 6d696631".replace(" ", ""))


def saved(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (16, 16), "red").save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (saved("AVIF"), "an AVIF"),
        (saved("PDF"), "a PDF"),
        (saved("EPS"), "an EPS"),
        (saved("JPEG2000"), "a JPEG 2000"),
        (saved("ICO"), "an icon (ICO)"),
        (HEIC, "a HEIC"),
        (HEIF, "a HEIF"),
        (b"8BPS\x00\x01", "a Photoshop file (PSD)"),
        (b"\xff\x0a\x00", "a JPEG XL"),
        (b"<?xml version='1.0'?><!-- made by hand --><SVG/>", "an SVG"),
    ],
)
def test_it_works(data: bytes, kind: str) -> None:
    assert kind_of(data) == kind


@pytest.mark.parametrize(
    "data",
    [b"", b"text", saved("PNG"), saved("JPEG"), b"\x00\x00\x00\x14ftypmp42", b"\xff\xff\xff\xffftyp" + bytes(2000)],
)
def test_others_have_no_name(data: bytes) -> None:
    assert kind_of(data) is None
