"""Birds, frogs, dinosaurs and insects: animals that do not share the furry body plan."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from stickers.sandbox.artist import colours as c
from stickers.sandbox.artist import paths
from stickers.sandbox.artist.faces import face
from stickers.sandbox.artist.figures.wardrobe import dress, hold
from stickers.sandbox.artist.pen import Pen


def penguin(pen: Pen) -> None:
    coat = pen.paint((74, 84, 120), (84, 106, 150), (92, 92, 110))
    for side in (-1, 1):
        pen.shape(paths.ellipse(side * 0.3, 1.0, 0.24, 0.12), c.AMBER, shade=0.5)
    lift = pen.rng.choice((20, 20, 70, 120))
    for side, angle in ((-1, 24), (1, lift)):
        with pen.at(side * 0.62, 0.2, mirror=side > 0):
            pen.shape(paths.drop(0.08, -0.1, 0.66, 0.34, turn=180 + angle), coat, shade=0.6)

    def front() -> None:
        pen.flat(paths.union(paths.ellipse(0, 0.52, 0.52, 0.56), paths.ellipse(-0.3, -0.22, 0.36, 0.4),
                             paths.ellipse(0.3, -0.22, 0.36, 0.4)), c.WHITE)  # fmt: skip

    pen.shape(
        paths.twin((0, -0.9), (0.55, -0.68), (0.72, 0.0), (0.74, 0.62), (0.44, 1.0), (0, 1.04)), coat, inside=front
    )
    face(pen, 0, -0.2, 0.8, mouth="none")
    pen.shape(paths.blob((-0.14, -0.08), (0, -0.14), (0.14, -0.08), (0, 0.05)), c.AMBER, shade=0.4, line=0.8)
    with pen.at(0, -0.28, scale=0.95):
        dress(pen, 0.66, 0.62)


def owl(pen: Pen) -> None:
    coat = pen.paint((170, 124, 92), (146, 130, 160), (206, 164, 118), (120, 150, 170))
    light = c.mix(coat, c.CREAM, 0.75)
    for side in (-1, 1):
        pen.shape(paths.ellipse(side * 0.25, 0.98, 0.17, 0.1), c.AMBER, shade=0.4)
        pen.shape(paths.rounded([(side * 0.2, -0.7), (side * 0.7, -1.05), (side * 0.74, -0.4)], 0.14), coat)

    def feathers() -> None:
        pen.flat(paths.ellipse(0, 0.62, 0.48, 0.46), light)
        for y, xs in ((0.4, (-0.22, 0, 0.22)), (0.58, (-0.11, 0.11)), (0.76, (-0.22, 0, 0.22))):
            for x in xs:
                pen.ink(paths.arc(x, y, 0.08, 0.08, 10, 170), c.outline_of(coat), 0.7)

    pen.shape(
        paths.twin((0, -0.8), (0.62, -0.7), (0.78, -0.1), (0.74, 0.56), (0.4, 0.98), (0, 1.02)), coat, inside=feathers
    )
    for side in (-1, 1):
        wing = paths.blob((side * 0.68, 0.0), (side * 0.88, 0.4), (side * 0.72, 0.82), (side * 0.5, 0.5))
        pen.shape(wing, c.mix(coat, c.INK, 0.18), shade=0.6)
        pen.shape(paths.ellipse(side * 0.34, -0.26, 0.36), light, line=0.8, shade=0.5)
    face(pen, 0, -0.24, 0.92, eyes=pen.rng.choice(("bright", "bright", "sleepy", "happy")), mouth="none", spread=0.37)
    pen.shape(paths.rounded([(-0.1, -0.16), (0.1, -0.16), (0, 0.06)], 0.06), c.AMBER, line=0.8, shade=0.4)


def chick(pen: Pen) -> None:
    coat = pen.paint(c.BUTTER, c.BUTTER, (255, 236, 170))
    if pen.chance(0.35):
        _hatching(pen, coat)
        return
    for side in (-1, 1):
        pen.stroke(paths.poly((side * 0.2, 0.8), (side * 0.24, 0.98), (side * 0.36, 1.02)), c.ORANGE, 0.09)
    for x, angle in ((-0.06, -24), (0.06, 14)):
        pen.shape(paths.drop(x, -0.72, 0.34, 0.16, turn=angle), coat, shade=0.4)
    pen.shape(paths.twin((0, -0.78), (0.62, -0.5), (0.84, 0.24), (0.56, 0.8), (0, 0.88)), coat)
    for side in (-1, 1):
        pen.shape(paths.drop(side * 0.66, 0.14, 0.46, 0.32, turn=side * 130), c.mix(coat, c.AMBER, 0.3), shade=0.5)
    face(pen, 0, -0.14, 0.86, mouth="none")
    pen.shape(paths.blob((-0.15, 0.04), (0, -0.04), (0.15, 0.04), (0, 0.17)), c.ORANGE, line=0.8, shade=0.4)
    with pen.at(0, -0.12):
        dress(pen, 0.6, 0.6)


def _hatching(pen: Pen, coat: c.Colour) -> None:
    pen.shape(paths.ellipse(0, -0.2, 0.7, 0.7), coat)
    face(pen, 0, -0.22, 0.8, mouth="none")
    pen.shape(paths.blob((-0.14, -0.06), (0, -0.13), (0.14, -0.06), (0, 0.06)), c.ORANGE, line=0.8, shade=0.4)
    shell = [
        (-0.86, 0.16),
        (-0.6, 0.34),
        (-0.36, 0.12),
        (-0.12, 0.34),
        (0.12, 0.12),
        (0.36, 0.34),
        (0.6, 0.12),
        (0.86, 0.2),
    ]
    bowl = paths.arc(0, 0.16, 0.88, 0.84, 0, 180)
    pen.shape(paths.poly(*shell, *[(float(x), float(y)) for x, y in bowl]), c.CREAM, line=1)
    pen.flat(paths.ellipse(-0.3, 0.62, 0.09), pen.accent())
    pen.flat(paths.ellipse(0.26, 0.52, 0.07), pen.accent())
    pen.flat(paths.ellipse(0.08, 0.8, 0.08), pen.accent())


def duck(pen: Pen) -> None:
    coat = pen.paint(c.YELLOW, c.WHITE, c.BUTTER)
    pen.shape(
        paths.blob(
            (-0.9, 0.1), (-0.4, 0.2), (0.0, 0.1), (0.5, 0.0), (0.72, 0.4), (0.4, 0.9), (-0.4, 0.92), (-0.8, 0.6)
        ),
        coat,
    )
    pen.shape(paths.blob((-0.46, 0.36), (0.02, 0.3), (0.08, 0.54), (-0.26, 0.7)), c.mix(coat, c.AMBER, 0.25), shade=0.5)
    pen.shape(paths.ellipse(0.3, -0.3, 0.56, 0.52), coat)
    pen.shape(paths.blob((0.5, -0.22), (0.78, -0.3), (1.04, -0.16), (0.8, -0.02), (0.54, -0.06)), c.ORANGE, shade=0.5)
    face(pen, 0.3, -0.34, 0.66, mouth="none", spread=0.36)
    with pen.at(0.3, -0.3, scale=0.85):
        dress(pen, 0.62, 0.62)


def frog(pen: Pen) -> None:
    coat = pen.paint(c.GREEN, (140, 206, 110), c.MINT)
    light = c.mix(coat, c.CREAM, 0.65)
    for side in (-1, 1):
        pen.shape(paths.ellipse(side * 0.6, 0.66, 0.34, 0.3, turn=side * 20), coat)
        pen.shape(paths.ellipse(side * 0.56, 0.92, 0.28, 0.11), coat, shade=0.5)
    pen.shape(
        paths.twin((0, 0.0), (0.5, 0.3), (0.46, 0.9), (0, 0.98)),
        coat,
        inside=lambda: pen.flat(paths.ellipse(0, 0.62, 0.34, 0.3), light),
    )
    head = paths.union(
        paths.ellipse(0, -0.2, 0.84, 0.52), paths.ellipse(-0.46, -0.62, 0.28), paths.ellipse(0.46, -0.62, 0.28)
    )
    pen.shape(head, coat)
    for side in (-1, 1):
        pen.flat(paths.ellipse(side * 0.46, -0.62, 0.19), c.WHITE)
        pen.flat(paths.ellipse(side * 0.44, -0.6, 0.13), c.INK)
        pen.flat(paths.ellipse(side * 0.44 - 0.05, -0.66, 0.05), c.WHITE)
        pen.wash(paths.ellipse(side * 0.58, -0.12, 0.14, 0.09), c.BLUSH, 0.9)
    if pen.chance(0.5):
        pen.stroke(paths.arc(0, -0.24, 0.26, 0.2, 15, 165), c.INK, 0.05)
    else:
        pen.shape(
            paths.blob((-0.28, -0.2), (0, -0.16), (0.28, -0.2), (0.16, 0.04), (-0.16, 0.04)),
            (134, 48, 66),
            line=0.6,
            shade=0,
        )
        pen.flat(paths.ellipse(0, 0.0, 0.13, 0.06), (255, 132, 142))
    if pen.chance(0.4):
        with pen.at(0, 0.56, scale=0.3):
            hold(pen)
    for side in (-1, 1):
        pen.shape(paths.ellipse(side * 0.3, 0.62, 0.12, 0.16, turn=side * 30), coat, shade=0.5)
    with pen.at(0, -0.24):
        dress(pen, 0.8, 0.56)


def dino(pen: Pen) -> None:
    coat = pen.paint(c.GREEN, c.TEAL, c.LILAC, c.CORAL, c.SKY)
    light, spikes = c.mix(coat, c.CREAM, 0.7), pen.paint(c.BUTTER, c.CORAL, c.PINK)
    for x, y, turn in ((0.28, -0.82, 30), (0.56, -0.42, 70), (0.62, 0.02, 84), (0.74, 0.36, 60), (0.96, 0.56, 40)):
        pen.shape(
            paths.rounded(paths.moved(paths.poly((-0.17, 0.08), (0.17, 0.08), (0, -0.26)), x, y, turn=turn), 0.06),
            spikes,
            shade=0.5,
        )
    body = paths.blob(
        (-0.1, 0.0), (0.5, 0.02), (0.7, 0.42), (1.16, 0.52), (0.92, 0.86), (0.3, 0.98), (-0.36, 0.96), (-0.44, 0.5)
    )
    pen.shape(body, coat, inside=lambda: pen.flat(paths.ellipse(-0.24, 0.66, 0.34, 0.4), light))
    for x in (-0.28, 0.24):
        pen.shape(paths.ellipse(x, 0.96, 0.2, 0.12), coat, shade=0.5)
    head = paths.blob(
        (-0.1, -0.92),
        (0.42, -0.72),
        (0.54, -0.22),
        (0.1, 0.12),
        (-0.5, 0.14),
        (-0.92, -0.1),
        (-0.8, -0.5),
        (-0.5, -0.78),
    )
    pen.shape(head, coat)
    face(pen, -0.3, -0.34, 0.74, spread=0.4)
    for side in (-1, 1):
        pen.shape(paths.ellipse(-0.2 + side * 0.26, 0.36, 0.1, 0.14, turn=side * -30), coat, shade=0.5)


def dragon(pen: Pen) -> None:
    coat = pen.paint(c.CORAL, c.TEAL, c.PURPLE, c.GREEN)
    light, wing = c.mix(coat, c.CREAM, 0.7), c.mix(coat, c.BUTTER, 0.55)
    for side in (-1, 1):
        pen.shape(
            paths.rounded(
                [
                    (side * 0.3, 0.3),
                    (side * 0.62, -0.34),
                    (side * 1.2, -0.2),
                    (side * 1.06, 0.1),
                    (side * 1.12, 0.36),
                    (side * 0.8, 0.42),
                ],
                0.12,
            ),
            wing,
        )
    pen.stroke(paths.curve([(0.3, 0.8), (0.8, 0.9), (1.0, 0.6)]), coat, 0.2, line=2)
    pen.shape(paths.rounded([(0.86, 0.62), (1.02, 0.34), (1.18, 0.62)], 0.06), wing, shade=0.5)
    pen.shape(
        paths.twin((0, 0.0), (0.42, 0.34), (0.46, 0.84), (0, 1.0)),
        coat,
        inside=lambda: pen.flat(paths.ellipse(0, 0.64, 0.28, 0.34), light),
    )
    for side in (-1, 1):
        pen.shape(paths.ellipse(side * 0.28, 0.94, 0.2, 0.12), coat, shade=0.5)
        pen.shape(
            paths.blob((side * 0.3, -0.7), (side * 0.44, -1.08), (side * 0.62, -1.02), (side * 0.58, -0.6)),
            c.VANILLA,
            shade=0.5,
        )
    pen.shape(
        paths.twin((0, -0.86), (0.56, -0.74), (0.78, -0.24), (0.5, 0.16), (0, 0.2)),
        coat,
        inside=lambda: pen.flat(paths.ellipse(0, 0.06, 0.42, 0.24), light),
    )
    face(pen, 0, -0.3, 0.86)
    for side in (-1, 1):
        pen.shape(paths.ellipse(side * 0.3, 0.46, 0.11, 0.16, turn=side * 24), coat, shade=0.5)


def bee(pen: Pen) -> None:
    for turn, length in ((-32, 0.74), (14, 0.8)):
        pen.shape(paths.drop(0.08, -0.24, length, 0.56, turn=turn), c.ICE, shade=0.5)
    pen.shape(paths.rounded([(0.82, 0.1), (1.12, 0.22), (0.8, 0.36)], 0.05), c.INK, line=0)

    def bands() -> None:
        for x in (0.06, 0.44, 0.78):
            pen.stroke(paths.curve([(x - 0.05, -0.6), (x + 0.08, 0.2), (x - 0.05, 1.0)]), (86, 62, 60), 0.17)

    pen.shape(paths.ellipse(0, 0.2, 0.94, 0.66), c.YELLOW, inside=bands)
    for x, turn in ((-0.62, -20), (-0.34, 8)):
        tip = paths.moved(paths.poly((0, 0), (0, -0.34)), x, -0.3, turn=turn)
        pen.stroke(tip, c.INK, 0.055)
        pen.flat(paths.ellipse(float(tip[1, 0]), float(tip[1, 1]), 0.075), c.INK)
    face(pen, -0.46, 0.14, 0.62, spread=0.4)


def butterfly(pen: Pen) -> None:
    top, low = pen.paint(c.PINK, c.SKY, c.LILAC, c.AMBER, c.CORAL), pen.accent()
    for side in (-1, 1):
        with pen.at(mirror=side < 0):
            hind = paths.blob((0.06, 0.1), (0.5, 0.12), (0.84, 0.5), (0.6, 0.9), (0.22, 0.7))
            pen.shape(hind, low, inside=partial(pen.flat, paths.ellipse(0.5, 0.52, 0.17), c.mix(low, c.WHITE, 0.6)))
            fore = paths.blob((0.06, 0.06), (0.34, -0.72), (0.88, -0.88), (1.14, -0.4), (0.86, 0.1), (0.4, 0.2))
            spot = paths.ellipse(0.74, -0.4, 0.24, 0.28, turn=30)
            pen.shape(fore, top, inside=partial(pen.flat, spot, c.mix(top, c.WHITE, 0.6)))
            pen.stroke(paths.curve([(0.05, -0.5), (0.12, -0.8), (0.3, -0.92)]), c.INK, 0.05)
            pen.flat(paths.ellipse(0.3, -0.92, 0.06), c.INK)
    pen.shape(paths.ellipse(0, 0.16, 0.14, 0.56), (140, 104, 108))
    pen.shape(paths.ellipse(0, -0.38, 0.3, 0.27), (246, 214, 180))
    face(pen, 0, -0.4, 0.36)


def ladybird(pen: Pen) -> None:
    pen.shape(paths.ellipse(0, -0.52, 0.5, 0.4), (92, 76, 92))
    for side in (-1, 1):
        pen.stroke(paths.curve([(side * 0.2, -0.84), (side * 0.28, -1.06), (side * 0.46, -1.1)]), c.INK, 0.055)
        pen.flat(paths.ellipse(side * 0.46, -1.1, 0.075), c.INK)
    shell = pen.paint(c.RED, c.CORAL, c.PINK, c.AMBER)

    def spots() -> None:
        pen.ink(paths.poly((0, -0.5), (0, 1.1)), c.outline_of(shell), 1)
        for x, y, r in ((0.36, 0.0, 0.15), (0.54, 0.46, 0.13), (0.22, 0.62, 0.14)):
            for side in (-1, 1):
                pen.flat(paths.ellipse(side * x, y, r), (92, 62, 74))

    pen.shape(paths.ellipse(0, 0.26, 0.84, 0.74), shell, inside=spots, gloss=True)
    pen.shape(paths.ellipse(0, -0.5, 0.4, 0.3), (250, 226, 200), line=0.8)
    face(pen, 0, -0.52, 0.5)


def snail(pen: Pen) -> None:
    body = pen.paint((250, 214, 160), c.MINT, (214, 226, 160))
    shell = pen.paint(c.CORAL, c.LILAC, c.SKY, c.PINK)
    for x, turn in ((-0.78, -16), (-0.46, 10)):
        tip = paths.moved(paths.poly((0, 0), (0, -0.5)), x, 0.1, turn=turn)
        pen.stroke(tip, body, 0.12, line=1.8)
        pen.shape(paths.ellipse(float(tip[1, 0]), float(tip[1, 1]), 0.12), body, shade=0.4)
    pen.shape(
        paths.blob(
            (-0.96, 0.24), (-0.5, 0.0), (-0.3, 0.5), (0.5, 0.62), (1.14, 0.78), (0.6, 0.92), (-0.6, 0.9), (-0.96, 0.6)
        ),
        body,
    )
    pen.shape(paths.ellipse(0.28, 0.04, 0.66, 0.64), shell)
    angles = [k * 0.5 for k in range(25)]
    turns = [(0.3 + 0.046 * a * math.cos(a), 0.06 + 0.044 * a * math.sin(a)) for a in angles]
    pen.stroke(paths.curve(turns), c.mix(shell, c.WHITE, 0.55), 0.1)
    face(pen, -0.62, 0.42, 0.5, spread=0.36)


def turtle(pen: Pen) -> None:
    skin, shell = pen.paint((160, 210, 130), c.MINT), pen.paint(c.LEAF, c.TEAL, c.CARAMEL)
    for x in (-0.2, 0.62):
        pen.shape(paths.ellipse(x, 0.68, 0.22, 0.26), skin, shade=0.6)
    pen.shape(paths.drop(0.84, 0.5, 0.38, 0.22, turn=105), skin, shade=0.5)

    def plates() -> None:
        light = c.mix(shell, c.WHITE, 0.35)
        for x, y, r in ((0.2, -0.06, 0.26), (-0.24, 0.26, 0.2), (0.64, 0.26, 0.2), (0.2, 0.5, 0.18)):
            pen.flat(paths.rounded(paths.star(x, y, r, r * 0.87, 3, turn=30), 0.06), light)

    dome = paths.twin((0, -0.62), (0.6, -0.3), (0.82, 0.44), (0.4, 0.58), (0, 0.6))
    pen.shape(paths.moved(dome, 0.2, 0.06), shell, inside=plates)
    pen.shape(paths.ellipse(-0.66, 0.08, 0.46, 0.42), skin)
    face(pen, -0.7, 0.08, 0.56, spread=0.38)
    with pen.at(-0.66, 0.08, scale=0.62):
        dress(pen, 0.7, 0.64)


def hedgehog(pen: Pen) -> None:
    spines = pen.paint((150, 112, 92), (126, 106, 116))
    pen.shape(paths.star(0.1, 0.0, 1.06, 0.84, 17, radius=0.07), spines)
    for x in (-0.34, 0.3):
        pen.shape(paths.ellipse(x, 0.88, 0.18, 0.12), c.PEACH, shade=0.4)
    pen.shape(
        paths.blob((-0.6, -0.3), (0.1, -0.42), (0.5, 0.1), (0.42, 0.74), (-0.2, 0.92), (-0.72, 0.6), (-0.9, 0.24)),
        (255, 228, 198),
    )
    face(pen, -0.26, 0.14, 0.66, mouth="cat")
    pen.flat(paths.ellipse(-0.28, 0.2, 0.08, 0.065), c.INK)
    if pen.chance(0.5):
        with pen.at(0.3, -0.82, scale=0.26):
            pen.shape(
                paths.heart(0, 0, 1) if pen.chance(0.5) else paths.scallop(0, 0, 1, 1, 5, 0.3), pen.accent(), line=0.8
            )
    else:
        with pen.at(-0.1, 0.72, scale=0.3):
            hold(pen)


def axolotl(pen: Pen) -> None:
    skin = pen.paint((255, 196, 208), (255, 228, 220), c.SKY, c.LILAC)
    frill = c.mix(skin, c.MAGENTA, 0.5)
    for side in (-1, 1):
        for turn in (48, 76, 104):
            pen.shape(paths.drop(side * 0.56, -0.26, 0.62, 0.26, turn=side * turn), frill, shade=0.5)
    pen.shape(paths.blob((0.2, 0.6), (0.7, 0.72), (1.1, 0.4), (1.16, 0.66), (0.7, 1.02), (0.2, 0.98)), skin)
    pen.shape(paths.twin((0, 0.0), (0.42, 0.4), (0.42, 0.9), (0, 1.0)), skin,
              inside=lambda: pen.flat(paths.ellipse(0, 0.66, 0.26, 0.28), c.mix(skin, c.WHITE, 0.6)))  # fmt: skip
    pen.shape(paths.twin((0, -0.74), (0.6, -0.6), (0.82, -0.18), (0.54, 0.2), (0, 0.26)), skin)
    face(pen, 0, -0.22, 1.0, spread=0.48)
    for side in (-1, 1):
        pen.shape(paths.ellipse(side * 0.34, 0.5, 0.11, 0.17, turn=side * 26), skin, shade=0.5)
        pen.shape(paths.ellipse(side * 0.24, 0.96, 0.16, 0.1), skin, shade=0.5)
    with pen.at(0, -0.24):
        dress(pen, 0.76, 0.5)


def ghost(pen: Pen) -> None:
    coat = pen.paint(c.WHITE, (244, 240, 255), (255, 240, 246))
    hem = [(0.72, 0.8), (0.46, 1.0), (0.24, 0.82), (0, 1.0), (-0.24, 0.82), (-0.46, 1.0), (-0.72, 0.8)]
    pen.shape(paths.blob((-0.7, 0.1), (-0.5, -0.66), (0, -0.92), (0.5, -0.66), (0.7, 0.1), *hem), coat)
    for side in (-1, 1):
        pen.shape(paths.drop(side * 0.6, 0.3, 0.44, 0.28, turn=side * pen.rng.choice((40, 70, 110))), coat, shade=0.5)
    face(pen, 0, -0.2, 0.86)
    with pen.at(0, -0.24):
        dress(pen, 0.62, 0.66)


CRITTERS: Final[Mapping[str, Callable[[Pen], None]]] = {
    "penguin": penguin,
    "owl": owl,
    "chick": chick,
    "duck": duck,
    "frog": frog,
    "dino": dino,
    "dragon": dragon,
    "bee": bee,
    "butterfly": butterfly,
    "ladybird": ladybird,
    "snail": snail,
    "turtle": turtle,
    "hedgehog": hedgehog,
    "axolotl": axolotl,
    "ghost": ghost,
}
