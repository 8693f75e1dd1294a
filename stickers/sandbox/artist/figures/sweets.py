"""Cakes, ices, sweets and drinks, most of them with a face."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from stickers.sandbox.artist import colours as c
from stickers.sandbox.artist import paths
from stickers.sandbox.artist.colours import Colour
from stickers.sandbox.artist.faces import face
from stickers.sandbox.artist.pen import Pen

_SPRINKLES: Final = (c.WHITE, c.BUTTER, c.SKY, c.CORAL, c.MINT, c.LILAC)


def _icing(pen: Pen) -> Colour:
    return pen.paint(c.PINK, c.ROSE, c.MINT, c.SKY, c.LILAC, (146, 96, 78))


def _sprinkle(pen: Pen, spots: list[tuple[float, float]]) -> None:
    for x, y in spots:
        bar = paths.moved(paths.poly((-0.055, 0), (0.055, 0)), x, y, turn=pen.rng.uniform(0, 180))
        pen.stroke(bar, pen.rng.choice(_SPRINKLES), 0.055)


def _wave(y: float, dip: float, half: float, count: int) -> list[tuple[float, float]]:
    """The dripping lower edge of icing, right to left."""
    return [(half - 2 * half * k / count, y + (dip if k % 2 else 0)) for k in range(count + 1)]


def donut(pen: Pen) -> None:
    icing = _icing(pen)
    pen.shape(paths.ellipse(0, 0.08, 0.98, 0.92), (240, 190, 124))
    pen.shape(paths.scallop(0, 0, 0.96, 0.86, 9, 0.1), icing)
    right = [(0.62, -0.5), (0.8, 0.06), (0.56, 0.52), (0.24, -0.66), (0.45, -0.2), (0.72, -0.2)]
    left = [(-0.56, 0.52), (-0.8, 0.02), (-0.6, -0.5), (-0.2, -0.68), (-0.45, -0.22), (-0.72, -0.26)]
    _sprinkle(pen, right + left)
    pen.shape(paths.ellipse(0, -0.18, 0.24, 0.2), c.mix(icing, c.INK, 0.45), shade=0)
    pen.flat(paths.ellipse(0.02, -0.13, 0.2, 0.14), (240, 190, 124))
    face(pen, 0, 0.3, 0.62, spread=0.46)


def cupcake(pen: Pen) -> None:
    icing, cup = _icing(pen), pen.accent()

    def pleats() -> None:
        for x in (-0.4, -0.14, 0.14, 0.4):
            pen.stroke(paths.poly((x * 1.2, 0.1), (x * 0.9, 1.1)), c.mix(cup, c.WHITE, 0.5), 0.1)

    pen.shape(paths.rounded([(-0.72, 0.16), (0.72, 0.16), (0.52, 0.98), (-0.52, 0.98)], 0.1), cup, inside=pleats)
    pen.shape(paths.ellipse(0, 0.1, 0.86, 0.26), icing)
    pen.shape(paths.ellipse(0, -0.2, 0.66, 0.3), icing)
    pen.shape(paths.blob((-0.42, -0.42), (-0.2, -0.7), (0.1, -0.94), (0.12, -0.72), (0.42, -0.42), (0, -0.3)), icing)
    _sprinkle(
        pen,
        [(-0.5, 0.02), (-0.2, 0.2), (0.3, 0.16), (0.56, 0.02), (-0.36, -0.3), (0.38, -0.24), (0, -0.14), (0.1, -0.56)],
    )
    pen.stroke(paths.curve([(0.02, -0.94), (0.1, -1.14), (0.26, -1.2)]), c.LEAF, 0.05)
    pen.shape(paths.ellipse(0, -0.88, 0.19), c.RED, gloss=True, shade=0.7)
    face(pen, 0, 0.54, 0.56, spread=0.42)


def ice_cream(pen: Pen) -> None:
    scoop = _icing(pen)

    def waffle() -> None:
        for k in range(-4, 6):
            pen.ink(paths.poly((k * 0.26 - 0.6, 0.0), (k * 0.26 + 0.6, 1.3)), (206, 140, 80), 0.8)
            pen.ink(paths.poly((k * 0.26 + 0.6, 0.0), (k * 0.26 - 0.6, 1.3)), (206, 140, 80), 0.8)

    pen.shape(paths.rounded([(-0.5, 0.16), (0.5, 0.16), (0, 1.3)], 0.1), (244, 190, 120), inside=waffle)
    if pen.chance(0.5):
        top = pen.accent()
        pen.shape(paths.scallop(0, -0.74, 0.48, 0.44, 9, 0.07), top, gloss=True)
        pen.shape(paths.ellipse(0.06, -1.18, 0.15), c.RED, gloss=True)
    drip = _wave(0.18, 0.16, 0.66, 6)
    pen.shape(paths.blob((-0.66, -0.1), (-0.42, -0.56), (0, -0.7), (0.42, -0.56), (0.66, -0.1), *drip), scoop)
    _sprinkle(pen, [(-0.3, -0.46), (0.06, -0.56), (0.36, -0.4)])
    face(pen, 0, -0.14, 0.66)


def popsicle(pen: Pen) -> None:
    base, top = _icing(pen), pen.accent()
    pen.shape(paths.box(-0.13, 0.5, 0.13, 1.2, 0.12), c.SAND, shade=0.6)

    def dip() -> None:
        edge = _wave(-0.3, 0.14, 0.7, 6)
        pen.flat(paths.blob((-0.8, -1.2), (0.8, -1.2), *edge), top)

    pen.shape(paths.box(-0.58, -1.06, 0.58, 0.72, 0.54), base, inside=dip, gloss=True)
    face(pen, 0, 0.16, 0.66)


def lollipop(pen: Pen) -> None:
    colour = pen.paint(c.PINK, c.CORAL, c.SKY, c.LILAC)
    pen.stroke(paths.poly((0, 0.2), (0, 1.2)), c.WHITE, 0.13, line=1.6)

    def swirl() -> None:
        for turn in range(0, 360, 72):
            arm = paths.blob((0, 0), (0.4, -0.3), (0.9, -0.2), (0.96, 0.1), (0.56, -0.02))
            pen.flat(paths.moved(arm, 0, -0.3, turn=turn), c.WHITE)

    pen.shape(paths.ellipse(0, -0.3, 0.72), colour, inside=swirl, gloss=True)
    for side in (-1, 1):
        pen.shape(
            paths.blob((0, 0.56), (side * 0.3, 0.36), (side * 0.44, 0.5), (side * 0.4, 0.72)), pen.accent(), shade=0.5
        )


def cookie(pen: Pen) -> None:
    pen.shape(paths.scallop(0, 0, 0.96, 0.94, 12, 0.05), (232, 180, 116))
    for x, y in (
        (-0.5, -0.46),
        (0.04, -0.64),
        (0.54, -0.4),
        (0.68, 0.14),
        (0.44, 0.6),
        (-0.1, 0.7),
        (-0.56, 0.5),
        (-0.72, 0.02),
    ):
        pen.shape(paths.ellipse(x, y, 0.14, 0.12, turn=30), (120, 78, 62), line=0.6, shade=0.4)
    face(pen, 0, 0.0, 0.76)


def macaron(pen: Pen) -> None:
    colour = pen.paint(c.PINK, c.MINT, c.LILAC, c.BUTTER, c.SKY)
    pen.shape(paths.box(-0.9, 0.1, 0.9, 0.72, 0.3), colour)
    pen.shape(paths.box(-0.82, 0.0, 0.82, 0.32, 0.14), c.CREAM, shade=0.4)
    pen.shape(
        paths.blob((-0.92, 0.1), (-0.84, -0.4), (0, -0.72), (0.84, -0.4), (0.92, 0.1), (0.5, 0.16), (-0.5, 0.16)),
        colour,
        gloss=True,
    )
    face(pen, 0, -0.2, 0.72)


def cake(pen: Pen) -> None:
    icing, sponge = _icing(pen), (252, 218, 150)

    def layers() -> None:
        pen.flat(paths.box(-1.2, 0.28, 1.2, 0.46), icing)
        drip = _wave(-0.1, 0.18, 1.0, 8)
        pen.flat(paths.poly((-1.1, -0.6), (1.1, -0.6), *[(float(x), float(y)) for x, y in paths.curve(drip)]), icing)

    pen.shape(paths.rounded([(-0.94, -0.3), (0.94, -0.3), (0.84, 0.9), (-0.84, 0.9)], 0.14), sponge, inside=layers)
    pen.shape(paths.ellipse(0, -0.3, 0.94, 0.24), c.mix(icing, c.WHITE, 0.25), shade=0.4)
    for x, colour in ((-0.4, c.SKY), (0.0, c.PINK), (0.4, c.MINT)):
        pen.stroke(paths.poly((x, -0.3), (x, -0.78)), colour, 0.12, line=1.4)
        pen.shape(paths.drop(x, -0.78, 0.28, 0.17), c.BUTTER, line=0.8, shade=0.4)
    face(pen, 0, 0.6, 0.6)


def pancakes(pen: Pen) -> None:
    for y in (0.66, 0.4, 0.14):
        pen.shape(paths.box(-0.92, y - 0.22, 0.92, y + 0.16, 0.19), (236, 178, 108), shade=0.6)
    pen.shape(paths.ellipse(0, -0.1, 0.94, 0.3), (252, 214, 150), shade=0.4)
    pen.shape(
        paths.blob(
            (-0.6, -0.16),
            (0, -0.3),
            (0.62, -0.16),
            (0.74, 0.2),
            (0.62, 0.46),
            (0.5, 0.14),
            (0.2, 0.06),
            (-0.1, 0.34),
            (-0.24, 0.06),
            (-0.5, 0.04),
        ),
        (190, 112, 58),
        shade=0.4,
        gloss=True,
    )
    pen.shape(paths.moved(paths.box(-0.26, -0.2, 0.26, 0.12, 0.06), -0.06, -0.32, turn=-10), c.BUTTER, shade=0.5)
    face(pen, 0, 0.46, 0.5)


def boba(pen: Pen) -> None:
    tea = pen.paint((236, 196, 152), c.ROSE, c.LILAC, (186, 214, 150), c.PEACH)
    pen.stroke(paths.poly((0.12, -0.6), (0.3, -1.26)), pen.accent(), 0.17, line=1.6)

    def pearls() -> None:
        pen.flat(paths.box(-1, -0.9, 1, -0.3), c.mix(tea, c.WHITE, 0.6))
        for x, y in (
            (-0.34, 0.86),
            (-0.08, 0.9),
            (0.18, 0.88),
            (0.4, 0.84),
            (-0.22, 0.68),
            (0.04, 0.7),
            (0.3, 0.66),
            (-0.42, 0.62),
        ):
            pen.flat(paths.ellipse(x, y, 0.115), (84, 58, 62))
            pen.flat(paths.ellipse(x - 0.03, y - 0.04, 0.03), c.WHITE)

    pen.shape(paths.rounded([(-0.7, -0.5), (0.7, -0.5), (0.52, 1.02), (-0.52, 1.02)], 0.14), tea, inside=pearls)
    pen.shape(paths.box(-0.8, -0.72, 0.8, -0.44, 0.12), c.WHITE, shade=0.5)
    face(pen, 0, 0.1, 0.66)


def coffee(pen: Pen) -> None:
    cup = pen.paint(c.WHITE, c.PINK, c.SKY, c.MINT, c.BUTTER)
    pen.stroke(paths.curve([(0.6, -0.1), (1.02, -0.06), (0.98, 0.44), (0.5, 0.5)]), cup, 0.17, line=2)
    pen.shape(paths.ellipse(-0.04, 0.84, 0.9, 0.15), c.mix(cup, c.INK, 0.12), shade=0.5)
    pen.shape(paths.blob((-0.74, -0.3), (0.66, -0.3), (0.68, 0.3), (0.34, 0.84), (-0.42, 0.84), (-0.76, 0.3)), cup)
    pen.shape(paths.ellipse(-0.04, -0.34, 0.72, 0.2), (150, 100, 74), shade=0.3)
    pen.flat(paths.heart(-0.04, -0.34, 0.15), c.CREAM)
    for x in (-0.3, 0.02, 0.3):
        pen.stroke(
            paths.curve([(x, -0.66), (x + 0.1, -0.8), (x - 0.06, -0.96), (x + 0.06, -1.1)]), c.SILVER, 0.07, line=0.7
        )
    face(pen, -0.04, 0.22, 0.74)


def milk(pen: Pen) -> None:
    colour = pen.paint(c.PINK, c.SKY, c.MINT, c.AMBER)
    pen.shape(paths.rounded([(-0.56, -0.4), (-0.34, -0.86), (0.34, -0.86), (0.56, -0.4)], 0.05), colour)
    pen.shape(paths.box(-0.4, -1.06, 0.4, -0.82, 0.06), c.WHITE, shade=0.5)
    pen.shape(paths.box(-0.6, -0.42, 0.6, 1.0, 0.1), c.WHITE,
              inside=lambda: pen.flat(paths.box(-1, 0.62, 1, 1.2), colour))  # fmt: skip
    face(pen, 0, 0.1, 0.74)


SWEETS: Final[Mapping[str, Callable[[Pen], None]]] = {
    "donut": donut,
    "cupcake": cupcake,
    "ice cream": ice_cream,
    "popsicle": popsicle,
    "lollipop": lollipop,
    "cookie": cookie,
    "macaron": macaron,
    "cake": cake,
    "pancakes": pancakes,
    "boba": boba,
    "coffee": coffee,
    "milk": milk,
}
