"""Pot plants, flowers, leaves, mushrooms and trees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from stickers.sandbox.artist import colours as c
from stickers.sandbox.artist import paths
from stickers.sandbox.artist.faces import face
from stickers.sandbox.artist.pen import Pen


def _pot(pen: Pen, *, smile: bool = True) -> None:
    colour = pen.paint((226, 130, 96), c.WHITE, c.SKY, c.PINK, c.BUTTER)
    pen.shape(paths.rounded([(-0.54, 0.42), (0.54, 0.42), (0.4, 1.06), (-0.4, 1.06)], 0.1), colour)
    pen.shape(paths.box(-0.62, 0.26, 0.62, 0.5, 0.08), c.mix(colour, c.WHITE, 0.2), shade=0.5)
    if smile:
        face(pen, 0, 0.72, 0.44)


def cactus(pen: Pen) -> None:
    green = pen.paint(c.GREEN, c.LEAF, c.MINT)
    for side, y in ((-1, -0.1), (1, -0.3)):
        arm = paths.curve([(side * 0.3, y + 0.24), (side * 0.66, y + 0.2), (side * 0.7, y - 0.2)])
        pen.stroke(arm, green, 0.3, line=2)
    spikes = ((-0.24, -0.56), (0.2, -0.62), (0, -0.84), (-0.28, 0.2), (0.3, 0.16), (0.26, -0.3), (-0.26, -0.26))

    def needles() -> None:
        for x, y in spikes:
            pen.stroke(paths.poly((x, y), (x + 0.03, y + 0.09)), c.CREAM, 0.035)

    pen.shape(paths.box(-0.44, -1.0, 0.44, 0.5, 0.42), green, inside=needles)
    pen.shape(paths.scallop(0.12, -1.0, 0.24, 0.2, 5, 0.3), c.PINK, shade=0.5)
    _pot(pen, smile=False)
    face(pen, 0, -0.16, 0.56)


def succulent(pen: Pen) -> None:
    green = pen.paint(c.MINT, (150, 200, 150), c.AQUA)
    for reach, count, turn, tone in ((0.86, 7, 0, 0.0), (0.62, 5, 20, 0.25), (0.36, 3, 0, 0.5)):
        for k in range(count):
            angle = turn * 0.3 + (k - (count - 1) / 2) * (170 / count)
            pen.shape(
                paths.leaf(0, 0.42, reach * 1.3, 0.42 * reach + 0.14, turn=angle),
                c.mix(green, c.WHITE, tone),
                shade=0.6,
            )
    _pot(pen)


def tulip(pen: Pen) -> None:
    colour = pen.paint(c.PINK, c.CORAL, c.BUTTER, c.LILAC, c.RED)
    pen.stroke(paths.curve([(0, 0.0), (0.04, 0.6), (0, 1.14)]), c.LEAF, 0.13, line=1.6)
    for side in (-1, 1):
        pen.shape(paths.leaf(0, 1.1, 0.86, 0.32, turn=side * 34), c.GREEN, shade=0.6)
    for side in (-1, 1):
        pen.shape(
            paths.blob((0, 0.16), (side * 0.5, 0.02), (side * 0.62, -0.5), (side * 0.5, -0.92), (side * 0.1, -0.5)),
            c.mix(colour, c.INK, 0.08),
            shade=0.6,
        )
    pen.shape(paths.twin((0, -0.96), (0.34, -0.5), (0.38, -0.06), (0, 0.2)), colour)
    face(pen, 0, -0.26, 0.46)


def daisy(pen: Pen) -> None:
    petal, count = pen.paint(c.WHITE, c.PINK, c.LILAC, c.BUTTER, c.SKY), pen.rng.choice((8, 10, 12))
    stem = pen.chance(0.45)
    with pen.at(0, -0.26 if stem else 0, scale=0.76 if stem else 1.0):
        if stem:
            pen.stroke(paths.curve([(0, 0.5), (0.08, 1.1), (0, 1.74)]), c.LEAF, 0.14, line=1.6)
            pen.shape(paths.leaf(0.03, 1.5, 0.66, 0.34, turn=58), c.GREEN, shade=0.6)
            pen.shape(paths.leaf(0.03, 1.3, 0.6, 0.32, turn=-58), c.GREEN, shade=0.6)
        for k in range(count):
            pen.shape(paths.drop(0, 0, 1.04, 4.4 / count, turn=k * 360 / count), petal, shade=0.5)
        centre = c.AMBER if petal != c.BUTTER else c.BROWN
        pen.shape(paths.ellipse(0, 0, 0.46), c.BUTTER if petal != c.BUTTER else c.mix(centre, c.WHITE, 0.35), shade=0.8)
        face(pen, 0, 0, 0.48)


def sunflower(pen: Pen) -> None:
    for k in range(14):
        pen.shape(paths.leaf(0, 0, 1.1, 0.42, turn=k * 360 / 14), c.AMBER if k % 2 else c.YELLOW, shade=0.5)

    def seeds() -> None:
        for k in range(12):
            spot = paths.moved(paths.poly((0, -0.48)), turn=k * 30)
            pen.flat(paths.ellipse(float(spot[0, 0]), float(spot[0, 1]), 0.05), (118, 74, 52))

    pen.shape(paths.ellipse(0, 0, 0.6), (170, 112, 72), inside=seeds)
    face(pen, 0, 0, 0.54)


def bouquet(pen: Pen) -> None:
    for x, turn in ((-0.5, -32), (0.5, 32), (0, 0), (-0.26, -16), (0.26, 16)):
        pen.shape(paths.leaf(x * 0.4, 0.3, 1.3, 0.34, turn=turn), c.LEAF, shade=0.5)
    blooms: tuple[tuple[float, float, float], ...] = (
        (-0.56, -0.34, 0.34),
        (0.54, -0.38, 0.34),
        (0, -0.72, 0.36),
        (-0.22, -0.14, 0.32),
        (0.26, -0.08, 0.3),
    )
    hues = [c.PINK, c.BUTTER, c.CORAL, c.LILAC, c.WHITE]
    pen.rng.shuffle(hues)
    for (x, y, r), hue in zip(blooms, hues, strict=True):
        pen.shape(paths.scallop(x, y, r, r, 6, 0.26), pen.paint(hue), shade=0.7)
        pen.shape(paths.ellipse(x, y, r * 0.34), c.AMBER if hue != c.BUTTER else c.BROWN, line=0.6, shade=0.3)
    wrap = pen.paint(c.CREAM, c.ROSE, c.ICE)
    pen.shape(paths.rounded([(-0.62, 0.1), (0, 0.3), (0.62, 0.1), (0.2, 1.1), (-0.2, 1.1)], 0.1), wrap)
    ribbon = pen.accent()
    for side in (-1, 1):
        pen.shape(paths.blob((0, 0.72), (side * 0.28, 0.54), (side * 0.38, 0.72), (side * 0.3, 0.9)), ribbon, shade=0.5)
    pen.shape(paths.ellipse(0, 0.72, 0.1), ribbon, shade=0.3)


def mushroom(pen: Pen) -> None:
    cap = pen.paint(c.RED, c.CORAL, c.LILAC, c.AMBER, (200, 140, 100))
    pen.shape(paths.twin((0, 0.0), (0.36, 0.1), (0.4, 0.6), (0.48, 0.96), (0, 1.04)), c.CREAM)

    def spots() -> None:
        for x, y, r in (
            (-0.52, -0.24, 0.19),
            (0.04, -0.6, 0.22),
            (0.56, -0.3, 0.17),
            (0.1, -0.12, 0.13),
            (-0.86, 0.04, 0.12),
        ):
            pen.flat(paths.ellipse(x, y, r, r * 0.9), c.WHITE)

    pen.shape(
        paths.blob(
            (-1.02, 0.1),
            (-0.86, -0.44),
            (-0.3, -0.9),
            (0.3, -0.9),
            (0.86, -0.44),
            (1.02, 0.1),
            (0.5, 0.24),
            (-0.5, 0.24),
        ),
        cap,
        inside=spots,
    )
    face(pen, 0, 0.54, 0.5)


def leaf(pen: Pen) -> None:
    green = pen.paint(c.GREEN, c.LEAF, c.LIME, c.TEAL)
    pen.stroke(paths.curve([(0, 0.6), (0.02, 0.9), (0.12, 1.14)]), c.mix(green, c.BROWN, 0.4), 0.1, line=1.4)

    def veins() -> None:
        pen.stroke(paths.poly((0, -0.8), (0, 0.9)), c.mix(green, c.WHITE, 0.4), 0.05)
        for y in (-0.3, 0.0, 0.3, 0.6):
            for side in (-1, 1):
                pen.stroke(paths.poly((0, y), (side * 0.44, y - 0.3)), c.mix(green, c.WHITE, 0.4), 0.04)

    pen.shape(paths.leaf(0, 0.86, 1.9, 1.16), green, inside=veins)
    if pen.chance(0.5):
        face(pen, 0, 0.16, 0.56)


def branch(pen: Pen) -> None:
    green = pen.paint(c.GREEN, (120, 170, 130), c.MINT, c.OLIVE)
    pen.stroke(
        paths.curve([(0.1, 1.14), (0, 0.4), (0.0, -0.5), (0.06, -0.9)]), c.mix(green, c.BROWN, 0.45), 0.08, line=1
    )
    for y, size in ((0.8, 0.62), (0.36, 0.66), (-0.08, 0.6), (-0.46, 0.5)):
        for side in (-1, 1):
            pen.shape(
                paths.leaf(0.02, y, size, size * 0.5, turn=side * 58),
                c.mix(green, c.WHITE, 0.15 * (side > 0)),
                shade=0.6,
            )
    pen.shape(paths.leaf(0.04, -0.66, 0.5, 0.26, turn=6), green, shade=0.6)
    if pen.chance(0.6):
        for x, y in ((0.5, 0.3), (-0.44, 0.76), (0.34, -0.42), (-0.4, -0.1)):
            pen.shape(paths.ellipse(x, y, 0.1), pen.paint(c.CORAL, c.BUTTER, c.PINK), line=0.7, shade=0.4)


def monstera(pen: Pen) -> None:
    green = pen.paint(c.LEAF, (80, 170, 120), c.TEAL)
    pen.stroke(paths.curve([(0, 0.3), (0.06, 0.8), (0.2, 1.16)]), c.mix(green, c.BROWN, 0.3), 0.11, line=1.4)
    half = [
        (0, -1.06),
        (0.34, -0.94),
        (0.6, -0.66),
        (0.3, -0.42),
        (0.78, -0.5),
        (0.9, -0.2),
        (0.36, -0.06),
        (0.92, 0.0),
        (0.84, 0.34),
        (0.34, 0.22),
        (0.6, 0.56),
        (0.34, 0.66),
        (0, 0.4),
    ]
    whole = [*half, *[(-x, y) for x, y in reversed(half) if x]]

    def veins() -> None:
        light = c.mix(green, c.WHITE, 0.4)
        pen.stroke(paths.poly((0, -0.9), (0, 0.5)), light, 0.05)
        for side in (-1, 1):
            for x, y in ((0.46, -0.72), (0.7, -0.28), (0.72, 0.16)):
                pen.stroke(paths.poly((0, y + 0.24), (side * x, y)), light, 0.04)

    pen.shape(paths.rounded(whole, 0.09), green, inside=veins)


def tree(pen: Pen) -> None:
    crown = pen.paint(c.GREEN, c.LEAF, c.LIME, c.PINK, c.AMBER)
    pen.shape(paths.rounded([(-0.16, 0.3), (0.16, 0.3), (0.24, 1.06), (-0.24, 1.06)], 0.08), c.BROWN)
    pen.shape(paths.scallop(0, -0.24, 0.92, 0.84, 9, 0.14), crown)
    for x, y in ((-0.46, -0.5), (0.42, -0.56), (0.6, 0.04), (-0.62, 0.0)):
        pen.flat(paths.ellipse(x, y, 0.08), c.mix(crown, c.WHITE, 0.5) if crown == c.PINK else c.CORAL)
    face(pen, 0, -0.12, 0.74)


def pine(pen: Pen) -> None:
    green = pen.paint(c.LEAF, c.FOREST, (92, 160, 130))
    pen.shape(paths.box(-0.15, 0.7, 0.15, 1.1, 0.05), c.BROWN)
    for y, half in ((0.84, 0.84), (0.3, 0.68), (-0.2, 0.5)):
        pen.shape(paths.rounded([(0, y - 0.86), (half, y), (-half, y)], 0.16), green)
    if pen.chance(0.5):
        for x, y, hue in ((-0.3, 0.56, c.CORAL), (0.3, 0.62, c.BUTTER), (0.16, 0.02, c.CORAL), (-0.18, -0.36, c.SKY)):
            pen.flat(paths.ellipse(x, y, 0.08), hue)
        pen.shape(paths.star(0, -1.02, 0.24, 0.11, radius=0.04), c.YELLOW, shade=0.4)
    face(pen, 0, 0.24, 0.5)


def clover(pen: Pen) -> None:
    green = pen.paint(c.GREEN, c.LEAF)
    pen.stroke(paths.curve([(0, 0), (0.06, 0.6), (0.3, 1.06)]), green, 0.12, line=1.6)
    for turn in (45, 135, 225, 315):
        pen.shape(paths.moved(paths.moved(paths.heart(0, 0, 0.48), 0, -0.44), 0, -0.16, turn=turn), green, shade=0.7)
    face(pen, 0, -0.16, 0.56)


PLANTS: Final[Mapping[str, Callable[[Pen], None]]] = {
    "cactus": cactus,
    "succulent": succulent,
    "tulip": tulip,
    "daisy": daisy,
    "sunflower": sunflower,
    "bouquet": bouquet,
    "mushroom": mushroom,
    "leaf": leaf,
    "branch": branch,
    "monstera": monstera,
    "tree": tree,
    "pine": pine,
    "clover": clover,
}
