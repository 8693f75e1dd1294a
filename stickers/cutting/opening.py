"""Open a picture of any usual kind as upright 8-bit RGB or RGBA, or say clearly why it cannot be opened."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

MAX_BYTES: Final = 64 * 2**20
MAX_PIXELS: Final = 4096 * 4096
MAX_SIDE_PX: Final = 16384
_FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "MPO")


class UnreadableImage(Exception):  # noqa: N818  (reads as a sentence where it is raised)
    """The file is no picture that can be cut; the message is fit for the person who sent it."""


def open_image(source: str | Path | bytes) -> Image.Image:
    """The picture at a path or in bytes, upright, as mode RGB, or RGBA when anything is see-through.

    EXIF rotation is applied, palettes, grey, CMYK, 16 bit and embedded colour profiles become sRGB 8 bit.
    Raises UnreadableImage for what is no picture, is truncated, animated, or larger than `MAX_PIXELS`.
    """
    try:
        data = source if isinstance(source, bytes) else Path(source).read_bytes()
    except OSError as error:
        raise UnreadableImage(f"The file cannot be read: {error.strerror or error}.") from error
    if len(data) > MAX_BYTES:
        raise UnreadableImage(f"The file is larger than {MAX_BYTES // 2**20} MB.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns about odd metadata and big pictures; both are checked here
            image = Image.open(io.BytesIO(data), formats=_FORMATS)
            _refuse_odd(image)
            image.load()
            return _normalised(image)
    except UnreadableImage:
        raise
    except UnidentifiedImageError as error:
        raise UnreadableImage("The file is not a picture that can be opened.") from error
    except Image.DecompressionBombError as error:
        raise UnreadableImage("The picture has too many pixels.") from error
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, OverflowError, TypeError) as error:
        raise UnreadableImage("The picture is damaged or cut off.") from error


def _refuse_odd(image: Image.Image) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE_PX:
        raise UnreadableImage(
            f"The picture has {width} × {height} pixels; at most {MAX_PIXELS / 1e6:.0f} megapixels can be cut."
        )
    # a JPEG of an MPO file and a thumbnail page of a TIFF are no animation
    if image.format in {"PNG", "GIF", "WEBP"} and getattr(image, "n_frames", 1) > 1:
        raise UnreadableImage("The picture is animated; send a single still picture.")


def _normalised(image: Image.Image) -> Image.Image:
    upright = ImageOps.exif_transpose(image)
    profile = image.info.get("icc_profile")
    upright = _eight_bit(upright)
    see_through = upright.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in upright.info
    alpha = upright.convert("RGBA").getchannel("A") if see_through else None
    if upright.mode in {"P", "PA", "LA", "La", "RGBa"}:
        upright = upright.convert("RGBA")
    plain = _to_srgb(upright, profile)
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


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if profile and image.mode in {"RGB", "RGBA", "CMYK"}:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            base = image.convert("RGB") if image.mode == "RGBA" else image
            converted = ImageCms.profileToProfile(base, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a broken or mismatched profile: its plain numbers are the better guess
        else:
            if converted is not None:
                return converted
    return image.convert("RGB")
