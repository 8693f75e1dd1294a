"""Turn bytes that should be a picture into a Picture, or say why they are none."""

from __future__ import annotations

import base64
import binascii
import io
import re
from typing import Final

from PIL import Image, UnidentifiedImageError

from stickers.pictures.container import divide
from stickers.pictures.opening import DECODER_ERRORS, megapixels, too_many_pixels
from stickers.segmind.errors import BadPicture
from stickers.segmind.messages import Picture, PictureFormat

# The built-in model's largest sheet has 1 megapixel, about 0.5 MB as JPEG and 2.5 MB as PNG. The caps leave room for an
# upscaled one and stop everything harmful: 32 megapixels decode to 128 MB.
MAX_BYTES: Final = 32 * 1024 * 1024
MAX_PIXELS: Final = 32_000_000

_DATA_URI: Final = re.compile(r"data:[^,]{0,200},")
_SPACE: Final = re.compile(r"\s+")
_JPEG_SCAN: Final = b"\xff\xda"
_JPEG_END: Final = b"\xff\xd9"
_PNG_END: Final = b"\x00\x00\x00\x00IEND\xaeB`\x82"


def decode_base64(encoded: str) -> bytes:
    """The bytes of a bare base64 string or of a data URI. Line breaks and missing padding are accepted.

    Raises BadPicture if it is neither, or longer than MAX_BYTES.
    """
    text = encoded.strip()
    if prefix := _DATA_URI.match(text):
        if not prefix[0].endswith(";base64,"):
            raise BadPicture("The picture inside the answer is not base64.")
        text = text[prefix.end() :]
    if len(text) > MAX_BYTES * 1.4:  # base64 is a third longer; the rest is line breaks
        raise BadPicture(_too_large())
    text = _SPACE.sub("", text)
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise BadPicture("The picture inside the answer is not base64.") from None


def read_picture(data: bytes) -> Picture:
    """Sniff, bound, and decode `data` completely.

    Raises BadPicture if it is empty, longer than MAX_BYTES, not JPEG, PNG or WebP, larger than MAX_PIXELS, damaged, or
    cut short.
    """
    if not data:
        raise BadPicture("The picture is empty.")
    if len(data) > MAX_BYTES:
        raise BadPicture(_too_large())
    kind = _sniff(data)
    if not _has_its_end(data, kind):
        raise BadPicture("The picture is cut short.")
    width_px, height_px = _decode(data, kind)
    return Picture(data=data, format=kind, width_px=width_px, height_px=height_px)


def _sniff(data: bytes) -> PictureFormat:
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    start = data[:512].lstrip().lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise BadPicture("A web page came instead of the picture.")
    raise BadPicture("What came is not a JPEG, PNG or WebP picture.")


def _has_its_end(data: bytes, kind: PictureFormat) -> bool:
    """Whether the file ends where its format says; decoders do not check that.

    In JPEG neither marker can occur inside compressed data. So the last end must follow the last start of a scan.
    """
    if kind == "JPEG":
        return data.rfind(_JPEG_END) > data.rfind(_JPEG_SCAN)
    if kind == "PNG":
        return _PNG_END in data
    return len(data) >= int.from_bytes(data[4:8], "little") + 8


def _decode(data: bytes, kind: PictureFormat) -> tuple[int, int]:
    pixels, _ = divide(data)  # a paid picture is not lost for a fault of its metadata
    try:
        with Image.open(io.BytesIO(pixels), formats=[kind]) as image:
            width_px, height_px = image.size
            if width_px * height_px > MAX_PIXELS:
                limit = f"at most {megapixels(MAX_PIXELS)} megapixels can be opened"
                raise BadPicture(f"The picture has {width_px} × {height_px} pixels; {limit}.")
            image.load()
    except UnidentifiedImageError:
        raise BadPicture("The picture is damaged.") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadPicture(too_many_pixels(error, MAX_PIXELS)) from None
    except DECODER_ERRORS:
        raise BadPicture("The picture is damaged or cut short.") from None
    return width_px, height_px


def _too_large() -> str:
    return f"The picture is larger than {MAX_BYTES // 2**20} MB."
