"""What animals wear and hold: hats, bows, scarves and little presents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from stickers.sandbox.artist import colours as c
from stickers.sandbox.artist import paths
from stickers.sandbox.artist.pen import Pen


def dress(pen: Pen, rx: float, ry: float) -> None:
    """Put something on a head of half-width `rx` and half-height `ry` around the origin, more often than not."""
    garment = pen.rng.choice(_EVERYDAY)
    roll = pen.rng.random()
    if pen.wear and roll < 0.75:
        WARDROBE[pen.rng.choice(pen.wear)](pen, rx, ry)
    elif roll < 0.55:
        WARDROBE[garment](pen, rx, ry)


def hold(pen: Pen) -> None:
    """Something to hold, about one unit in radius."""
    thing = pen.rng.choice(("heart", "star", "flower", "ball", "gift"))
    colour = pen.accent()
    if thing == "heart":
        pen.shape(paths.heart(0, 0, 0.95), pen.paint(c.CORAL, c.PINK), gloss=True)
    elif thing == "star":
        pen.shape(paths.star(0, 0, 1.05, 0.56, radius=0.2), c.YELLOW, gloss=True)
    elif thing == "flower":
        pen.shape(paths.scallop(0, 0, 0.95, 0.95, 6, 0.3), colour)
        pen.shape(paths.ellipse(0, 0, 0.3), c.BUTTER, line=0.7)
    elif thing == "ball":
        pen.shape(paths.ellipse(0, 0, 0.85), colour, gloss=True,
                  inside=lambda: pen.flat(paths.box(-1, -0.2, 1, 0.2), c.WHITE))  # fmt: skip
    else:
        pen.shape(paths.box(-0.75, -0.6, 0.75, 0.8, 0.1), colour,
                  inside=lambda: pen.flat(paths.box(-0.17, -1, 0.17, 1), c.WHITE))  # fmt: skip


def bow(pen: Pen, x: float, y: float, size: float) -> None:
    """A ribbon bow around (x, y)."""
    colour = pen.paint(c.PINK, c.CORAL, c.SKY, c.LILAC, c.BUTTER)
    with pen.at(x, y, scale=size):
        for side in (-1, 1):
            loop = paths.blob((0, 0), (side * 0.5, -0.5), (side * 0.95, -0.42), (side * 0.95, 0.4), (side * 0.5, 0.42))
            pen.shape(loop, colour, shade=0.7)
        pen.shape(paths.ellipse(0, 0, 0.26, 0.3), c.mix(colour, c.WHITE, 0.25), shade=0.5)


def _bow(pen: Pen, rx: float, ry: float) -> None:
    bow(pen, rx * pen.rng.choice((-0.55, 0.55)), -ry * 0.82, 0.3)


def _flower(pen: Pen, rx: float, ry: float) -> None:
    with pen.at(rx * pen.rng.choice((-0.6, 0.6)), -ry * 0.72, scale=0.24):
        pen.shape(paths.scallop(0, 0, 1, 1, 5, 0.3), pen.paint(c.PINK, c.WHITE, c.BUTTER, c.CORAL), shade=0.7)
        pen.flat(paths.ellipse(0, 0, 0.34), c.AMBER)


def _wreath(pen: Pen, rx: float, ry: float) -> None:
    hues = (c.PINK, c.BUTTER, c.WHITE, c.LILAC, c.CORAL)
    for k, at in enumerate((-0.62, -0.32, 0.0, 0.32, 0.62)):
        with pen.at(rx * at, -ry * (1.0 - 0.5 * at * at), scale=0.17 + 0.03 * (k % 2)):
            pen.shape(paths.leaf(0.2, 0, 1.6, 0.8, turn=130 * at + 40), c.GREEN, shade=0.4, line=0.7)
            pen.shape(paths.scallop(0, 0, 1, 1, 5, 0.28), pen.paint(hues[k]), shade=0.6, line=0.8)
            pen.flat(paths.ellipse(0, 0, 0.34), c.AMBER)


def _party(pen: Pen, rx: float, ry: float) -> None:
    colour = pen.accent()
    with pen.at(rx * 0.12, -ry * 0.88, turn=8, scale=0.95):
        cone = paths.rounded([(-0.3, 0.06), (0.3, 0.06), (0, -0.62)], 0.06)

        def dots() -> None:
            for x, y in ((-0.12, -0.06), (0.12, -0.1), (0.0, -0.3), (-0.02, 0.04)):
                pen.flat(paths.ellipse(x, y, 0.055), c.WHITE)

        pen.shape(cone, colour, inside=dots, shade=0.7)
        pen.shape(paths.scallop(0, -0.6, 0.14, 0.14, 8, 0.25), c.BUTTER, shade=0.4, line=0.8)


def _crown(pen: Pen, rx: float, ry: float) -> None:  # noqa: ARG001  one signature for all garments
    with pen.at(0, -ry * 0.92, scale=0.95):
        points = [(-0.34, 0.1), (-0.4, -0.3), (-0.18, -0.12), (0, -0.4), (0.18, -0.12), (0.4, -0.3), (0.34, 0.1)]
        pen.shape(paths.rounded(points, 0.06), c.YELLOW, shade=0.7)
        for x, colour in ((-0.18, c.SKY), (0, c.CORAL), (0.18, c.SKY)):
            pen.flat(paths.ellipse(x, -0.0, 0.055), colour)


def _scarf(pen: Pen, rx: float, ry: float) -> None:
    colour = pen.paint(c.RED, c.TEAL, c.BLUE, c.AMBER)
    light = c.mix(colour, c.WHITE, 0.6)
    tail = paths.rounded([(0.22, ry * 0.9), (0.48, ry * 0.9), (0.5, ry * 0.9 + 0.42), (0.26, ry * 0.9 + 0.42)], 0.06)
    pen.shape(tail, colour, shade=0.5, inside=lambda: pen.flat(paths.box(0, ry + 0.16, 1, ry + 0.25), light))
    band = paths.blob(
        (-rx * 0.8, ry * 0.78),
        (0, ry * 1.02),
        (rx * 0.8, ry * 0.78),
        (rx * 0.78, ry * 1.06),
        (0, ry * 1.34),
        (-rx * 0.78, ry * 1.06),
    )

    def stripes() -> None:
        for x in (-0.45, -0.15, 0.15, 0.45):
            pen.stroke(paths.poly((x, ry * 0.7), (x * 0.95, ry * 1.4)), light, 0.09)

    pen.shape(band, colour, shade=0.6, inside=stripes)


def _glasses(pen: Pen, rx: float, ry: float) -> None:
    del ry
    for side in (-1, 1):
        pen.wash(paths.ellipse(side * 0.39, 0.07, 0.25), c.WHITE, 0.35)
        ring = paths.ellipse(side * 0.39, 0.07, 0.25)
        pen.stroke(paths.curve(ring, closed=True), c.INK, 0.05)
        pen.stroke(paths.poly((side * 0.64, 0.04), (side * rx * 0.97, -0.02)), c.INK, 0.05)
    pen.stroke(paths.arc(0, 0.06, 0.14, 0.07, 200, 340), c.INK, 0.05)


def _beret(pen: Pen, rx: float, ry: float) -> None:
    colour = pen.paint(c.RED, c.NAVY, c.CORAL, c.PURPLE)
    pen.stroke(paths.poly((0.02, -ry * 1.25), (0.06, -ry * 1.5)), colour, 0.09, line=1.4)
    pen.shape(
        paths.blob(
            (-rx * 0.8, -ry * 0.74),
            (-rx * 0.5, -ry * 1.2),
            (rx * 0.25, -ry * 1.32),
            (rx * 0.7, -ry * 0.9),
            (0, -ry * 0.78),
        ),
        colour,
        shade=0.7,
    )


def _wizard(pen: Pen, rx: float, ry: float) -> None:
    colour = pen.paint(c.PURPLE, c.INDIGO, c.NAVY)
    cone = paths.blob(
        (-0.4, -ry * 0.82),
        (-0.2, -ry * 1.3),
        (0.06, -ry * 1.75),
        (0.34, -ry * 1.78),
        (0.22, -ry * 1.4),
        (0.4, -ry * 0.82),
        (0, -ry * 0.7),
    )

    def stars() -> None:
        for x, y in ((-0.08, -ry * 1.04), (0.18, -ry * 1.24), (0.06, -ry * 1.52)):
            pen.flat(paths.star(x, y, 0.09, 0.04), c.BUTTER)

    pen.shape(cone, colour, inside=stars)
    pen.shape(paths.ellipse(0, -ry * 0.8, rx * 0.9, 0.13), colour, shade=0.6)


def _santa(pen: Pen, rx: float, ry: float) -> None:
    cap = paths.blob(
        (-0.48, -ry * 0.78),
        (-0.3, -ry * 1.3),
        (0.2, -ry * 1.5),
        (0.7, -ry * 1.0),
        (0.6, -ry * 0.86),
        (0.4, -ry * 0.92),
        (0.42, -ry * 0.7),
    )
    pen.shape(cap, c.RED)
    pen.shape(paths.scallop(0.68, -ry * 0.86, 0.17, 0.17, 8, 0.16), c.WHITE, shade=0.5)
    pen.shape(paths.box(-rx * 0.7, -ry * 0.94, rx * 0.66, -ry * 0.6, 0.12), c.WHITE, shade=0.5)


def _helmet(pen: Pen, rx: float, ry: float) -> None:
    """An astronaut's bubble: translucent, so it goes over the face."""
    reach = max(rx, ry) * 1.2
    pen.wash(paths.ellipse(0, 0, reach, reach * 0.96), c.ICE, 0.26)
    pen.stroke(paths.curve(paths.ellipse(0, 0, reach, reach * 0.96), closed=True), c.SILVER, 0.11, line=1.4)
    pen.stroke(paths.arc(0, 0, reach * 0.84, reach * 0.8, 200, 248), c.WHITE, 0.08)
    pen.shape(paths.box(-rx * 0.62, reach * 0.84, rx * 0.62, reach * 1.06, 0.1), c.SILVER, shade=0.5)
    pen.flat(paths.ellipse(-0.14, reach * 0.95, 0.05), c.CORAL)
    pen.flat(paths.ellipse(0.06, reach * 0.95, 0.05), c.SKY)


