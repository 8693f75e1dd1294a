"""Convert a picture's numbers to sRGB by what its file says about them, as browsers do.

Sources: PNG, third edition (W3C, 2025), section 4.3, for the order of the statements; ITU-T H.273 for the numbers of
cICP; IEC 61966-2-1 for sRGB; Bradford adaptation after Lam (1985), as the ICC uses it.
"""

from __future__ import annotations

import io
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

from stickers.pictures.container import Description

Floats = npt.NDArray[np.float64]

_D65: Final = (0.3127, 0.3290)
_SRGB_PRIMARIES: Final = (*_D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
# White, red, green and blue of H.273's primaries.
_PRIMARIES: Final = {
    1: _SRGB_PRIMARIES,
    5: (*_D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
    6: (*_D65, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07),
    7: (*_D65, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07),
    9: (*_D65, 0.708, 0.292, 0.17, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06),
    12: (*_D65, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06),
}
_SRGB_TRANSFER: Final = 13
_VIDEO_TRANSFERS: Final = frozenset({1, 6, 14, 15})
_EXPONENTS: Final = {4: 2.2, 5: 2.8, 8: 1.0}
_USUAL_GAMMA: Final = 0.45455
_BRADFORD: Final = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_BAND_ROWS: Final = 256
_STEPS: Final = 65_535


def is_srgb(said: Description) -> bool:
    """Whether the numbers already are sRGB, by all that a PNG says beside an ICC profile."""
    return _of_numbers(said) is None


def to_srgb(image: Image.Image, said: Description) -> Image.Image:
    """The picture's colours as mode RGB in sRGB. See-through pixels keep a colour; alpha is ignored.

    `image` is 8-bit: L, RGB, RGBA or CMYK, or whatever Pillow converts to RGB. The file's statements count in this
    order: cICP, ICC profile, sRGB, gamma and chromaticities. A statement that is unknown, broken or does not fit the
    picture's mode is ignored. So is high dynamic range, which has no meaning on paper.
    """
    if said.cicp is None or _of_cicp(said.cicp) is None:
        converted = _by_profile(image, said.profile)
        if converted is not None:
            return converted
    plain = image if image.mode == "RGB" else image.convert("RGB")  # a copy of a large sheet takes 67 MB
    numbers = _of_numbers(said)
    return plain if numbers is None else _converted(plain, *numbers)


def _by_profile(image: Image.Image, profile: bytes | None) -> Image.Image | None:
    if not profile or image.mode not in {"L", "RGB", "RGBA", "CMYK"}:
        return None
    base = image.convert("RGB") if image.mode == "RGBA" else image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(base, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None  # broken, or for another kind of picture: the plain numbers are the better guess


def _of_numbers(said: Description) -> tuple[Floats, Floats] | None:
    """Linear light for each of the 256 values, and the matrix to sRGB's primaries; None if nothing changes."""
    primaries: tuple[float, ...] = _SRGB_PRIMARIES
    light = _srgb_light()
    by_cicp = _of_cicp(said.cicp) if said.cicp else None
    if by_cicp is not None:
        primaries, light = by_cicp
    elif not said.is_srgb:
        if said.gamma is not None and abs(said.gamma - _USUAL_GAMMA) > 0.002:
            light = np.linspace(0, 1, 256) ** (1 / said.gamma)
        primaries = _usable(said.chromaticities) or primaries
    matrix = _matrix(primaries)
    if np.allclose(matrix, np.eye(3), atol=0.002) and np.allclose(light, _srgb_light(), atol=1e-6):
        return None
    return light, matrix


def _of_cicp(numbers: tuple[int, int, int, int]) -> tuple[tuple[float, ...], Floats] | None:
    primaries, transfer, matrix, full_range = numbers
    light = _light_of(transfer)
    if primaries not in _PRIMARIES or light is None or matrix != 0 or full_range != 1:
        return None
    return _PRIMARIES[primaries], light


def _light_of(transfer: int) -> Floats | None:
    values = np.linspace(0, 1, 256)
    if transfer == _SRGB_TRANSFER:
        return _srgb_light()
    if transfer in _VIDEO_TRANSFERS:
        return np.where(values < 0.081, values / 4.5, ((values + 0.099) / 1.099) ** (1 / 0.45))
    if transfer in _EXPONENTS:
        return values ** _EXPONENTS[transfer]
    return None


def _srgb_light() -> Floats:
    values = np.linspace(0, 1, 256)
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _usable(chromaticities: tuple[float, ...] | None) -> tuple[float, ...] | None:
    """Chromaticities that span a triangle and all have light; None for others."""
    if chromaticities is None or min(chromaticities[1::2]) <= 0 or max(chromaticities) > 1:
        return None
    return None if abs(np.linalg.det(_columns(chromaticities[2:]))) < 1e-3 else chromaticities


def _columns(xy: tuple[float, ...]) -> Floats:
    """XYZ of unit brightness of each pair, as columns."""
    x, y = np.array(xy[::2]), np.array(xy[1::2])
    return np.array([x / y, np.ones_like(x), (1 - x - y) / y])


def _matrix(primaries: tuple[float, ...]) -> Floats:
    """From linear light of these primaries to that of sRGB, white adapted to white."""
    matrix: Floats = np.linalg.inv(_to_xyz(_SRGB_PRIMARIES)) @ _adapted(primaries[:2]) @ _to_xyz(primaries)
    return matrix


def _to_xyz(primaries: tuple[float, ...]) -> Floats:
    colours = _columns(primaries[2:])
    brightness = np.linalg.solve(colours, _columns(primaries[:2])[:, 0])
    xyz: Floats = colours * brightness
    return xyz


def _adapted(white: tuple[float, ...]) -> Floats:
    ratio = (_BRADFORD @ _columns(_D65)[:, 0]) / (_BRADFORD @ _columns(white)[:, 0])
    adaptation: Floats = np.linalg.inv(_BRADFORD) @ np.diag(ratio) @ _BRADFORD
    return adaptation


def _converted(image: Image.Image, light: Floats, matrix: Floats) -> Image.Image:
    """Convert by bands of rows, so that a large picture needs little extra memory."""
    steps = np.arange(_STEPS + 1) / _STEPS
    encoded = np.where(steps <= 0.0031308, 12.92 * steps, 1.055 * steps ** (1 / 2.4) - 0.055)
    codes = np.round(255 * encoded).astype(np.uint8)
    linear = light.astype(np.float32)
    across = matrix.T.astype(np.float32)
    pixels = np.array(image)
    for top in range(0, len(pixels), _BAND_ROWS):
        band: npt.NDArray[Any] = linear[pixels[top : top + _BAND_ROWS]] @ across
        pixels[top : top + _BAND_ROWS] = codes[np.clip(np.round(band * _STEPS), 0, _STEPS).astype(np.uint16)]
    return Image.fromarray(pixels)
