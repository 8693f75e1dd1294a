"""The artist's paint box: named colours and the arithmetic that shades, tints and pulls them to a palette."""

from __future__ import annotations

import colorsys
from collections.abc import Iterable
from typing import Final

Colour = tuple[int, int, int]

WHITE: Final = (255, 255, 255)
CREAM: Final = (255, 244, 222)
VANILLA: Final = (255, 230, 180)
BUTTER: Final = (255, 217, 112)
YELLOW: Final = (255, 203, 64)
AMBER: Final = (250, 172, 60)
ORANGE: Final = (250, 143, 68)
PEACH: Final = (255, 198, 168)
CORAL: Final = (255, 127, 112)
RED: Final = (236, 76, 84)
CRIMSON: Final = (205, 50, 74)
BLUSH: Final = (255, 158, 168)
ROSE: Final = (255, 182, 196)
PINK: Final = (255, 140, 180)
MAGENTA: Final = (226, 84, 158)
LILAC: Final = (206, 178, 244)
PURPLE: Final = (150, 110, 214)
INDIGO: Final = (86, 84, 176)
NAVY: Final = (48, 54, 110)
BLUE: Final = (84, 150, 236)
SKY: Final = (138, 205, 250)
ICE: Final = (212, 240, 255)
TEAL: Final = (64, 184, 180)
AQUA: Final = (124, 222, 214)
MINT: Final = (172, 234, 200)
LIME: Final = (184, 218, 96)
GREEN: Final = (98, 186, 106)
LEAF: Final = (72, 156, 92)
FOREST: Final = (48, 112, 80)
OLIVE: Final = (142, 148, 74)
SAND: Final = (240, 214, 170)
TAN: Final = (222, 176, 124)
CARAMEL: Final = (206, 140, 76)
BROWN: Final = (150, 98, 66)
COCOA: Final = (108, 70, 56)
GREY: Final = (172, 174, 186)
SILVER: Final = (220, 222, 232)
SLATE: Final = (108, 112, 130)
INK: Final = (60, 42, 58)

_SHADOW: Final = (66, 38, 72)  # what outlines lean to: a warm dark violet is livelier than black


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """`first` with a share (0–1) of `second` stirred in."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return (red, green, blue)


def lightness(colour: Colour) -> float:
    """How bright the colour looks, 0–1 (Rec. 601 luma)."""
    return (0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]) / 255


def outline_of(colour: Colour) -> Colour:
    """The darker shade of a body colour that its own outline is drawn in."""
    dark: Colour = (round(colour[0] * 0.52), round(colour[1] * 0.46), round(colour[2] * 0.52))
    return mix(dark, _SHADOW, 0.34)


def adjusted(colour: Colour, *, saturation: float = 1.0, light: float = 0.0) -> Colour:
    """Saturation multiplied, lightness moved towards white (light > 0) or black (light < 0) by that share."""
    hue, level, vivid = colorsys.rgb_to_hls(*(channel / 255 for channel in colour))
    level = level + (1 - level) * light if light >= 0 else level * (1 + light)
    red, green, blue = colorsys.hls_to_rgb(hue, level, min(1.0, vivid * saturation))
    return (round(red * 255), round(green * 255), round(blue * 255))


def nearest(colour: Colour, palette: Iterable[Colour]) -> Colour:
    """The palette's colour that is closest, with hue and lightness weighed as the eye does."""

    def distance(other: Colour) -> float:
        red, green, blue = (a - b for a, b in zip(colour, other, strict=True))
        return 2 * red * red + 4 * green * green + 3 * blue * blue  # the "redmean" weights, simplified

    return min(palette, key=distance)


def rainbow(turn: float, *, light: float = 0.7, saturation: float = 0.85) -> Colour:
    """A pure hue; `turn` is the position on the colour wheel, 1 being once around."""
    red, green, blue = colorsys.hls_to_rgb(turn % 1.0, light, saturation)
    return (round(red * 255), round(green * 255), round(blue * 255))
