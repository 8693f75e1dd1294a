"""Divide a picture file: its pixels on one side, what the file says about them on the other.

A fault in a file's statements must not lose its pixels. Decoders read both at once and give up at the first fault. So
PNG and WebP files are divided here before they are decoded. Sources: PNG, third edition (W3C, 2025), chapters 5 and 11;
WebP container specification (RFC 9649), section 2.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from PIL import Image

MAX_PROFILE_BYTES: Final = 16 * 2**20
"""A colour profile may be this large. Those of printing presses have up to 3 MB."""
MAX_TEXT_BYTES: Final = 2**20
"""A text may be this large, unpacked: Pillow, for one, opens no PNG with a larger one."""

PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
# These chunks decide the pixels. Of the others, only what `Description` holds is read.
_PNG_PIXELS: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"acTL", b"fcTL", b"fdAT"})
_PNG_TEXTS: Final = frozenset({b"zTXt", b"iTXt"})
_WEBP_BESIDE: Final = frozenset({b"ICCP", b"EXIF", b"XMP "})
_WEBP_FLAGS: Final = 0b0010_1100  # VP8X says with these bits that a profile, EXIF and XMP follow
_ORIENTATION: Final = 0x0112
_UNREADABLE_EXIF: Final = (
    *(OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError),
    *(OverflowError, ZeroDivisionError, EOFError, struct.error),
)


@dataclass(frozen=True)
class Description:
    """What a file says about its pixels, as far as it can be read."""

    profile: bytes | None = None
    """ICC profile."""
    cicp: tuple[int, int, int, int] | None = None
    """Colour primaries, transfer function, matrix and full range, as numbered by ITU-T H.273."""
    is_srgb: bool = False
    gamma: float | None = None
    """The exponent with which the samples were encoded: 0.45455 for the usual ones."""
    chromaticities: tuple[float, ...] | None = None
    """x and y of white, red, green and blue."""
    orientation: int = 1
    """As EXIF numbers it: 1 is upright, 2 to 8 are turned or mirrored."""
    is_whole: bool = True
    """Whether all of it could be read. Other programs may stumble over what could not."""


def divide(data: bytes) -> tuple[bytes, Description | None]:
    """The file without its metadata, and what the metadata says. Kinds other than PNG and WebP stay whole, with None.

    Metadata that cannot be read is left out. Never raises: a damaged file stays damaged, and the decoder says so.
    """
    if data.startswith(PNG_SIGNATURE):
        return _divide_png(data)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _divide_webp(data)
    return data, None


def nclx(avif: bytes) -> tuple[int, int, int, int] | None:
    """What an AVIF says about its colours once they are decoded to RGB of full range; None if it says nothing.

    Pillow 13.0 reads an AVIF's ICC profile but not this, which can say Display P3, too. Source: ISO/IEC 14496-12, box
    `colr` of the type `nclx`.
    """
    at = avif.find(b"colrnclx")
    if not 0 <= at <= len(avif) - 12:
        return None
    primaries, transfer = struct.unpack_from(">HH", avif, at + 8)
    return primaries, transfer, 0, 1


def orientation(load: Callable[[], Image.Exif]) -> int:
    """The orientation, 1 to 8, in the EXIF data that `load` gives; 1 if none is stated or it can't be read."""
    return _orientation(load) or 1


def _orientation(load: Callable[[], Image.Exif]) -> int | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd metadata is no fault of the picture
            value = load().get(_ORIENTATION)
    except _UNREADABLE_EXIF:
        return None
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _exif(data: bytes) -> Image.Exif:
    exif = Image.Exif()
    exif.load(data)
    return exif