def _headphones(pen: Pen, rx: float, ry: float) -> None:
    colour = pen.accent()
    pen.stroke(paths.arc(0, 0, rx * 1.02, ry * 1.12, 190, 350), c.mix(colour, c.INK, 0.35), 0.11, line=1.2)
    for side in (-1, 1):
        pen.shape(paths.ellipse(side * rx * 1.0, 0.06, 0.15, 0.24), colour, shade=0.6)


def _chef(pen: Pen, rx: float, ry: float) -> None:
    pen.shape(paths.scallop(0, -ry * 1.28, rx * 0.62, 0.3, 6, 0.22), c.WHITE)
    pen.shape(paths.box(-rx * 0.44, -ry * 1.16, rx * 0.44, -ry * 0.76, 0.06), c.WHITE, shade=0.6)


WARDROBE: Final[Mapping[str, Callable[[Pen, float, float], None]]] = {
    "bow": _bow,
    "flower": _flower,
    "wreath": _wreath,
    "party hat": _party,
    "crown": _crown,
    "scarf": _scarf,
    "glasses": _glasses,
    "beret": _beret,
    "wizard hat": _wizard,
    "santa hat": _santa,
    "helmet": _helmet,
    "headphones": _headphones,
    "chef hat": _chef,
}
_EVERYDAY: Final = ("bow", "bow", "flower", "flower", "scarf", "wreath", "party hat", "glasses", "beret", "headphones")
