"""Kawaii faces: eyes with highlights, smiles, blush; the same few marks for a cat, a donut and a planet."""

from __future__ import annotations

import math
from typing import Final, Literal

from stickers.sandbox.artist import colours as c
from stickers.sandbox.artist import paths
from stickers.sandbox.artist.colours import Colour
from stickers.sandbox.artist.pen import Pen

Eyes = Literal["dot", "bright", "happy", "sleepy", "wink", "heart", "star"]
Mouth = Literal["smile", "cat", "open", "tiny", "tongue", "none"]

_EYES: Final[tuple[Eyes, ...]] = (
    "dot",
    "dot",
    "bright",
    "bright",
    "bright",
    "happy",
    "sleepy",
    "wink",
    "star",
    "heart",
)
_MOUTHS: Final[tuple[Mouth, ...]] = ("smile", "smile", "open", "open", "tongue", "tiny", "cat")


def face(
    pen: Pen,
    x: float,
    y: float,
    size: float,
    *,
    eyes: Eyes | None = None,
    mouth: Mouth | None = None,
    spread: float = 0.42,
    blush: Colour | None = c.BLUSH,
) -> None:
    """A face whose cheeks are about `size` units from (x, y); eyes and mouth at random unless they are given."""
    look = pen.rng.choice(_EYES) if eyes is None else eyes
    lips = pen.rng.choice(_MOUTHS) if mouth is None else mouth
    with pen.at(x, y, scale=size):
        if blush is not None:
            for side in (-1, 1):
                pen.wash(paths.ellipse(side * (spread + 0.24), 0.2, 0.17, 0.11), blush, 0.85)
        for side in (-1, 1):
            kind: Eyes = ("happy" if side > 0 else "bright") if look == "wink" else look
            with pen.at(side * spread, 0, mirror=side > 0 and look != "wink"):
                _eye(pen, kind, catch=side > 0)
        _mouth(pen, lips)


def _eye(pen: Pen, kind: Eyes, *, catch: bool) -> None:
    shine = 1 if catch and kind != "happy" else -1  # mirrored eyes keep their highlight on the lit side
    if kind == "dot":
        pen.flat(paths.ellipse(0, 0, 0.115, 0.135), c.INK)
        pen.flat(paths.ellipse(shine * 0.035, -0.05, 0.045), c.WHITE)
    elif kind == "bright":
        pen.flat(paths.ellipse(0, 0, 0.165, 0.2), c.INK)
        pen.flat(paths.ellipse(0, 0.085, 0.11, 0.085), c.mix(c.INK, (150, 104, 150), 0.6))
        pen.flat(paths.ellipse(shine * 0.055, -0.07, 0.07), c.WHITE)
        pen.flat(paths.ellipse(-shine * 0.06, 0.07, 0.035), c.WHITE)
    elif kind == "happy":
        pen.stroke(paths.arc(0, 0.06, 0.15, 0.17, 195, 345), c.INK, 0.07)
    elif kind == "sleepy":
        pen.stroke(paths.arc(0, -0.05, 0.15, 0.14, 15, 165), c.INK, 0.07)
    elif kind == "heart":
        pen.flat(paths.heart(0, 0, 0.2), c.RED)
        pen.flat(paths.ellipse(shine * 0.08, -0.07, 0.045), c.WHITE)
    else:
        pen.flat(paths.ellipse(0, 0, 0.17, 0.2), c.INK)
        pen.flat(paths.star(0, -0.01, 0.14, 0.06, radius=0.02), c.BUTTER)


def _mouth(pen: Pen, kind: Mouth) -> None:
    if kind == "smile":
        pen.stroke(paths.arc(0, 0.1, 0.14, 0.12, 20, 160), c.INK, 0.055)
    elif kind == "cat":
        for side in (-1, 1):
            pen.stroke(paths.arc(side * 0.085, 0.12, 0.085, 0.09, 5, 175), c.INK, 0.05)
    elif kind == "tiny":
        pen.flat(paths.ellipse(0, 0.17, 0.055, 0.07), c.INK)
    elif kind in {"open", "tongue"}:
        jaw = paths.poly(*[(0.17 * math.cos(a), 0.11 + 0.22 * math.sin(a)) for a in _HALF_TURN])
        pen.shape(paths.rounded(jaw, 0.04), (134, 48, 66), line=0.0, shade=0)
        pen.flat(paths.ellipse(0, 0.27, 0.09, 0.055), (255, 132, 142))
        if kind == "tongue":
            pen.flat(paths.blob((-0.075, 0.25), (0.075, 0.25), (0.07, 0.36), (0, 0.4), (-0.07, 0.36)), (255, 132, 142))


_HALF_TURN: Final = tuple(math.radians(angle) for angle in range(0, 181, 12))
