"""Open a picture of any usual kind as upright 8-bit sRGB, or say clearly why it cannot be opened."""

from __future__ import annotations

import contextlib
import io
import re
import struct
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, UnidentifiedImageError, features

from stickers.pictures import colour
from stickers.pictures.container import Description, divide, nclx, orientation
from stickers.pictures.kinds import AVIF, kind_of

MAX_BYTES: Final = 64 * 2**20
MAX_PIXELS: Final = 17_000_000  # a little more than 4096 × 4096
MAX_SIDE_PX: Final = 16384
# What Pillow's decoders raise for broken files.
DECODER_ERRORS: Final = (
    *(OSError, SyntaxError, ValueError, TypeError, LookupError),
    *(ArithmeticError, EOFError, struct.error),
)
OPENS_AVIF: Final = bool(features.check("avif"))  # Pillow's own wheels can; one built without libavif cannot
_FORMATS: Final = (  # Pillow opens MPO as JPEG
    *("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM"),
    *(("AVIF",) if OPENS_AVIF else ()),
)
_OPENED: Final = f"PNG, JPEG, WebP, {'AVIF, ' if OPENS_AVIF else ''}GIF, BMP, TIFF or PPM"
_DAMAGED: Final = "The picture is damaged or cut off."
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# All browsers show these alike. Palettes, 16 bits and CMYK become a plain picture.
_PLAIN_MODES: Final = frozenset({"RGB", "RGBA", "L"})


class UnreadableImage(Exception):  # noqa: N818  (reads as a sentence where it is raised)
    """The file is no picture that can be opened. The message is fit for the person who sent it."""


class NoPicture(UnreadableImage):
    """The file is of no kind that is opened here. `kind` names it with its article, if it is known at all."""

    def __init__(self, kind: str | None) -> None:
        words = "The file is not a picture" if kind is None else f"The file is {kind}, a kind that cannot be opened"
        super().__init__(f"{words}; send {_OPENED}.")
        self.kind = kind


@dataclass(frozen=True)
class Header:
    """What a file says about itself."""

    format: str
    """As Pillow names it."""
    width_px: int
    height_px: int
    is_plain: bool
    """Whether every browser shows the file itself just as `open_image` does."""
    has_alpha: bool
    """Whether its pixels may be see-through, even if none is."""


