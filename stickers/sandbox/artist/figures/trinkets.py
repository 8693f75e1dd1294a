"""The small fry of a sheet: sparkles, hearts and dots beside a figure, or on their own between the figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from stickers.sandbox.artist import colours as c
from stickers.sandbox.artist import paths
from stickers.sandbox.artist.pen import Pen


def sparkle(pen: Pen) -> None:
    pen.shape(paths.sparkle(0, 0, 1.15), pen.paint(c.BUTTER, c.YELLOW, c.SKY, c.PINK), line=0.8, shade=0.4)


def little_heart(pen: Pen) -> None:
    pen.shape(paths.heart(0, 0, 0.95), pen.paint(c.CORAL, c.PINK, c.RED), line=0.8, shade=0.7, gloss=True)


def little_star(pen: Pen) -> None:
    pen.shape(paths.star(0, 0, 1.05, 0.55, radius=0.18), pen.paint(c.YELLOW, c.BUTTER), line=0.8, shade=0.7)


def dot(pen: Pen) -> None:
    pen.shape(paths.ellipse(0, 0, 0.72), pen.accent(), line=0.8, shade=0.8)


def blossom(pen: Pen) -> None:
    pen.shape(paths.scallop(0, 0, 1, 1, 5, 0.3), pen.paint(c.PINK, c.WHITE, c.LILAC, c.BUTTER), line=0.8, shade=0.6)
    pen.flat(paths.ellipse(0, 0, 0.3), c.AMBER)


def leaflet(pen: Pen) -> None:
    pen.shape(paths.leaf(0, 0.9, 1.8, 1.0), pen.paint(c.GREEN, c.LEAF, c.MINT), line=0.8, shade=0.7)
    pen.ink(paths.poly((0, 0.7), (0, -0.3)), c.outline_of(c.GREEN), 0.6)


def note(pen: Pen) -> None:
    hue = pen.paint(c.PURPLE, c.CORAL, c.TEAL)
    pen.stroke(paths.curve([(0.2, 0.6), (0.2, -0.8), (0.72, -0.5), (0.62, -0.1)]), hue, 0.24, line=1.2)
    pen.shape(paths.ellipse(-0.12, 0.64, 0.42, 0.32, turn=-18), hue, line=0.8, shade=0.5)


def raindrop(pen: Pen) -> None:
    pen.shape(paths.drop(0, -1.0, -1.9, 1.3), pen.paint(c.SKY, c.BLUE), line=0.8, shade=0.7, gloss=True)


def bubble(pen: Pen) -> None:
    pen.shape(paths.ellipse(0, 0, 0.85), c.ICE, line=0.8, shade=0.6, gloss=True)


def dashes(pen: Pen) -> None:
    """Motion lines, a little fan of strokes."""
    hue = c.mix(pen.accent(), c.INK, 0.25)
    for turn in (-34, 0, 34):
        pen.stroke(paths.moved(paths.poly((0, -0.5), (0, -1.5)), 0, 1.0, turn=turn), hue, 0.3)


def tiny_cloud(pen: Pen) -> None:
    parts = (
        paths.ellipse(-0.5, 0.1, 0.46, 0.42),
        paths.ellipse(0, -0.2, 0.52, 0.5),
        paths.ellipse(0.52, 0.14, 0.44, 0.38),
    )
    pen.shape(paths.union(*parts, paths.box(-0.6, 0.1, 0.6, 0.5, 0.1)), pen.paint(c.WHITE, c.ICE), line=0.8, shade=0.7)


TRINKETS: Final[Mapping[str, Callable[[Pen], None]]] = {
    "sparkle": sparkle,
    "little heart": little_heart,
    "little star": little_star,
    "dot": dot,
    "blossom": blossom,
    "leaflet": leaflet,
    "note": note,
    "raindrop": raindrop,
    "bubble": bubble,
    "dashes": dashes,
    "tiny cloud": tiny_cloud,
}
