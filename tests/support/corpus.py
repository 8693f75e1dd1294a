"""Hostile and odd files for the import page, made here, each with its expected outcome.

Good ones show four coloured quarters, so that a picture that lies on its side or has lost its colours is noticed.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from PIL import Image, PngImagePlugin

SIZE: Final = (96, 80)
QUARTERS: Final = ((220, 30, 30), (30, 160, 40), (30, 60, 200), (240, 200, 20))  # in reading order
SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Upload:
    """A file. `refusal` is a pattern in the page's words; "" if the quarters must be visible and upright."""

    title: str
    name: str
    make: Callable[[], bytes]
    refusal: str = ""
    colours: tuple[tuple[int, int, int], ...] = QUARTERS
    content_type: str = "image/png"


def picture(mode: str = "RGB") -> Image.Image:
    image = Image.new("RGB", SIZE)
    width, height = SIZE
    for number, colour in enumerate(QUARTERS):
        x, y = number % 2 * width // 2, number // 2 * height // 2
        image.paste(colour, (x, y, x + width // 2, y + height // 2))
    return image.convert(mode)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png(**options: Any) -> bytes:
    return saved(picture(), "PNG", **options)


def jpeg(**options: Any) -> bytes:
    return saved(picture(), "JPEG", **{"quality": 95} | options)


def webp(**options: Any) -> bytes:
    return saved(picture(), "WEBP", **{"lossless": True} | options)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bare_png(
    width: int, height: int, raw: bytes = b"", *, depth: int = 8, colour: int = 2, extra: bytes = b""
) -> bytes:
    """A PNG whose header says whatever is asked, over `raw` rows."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return SIGNATURE + header + extra + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b"")


def with_chunk(extra: bytes) -> bytes:
    """The good PNG with one more chunk behind its header."""
    data = png()
    return data[:33] + extra + data[33:]


def turned(orientation: int) -> bytes:
    """A JPEG that is upright if its EXIF orientation is applied."""
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    image = picture()
    if orientation in back:
        image = image.transpose(back[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(image, "JPEG", quality=95, exif=exif)


def rgb16() -> bytes:
    """16 bits per channel, which Pillow reads but does not write."""
    pixels = np.asarray(picture()).astype(">u2") * 257
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    return bare_png(*SIZE, rows, depth=16)


def gray16() -> bytes:
    return saved(Image.fromarray(np.asarray(picture("L")).astype(np.uint16) * 257), "PNG")


def grays() -> tuple[tuple[int, int, int], ...]:
    return tuple(
        (level,) * 3 for level in (Image.new("RGB", (1, 1), one).convert("L").getpixel((0, 0)) for one in QUARTERS)
    )


def palette_with_hole() -> bytes:
    image = picture().quantize(8)
    return saved(image, "PNG", transparency=255)


def animated(kind: str) -> bytes:
    second = Image.new("RGB", SIZE, "white")
    return saved(picture(), kind, save_all=True, append_images=[second], duration=100, loop=0)


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("../../evil.sh", "rm -rf /")
    return out.getvalue()


def webp_of(width: int, height: int) -> bytes:
    """A WebP whose header promises pixels that never come."""
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    extended = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + size
    return b"RIFF" + struct.pack("<I", 4 + len(extended)) + b"WEBP" + extended


def gif_of(width: int, height: int) -> bytes:
    return (
        b"GIF89a"
        + struct.pack("<HH", width, height)
        + b"\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0"
        + struct.pack("<HH", width, height)
        + b"\0\x02\x02L\x01\0;"
    )


def inflating(kind: bytes, head: bytes, megabytes: int) -> bytes:
    """A chunk of a few kilobytes that unpacks to many megabytes."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(2**20)) for _ in range(megabytes)) + packer.flush()
    return with_chunk(chunk(kind, head + packed))


def many_words() -> bytes:
    info = PngImagePlugin.PngInfo()
    for number in range(50):
        info.add_itxt(f"Comment{number}", "<script>alert(1)</script>" * 2000)
    return png(pnginfo=info)


SVG: Final = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
)
HTML: Final = b"<!doctype html><script>alert(1)</script>"
NO_PICTURE: Final = "is not a picture|a kind that cannot be taken in"
DAMAGED: Final = "damaged|cut off|cut short|not a picture|incomplete"
ANIMATED: Final = "animated"
TOO_LARGE: Final = "megapixels|pixels; a side"


def _cut(title: str, make: Callable[[], bytes], suffix: str, *parts: float) -> list[Upload]:
    return [
        Upload(
            f"{title} cut off at {part:.0%}",
            f"cut.{suffix}",
            lambda part=part: make()[: int(len(make()) * part)],
            DAMAGED,
        )
        for part in parts
    ]


CORPUS: list[Upload] = [
    # bombs and sizes
    Upload("PNG that promises 50000 × 50000", "bomb.png", lambda: bare_png(50000, 50000), TOO_LARGE),
    Upload(
        "PNG of 20000 × 20000 bits, all of them there",
        "real.png",
        lambda: bare_png(20000, 20000, bytes(2501 * 20000), depth=1, colour=0),
        TOO_LARGE,
    ),
    Upload("PNG of 2³¹−1 × 2³¹−1", "max.png", lambda: bare_png(2**31 - 1, 2**31 - 1), TOO_LARGE + "|" + DAMAGED),
    Upload("GIF that promises 65535 × 65535", "bomb.gif", lambda: gif_of(65535, 65535), NO_PICTURE + "|" + TOO_LARGE),
    Upload("WebP that promises 16383 × 16383", "bomb.webp", lambda: webp_of(16383, 16383), TOO_LARGE + "|" + DAMAGED),
    Upload(
        "TIFF of 9000 × 9000 bits",
        "bomb.tiff",
        lambda: saved(Image.new("1", (9000, 9000)), "TIFF", compression="group4"),
        NO_PICTURE + "|" + TOO_LARGE,
    ),
    Upload("1 × 30000", "thin.png", lambda: saved(Image.new("RGB", (1, 30000)), "PNG"), "at least"),
    Upload("30000 × 1", "flat.png", lambda: saved(Image.new("RGB", (30000, 1)), "PNG"), "at least"),
    Upload("64 × 30000", "tall.png", lambda: saved(Image.new("L", (64, 30000)), "PNG"), TOO_LARGE),
    Upload("5000 × 4000", "large.png", lambda: saved(Image.new("L", (5000, 4000)), "PNG"), TOO_LARGE),
    Upload("63 × 64", "small.png", lambda: saved(Image.new("RGB", (63, 64)), "PNG"), "at least"),
    Upload("1 × 1", "dot.png", lambda: saved(Image.new("RGB", (1, 1)), "PNG"), "at least"),
    Upload("PNG of no width", "none.png", lambda: bare_png(0, 100), "at least|" + DAMAGED),
    Upload("more bytes than may be sent", "heavy.png", lambda: png() + bytes(31 * 2**20), "larger than"),
    Upload("profile that unpacks to 256 MB", "icc.png", lambda: inflating(b"iCCP", b"x\0\0", 256)),
    Upload("comment that unpacks to 256 MB", "ztxt.png", lambda: inflating(b"zTXt", b"x\0\0", 256)),
    Upload("5 MB of scripts in comments", "words.png", many_words),
    Upload("4 MB of profile in a JPEG", "icc.jpg", lambda: jpeg(icc_profile=bytes(4_000_000))),
    # hardly anything
    Upload("0 bytes", "empty.png", lambda: b"", "empty|Choose at least one"),
    Upload("1 byte", "one.png", lambda: b"\x89", NO_PICTURE),
    Upload("a PNG's signature only", "sig.png", lambda: SIGNATURE, DAMAGED),
    Upload("a JPEG's first bytes only", "soi.jpg", lambda: b"\xff\xd8\xff", DAMAGED),
    Upload("zeros", "zeros.png", lambda: bytes(4096), NO_PICTURE),
    # truncated and damaged
    *_cut("PNG", png, "png", 0.25, 0.5, 0.9),
    *_cut("JPEG", jpeg, "jpg", 0.1, 0.25, 0.5, 0.9),
    *_cut("WebP", webp, "webp", 0.25, 0.5, 0.9),
    Upload("PNG without pixels", "no-idat.png", lambda: SIGNATURE + png()[8:33] + chunk(b"IEND", b""), DAMAGED),
    Upload(
        "PNG with rubbish for pixels",
        "bad.png",
        lambda: SIGNATURE + png()[8:33] + chunk(b"IDAT", b"rubbish" * 9) + chunk(b"IEND", b""),
        DAMAGED,
    ),
    Upload("PNG with a wrong sum", "crc.png", lambda: png()[:29] + b"\0\0\0\0" + png()[33:], DAMAGED),
    Upload("JPEG with a table of rubbish", "dqt.jpg", lambda: jpeg()[:25] + bytes(200), DAMAGED),
    # not what they are called
    Upload("PNG called JPEG", "picture.jpg", png, content_type="image/jpeg"),
    Upload("JPEG called PNG", "picture.png", jpeg),
    Upload("WebP called PNG", "webp.png", webp),
    Upload("PNG called a web page", "page.html", png, content_type="text/html"),
    Upload("GIF called PNG", "gif.png", lambda: saved(picture("P"), "GIF"), NO_PICTURE),
    Upload("BMP called PNG", "bmp.png", lambda: saved(picture(), "BMP"), NO_PICTURE),
    Upload("TIFF of 16 bits", "deep.tif", lambda: saved(Image.new("I;16", SIZE), "TIFF"), NO_PICTURE),
    Upload("icon", "icon.ico", lambda: saved(picture(), "ICO"), NO_PICTURE),
    Upload("PDF called JPEG", "pdf.jpg", lambda: saved(picture(), "PDF"), NO_PICTURE),
    Upload(
        "PostScript called PNG", "ps.png", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\n", NO_PICTURE
    ),
    Upload("SVG", "drawing.svg", lambda: SVG, NO_PICTURE, content_type="image/svg+xml"),
    Upload("SVG called PNG", "svg.png", lambda: SVG, NO_PICTURE),
    Upload("web page called PNG", "html.png", lambda: HTML, NO_PICTURE),
    Upload("ZIP called PNG", "zip.png", archive, NO_PICTURE),
    Upload("program called PNG", "exe.png", lambda: b"MZ" + bytes(500), NO_PICTURE),
    Upload("GIF that is a script, too", "gif.js", lambda: b"GIF89a=1;alert(1)//", NO_PICTURE + "|" + DAMAGED),
    # two things at once: stored as they are, served as pictures only
    Upload("PNG with a ZIP behind it", "both.png", lambda: png() + archive()),
    Upload("PNG with a web page behind it", "page.png", lambda: png() + HTML),
    Upload(
        "JPEG with a script for a comment",
        "php.jpg",
        lambda: jpeg(comment=b"<?php system($_GET[0]);?><script>alert(1)</script>"),
    ),
    # moving
    Upload("animated GIF", "moving.gif", lambda: animated("GIF"), NO_PICTURE),
    Upload("animated PNG", "moving.png", lambda: animated("PNG"), ANIMATED),
    Upload("animated WebP", "moving.webp", lambda: animated("WEBP"), ANIMATED),
    # turned by EXIF
    *(
        Upload(f"EXIF orientation {number}", f"exif{number}.jpg", lambda number=number: turned(number))
        for number in range(1, 9)
    ),
    Upload("EXIF orientation 99", "exif99.jpg", lambda: turned(99)),
    Upload("EXIF of rubbish", "exif.jpg", lambda: jpeg(exif=b"Exif\0\0rubbish")),
    # kinds of pixels
    Upload("CMYK JPEG", "cmyk.jpg", lambda: saved(picture("CMYK"), "JPEG", quality=95)),
    Upload("grey JPEG", "grey.jpg", lambda: saved(picture("L"), "JPEG", quality=95), colours=grays()),
    Upload("progressive JPEG", "progressive.jpg", lambda: jpeg(progressive=True)),
    Upload("16-bit colour PNG", "rgb16.png", rgb16),
    Upload("16-bit grey PNG", "grey16.png", gray16, colours=grays()),
    Upload("palette PNG", "palette.png", lambda: saved(picture().quantize(16), "PNG")),
    Upload("palette PNG with transparency", "hole.png", palette_with_hole),
    Upload("grey PNG with alpha", "la.png", lambda: saved(picture("LA"), "PNG"), colours=grays()),
    Upload("PNG with alpha", "rgba.png", lambda: saved(picture("RGBA"), "PNG")),
    Upload("colour-keyed PNG", "key.png", lambda: png(transparency=(1, 2, 3))),
    # names
    Upload("a name of 400 characters", "n" * 396 + ".png", png),
    Upload("a name with a path", "../../../etc/cron.d/evil.png", png),
    Upload("a name with a drive", "C:\\Windows\\evil.png", png),
    Upload("a name with NUL", "nul\0byte.png", png),
    Upload("a name that runs backwards", "fox\u202egnp.exe", png),
    Upload("a name with a script", "<img src=x onerror=alert(1)>.png", png),
    Upload("a device's name", "CON.png", png),
    Upload("a name of dots", "...", png),
]