def open_image(source: str | Path | bytes, *, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """The picture at a path or in bytes: upright, 8 bit, in sRGB, as mode RGB, or RGBA if anything is see-through.

    Orientation is applied. Palettes, grey, CMYK and 16 bit become RGB; profiles and other statements of colour are
    followed. Unreadable metadata is ignored. Raises UnreadableImage for a file that is no picture, is truncated,
    animated, or larger than `max_pixels`. The size is checked before the pixels are decoded.
    """
    pixels, said = divide(_bytes(source))
    with _refusals(pixels, max_pixels), Image.open(io.BytesIO(pixels), formats=_FORMATS) as image:
        _refuse_odd(image, max_pixels)
        image.load()
        said = said or _said_by(image, pixels)
        turn = _TURNS.get(said.orientation)
        return _normalised(image if turn is None else image.transpose(turn), said)


def header(data: bytes, *, max_pixels: int = MAX_PIXELS) -> Header:
    """What the file is, without decoding its pixels, because a header of a few bytes can promise gigabytes of them.

    Raises UnreadableImage if it is no picture. So many pixels that Pillow refuses to look at them are refused, too, and
    the message then names `max_pixels` as the limit.
    """
    pixels, said = divide(data)
    with _refusals(pixels, max_pixels), Image.open(io.BytesIO(pixels), formats=_FORMATS) as image:
        said = said or _said_by(image, pixels)
        is_plain = image.mode in _PLAIN_MODES and said.orientation == 1 and said.is_whole and colour.is_srgb(said)
        is_plain = is_plain and image.format != "AVIF"  # not every browser shows one
        return Header(image.format or "", *image.size, is_plain, _has_alpha(image))


def _bytes(source: str | Path | bytes) -> bytes:
    try:
        data = source if isinstance(source, bytes) else Path(source).read_bytes()
    except OSError as error:
        raise UnreadableImage(f"The file cannot be read: {error.strerror or error}.") from error
    if len(data) > MAX_BYTES:
        raise UnreadableImage(f"The file is larger than {MAX_BYTES // 2**20} MB.")
    return data


@contextlib.contextmanager
def _refusals(data: bytes, max_pixels: int) -> Iterator[None]:
    """Turn whatever a decoder raises into words for the person who sent the file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns about odd metadata and big pictures; both are checked here
            yield
    except UnidentifiedImageError as error:
        kind = kind_of(data)
        if kind == AVIF and OPENS_AVIF:
            raise UnreadableImage(_DAMAGED) from error
        raise NoPicture(kind) from error
    except Image.DecompressionBombError as error:
        raise UnreadableImage(too_many_pixels(error, max_pixels)) from error
    except DECODER_ERRORS as error:
        raise UnreadableImage(_DAMAGED) from error


def too_many_pixels(error: Exception, max_pixels: int) -> str:
    """What a person is told after Pillow's error for a decompression bomb: the picture's size, and the limit."""
    # Pillow says the size in words alone: "Image size (400000000 pixels) exceeds limit of …".
    own = re.search(r"\d+", str(error))
    size = f"{megapixels(int(own[0]))} megapixels" if own else "too many pixels"
    return f"The picture has {size}; at most {megapixels(max_pixels)} can be opened."


def megapixels(pixels: int) -> str:
    """A number of pixels as messages and pages say it: 17, 0.04, 2,500."""
    return f"{pixels / 1e6:,.0f}" if pixels >= 1e8 else f"{pixels / 1e6:.3g}"


def plain_png(image: Image.Image) -> bytes:
    """The bytes of a PNG that all programs show alike, for a picture whose own file is not plain."""
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=4)
    return out.getvalue()


def _refuse_odd(image: Image.Image, max_pixels: int) -> None:
    width, height = image.size
    if width * height > max_pixels or max(width, height) > MAX_SIDE_PX:
        raise UnreadableImage(
            f"The picture has {width} × {height} pixels; at most {megapixels(max_pixels)} megapixels can be opened."
        )
    # An MPO file's JPEG and a TIFF's thumbnail page are no animation.
    if image.format in {"PNG", "GIF", "WEBP", "AVIF"} and getattr(image, "n_frames", 1) > 1:
        raise UnreadableImage("The picture is animated; send a single still picture.")


def _said_by(image: Image.Image, data: bytes) -> Description:
    """What Pillow has read beside the pixels, for kinds of files that it reads safely."""
    profile = image.info.get("icc_profile")
    numbers = nclx(data) if image.format == "AVIF" and not profile else None  # a profile says it more exactly
    return Description(profile=profile, cicp=numbers, orientation=orientation(image.getexif))


def _has_alpha(image: Image.Image) -> bool:
    return image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info


def _normalised(image: Image.Image, said: Description) -> Image.Image:
    image = _eight_bit(image)
    alpha = image.convert("RGBA").getchannel("A") if _has_alpha(image) else None
    if image.mode == "LA":
        image = image.getchannel("L")  # a profile for grey fits grey alone
    elif image.mode in {"P", "PA", "La", "RGBa"}:
        image = image.convert("RGBA")
    plain = colour.to_srgb(image, said)
    if alpha is None or alpha.getextrema()[0] == 255:
        return plain
    plain.putalpha(alpha)
    return plain


def _eight_bit(image: Image.Image) -> Image.Image:
    if image.mode not in {"I", "F"} and not image.mode.startswith("I;16"):
        return image
    values = np.asarray(image, np.float32)
    values = np.nan_to_num(values, nan=0.0, posinf=65535.0, neginf=0.0)
    if image.mode != "F":
        values = values / 257.0
    elif values.max() <= 1.0:
        values = values * 255.0
    return Image.fromarray(np.clip(np.round(values), 0, 255).astype(np.uint8))