def _divide_png(data: bytes) -> tuple[bytes, Description]:
    kept = [PNG_SIGNATURE]
    said: dict[bytes, bytes] = {}
    texts_fit = True
    end = len(PNG_SIGNATURE)
    for name, start, stop in _png_chunks(data):
        end = stop
        if name in _PNG_PIXELS:
            kept.append(data[start:stop])
        else:
            body = data[start + 8 : stop - 4]
            said.setdefault(name, body)
            texts_fit &= name not in _PNG_TEXTS or _fits(name, body)
    kept.append(data[end:])  # a torn last chunk, or what follows the picture
    profile = _png_profile(said[b"iCCP"]) if b"iCCP" in said else None
    turned = _orientation(lambda: _exif(said.get(b"eXIf", b"")))
    return b"".join(kept), Description(
        profile=profile,
        cicp=_cicp(said.get(b"cICP", b"")),
        is_srgb=b"sRGB" in said,
        gamma=_gamma(said.get(b"gAMA", b"")),
        chromaticities=_chromaticities(said.get(b"cHRM", b"")),
        orientation=turned or 1,
        is_whole=texts_fit and turned is not None and (profile is not None or b"iCCP" not in said),
    )


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of each whole chunk, its length and checksum included."""
    start = len(PNG_SIGNATURE)
    while start + 12 <= len(data):
        length = int.from_bytes(data[start : start + 4])
        stop = start + 12 + length
        if stop > len(data):
            return
        name = data[start + 4 : start + 8]
        yield name, start, stop
        if name == b"IEND":
            return
        start = stop


def _fits(name: bytes, body: bytes) -> bool:
    """Whether the text of a chunk has a usual size when unpacked."""
    _, _, rest = body.partition(b"\0")
    if name == b"iTXt":
        is_packed, rest = rest[:1] == b"\1", rest[2:].partition(b"\0")[2].partition(b"\0")[2]
        if not is_packed:
            return len(rest) <= MAX_TEXT_BYTES
    else:
        rest = rest[1:]
    unpacker = zlib.decompressobj()
    try:
        unpacker.decompress(rest, MAX_TEXT_BYTES)
    except zlib.error:
        return True  # decoders ignore a broken text
    return not unpacker.unconsumed_tail


def _png_profile(chunk: bytes) -> bytes | None:
    _, zero, packed = chunk.partition(b"\0")
    if not zero:
        return None
    unpacker = zlib.decompressobj()
    try:
        profile = unpacker.decompress(packed[1:], MAX_PROFILE_BYTES)
    except zlib.error:
        return None
    return profile if unpacker.eof else None


def _cicp(chunk: bytes) -> tuple[int, int, int, int] | None:
    return struct.unpack("4B", chunk) if len(chunk) == 4 else None


def _gamma(chunk: bytes) -> float | None:
    value = int.from_bytes(chunk) if len(chunk) == 4 else 0
    return value / 100_000 if value else None


def _chromaticities(chunk: bytes) -> tuple[float, ...] | None:
    return tuple(value / 100_000 for value in struct.unpack(">8I", chunk)) if len(chunk) == 32 else None


def _divide_webp(data: bytes) -> tuple[bytes, Description]:
    said: dict[bytes, bytes] = {}
    body = io.BytesIO()
    start = 12
    while start + 8 <= len(data):
        name = data[start : start + 4]
        length = int.from_bytes(data[start + 4 : start + 8], "little")
        stop = start + 8 + length + length % 2
        if name in _WEBP_BESIDE:
            said.setdefault(name, data[start + 8 : start + 8 + length])
        elif name == b"VP8X" and length:
            body.write(data[start : start + 8] + bytes([data[start + 8] & ~_WEBP_FLAGS]) + data[start + 9 : stop])
        else:
            body.write(data[start:stop])
        start = stop
    rest = body.getvalue()
    torn = max(0, int.from_bytes(data[4:8], "little") + 8 - len(data))  # what the header promises and the file lacks
    header = b"RIFF" + (len(rest) + 4 + torn).to_bytes(4, "little") + b"WEBP"
    turned = _orientation(lambda: _exif(said.get(b"EXIF", b"")))
    described = Description(profile=said.get(b"ICCP"), orientation=turned or 1, is_whole=turned is not None)
    return header + rest, described
