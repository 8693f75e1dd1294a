"""Converts sRGB pictures to the four inks of a press, and back to what they look like in print.

A press with its paper and inks is a printing condition, and an ICC profile describes it. The conversion is relative
colorimetric with black point compensation, by Little CMS. One thing is different from a plain conversion: black lines
and letters print with black ink alone (see `black.py`).
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

from stickers.printing.artwork import black
from stickers.printing.artwork.icc import SRGB_V2
from stickers.printing.errors import OptionsError

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

NO_PROFILE: Final = "cmyk"  # the field of every error about a CMYK profile
_PRESS_CLASS: Final = b"prtr"  # PDF/X allows no other class of profile in its output intent
# CIE76 difference between a colour and its print that a person notices. Little CMS warns from 5 on, too.
_LOST_DELTA_E: Final = 5.0
_BAND_PX: Final = 2_000_000  # converted at a time: each pixel needs about 40 bytes meanwhile
# Standard printing conditions by a part of their profile's description, as the ICC's registry calls them.
_REGISTERED: Final = (
    (re.compile(r"ISO ?coated[ _]v2", re.IGNORECASE), "FOGRA39"),
    (re.compile(r"PSO ?coated[ _]v3", re.IGNORECASE), "FOGRA51"),
    (re.compile(r"PSO ?uncoated[ _]v3", re.IGNORECASE), "FOGRA52"),
    (re.compile(r"\bFOGRA ?(\d\d)L?\b", re.IGNORECASE), "FOGRA{}"),
)


class _Transforms(NamedTuple):
    to_inks: ImageCms.ImageCmsTransform
    to_screen: ImageCms.ImageCmsTransform


@dataclass(frozen=True)
class PrintingCondition:
    """A press, its paper and its inks. `name` is how people call its profile, `icc` is the profile itself.

    Raises OptionsError (field `cmyk`) if the profile is not one of a CMYK press.
    """

    name: str
    icc: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not is_press(self.icc):
            raise OptionsError(NO_PROFILE, f"“{self.name[:80]}” is no ICC profile of a CMYK press.")

    def proven(self) -> PrintingCondition:
        """The same condition. Raises OptionsError (field `cmyk`) if Little CMS cannot convert with it both ways."""
        try:
            self.screen(self.plain_inks(np.zeros((1, 1, 3), np.uint8)))
        except (OSError, ImageCms.PyCMSError) as error:
            raise OptionsError(NO_PROFILE, f"“{self.name[:80]}” is an ICC profile that does not work.") from error
        return self

    @cached_property
    def description(self) -> str:
        """What the profile calls itself, such as “ISO Coated v2 300% (basICColor)”."""
        said = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(self.icc)))
        return " ".join("".join(letter if letter.isprintable() else " " for letter in said).split()) or self.name

    @property
    def registered(self) -> str:
        """Its name in the ICC's registry of characterization data, such as FOGRA39. Empty if it is not known here."""
        for pattern, name in _REGISTERED:
            if found := pattern.search(self.description):
                return name.format(*found.groups())
        return ""

    def plain_inks(self, rgb: Bytes) -> Bytes:
        """The inks that Little CMS gives for `rgb` (HxWx3 uint8, sRGB): HxWx4 uint8, 255 for full ink."""
        return _converted(rgb, "RGB", _transforms(self.icc).to_inks)

    def inks(self, rgb: Bytes, px_per_mm: float) -> Bytes:
        """The inks to print for `rgb`: those of `plain_inks`, but black lines and letters in black ink alone.

        `px_per_mm`: the picture's resolution in print, which tells a line from an area. White stays free of ink.
        """
        height, width = rgb.shape[:2]
        made = np.empty((height, width, 4), np.uint8)
        step, reach_px = max(1, _BAND_PX // width), black.reach_px(px_per_mm)
        for first in range(0, height, step):
            top = max(first - reach_px, 0)
            band = self._band(rgb[top : first + step + reach_px], px_per_mm)
            made[first : first + step] = band[first - top : first - top + step]
        return made

    def _band(self, rgb: Bytes, px_per_mm: float) -> Bytes:
        inks = self.plain_inks(rgb).copy()
        share = black.black_alone(rgb, px_per_mm)
        at = share > 0
        inks[at] = _mixed(inks[at], _levels_of_black(self.icc)[_grey(rgb[at])], share[at])
        brightest, spread = black.levels(rgb)
        inks[(brightest == 255) & (spread == 0)] = 0
        return inks

    def screen(self, inks: Bytes) -> Bytes:
        """What `inks` (HxWx4 uint8) look like, on a screen whose white is the paper: HxWx3 uint8, sRGB."""
        return _converted(inks, "CMYK", _transforms(self.icc).to_screen)

    def lost(self, rgb: Bytes) -> npt.NDArray[np.bool_]:
        """Which pixels of `rgb` (HxWx3 uint8) have a colour that the press cannot print: HxW.

        The inks are converted back the way they came, so a colour that can be printed returns as it was. The darkest
        black of a screen counts as printable, since black point compensation maps it to that of the press.
        """
        printed = self.screen(self.plain_inks(rgb))
        return np.asarray(np.linalg.norm(_lab(rgb) - _lab(printed), axis=2) > _LOST_DELTA_E)


def is_press(header: bytes) -> bool:
    """Whether a file that begins with these bytes (20 or more) is an ICC profile of a CMYK press."""
    return header[12:20] == _PRESS_CLASS + b"CMYK"


@lru_cache(maxsize=4)
def _transforms(icc: bytes) -> _Transforms:
    """The two directions, 60 ms to build. Equal for threads: Little CMS keeps no state in a transform that runs."""
    options = (ImageCms.Intent.RELATIVE_COLORIMETRIC, ImageCms.Flags.BLACKPOINTCOMPENSATION)
    return _Transforms(
        ImageCms.buildTransform(io.BytesIO(SRGB_V2), io.BytesIO(icc), "RGB", "CMYK", *options),
        ImageCms.buildTransform(io.BytesIO(icc), io.BytesIO(SRGB_V2), "CMYK", "RGB", *options),
    )


@lru_cache(maxsize=4)
def _levels_of_black(icc: bytes) -> Bytes:
    """How much black ink alone looks like each grey in print: 256 uint8, by the grey's level.

    It is full for all greys that are darker than black ink alone can print.
    """
    to_inks, to_screen = _transforms(icc)
    greys = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    alone = np.zeros((1, 256, 4), np.uint8)
    alone[..., 3] = np.arange(256)
    wanted = _lab(_converted(_converted(greys, "RGB", to_inks), "CMYK", to_screen))[0, :, 0]
    ramp = np.minimum.accumulate(_lab(_converted(alone, "CMYK", to_screen))[0, :, 0])
    levels = np.round(np.interp(wanted, ramp[::-1], np.arange(255, -1, -1)))
    return np.asarray(np.maximum.accumulate(levels[::-1])[::-1], np.uint8)


def _converted(pixels: Bytes, mode: str, transform: ImageCms.ImageCmsTransform) -> Bytes:
    """`pixels` (HxWxC uint8) of a Pillow mode through a transform: HxWxD uint8."""
    height, width = pixels.shape[:2]
    picture = Image.frombytes(mode, (width, height), np.ascontiguousarray(pixels).tobytes())
    made = Image.new(transform.output_mode, picture.size)
    # Its own `apply` also writes the output profile into each picture: a fifth of the time, and some cannot be written.
    transform.transform.apply(picture.getim(), made.getim())
    return np.asarray(made)


def _grey(rgb: npt.NDArray[Any]) -> Bytes:
    """The grey as bright as each colour: Nx3 uint8 to N uint8, by the weights of ITU-R BT.709."""
    return np.asarray(np.round(rgb @ np.array((0.2126, 0.7152, 0.0722))), np.uint8)


def _mixed(inks: Bytes, black_ink: Bytes, share: Floats) -> Bytes:
    """`share` (N) of black ink alone (N uint8), and the rest of `inks` (Nx4 uint8)."""
    alone = np.zeros(inks.shape, np.float32)
    alone[:, 3] = black_ink
    return np.asarray(np.round(alone * share[:, None] + inks * (1 - share[:, None])), np.uint8)


def _lab(rgb: Bytes) -> Floats:
    """CIE L*a*b* under D65, HxWx3 float32, of sRGB."""
    return np.asarray(cv2.cvtColor(rgb.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB), np.float32)
