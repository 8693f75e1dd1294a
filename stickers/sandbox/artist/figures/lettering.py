"""Stickers that say something: speech bubbles, words in fat letters, labels and banners."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from stickers.sandbox.artist import colours as c
from stickers.sandbox.artist import paths
from stickers.sandbox.artist.colours import Colour
from stickers.sandbox.artist.paths import Points
from stickers.sandbox.artist.pen import Pen

_WIDEST: Final = 2.5  # units; a word is set as tall as this allows
_LETTER_PX: Final = 160  # raster that a letter's contour is taken from
_CAP: Final = 0.72 * _LETTER_PX  # the height of a capital of Pillow's built-in font


@dataclass(frozen=True)
class _Letter:
    """One letter's outer contours, each with its holes, in units of the capital height, baseline at y = 0.5."""

    contours: tuple[tuple[Points, tuple[Points, ...]], ...]


def _typeset(text: str, bold: float) -> tuple[list[_Letter], float]:
    """The letters side by side around x = 0, and the width of the line; `bold` thickens all strokes."""
    font = ImageFont.load_default(size=_LETTER_PX)
    thick = round(bold * _LETTER_PX)
    tracking = 1.7 * thick
    ends = [font.getlength(text[: k + 1]) + tracking * k for k in range(len(text))]
    width = ends[-1] + 2 * thick
    letters = []
    for k, letter in enumerate(text):
        start = ends[k] - font.getlength(letter) - width / 2 + thick
        side = round(font.getlength(letter)) + 4 * thick + 16
        image = Image.new("L", (side, _LETTER_PX * 2))
        pen_x = 2 * thick + 8
        ImageDraw.Draw(image).text(
            (pen_x, _LETTER_PX * 1.4), letter, 255, font, anchor="ls", stroke_width=thick, stroke_fill=255
        )
        found, family = cv2.findContours(np.asarray(image), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
        smooth = [_ironed(contour, start - pen_x) for contour in found]
        parts = []
        for index, contour in enumerate(smooth):
            if family[0][index][3] < 0:
                holes = tuple(hole for j, hole in enumerate(smooth) if family[0][j][3] == index)
                parts.append((contour, holes))
        letters.append(_Letter(tuple(parts)))
    return letters, width / _CAP


def _ironed(contour: cv2.typing.MatLike, shift: float) -> Points:
    """A raster contour without its steps, in units of the capital height."""
    points = contour[:, 0, :].astype(np.float64)
    ring = np.vstack([points[-3:], points, points[:3]])
    kernel = np.ones(7) / 7
    smooth = np.stack([np.convolve(ring[:, axis], kernel, "valid") for axis in (0, 1)], axis=1)[::3]
    placed: Points = (smooth + np.array([shift, -_LETTER_PX * 1.4])) / _CAP + np.array([0, 0.5])
    return placed


def _write(
    pen: Pen, text: str, widest: float, tallest: float, colours: Sequence[Colour], *, bold: float, fat: bool = False
) -> float:
    """Set a line of text around the origin as large as the limits allow; its capital height in units.

    Fat letters have two tones, a gloss and a dark rim that joins them; others are flat ink.
    """
    letters, width = _typeset(text, bold)
    size = min(tallest, widest / width)
    with pen.at(scale=size):
        if fat:
            rim = _dark(pen, colours[0], 1.0)
            for letter in letters:
                for contour, _ in letter.contours:
                    pen.stroke(np.vstack([contour, contour[:2]]), rim, 0.36)
        for k, letter in enumerate(letters):
            for contour, holes in letter.contours:
                colour = colours[k % len(colours)]
                pen.shape(contour, colour, holes=holes, line=0.0, shade=0.9 if fat else 0.0, gloss=fat)
    return size


def speech(pen: Pen, text: str) -> None:
    """A speech, thought or shout bubble."""
    fill = pen.paint(c.WHITE, c.WHITE, c.ROSE, c.ICE, c.BUTTER, c.MINT)
    kind = pen.rng.choice(("round", "box", "cloud", "shout"))
    tail_side = pen.rng.choice((-1, 1))
    tail = paths.poly((tail_side * 0.2, 0.3), (tail_side * 0.62, 0.3), (tail_side * 0.66, 1.0))
    if kind == "round":
        bubble = paths.union(paths.ellipse(0, -0.1, 1.2, 0.74), tail)
    elif kind == "box":
        bubble = paths.union(paths.box(-1.2, -0.74, 1.2, 0.54, 0.34), tail)
    elif kind == "shout":
        bubble = paths.moved(paths.star(0, 0, 1.0, 0.78, 15, radius=0.06), 0, -0.02) * (1.28, 0.94)
    else:
        bubble = paths.scallop(0, -0.1, 1.24, 0.84, 11, 0.1)
        for k in (0, 1):
            pen.shape(paths.ellipse(tail_side * (0.62 + 0.2 * k), 0.74 + 0.22 * k, 0.15 - 0.05 * k), fill, shade=0.3)
    pen.shape(bubble, fill, shade=0.7)
    ink = _dark(pen, pen.accent(), 0.6)
    with pen.at(0, -0.08, turn=pen.rng.uniform(-5, 5)):
        _write(pen, text, 1.7, 0.6, (ink,), bold=0.028)


def word(pen: Pen, text: str) -> None:
    """The word itself in fat letters, on one line or on two."""
    hues: tuple[Colour, ...] = tuple(pen.accent() for _ in range(3)) if pen.chance(0.6) else (pen.accent(),)
    lines = _two_lines(text.upper())  # small letters would close up when drawn so fat
    widest = max(_typeset(line, 0.055)[1] for line in lines)
    for k, line in enumerate(lines):
        size = min(0.9, _WIDEST / widest)
        with pen.at(0, (k - (len(lines) - 1) / 2) * size * 1.5, turn=pen.rng.uniform(-4, 4)):
            _write(pen, line, 9.0, size, hues[k % len(hues) :] + hues[: k % len(hues)], bold=0.055, fat=True)


def _dark(pen: Pen, colour: Colour, share: float) -> Colour:
    """A shade of the colour that letters stay legible in; plain ink where the style draws with ink."""
    if pen.look.line == "ink":
        return c.INK
    return c.outline_of(colour) if share >= 1 else c.mix(colour, c.INK, share)


def _two_lines(text: str) -> list[str]:
    """The text broken at the space that is nearest to its middle, if it has any."""
    spaces = [at for at, letter in enumerate(text) if letter == " "]
    if not spaces:
        return [text]
    middle = min(spaces, key=lambda at: abs(at - len(text) / 2))
    return [text[:middle].strip(), text[middle:].strip()]


def label(pen: Pen, text: str) -> None:
    """The word on a badge: a scalloped seal, a ribbon banner or a tag."""
    fill = pen.accent()
    kind = pen.rng.choice(("seal", "banner", "pill"))
    pale = c.mix(fill, c.WHITE, 0.82)
    if kind == "seal":
        pen.shape(paths.scallop(0, 0, 1.06, 1.06, 14, 0.09), fill)
        pen.shape(paths.ellipse(0, 0, 0.8), pale, line=0.7, shade=0)
        _write(pen, text, 1.24, 0.5, (_dark(pen, fill, 0.55),), bold=0.028)
        for side in (-1, 1):
            pen.flat(paths.star(0, side * 0.5, 0.15, 0.07), fill)
        return
    if kind == "banner":
        for side in (-1, 1):
            flag = [(side * 0.8, -0.2), (side * 1.4, -0.2), (side * 1.2, 0.16), (side * 1.4, 0.52), (side * 0.8, 0.52)]
            pen.shape(paths.rounded(flag, 0.04), c.mix(fill, c.INK, 0.16), shade=0.5)
    pen.shape(paths.box(-1.1, -0.44, 1.1, 0.4, 0.4 if kind == "pill" else 0.06), fill)
    _write(pen, text, 1.8, 0.42, (c.WHITE if c.lightness(pen.look.fill(fill)) < 0.62 else c.INK,), bold=0.028)


LETTERING: Final[Mapping[str, Callable[[Pen, str], None]]] = {"speech": speech, "word": word, "label": label}
