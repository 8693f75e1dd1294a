"""Names the kinds of pictures and drawings that people send although this studio does not open them everywhere.

They are told apart by their first bytes. Sources: ISO/IEC 23008-12 (HEIF) and the AV1 Image File Format for the brands;
the specifications of PDF, SVG, PSD, EPS, JPEG XL and JPEG 2000 for the others.
"""

from __future__ import annotations

from typing import Final

_STARTS: Final = {
    b"8BPS": "a Photoshop file (PSD)",
    b"%!PS": "an EPS",
    b"\xc5\xd0\xd3\xc6": "an EPS",
    b"\xff\x0a": "a JPEG XL",
    b"\x00\x00\x00\x0cJXL \r\n\x87\n": "a JPEG XL",
    b"\x00\x00\x00\x0cjP  \r\n\x87\n": "a JPEG 2000",
    b"\x00\x00\x01\x00": "an icon (ICO)",
}
AVIF: Final = "an AVIF"
_BRANDS: Final = {b"avif": AVIF, b"avis": AVIF, b"heic": "a HEIC", b"heix": "a HEIC", b"mif1": "a HEIF"}
_SEARCHED_BYTES: Final = 1024  # a PDF may begin with other bytes, an SVG with comments


def kind_of(data: bytes) -> str | None:
    """What the file is, with its article, such as `a PDF`; None if it is none of these kinds. Never raises."""
    for start, kind in _STARTS.items():
        if data.startswith(start):
            return kind
    if data[4:8] == b"ftyp":
        length = min(int.from_bytes(data[:4]), _SEARCHED_BYTES)
        brands = [data[at : at + 4] for at in range(8, length, 4) if at != 12]  # a version lies between the brands
        return next((kind for brand, kind in _BRANDS.items() if brand in brands), None)
    head = data[:_SEARCHED_BYTES]
    if b"%PDF-" in head:
        return "a PDF"
    return "an SVG" if b"<svg" in head.lower() else None
