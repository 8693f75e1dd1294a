"""Small picture files with metadata beside their pixels."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any, Final

from PIL import Image

from stickers.pictures.container import PNG_SIGNATURE

WIDE: Final = Image.new("RGB", (9, 6), (200, 100, 100))
WIDE.paste((30, 60, 200), (0, 0, 3, 2))


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def exif_of(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


def with_chunk(png: bytes, name: bytes, body: bytes) -> bytes:
    """The PNG with one more chunk, right after its header."""
    header = len(PNG_SIGNATURE) + 25
    chunk = struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    return png[:header] + chunk + png[header:]


def with_webp_chunk(webp: bytes, name: bytes, body: bytes) -> bytes:
    """The extended WebP with this body in the chunk of this name."""
    out, start = b"", 12
    while start < len(webp):
        length = int.from_bytes(webp[start + 4 : start + 8], "little")
        stop = start + 8 + length + length % 2
        if webp[start : start + 4] == name:
            out += name + len(body).to_bytes(4, "little") + body + bytes(len(body) % 2)
        else:
            out += webp[start:stop]
        start = stop
    return b"RIFF" + (len(out) + 4).to_bytes(4, "little") + b"WEBP" + out
