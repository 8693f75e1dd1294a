"""Fruit and vegetables, most of them with a face."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from stickers.sandbox.artist import colours as c
from stickers.sandbox.artist import paths
from stickers.sandbox.artist.faces import face
from stickers.sandbox.artist.pen import Pen


def strawberry(pen: Pen) -> None:
    berry = pen.paint(c.RED, (255, 104, 116), c.PINK)

    def seeds() -> None:
        for x, y in (
            (-0.5, -0.2),
            (0.5, -0.2),
            (-0.16, -0.34),
            (0.2, -0.36),
            (-0.44, 0.4),
            (0.44, 0.4),
            (0, 0.76),
            (-0.22, 0.62),
            (0.24, 0.6),
        ):
            pen.flat(paths.ellipse(x, y, 0.035, 0.055), c.BUTTER)

    pen.shape(paths.twin((0, -0.5), (0.5, -0.6), (0.86, -0.2), (0.6, 0.5), (0, 1.02)), berry, inside=seeds)
    for turn in (-76, -38, 0, 38, 76):
        pen.shape(paths.leaf(0, -0.44, 0.46, 0.26, turn=turn), c.GREEN, shade=0.4)
    face(pen, 0, 0.12, 0.66)


def cherry(pen: Pen) -> None:
    for x, y in ((-0.46, 0.42), (0.5, 0.5)):
        pen.stroke(paths.curve([(x, y - 0.3), (x * 0.5, -0.4), (0.1, -0.94)]), c.LEAF, 0.08, line=1)
    pen.shape(paths.leaf(0.1, -0.9, 0.72, 0.36, turn=76), c.GREEN)
    for x, y in ((-0.46, 0.44), (0.5, 0.52)):
        pen.shape(paths.ellipse(x, y, 0.47, 0.44), pen.look.wanted[0] if pen.look.wanted else c.CRIMSON, gloss=True)
        face(pen, x, y + 0.04, 0.4)


def watermelon(pen: Pen) -> None:
    half = [(float(x), float(y)) for x, y in paths.arc(0, -0.36, 1.08, 1.08, 0, 180)]
    pen.shape(paths.rounded(half, 0.06), (88, 170, 102))
    inner = [(float(x), float(y)) for x, y in paths.arc(0, -0.36, 0.94, 0.93, 0, 180)]
    pen.flat(paths.poly(*inner), (226, 244, 190))
    flesh = [(float(x), float(y)) for x, y in paths.arc(0, -0.36, 0.85, 0.83, 0, 180)]
    pen.flat(paths.poly(*flesh), (255, 110, 118))
    for x, y in ((-0.56, -0.16), (-0.3, 0.3), (0.56, -0.16), (0.3, 0.3), (0, -0.26)):
        pen.flat(paths.drop(x, y + 0.06, 0.13, 0.09), (92, 54, 62))
    face(pen, 0, 0.04, 0.62)


def lemon(pen: Pen) -> None:
    skin = pen.paint(c.YELLOW, (255, 224, 90), c.ORANGE, c.LIME)
    pen.shape(paths.leaf(0.2, -0.66, 0.6, 0.32, turn=60), c.GREEN, shade=0.6)
    pen.shape(
        paths.blob(
            (-1.0, 0.1), (-0.72, -0.3), (0, -0.66), (0.72, -0.3), (1.0, 0.1), (0.72, 0.5), (0, 0.82), (-0.72, 0.5)
        ),
        skin,
        gloss=True,
    )
    face(pen, 0, 0.1, 0.72)


def orange(pen: Pen) -> None:
    pen.shape(paths.ellipse(0, 0, 0.94), (255, 168, 74))
    pen.flat(paths.ellipse(0, 0, 0.8), c.CREAM)
    for turn in range(0, 360, 45):
        wedge = paths.rounded([(0.0, -0.07), (0.27, -0.68), (-0.27, -0.68)], 0.12)
        pen.flat(paths.moved(wedge, turn=turn), (255, 184, 84))
    pen.wash(paths.ellipse(0, 0.02, 0.44, 0.34), (255, 184, 84), 0.8)
    face(pen, 0, -0.02, 0.62)


def apple(pen: Pen) -> None:
    skin = pen.paint(c.RED, c.LIME, c.CORAL)
    pen.stroke(paths.curve([(0, -0.46), (0.02, -0.74), (0.12, -0.96)]), c.BROWN, 0.1, line=1.4)
    pen.shape(paths.leaf(0.06, -0.66, 0.6, 0.32, turn=66), c.GREEN, shade=0.6)
    pen.shape(paths.twin((0, -0.44), (0.44, -0.64), (0.88, -0.2), (0.7, 0.56), (0.3, 0.9), (0, 0.82)), skin, gloss=True)
    face(pen, 0, 0.14, 0.74)


def peach(pen: Pen) -> None:
    skin = pen.paint((255, 176, 150), c.PEACH)
    pen.shape(paths.leaf(0.0, -0.6, 0.62, 0.34, turn=62), c.GREEN, shade=0.6)
    pen.shape(paths.leaf(0.0, -0.6, 0.5, 0.3, turn=-58), c.LEAF, shade=0.6)
    pen.shape(paths.twin((0, -0.54), (0.4, -0.68), (0.9, -0.14), (0.6, 0.66), (0, 0.94)), skin,
              inside=lambda: pen.wash(paths.ellipse(-0.5, -0.2, 0.5, 0.6), (255, 140, 130), 0.4))  # fmt: skip
    pen.ink(paths.curve([(0.02, -0.54), (0.1, -0.34), (0.06, -0.18)]), c.outline_of(skin), 0.9)
    face(pen, 0, 0.14, 0.76)


def pineapple(pen: Pen) -> None:
    for turn in (-52, 52, -28, 28, 0):
        pen.shape(paths.leaf(0, -0.4, 0.82, 0.3, turn=turn), c.LEAF if turn else c.GREEN, shade=0.5)

    def net() -> None:
        for k in range(-5, 6):
            pen.ink(paths.poly((k * 0.3 - 0.8, -0.6), (k * 0.3 + 0.8, 1.1)), (226, 158, 60), 0.8)
            pen.ink(paths.poly((k * 0.3 + 0.8, -0.6), (k * 0.3 - 0.8, 1.1)), (226, 158, 60), 0.8)
        pen.wash(paths.ellipse(0, 0.3, 0.48, 0.3), c.YELLOW, 0.9)

    pen.shape(paths.ellipse(0, 0.26, 0.66, 0.78), c.YELLOW, inside=net)
    face(pen, 0, 0.26, 0.62)


def banana(pen: Pen) -> None:
    pen.shape(
        paths.blob(
            (-0.74, -0.9),
            (-0.56, -0.94),
            (-0.46, -0.5),
            (-0.1, 0.14),
            (0.5, 0.42),
            (0.98, 0.4),
            (1.02, 0.58),
            (0.5, 0.9),
            (-0.2, 0.78),
            (-0.72, 0.2),
            (-0.8, -0.5),
        ),
        c.YELLOW,
    )
    for x, y in ((-0.66, -0.92), (1.0, 0.48)):
        pen.shape(paths.ellipse(x, y, 0.11, 0.1), c.BROWN, line=0.7, shade=0)
    with pen.at(-0.2, 0.4, turn=22):
        face(pen, 0, 0, 0.56)


def avocado(pen: Pen) -> None:
    outer = paths.twin((0, -1.04), (0.42, -0.72), (0.62, -0.06), (0.76, 0.5), (0.4, 0.98), (0, 1.04))
    pen.shape(outer, (98, 142, 78))
    pen.shape(paths.moved(outer, 0, 0.01, scale=0.84), (216, 232, 146), line=0, shade=0)
    pen.shape(paths.ellipse(0, 0.48, 0.36, 0.38), (164, 108, 70), gloss=True)
    face(pen, 0, -0.22, 0.56)


def carrot(pen: Pen) -> None:
    for turn in (-30, 30, 0):
        pen.shape(
            paths.scallop(0.36 * turn / 30, -0.78 - (0.14 if not turn else 0), 0.2, 0.34, 7, 0.16, turn=turn),
            c.GREEN,
            shade=0.5,
        )

    def rings() -> None:
        for x, y in ((-0.4, 0.34), (0.32, 0.5), (-0.16, 0.74)):
            pen.ink(paths.poly((x - 0.12, y), (x + 0.12, y + 0.03)), (214, 104, 46), 0.9)

    pen.shape(paths.twin((0, -0.6), (0.46, -0.54), (0.52, -0.1), (0.3, 0.66), (0, 1.14)), c.ORANGE, inside=rings)
    face(pen, 0, -0.1, 0.54)


def pumpkin(pen: Pen) -> None:
    pen.stroke(paths.curve([(0, -0.5), (0.02, -0.76), (0.18, -0.92)]), c.LEAF, 0.17, line=1.6)
    skin = pen.paint(c.ORANGE, c.ORANGE, c.AMBER, c.CREAM)
    for x, width in ((-0.62, 0.4), (0.62, 0.4), (-0.32, 0.42), (0.32, 0.42), (0, 0.44)):
        pen.shape(paths.ellipse(x, 0.16, width, 0.72), skin, shade=0.8)
    pen.wash(paths.ellipse(0, 0.2, 0.7, 0.4), skin, 1.0)
    face(pen, 0, 0.14, 0.82)


FRUIT: Final[Mapping[str, Callable[[Pen], None]]] = {
    "strawberry": strawberry,
    "cherry": cherry,
    "watermelon": watermelon,
    "lemon": lemon,
    "orange": orange,
    "apple": apple,
    "peach": peach,
    "pineapple": pineapple,
    "banana": banana,
    "avocado": avocado,
    "carrot": carrot,
    "pumpkin": pumpkin,
}
