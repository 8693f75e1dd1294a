"""Creatures and finds of the sea."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from stickers.sandbox.artist import colours as c
from stickers.sandbox.artist import paths
from stickers.sandbox.artist.faces import face
from stickers.sandbox.artist.figures.wardrobe import dress
from stickers.sandbox.artist.pen import Pen


def whale(pen: Pen) -> None:
    coat = pen.paint(c.BLUE, c.SKY, c.TEAL, c.INDIGO)
    light = c.mix(coat, c.WHITE, 0.72)
    for side in (-1, 1):
        pen.stroke(
            paths.arc(-0.2 + side * 0.2, -0.68, 0.2, 0.3, 180 if side > 0 else 270, 270 if side > 0 else 360),
            c.SKY,
            0.11,
            line=1.4,
        )
        pen.shape(paths.ellipse(-0.2 + side * 0.34, -0.68, 0.1, 0.13), c.SKY, shade=0.3, line=0.8)
    tail = paths.blob(
        (0.66, 0.2),
        (1.0, -0.1),
        (0.86, -0.5),
        (1.06, -0.46),
        (1.16, -0.26),
        (1.32, -0.42),
        (1.46, -0.36),
        (1.32, -0.02),
        (1.06, 0.44),
    )
    body = paths.union(
        paths.blob(
            (-1.08, 0.14),
            (-0.84, -0.5),
            (-0.2, -0.64),
            (0.42, -0.36),
            (0.84, 0.04),
            (1.1, 0.1),
            (0.9, 0.6),
            (0.3, 0.82),
            (-0.56, 0.8),
            (-0.98, 0.56),
        ),
        tail,
    )

    def belly() -> None:
        pen.flat(paths.blob((-1.2, 0.4), (-0.5, 0.46), (0.2, 0.42), (0.6, 0.7), (0.2, 1.0), (-1.0, 1.0)), light)
        for x in (-0.6, -0.3, 0.0):
            pen.ink(paths.curve([(x, 0.52), (x + 0.1, 0.66), (x + 0.12, 0.8)]), c.mix(coat, c.WHITE, 0.3), 0.8)

    pen.shape(body, coat, inside=belly)
    pen.shape(paths.drop(0.02, 0.4, 0.5, 0.3, turn=150), coat, shade=0.6)
    face(pen, -0.5, 0.08, 0.66, mouth=pen.rng.choice(("smile", "open")))


def narwhal(pen: Pen) -> None:
    pen.shape(paths.rounded([(-0.76, -0.4), (-0.54, -0.6), (-1.0, -1.1)], 0.04), c.BUTTER, shade=0.6)
    coat = pen.paint((150, 190, 226), c.LILAC, c.AQUA)
    body = paths.blob(
        (-1.0, 0.14),
        (-0.8, -0.46),
        (-0.2, -0.6),
        (0.44, -0.3),
        (0.9, 0.1),
        (1.2, -0.2),
        (1.34, 0.06),
        (1.3, 0.46),
        (0.9, 0.56),
        (0.3, 0.78),
        (-0.56, 0.78),
        (-0.94, 0.52),
    )
    pen.shape(body, coat, inside=lambda: pen.flat(paths.ellipse(-0.4, 0.8, 0.8, 0.36), c.WHITE))
    pen.shape(paths.drop(0.06, 0.4, 0.44, 0.28, turn=150), coat, shade=0.6)
    face(pen, -0.46, 0.08, 0.66)


def fish(pen: Pen) -> None:
    body, fin = pen.paint(c.ORANGE, c.CORAL, c.SKY, c.YELLOW, c.PINK), pen.accent()
    pen.shape(paths.blob((0.54, 0.0), (1.06, -0.5), (1.22, -0.2), (1.06, 0.04), (1.22, 0.34), (1.02, 0.54)), fin)
    pen.shape(paths.blob((-0.3, -0.5), (0.06, -0.92), (0.5, -0.7), (0.44, -0.34)), fin)
    pen.shape(paths.blob((-0.1, 0.5), (0.16, 0.84), (0.44, 0.66), (0.36, 0.36)), fin)

    def bands() -> None:
        for x in (-0.06, 0.4):
            pen.stroke(paths.curve([(x, -0.8), (x + 0.12, 0), (x, 0.8)]), c.WHITE, 0.19)

    pen.shape(paths.ellipse(-0.1, 0, 0.88, 0.64), body, inside=bands)
    pen.shape(paths.drop(0.1, 0.1, 0.42, 0.34, turn=110), fin, shade=0.5)
    face(pen, -0.56, -0.04, 0.5, spread=0.36)


def octopus(pen: Pen) -> None:
    coat = pen.paint(c.PINK, c.CORAL, c.LILAC, c.TEAL)
    for k, x in enumerate((-0.62, 0.62, -0.24, 0.24)):
        bend = -1 if x < 0 else 1
        reach = [(x * 0.8, 0.3), (x * 1.14, 0.66), (x * 1.3, 0.92), (x * 1.3 + bend * 0.22, 0.86 - 0.1 * (k < 2))]
        pen.stroke(paths.curve(reach), coat, 0.28, line=2)
    pen.shape(paths.twin((0, -0.94), (0.64, -0.72), (0.82, -0.14), (0.62, 0.4), (0, 0.54)), coat, gloss=True)
    face(pen, 0, 0.0, 0.86)
    with pen.at(0, -0.2):
        dress(pen, 0.76, 0.72)


def crab(pen: Pen) -> None:
    coat = pen.paint(c.RED, c.CORAL, c.ORANGE)
    for side in (-1, 1):
        for k in range(3):
            pen.stroke(
                paths.curve(
                    [
                        (side * 0.6, 0.44 + k * 0.06),
                        (side * (0.98 - k * 0.12), 0.5 + k * 0.16),
                        (side * (1.04 - k * 0.14), 0.7 + k * 0.12),
                    ]
                ),
                coat,
                0.12,
                line=1.6,
            )
        pen.stroke(paths.curve([(side * 0.6, 0.2), (side * 0.98, 0.06), (side * 0.96, -0.2)]), coat, 0.15, line=1.8)
        with pen.at(side * 0.92, -0.34, mirror=side < 0, turn=0):
            claw = paths.blob(
                (-0.02, 0.26), (-0.3, 0.04), (-0.22, -0.32), (-0.02, -0.12), (0.12, -0.4), (0.34, -0.1), (0.24, 0.18)
            )
            pen.shape(claw, coat, shade=0.7)
        pen.stroke(paths.poly((side * 0.26, -0.1), (side * 0.28, -0.36)), coat, 0.1, line=1.4)
    pen.shape(paths.twin((0, -0.22), (0.56, -0.12), (0.84, 0.3), (0.5, 0.72), (0, 0.8)), coat)
    for side in (-1, 1):
        pen.shape(paths.ellipse(side * 0.28, -0.4, 0.16), c.WHITE, line=0.8, shade=0.3)
        pen.flat(paths.ellipse(side * 0.27, -0.39, 0.09), c.INK)
        pen.flat(paths.ellipse(side * 0.27 - 0.03, -0.43, 0.035), c.WHITE)
        pen.wash(paths.ellipse(side * 0.46, 0.34, 0.14, 0.09), c.BLUSH, 0.8)
    pen.stroke(paths.arc(0, 0.26, 0.16, 0.16, 20, 160), c.INK, 0.05)


def jellyfish(pen: Pen) -> None:
    coat = pen.paint(c.LILAC, c.PINK, c.AQUA, c.SKY)
    for k, x in enumerate((-0.5, -0.18, 0.18, 0.5)):
        sway = 0.12 if k % 2 else -0.12
        wave = [(x, 0.1), (x + sway, 0.4), (x - sway, 0.7), (x + sway * 0.6, 1.0)]
        pen.stroke(paths.curve(wave), c.mix(coat, c.WHITE, 0.35), 0.14, line=1.6)
    hem = [(0.8, 0.2), (0.54, 0.3), (0.27, 0.2), (0, 0.3), (-0.27, 0.2), (-0.54, 0.3), (-0.8, 0.2)]
    pen.shape(paths.blob((-0.84, -0.1), (-0.6, -0.7), (0, -0.94), (0.6, -0.7), (0.84, -0.1), *hem), coat, gloss=True)
    face(pen, 0, -0.2, 0.8)


def shark(pen: Pen) -> None:
    coat = pen.paint((128, 158, 190), c.SKY, c.SLATE)
    pen.shape(paths.blob((0.0, -0.5), (0.3, -0.98), (0.44, -0.9), (0.46, -0.4)), coat)
    body = paths.blob(
        (-1.1, 0.0),
        (-0.6, -0.5),
        (0.1, -0.58),
        (0.7, -0.14),
        (1.0, -0.06),
        (1.24, -0.56),
        (1.36, -0.1),
        (1.26, 0.42),
        (0.96, 0.24),
        (0.4, 0.6),
        (-0.4, 0.72),
        (-0.94, 0.4),
    )
    pen.shape(
        body,
        coat,
        inside=lambda: pen.flat(paths.blob((-1.3, 0.24), (-0.4, 0.3), (0.5, 0.3), (0.6, 0.9), (-1.0, 0.9)), c.WHITE),
    )
    pen.shape(paths.drop(0.06, 0.34, 0.54, 0.3, turn=148), coat, shade=0.6)
    face(pen, -0.5, -0.06, 0.6, mouth="none")
    pen.shape(
        paths.blob((-0.86, 0.16), (-0.5, 0.22), (-0.2, 0.16), (-0.34, 0.38), (-0.66, 0.4)),
        (134, 48, 66),
        line=0.7,
        shade=0,
    )
    for x in (-0.7, -0.5, -0.34):
        pen.flat(paths.poly((x - 0.07, 0.18), (x + 0.07, 0.18), (x, 0.29)), c.WHITE)


def shell(pen: Pen) -> None:
    colour = pen.paint(c.PEACH, c.PINK, c.LILAC, c.VANILLA)

    def ribs() -> None:
        for angle in (-52, -26, 0, 26, 52):
            tip = paths.moved(paths.poly((0, 0), (0, -1.7)), 0, 0.74, turn=angle)
            pen.ink(tip, c.mix(colour, c.outline_of(colour), 0.45), 0.9)

    rim = [
        (-0.98, 0.02),
        (-0.86, -0.38),
        (-0.62, -0.52),
        (-0.36, -0.78),
        (0, -0.76),
        (0.36, -0.78),
        (0.62, -0.52),
        (0.86, -0.38),
        (0.98, 0.02),
    ]
    pen.shape(paths.rounded([(-0.4, 0.92), (-0.24, 0.6), (0.24, 0.6), (0.4, 0.92)], 0.12), colour, shade=0.6)
    pen.shape(paths.blob(*rim, (0.6, 0.42), (0.18, 0.82), (-0.18, 0.82), (-0.6, 0.42)), colour, inside=ribs)
    if pen.chance(0.6):
        face(pen, 0, 0.02, 0.66)


def starfish(pen: Pen) -> None:
    colour = pen.paint(c.CORAL, c.AMBER, c.PINK)
    pen.shape(paths.star(0, 0.06, 1.1, 0.56, radius=0.26), colour, gloss=False)
    for angle in range(0, 360, 72):
        spot = paths.moved(paths.poly((0, -0.66)), 0, 0.06, turn=angle)
        pen.flat(paths.ellipse(float(spot[0, 0]), float(spot[0, 1]), 0.07), c.mix(colour, c.WHITE, 0.6))
    face(pen, 0, 0.04, 0.66)


def seal(pen: Pen) -> None:
    coat = pen.paint((236, 240, 248), (176, 186, 204), (214, 206, 206))
    pen.shape(
        paths.blob((0.6, 0.5), (1.0, 0.2), (1.3, 0.06), (1.24, 0.4), (1.34, 0.66), (1.0, 0.64), (0.6, 0.86)), coat
    )
    pen.shape(
        paths.blob(
            (-1.0, 0.1), (-0.72, -0.52), (-0.2, -0.64), (0.3, -0.2), (0.86, 0.36), (0.8, 0.82), (0.0, 0.9), (-0.74, 0.8)
        ),
        coat,
    )
    for x, turn in ((-0.66, 200), (0.2, 150)):
        pen.shape(paths.drop(x, 0.54, 0.46, 0.28, turn=turn), coat, shade=0.6)
    pen.flat(paths.ellipse(-0.42, 0.14, 0.26, 0.17), c.mix(coat, c.WHITE, 0.6))
    face(pen, -0.42, -0.06, 0.72, mouth="cat")
    pen.flat(paths.ellipse(-0.42, 0.02, 0.1, 0.075), c.INK)


def anchor(pen: Pen) -> None:
    colour = pen.paint(c.NAVY, c.BLUE, c.SLATE)
    pen.stroke(paths.curve(paths.ellipse(0, -0.78, 0.19, 0.19), closed=True), colour, 0.13, line=2)
    pen.stroke(paths.arc(0, 0.14, 0.76, 0.76, 8, 172), colour, 0.2, line=2)
    pen.stroke(paths.poly((0, -0.56), (0, 0.9)), colour, 0.2, line=2)
    pen.stroke(paths.poly((-0.4, -0.32), (0.4, -0.32)), colour, 0.17, line=2)
    for side in (-1, 1):
        tip = paths.rounded([(side * 0.52, 0.26), (side * 0.98, 0.3), (side * 0.82, -0.12)], 0.05)
        pen.shape(tip, colour, shade=0.5)
    pen.stroke(
        paths.curve([(-0.3, 0.5), (0.0, 0.3), (0.24, 0.0), (0.0, -0.16), (-0.2, 0.0), (0.1, 0.3)]),
        c.CREAM,
        0.1,
        line=1.2,
    )


def boat(pen: Pen) -> None:
    hull, sail = pen.paint(c.RED, c.TEAL, c.BROWN), pen.paint(c.WHITE, c.CREAM)
    pen.stroke(paths.poly((0, 0.3), (0, -1.0)), c.BROWN, 0.1, line=1.4)
    pen.shape(paths.rounded([(0.08, -0.96), (0.88, 0.2), (0.08, 0.2)], 0.08), sail,
              inside=lambda: pen.flat(paths.box(-0.2, -0.3, 1.2, -0.12), pen.accent()))  # fmt: skip
    pen.shape(paths.rounded([(-0.08, -0.8), (-0.08, 0.2), (-0.72, 0.2)], 0.08), pen.accent())
    pen.shape(paths.rounded([(-1.0, 0.34), (1.0, 0.34), (0.72, 0.94), (-0.72, 0.94)], 0.16), hull)
    face(pen, 0, 0.56, 0.46)


OCEAN: Final[Mapping[str, Callable[[Pen], None]]] = {
    "whale": whale,
    "narwhal": narwhal,
    "fish": fish,
    "octopus": octopus,
    "crab": crab,
    "jellyfish": jellyfish,
    "shark": shark,
    "shell": shell,
    "starfish": starfish,
    "seal": seal,
    "anchor": anchor,
    "boat": boat,
}
