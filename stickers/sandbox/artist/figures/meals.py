"""Meals and snacks, most of them with a face."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from stickers.sandbox.artist import colours as c
from stickers.sandbox.artist import paths
from stickers.sandbox.artist.faces import face
from stickers.sandbox.artist.paths import Points
from stickers.sandbox.artist.pen import Pen


def pizza(pen: Pen) -> None:
    pen.shape(paths.rounded([(-0.9, -0.6), (0.9, -0.6), (0, 1.16)], 0.16), (255, 212, 108))
    pen.shape(
        paths.blob(
            (-0.96, -0.62),
            (-0.5, -0.9),
            (0, -0.96),
            (0.5, -0.9),
            (0.96, -0.62),
            (0.76, -0.46),
            (0, -0.64),
            (-0.76, -0.46),
        ),
        (226, 160, 92),
    )
    for x, y, r in ((-0.4, -0.24, 0.17), (0.46, -0.2, 0.15), (0.06, 0.7, 0.14)):
        pen.shape(paths.ellipse(x, y, r), (224, 84, 70), line=0.8, shade=0.5)
    for x, y in ((0.1, -0.42), (-0.12, 0.5)):
        pen.shape(paths.leaf(x, y, 0.22, 0.13, turn=50), c.LEAF, line=0.6, shade=0)
    face(pen, 0.02, 0.12, 0.6)


def burger(pen: Pen) -> None:
    bun = (240, 184, 112)
    pen.shape(paths.box(-0.84, 0.46, 0.84, 0.92, 0.24), bun)
    pen.shape(paths.box(-0.92, 0.26, 0.92, 0.56, 0.14), (140, 86, 66), shade=0.5)
    pen.shape(
        paths.rounded([(-0.9, 0.16), (0.9, 0.16), (0.5, 0.36), (0.2, 0.22), (-0.1, 0.46), (-0.4, 0.22)], 0.08),
        c.YELLOW,
        shade=0.4,
    )
    pen.shape(
        paths.blob(
            (-0.96, 0.08), (0, 0.02), (0.96, 0.08), (0.7, 0.26), (0.36, 0.12), (0.04, 0.28), (-0.3, 0.12), (-0.66, 0.26)
        ),
        c.LIME,
        shade=0.4,
    )
    pen.shape(paths.blob((-0.92, 0.06), (-0.8, -0.5), (0, -0.88), (0.8, -0.5), (0.92, 0.06), (0, 0.1)), bun)
    for x, y in ((-0.4, -0.5), (0, -0.66), (0.4, -0.52), (-0.62, -0.22), (0.64, -0.24)):
        pen.flat(paths.ellipse(x, y, 0.06, 0.04, turn=30), c.CREAM)
    face(pen, 0, -0.22, 0.72)


def fries(pen: Pen) -> None:
    for x, top, turn in ((-0.5, -0.62, -8), (-0.26, -0.86, -3), (0.0, -0.98, 2), (0.26, -0.8, 4), (0.5, -0.66, 9)):
        pen.shape(paths.moved(paths.box(-0.13, top, 0.13, 0.3, 0.03), x, 0, turn=turn), c.BUTTER, shade=0.6)
    colour = pen.paint(c.RED, c.CORAL, c.PINK)
    pocket = [(-0.76, -0.22), (-0.4, -0.06), (0, -0.02), (0.4, -0.06), (0.76, -0.22), (0.56, 0.98), (-0.56, 0.98)]
    pen.shape(paths.rounded(pocket, 0.12), colour)
    face(pen, 0, 0.4, 0.66)


def taco(pen: Pen) -> None:
    for x, colour in ((-0.5, c.LIME), (-0.2, c.RED), (0.14, c.GREEN), (0.46, c.BUTTER)):
        pen.shape(paths.scallop(x, -0.3, 0.36, 0.32, 7, 0.16), colour, shade=0.6)
    pen.shape(
        paths.blob(
            (-1.06, 0.5),
            (-0.92, -0.1),
            (-0.4, -0.5),
            (0.3, -0.48),
            (0.9, -0.06),
            (1.06, 0.5),
            (0.7, 0.66),
            (-0.7, 0.66),
        ),
        (250, 200, 112),
    )
    face(pen, 0, 0.22, 0.76)


def sushi(pen: Pen) -> None:
    if pen.chance(0.5):
        pen.shape(paths.box(-0.9, 0.0, 0.9, 0.78, 0.34), c.WHITE)

        def stripes() -> None:
            for x in (-0.7, -0.3, 0.1, 0.5):
                pen.stroke(paths.curve([(x, 0.3), (x + 0.14, -0.1), (x + 0.4, -0.4)]), (255, 214, 190), 0.09)

        pen.shape(
            paths.blob((-1.02, 0.2), (-0.84, -0.3), (0, -0.5), (0.84, -0.3), (1.02, 0.2), (0.5, 0.14), (-0.5, 0.14)),
            (255, 150, 116),
            inside=stripes,
        )
        face(pen, 0, 0.42, 0.64)
        return
    pen.shape(paths.box(-0.86, -0.56, 0.86, 0.84, 0.3), (64, 78, 84))
    pen.shape(paths.ellipse(0, -0.42, 0.86, 0.46), c.WHITE, shade=0.4)
    for x, y, colour in ((-0.16, -0.46, c.CORAL), (0.2, -0.48, c.LIME), (0.02, -0.32, c.BUTTER)):
        pen.shape(paths.ellipse(x, y, 0.2, 0.12), colour, line=0.7, shade=0.3)
    pen.flat(paths.ellipse(0, 0.36, 0.6, 0.36), (86, 104, 108))
    face(pen, 0, 0.32, 0.7)


def onigiri(pen: Pen) -> None:
    pen.shape(paths.rounded([(0, -1.1), (1.1, 0.84), (-1.1, 0.84)], 0.62), c.WHITE)
    pen.shape(paths.box(-0.4, 0.32, 0.4, 0.86, 0.06), (70, 80, 88), shade=0.5)
    face(pen, 0, 0.0, 0.74)


def ramen(pen: Pen) -> None:
    bowl = pen.paint(c.RED, c.TEAL, c.BLUE, c.CORAL)
    for x in (0.5, 0.72):
        pen.stroke(paths.poly((x - 0.2, 0.0), (x + 0.24, -0.94)), c.CARAMEL, 0.09, line=1.2)
    pen.shape(paths.ellipse(0, -0.06, 1.0, 0.34), (240, 186, 110), shade=0.3)
    for k in range(4):
        pen.stroke(paths.arc(-0.36, -0.1 + k * 0.05, 0.44, 0.18, 190, 350), c.VANILLA, 0.06, line=0.5)
    pen.shape(paths.ellipse(0.28, -0.2, 0.27, 0.2), c.WHITE, line=0.8, shade=0.3)
    pen.flat(paths.ellipse(0.28, -0.2, 0.13, 0.1), c.AMBER)
    pen.shape(paths.box(-0.16, -0.5, 0.08, -0.06, 0.04), (64, 90, 82), line=0.8)
    for x, y in ((-0.6, -0.06), (-0.3, 0.06), (0.66, -0.02)):
        pen.flat(paths.ellipse(x, y, 0.07, 0.05), c.LIME)
    arch = paths.arc(0, 0.0, 1.04, 0.9, 0, 180)
    pen.shape(_joined([(-1.04, 0.0), (-0.5, 0.18), (0, 0.24), (0.5, 0.18)], arch), bowl)
    face(pen, 0, 0.5, 0.66)


def _joined(pairs: list[tuple[float, float]], points: Points) -> Points:
    return paths.poly(*pairs, *[(float(x), float(y)) for x, y in points])


def toast(pen: Pen) -> None:
    crust = paths.union(
        paths.box(-0.74, -0.3, 0.74, 0.92, 0.16),
        paths.ellipse(-0.4, -0.46, 0.5, 0.42),
        paths.ellipse(0.4, -0.46, 0.5, 0.42),
    )
    pen.shape(crust, (222, 156, 92))
    pen.shape(crust * 0.83, (255, 228, 176), line=0, shade=0)
    topping = pen.rng.choice(("butter", "jam", "egg"))
    if topping == "butter":
        pen.shape(paths.moved(paths.box(-0.22, -0.17, 0.22, 0.17, 0.05), 0.1, -0.42, turn=12), c.BUTTER, shade=0.5)
    elif topping == "jam":
        pen.flat(
            paths.blob(
                (-0.6, -0.5),
                (0, -0.68),
                (0.6, -0.5),
                (0.56, -0.2),
                (0.26, -0.28),
                (0.1, -0.06),
                (-0.16, -0.28),
                (-0.5, -0.16),
            ),
            c.CORAL,
        )
    else:
        pen.shape(
            paths.blob((-0.4, -0.5), (0.1, -0.66), (0.5, -0.42), (0.3, -0.16), (-0.2, -0.12)),
            c.WHITE,
            line=0.6,
            shade=0.3,
        )
        pen.flat(paths.ellipse(0.06, -0.4, 0.16), c.YELLOW)
    face(pen, 0, 0.24, 0.74)


def egg(pen: Pen) -> None:
    pen.shape(
        paths.blob(
            (-0.9, 0.0),
            (-0.66, -0.62),
            (-0.1, -0.7),
            (0.4, -0.86),
            (0.84, -0.34),
            (1.0, 0.26),
            (0.54, 0.7),
            (0.0, 0.66),
            (-0.56, 0.84),
        ),
        c.WHITE,
    )
    pen.shape(paths.ellipse(0, 0, 0.52, 0.48), c.YELLOW, gloss=True)
    face(pen, 0, 0.02, 0.56)


MEALS: Final[Mapping[str, Callable[[Pen], None]]] = {
    "pizza": pizza,
    "burger": burger,
    "fries": fries,
    "taco": taco,
    "sushi": sushi,
    "onigiri": onigiri,
    "ramen": ramen,
    "toast": toast,
    "egg": egg,
}
