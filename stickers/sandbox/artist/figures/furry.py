"""The body plan of furry animals with big heads, in several poses; a species adds ears, markings and tail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

from stickers.sandbox.artist import colours as c
from stickers.sandbox.artist import paths
from stickers.sandbox.artist.colours import Colour
from stickers.sandbox.artist.faces import Mouth, face
from stickers.sandbox.artist.figures.wardrobe import dress, hold
from stickers.sandbox.artist.paths import Points
from stickers.sandbox.artist.pen import Pen

Ears = Literal["pointed", "round", "tiny", "long", "floppy", "side", "folded", "huge"]


@dataclass(frozen=True)
class Coat:
    """The colours of one animal: fur, its light parts, the inside of the ears, markings."""

    fur: Colour
    light: Colour
    inner: Colour
    mark: Colour


@dataclass(frozen=True)
class Species:
    """What makes the common body plan this animal."""

    coats: tuple[Coat, ...]
    ears: Ears
    muzzle: Literal["none", "small", "wide", "snout"] = "small"
    nose: Colour = c.INK
    tail: Literal["thin", "bushy", "puff", "curl", "none"] = "puff"
    marks: Callable[[Pen, Coat], None] | None = None
    behind: Callable[[Pen, Coat], None] | None = None
    crest: Callable[[Pen, Coat], None] | None = None
    whiskers: bool = False
    head: tuple[float, float] = (0.76, 0.62)


def animal(species: Species, pen: Pen) -> None:
    """Draw one animal in a pose of its own."""
    coat = pen.rng.choice(species.coats)
    if pen.look.wanted and pen.chance(0.45):
        fur = pen.rng.choice(pen.look.wanted)
        coat = Coat(fur, c.mix(fur, c.WHITE, 0.7), coat.inner, c.mix(fur, c.INK, 0.3))
    pose = pen.rng.choice(("sit", "sit", "wave", "hug", "head", "loaf", "peek"))
    if pose == "head":
        with pen.at(0, 0.1, scale=1.22):
            _head(species, pen, coat)
            dress(pen, *species.head)
    elif pose == "loaf":
        _loaf(species, pen, coat)
    elif pose == "peek":
        _peek(species, pen, coat)
    else:
        _upright(species, pen, coat, pose)


def _upright(species: Species, pen: Pen, coat: Coat, pose: str) -> None:
    with pen.at(0.3, 0.72):
        _tail(species, pen, coat)
    for side in (-1, 1):
        pen.shape(paths.ellipse(side * 0.27, 0.95, 0.19, 0.13, turn=side * -8), coat.fur, shade=0.6)
    body = paths.twin((0, 0.05), (0.34, 0.3), (0.46, 0.68), (0.34, 0.96), (0, 1.02))
    belly = partial(pen.flat, paths.ellipse(0, 0.72, 0.27, 0.26), coat.light)
    pen.shape(body, coat.fur, inside=belly)
    arms = {"sit": ((-1, 22), (1, 22)), "wave": ((-1, 25), (1, 142)), "hug": ()}[pose]
    for side, angle in arms:
        with pen.at(side * 0.36, 0.42, mirror=side > 0):
            arm = paths.drop(0, -0.04, 0.42, 0.25, turn=180 + angle)
            pen.shape(arm, coat.fur, shade=0.6)
    with pen.at(0, -0.28):
        _head(species, pen, coat)
        dress(pen, *species.head)
    if pose == "hug":
        with pen.at(0, 0.62, scale=0.36):
            hold(pen)
        for side in (-1, 1):
            pen.shape(paths.ellipse(side * 0.31, 0.62, 0.15, 0.12, turn=side * -24), coat.fur, shade=0.6)


def _loaf(species: Species, pen: Pen, coat: Coat) -> None:
    with pen.at(0.85, 0.62, scale=1.1, turn=20):
        _tail(species, pen, coat)
    body = paths.blob((-0.6, 0.3), (0.1, 0.02), (0.75, 0.14), (1.02, 0.55), (0.86, 0.84), (0.1, 0.9), (-0.56, 0.84))
    pen.shape(body, coat.fur)
    for x in (-0.42, -0.06):
        pen.shape(paths.ellipse(x, 0.84, 0.18, 0.11), coat.fur, shade=0.5)
    with pen.at(-0.24, -0.08, turn=-4):
        _head(species, pen, coat)
        dress(pen, *species.head)


def _peek(species: Species, pen: Pen, coat: Coat) -> None:
    """Looking out of a cup, a box or a nest of something soft."""
    colour = pen.paint(c.PINK, c.SKY, c.MINT, c.BUTTER, c.LILAC)
    with pen.at(0, -0.28, scale=0.92):
        _head(species, pen, coat)
        dress(pen, *species.head)
    handle = paths.ellipse(0.62, 0.56, 0.24, 0.22)
    pen.stroke(paths.curve(handle, closed=True), colour, 0.12, line=2)
    cup = paths.rounded([(-0.66, 0.18), (0.66, 0.18), (0.5, 0.98), (-0.5, 0.98)], 0.16)

    def pattern() -> None:
        for k, x in enumerate((-0.42, 0.0, 0.42)):
            pen.flat(paths.heart(x, 0.58 + 0.12 * (k % 2), 0.12), c.mix(colour, c.WHITE, 0.65))

    pen.shape(cup, colour, inside=pattern)
    for side in (-1, 1):
        pen.shape(paths.ellipse(side * 0.34, 0.2, 0.17, 0.13), coat.fur, shade=0.5)


def _head(species: Species, pen: Pen, coat: Coat) -> None:
    if species.behind:
        species.behind(pen, coat)
    _ears(species, pen, coat)
    rx, ry = species.head
    skull = paths.twin((0, -ry), (rx * 0.66, -ry * 0.8), (rx, 0.06), (rx * 0.72, ry * 0.84), (0, ry))
    marks = partial(species.marks, pen, coat) if species.marks else None
    pen.shape(skull, coat.fur, inside=marks)
    if species.crest:
        species.crest(pen, coat)
    muzzle = species.muzzle
    if muzzle == "small":
        pen.flat(paths.ellipse(0, 0.25, 0.27, 0.19), coat.light)
    elif muzzle == "wide":
        pen.flat(paths.ellipse(0, 0.3, 0.42, 0.24), coat.light)
    mouth: Mouth = pen.rng.choice(
        ("cat", "cat", "open", "smile") if muzzle != "none" else ("smile", "cat", "open", "tongue")
    )
    if muzzle == "snout":
        face(pen, 0, 0.02, 0.86, mouth="none", spread=0.46)
        pen.shape(paths.ellipse(0, 0.2, 0.24, 0.17), species.nose, shade=0.5, line=0.8)
        for side in (-1, 1):
            pen.flat(paths.ellipse(side * 0.085, 0.2, 0.035, 0.06), c.mix(species.nose, c.INK, 0.55))
        pen.stroke(paths.arc(0, 0.37, 0.1, 0.06, 20, 160), c.INK, 0.045)
    else:
        face(pen, 0, 0.06, 0.86, mouth=mouth, spread=0.46)
        nose = paths.rounded([(-0.085, 0.1), (0.085, 0.1), (0, 0.19)], 0.05)
        if muzzle == "wide":
            nose = paths.ellipse(0, 0.13, 0.12, 0.085)
        pen.flat(nose, species.nose)
    if species.whiskers:
        for side in (-1, 1):
            for lift in (-0.06, 0.06):
                ends = [(side * rx * 0.8, 0.2 + lift), (side * rx * 1.12, 0.17 + lift * 2.4)]
                pen.ink(paths.poly(*ends), c.outline_of(coat.fur), 0.6)


def _ears(species: Species, pen: Pen, coat: Coat) -> None:
    tilt = pen.rng.uniform(-4, 6)
    for side in (-1, 1):
        with pen.at(mirror=side < 0):
            outer, inner = _EARS[species.ears]
            outer, inner = (paths.moved(points, turn=tilt) for points in (outer, inner))
            pen.shape(outer, coat.mark if species.ears in {"floppy", "round"} else coat.fur, shade=0.7)
            pen.flat(inner, coat.inner)


_EARS: Final[Mapping[Ears, tuple[Points, Points]]] = {
    "pointed": (
        paths.rounded([(0.12, -0.42), (0.62, -0.98), (0.78, -0.18)], 0.16),
        paths.rounded([(0.3, -0.46), (0.58, -0.8), (0.67, -0.28)], 0.1),
    ),
    "round": (paths.ellipse(0.56, -0.5, 0.26), paths.ellipse(0.56, -0.49, 0.14)),
    "tiny": (paths.ellipse(0.5, -0.52, 0.18), paths.ellipse(0.5, -0.5, 0.1)),
    "huge": (paths.ellipse(0.72, -0.46, 0.42), paths.ellipse(0.74, -0.44, 0.27)),
    "long": (paths.ellipse(0.34, -0.82, 0.19, 0.5, turn=9), paths.ellipse(0.35, -0.8, 0.1, 0.36, turn=9)),
    "floppy": (
        paths.blob((0.4, -0.56), (0.68, -0.52), (0.98, -0.1), (0.98, 0.3), (0.8, 0.36), (0.62, 0.0)),
        paths.ellipse(0.8, 0.1, 0.001),
    ),
    "side": (paths.ellipse(0.86, -0.2, 0.26, 0.15, turn=14), paths.ellipse(0.88, -0.19, 0.15, 0.08, turn=14)),
    "folded": (
        paths.rounded([(0.2, -0.5), (0.66, -0.84), (0.78, -0.2)], 0.14),
        paths.rounded([(0.4, -0.5), (0.64, -0.72), (0.7, -0.26)], 0.1),
    ),
}


def _tail(species: Species, pen: Pen, coat: Coat) -> None:
    if species.tail == "thin":
        tip = pen.rng.uniform(-0.1, 0.1)
        pen.stroke(paths.curve([(0, 0.1), (0.32, 0.08), (0.44, -0.16), (0.36 + tip, -0.4)]), coat.fur, 0.17, line=2)
    elif species.tail == "bushy":
        shape = paths.blob((-0.1, 0.2), (0.3, 0.24), (0.62, -0.06), (0.6, -0.5), (0.34, -0.42), (0.2, -0.1))
        pale = partial(pen.flat, paths.ellipse(0.54, -0.46, 0.26, 0.22), coat.light)
        pen.shape(shape, coat.fur, inside=pale)
    elif species.tail == "puff":
        pen.shape(paths.scallop(0.2, 0.02, 0.2, 0.2, 7, 0.12), coat.light, shade=0.6)
    elif species.tail == "curl":
        pen.stroke(paths.curve([(0.05, 0), (0.24, -0.02), (0.28, -0.16), (0.18, -0.16), (0.22, 0.02), (0.36, -0.04)]),
                   coat.fur, 0.07, line=1.6)  # fmt: skip
