"""Things: hearts, presents, cameras, magic and toys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from stickers.sandbox.artist import colours as c
from stickers.sandbox.artist import paths
from stickers.sandbox.artist.faces import face
from stickers.sandbox.artist.figures import wardrobe
from stickers.sandbox.artist.pen import Pen


def heart(pen: Pen) -> None:
    hue = pen.paint(c.CORAL, c.PINK, c.RED, c.LILAC)
    kind = pen.rng.choice(("plain", "plain", "wings", "arrow"))
    if kind == "wings":
        for side in (-1, 1):
            wing = paths.blob(
                (side * 0.5, 0.1),
                (side * 0.8, -0.5),
                (side * 1.3, -0.52),
                (side * 1.24, -0.16),
                (side * 1.1, 0.1),
                (side * 0.86, 0.3),
            )
            pen.shape(wing, c.WHITE, shade=0.6)
    pen.shape(paths.heart(0, 0, 0.98 if kind != "wings" else 0.8), hue, gloss=True)
    if kind == "arrow":
        pen.stroke(paths.poly((-1.2, 0.56), (-0.84, 0.36)), c.BROWN, 0.1, line=1.2)
        pen.stroke(paths.poly((0.84, -0.46), (1.16, -0.64)), c.BROWN, 0.1, line=1.2)
        pen.shape(paths.rounded([(1.02, -0.84), (1.36, -0.76), (1.2, -0.46)], 0.04), c.AMBER, shade=0.4)
    face(pen, 0, -0.02, 0.7)


def crown(pen: Pen) -> None:
    points = [(-0.84, 0.56), (-1.0, -0.44), (-0.46, -0.02), (0, -0.76), (0.46, -0.02), (1.0, -0.44), (0.84, 0.56)]
    pen.shape(paths.rounded(points, 0.14), c.YELLOW)
    pen.shape(paths.box(-0.86, 0.42, 0.86, 0.72, 0.1), c.AMBER, shade=0.5)
    for x, y, hue in ((-1.0, -0.46, c.CORAL), (0, -0.8, c.SKY), (1.0, -0.46, c.CORAL)):
        pen.shape(paths.ellipse(x, y, 0.14), pen.paint(hue), shade=0.4)
    for x in (-0.5, 0, 0.5):
        pen.flat(paths.ellipse(x, 0.57, 0.08), c.WHITE)
    face(pen, 0, 0.16, 0.6)


def balloon(pen: Pen) -> None:
    hue = pen.paint(c.CORAL, c.SKY, c.BUTTER, c.PINK, c.LILAC)
    pen.stroke(paths.curve([(0, 0.6), (0.1, 0.8), (-0.08, 1.0), (0.06, 1.24)]), c.SLATE, 0.05)
    pen.shape(paths.rounded([(0, 0.46), (0.15, 0.68), (-0.15, 0.68)], 0.04), hue, shade=0)
    skin = (
        paths.heart(0, -0.22, 0.84)
        if pen.chance(0.3)
        else paths.twin((0, -1.06), (0.62, -0.8), (0.72, -0.2), (0.36, 0.38), (0, 0.54))
    )
    pen.shape(skin, hue, gloss=True)
    face(pen, 0, -0.2, 0.62)


def hot_air_balloon(pen: Pen) -> None:
    hue, other = pen.paint(c.CORAL, c.SKY, c.PINK, c.AMBER), c.mix(pen.accent(), c.WHITE, 0.35)
    for x in (-0.2, 0.2):
        pen.stroke(paths.poly((x * 1.7, 0.3), (x, 0.8)), c.BROWN, 0.045)
    pen.shape(paths.box(-0.26, 0.72, 0.26, 1.12, 0.08), c.CARAMEL)

    def gores() -> None:
        pen.flat(paths.ellipse(0, -0.3, 0.26, 0.9), other)
        for side in (-1, 1):
            pen.flat(
                paths.blob(
                    (side * 0.5, -1.2), (side * 0.56, -0.3), (side * 0.3, 0.6), (side * 0.6, 0.5), (side * 0.84, -0.3)
                ),
                other,
            )

    pen.shape(paths.twin((0, -1.16), (0.7, -0.86), (0.86, -0.24), (0.4, 0.4), (0, 0.48)), hue, inside=gores)
    face(pen, 0, -0.3, 0.66)


def gift(pen: Pen) -> None:
    paper, ribbon = pen.paint(c.PINK, c.SKY, c.MINT, c.BUTTER), pen.paint(c.CORAL, c.WHITE, c.PURPLE)

    def dots() -> None:
        for x, y in ((-0.56, 0.3), (-0.36, 0.7), (0.56, 0.3), (0.36, 0.72), (-0.66, 0.82), (0.68, 0.84)):
            pen.flat(paths.ellipse(x, y, 0.06), c.mix(paper, c.WHITE, 0.6))
        pen.flat(paths.box(-0.16, -0.2, 0.16, 1.2), ribbon)

    pen.shape(paths.box(-0.8, -0.04, 0.8, 0.98, 0.1), paper, inside=dots)
    pen.shape(paths.box(-0.92, -0.34, 0.92, 0.06, 0.1), paper, shade=0.6,
              inside=lambda: pen.flat(paths.box(-0.16, -1, 0.16, 1), ribbon))  # fmt: skip
    for side in (-1, 1):
        pen.shape(
            paths.blob((0, -0.34), (side * 0.3, -0.82), (side * 0.72, -0.8), (side * 0.6, -0.42)), ribbon, shade=0.6
        )
    pen.shape(paths.ellipse(0, -0.4, 0.17, 0.15), ribbon, shade=0.4)
    face(pen, 0, 0.46, 0.66)


def camera(pen: Pen) -> None:
    hue = pen.paint(c.PINK, c.MINT, c.SKY, c.BUTTER, c.SLATE)
    pen.shape(paths.box(-0.34, -0.74, 0.34, -0.3, 0.12), c.mix(hue, c.INK, 0.2))
    pen.shape(paths.box(-0.8, -0.6, -0.5, -0.4, 0.06), c.CORAL, shade=0.4)
    pen.shape(paths.box(-1.04, -0.5, 1.04, 0.78, 0.22), hue,
              inside=lambda: pen.flat(paths.box(-2, 0.36, 2, 1), c.mix(hue, c.WHITE, 0.5)))  # fmt: skip
    pen.shape(paths.ellipse(0, 0.14, 0.56), c.WHITE, shade=0.5)
    pen.shape(paths.ellipse(0, 0.14, 0.42), (108, 120, 160), shade=0.6)
    face(pen, 0, 0.12, 0.44, eyes="bright", blush=c.BLUSH) if pen.chance(0.4) else pen.flat(
        paths.ellipse(-0.12, 0.0, 0.11), c.WHITE
    )
    pen.flat(paths.box(0.6, -0.36, 0.86, -0.2, 0.05), c.BUTTER)


def book(pen: Pen) -> None:
    hue = pen.paint(c.CORAL, c.TEAL, c.PURPLE, c.BLUE)
    pen.shape(paths.box(-0.68, -0.84, 0.78, 0.96, 0.1), c.mix(hue, c.INK, 0.25))
    pen.shape(paths.box(-0.6, -0.8, 0.72, 0.86, 0.06), c.CREAM, shade=0)
    pen.shape(paths.box(-0.76, -0.94, 0.66, 0.8, 0.12), hue,
              inside=lambda: pen.flat(paths.box(-1, -1, -0.52, 1), c.mix(hue, c.INK, 0.18)))  # fmt: skip
    pen.flat(paths.star(0.08, -0.52, 0.2, 0.09, radius=0.03), c.BUTTER)
    face(pen, 0.08, 0.1, 0.62)


def envelope(pen: Pen) -> None:
    hue = pen.paint(c.ROSE, c.CREAM, c.ICE, c.MINT)
    pen.shape(paths.box(-1.0, -0.64, 1.0, 0.74, 0.14), hue)
    for side in (-1, 1):
        pen.ink(paths.poly((side * 0.92, 0.68), (side * 0.3, 0.1)), c.outline_of(hue), 0.9)
    pen.shape(paths.rounded([(-0.96, -0.62), (0.96, -0.62), (0, 0.3)], 0.14), c.mix(hue, c.WHITE, 0.35), shade=0.6)
    pen.shape(paths.heart(0, 0.1, 0.25), pen.paint(c.CORAL, c.PINK), gloss=True, shade=0.5)
    face(pen, 0, 0.46, 0.5)


def house(pen: Pen) -> None:
    roof, wall = pen.paint(c.CORAL, c.TEAL, c.PURPLE), pen.paint(c.CREAM, c.ROSE, c.ICE)
    pen.shape(paths.box(0.34, -0.96, 0.62, -0.3, 0.05), c.BROWN)
    pen.shape(paths.box(-0.76, -0.2, 0.76, 0.98, 0.08), wall)
    pen.shape(paths.rounded([(0, -1.08), (1.06, -0.04), (-1.06, -0.04)], 0.14), roof)
    pen.shape(paths.box(-0.22, 0.36, 0.22, 0.98, 0.2), c.BROWN, shade=0.5)
    for side in (-1, 1):
        pen.shape(paths.box(side * 0.5 - 0.16, 0.16, side * 0.5 + 0.16, 0.5, 0.06), c.SKY, line=0.8, shade=0.3)
    pen.shape(paths.ellipse(0, -0.46, 0.19), c.BUTTER, line=0.8, shade=0.3)


def potion(pen: Pen) -> None:
    brew = pen.paint(c.PURPLE, c.PINK, c.TEAL, c.LIME)

    def liquid() -> None:
        pen.flat(paths.blob((-1, 0.06), (-0.4, -0.04), (0.1, 0.1), (0.6, -0.02), (1, 0.06), (1, 1.2), (-1, 1.2)), brew)
        for x, y, r in ((-0.4, 0.72, 0.09), (0.44, 0.3, 0.07), (0.3, 0.8, 0.11), (-0.5, 0.24, 0.06)):
            pen.flat(paths.ellipse(x, y, r), c.mix(brew, c.WHITE, 0.5))

    pen.shape(paths.box(-0.17, -1.14, 0.17, -0.8, 0.06), c.CARAMEL)
    flask = paths.union(paths.ellipse(0, 0.3, 0.78, 0.74), paths.box(-0.27, -0.84, 0.27, 0.0, 0.05))
    pen.shape(flask, c.ICE, inside=liquid)
    pen.shape(paths.box(-0.36, -0.9, 0.36, -0.72, 0.08), c.ICE, shade=0.4)
    face(pen, 0, 0.38, 0.66)


def crystal(pen: Pen) -> None:
    hue = pen.paint(c.LILAC, c.SKY, c.PINK, c.MINT)
    for x, turn, size in ((-0.46, -26, 0.72), (0.48, 26, 0.66), (0, 0, 1.0)):
        gem = paths.poly((-0.36, 0.5), (-0.42, -0.56), (0, -1.12), (0.42, -0.56), (0.36, 0.5), (0, 0.72))
        with pen.at(x, 0.24, turn=turn, scale=size):

            def facets(tone: c.Colour = hue) -> None:
                pen.flat(
                    paths.poly((-0.42, -0.56), (-0.1, -0.44), (-0.08, 0.66), (-0.36, 0.5)), c.mix(tone, c.WHITE, 0.55)
                )
                pen.flat(paths.poly((-0.42, -0.56), (0, -1.12), (-0.1, -0.44)), c.mix(tone, c.WHITE, 0.75))
                pen.flat(paths.poly((0.16, -0.46), (0.42, -0.56), (0.36, 0.5), (0.14, 0.66)), c.mix(tone, c.INK, 0.14))

            pen.shape(gem, hue, inside=facets, shade=0)
    face(pen, 0.02, 0.3, 0.5)


def music(pen: Pen) -> None:
    hue = pen.paint(c.PURPLE, c.CORAL, c.TEAL, c.PINK)
    pen.shape(paths.rounded([(-0.5, -0.8), (0.9, -1.0), (0.9, -0.6), (-0.5, -0.4)], 0.08), hue)
    for x, y in ((-0.42, 0.6), (0.8, 0.4)):
        pen.stroke(paths.poly((x, y), (x, -0.62)), hue, 0.2, line=2)
        pen.shape(paths.ellipse(x - 0.2, y, 0.4, 0.32, turn=-18), hue, gloss=False)
        face(pen, x - 0.2, y, 0.36, blush=None)


def gamepad(pen: Pen) -> None:
    hue = pen.paint(c.LILAC, c.PINK, c.SKY, c.SLATE, c.MINT)
    pad = paths.blob(
        (-0.6, -0.5),
        (0, -0.44),
        (0.6, -0.5),
        (0.98, -0.16),
        (1.08, 0.5),
        (0.8, 0.66),
        (0.46, 0.36),
        (-0.46, 0.36),
        (-0.8, 0.66),
        (-1.08, 0.5),
        (-0.98, -0.16),
    )
    pen.shape(pad, hue)
    pen.flat(paths.box(-0.74, -0.16, -0.34, -0.04, 0.03), c.INK)
    pen.flat(paths.box(-0.6, -0.3, -0.48, 0.1, 0.03), c.INK)
    for x, y, tone in ((0.54, -0.28, c.CORAL), (0.7, -0.1, c.BUTTER), (0.38, -0.1, c.MINT), (0.54, 0.08, c.WHITE)):
        pen.flat(paths.ellipse(x, y, 0.085), tone)
    face(pen, 0, 0.08, 0.42)


def pencil(pen: Pen) -> None:
    hue = pen.paint(c.YELLOW, c.PINK, c.SKY, c.MINT)
    with pen.at(turn=32):
        pen.shape(paths.rounded([(-0.3, 0.6), (0.3, 0.6), (0.0, 1.2)], 0.04), c.SAND, shade=0.6)
        pen.flat(paths.poly((-0.09, 1.0), (0.09, 1.0), (0, 1.17)), c.INK)
        pen.shape(paths.box(-0.3, -1.12, 0.3, -0.7, 0.14), c.BLUSH, shade=0.6)
        pen.shape(paths.box(-0.32, -0.84, 0.32, -0.64, 0.03), c.SILVER, shade=0.5)
        pen.shape(paths.box(-0.3, -0.66, 0.3, 0.64, 0.02), hue)
        face(pen, 0, -0.06, 0.44)


def paw(pen: Pen) -> None:
    hue = pen.paint(c.PINK, c.BROWN, c.SLATE, c.CORAL)
    pen.shape(paths.twin((0, -0.3), (0.56, -0.04), (0.78, 0.58), (0.32, 0.84), (0, 0.74)), hue)
    for x, y, turn in ((-0.78, -0.14, -24), (-0.3, -0.54, -8), (0.3, -0.54, 8), (0.78, -0.14, 24)):
        pen.shape(paths.ellipse(x, y, 0.24, 0.31, turn=turn), hue, shade=0.7)


def ribbon(pen: Pen) -> None:
    hue = pen.paint(c.PINK, c.CORAL, c.SKY, c.LILAC)
    for side in (-1, 1):
        tail = [(side * 0.04, 0.1), (side * 0.5, 0.9), (side * 0.24, 0.82), (side * 0.1, 0.98), (0, 0.3)]
        pen.shape(paths.rounded(tail, 0.06), hue, shade=0.6)
        loop = paths.blob(
            (0, 0), (side * 0.5, -0.56), (side * 1.04, -0.56), (side * 1.1, 0.1), (side * 0.96, 0.4), (side * 0.5, 0.26)
        )
        pen.shape(loop, hue)
        pen.ink(paths.curve([(side * 0.24, -0.1), (side * 0.5, -0.16), (side * 0.7, -0.12)]), c.outline_of(hue), 0.8)
    pen.shape(paths.box(-0.25, -0.26, 0.25, 0.26, 0.16), c.mix(hue, c.WHITE, 0.2), shade=0.6)


def umbrella(pen: Pen) -> None:
    hue = pen.paint(c.CORAL, c.TEAL, c.PINK, c.SKY)
    pen.stroke(paths.curve([(0, -0.2), (0, 0.84), (0.16, 1.04), (0.34, 0.86)]), c.BROWN, 0.1, line=1.4)
    hem = [(0.66, 0.0), (0.34, 0.12), (0, 0.0), (-0.34, 0.12), (-0.66, 0.0)]
    dome = paths.blob((-1.04, 0.1), (-0.84, -0.54), (0, -0.96), (0.84, -0.54), (1.04, 0.1), *hem)

    def panels() -> None:
        pen.flat(paths.ellipse(0, -0.1, 0.33, 0.96), c.mix(hue, c.WHITE, 0.6))

    pen.shape(dome, hue, inside=panels)
    face(pen, 0, -0.34, 0.6)


def van(pen: Pen) -> None:
    hue = pen.paint(c.TEAL, c.CORAL, c.AMBER, c.SKY)
    pen.shape(paths.box(-1.06, -0.68, 1.06, 0.6, 0.3), c.CREAM,
              inside=lambda: pen.flat(paths.box(-2, 0.02, 2, 1), hue))  # fmt: skip
    for x in (-0.72, -0.18, 0.36):
        pen.shape(paths.box(x - 0.2, -0.46, x + 0.22, -0.06, 0.08), c.ICE, line=0.8, shade=0.3)
    pen.flat(paths.ellipse(0.96, 0.3, 0.08), c.BUTTER)
    for x in (-0.56, 0.56):
        pen.shape(paths.ellipse(x, 0.6, 0.28), (92, 84, 102), shade=0.4)
        pen.flat(paths.ellipse(x, 0.6, 0.12), c.SILVER)
    face(pen, 0, 0.24, 0.42)
    if pen.chance(0.5):
        pen.shape(paths.box(-0.6, -0.94, 0.1, -0.68, 0.06), c.CARAMEL, shade=0.5)
        pen.shape(paths.box(0.0, -0.86, 0.5, -0.68, 0.06), c.BLUSH, shade=0.5)


def balloons(pen: Pen) -> None:
    for x, hue, turn in ((-0.44, c.CORAL, -14), (0.44, c.SKY, 14), (0, c.BUTTER, 0)):
        with pen.at(x * 0.9, -0.36 - (0.22 if not turn else 0), turn=turn, scale=0.6):
            pen.stroke(paths.curve([(0, 0.5), (-x * 0.4, 1.4), (-x, 2.5)]), c.SLATE, 0.06)
            pen.shape(
                paths.twin((0, -0.8), (0.6, -0.5), (0.64, 0.1), (0.3, 0.56), (0, 0.66)), pen.paint(hue), gloss=True
            )
    wardrobe.bow(pen, 0, 0.86, 0.3)


def candle(pen: Pen) -> None:
    hue = pen.paint(c.CREAM, c.ROSE, c.LILAC, c.MINT)
    pen.stroke(paths.poly((0, -0.3), (0, -0.6)), c.INK, 0.07)
    pen.shape(paths.drop(0, -0.48, 0.66, 0.4), c.AMBER)
    pen.flat(paths.drop(0, -0.54, 0.36, 0.22), c.BUTTER)
    drip = [(0.54, -0.1), (0.36, 0.2), (0.2, -0.06), (0.0, 0.3), (-0.2, -0.06), (-0.34, 0.08)]
    pen.shape(paths.box(-0.56, -0.4, 0.56, 0.96, 0.14), hue)
    pen.flat(paths.blob((-0.52, -0.36), (0.52, -0.36), *drip), c.mix(hue, c.WHITE, 0.5))
    face(pen, 0, 0.46, 0.66)


def cassette(pen: Pen) -> None:
    hue = pen.paint(c.PINK, c.TEAL, c.AMBER, c.PURPLE)
    pen.shape(paths.box(-1.06, -0.7, 1.06, 0.7, 0.14), hue)
    pen.shape(paths.box(-0.86, -0.52, 0.86, 0.24, 0.1), c.CREAM, line=0.8, shade=0.4)
    pen.flat(paths.box(-0.86, -0.34, 0.86, -0.24), c.CORAL)
    for side in (-1, 1):
        pen.shape(paths.ellipse(side * 0.46, 0.0, 0.2), c.INK, line=0, shade=0)
        pen.flat(paths.ellipse(side * 0.46, 0.0, 0.1), c.WHITE)
    pen.stroke(paths.arc(0, 0.0, 0.13, 0.1, 20, 160), c.INK, 0.05)
    pen.shape(
        paths.rounded([(-0.5, 0.7), (-0.4, 0.42), (0.4, 0.42), (0.5, 0.7)], 0.06), c.mix(hue, c.INK, 0.2), shade=0.3
    )


THINGS: Final[Mapping[str, Callable[[Pen], None]]] = {
    "heart": heart,
    "crown": crown,
    "balloon": balloon,
    "balloons": balloons,
    "hot-air balloon": hot_air_balloon,
    "gift": gift,
    "camera": camera,
    "book": book,
    "envelope": envelope,
    "house": house,
    "potion": potion,
    "crystal": crystal,
    "music": music,
    "gamepad": gamepad,
    "pencil": pencil,
    "paw": paw,
    "ribbon": ribbon,
    "umbrella": umbrella,
    "van": van,
    "candle": candle,
    "cassette": cassette,
}
