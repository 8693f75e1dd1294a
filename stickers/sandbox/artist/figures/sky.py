"""Sun, moon and stars, weather, and everything that flies through space."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from stickers.sandbox.artist import colours as c
from stickers.sandbox.artist import paths
from stickers.sandbox.artist.faces import face
from stickers.sandbox.artist.figures.wardrobe import WARDROBE
from stickers.sandbox.artist.pen import Pen


def star(pen: Pen) -> None:
    pen.shape(paths.star(0, 0.06, 1.08, 0.6, radius=0.24), pen.paint(c.YELLOW, c.YELLOW, c.PINK, c.SKY), gloss=False)
    face(pen, 0, 0.1, 0.72)


def shooting_star(pen: Pen) -> None:
    hues = (c.PINK, c.BUTTER, c.SKY)
    for k, hue in enumerate(hues):
        sweep = paths.curve([(-0.3, -0.16 + k * 0.26), (0.4, -0.36 + k * 0.26), (1.1 - 0.1 * k, -0.88 + k * 0.34)])
        pen.stroke(sweep, pen.paint(hue), 0.22, line=2)
    with pen.at(-0.42, 0.26, turn=-14, scale=0.76):
        pen.shape(paths.star(0, 0, 1.0, 0.56, radius=0.22), c.YELLOW)
        face(pen, 0, 0.04, 0.66)


def moon(pen: Pen) -> None:
    skin = pen.paint(c.BUTTER, c.VANILLA, c.LILAC)
    crescent = paths.blob(
        (0.3, -1.0),
        (-0.36, -0.88),
        (-0.86, -0.3),
        (-0.8, 0.42),
        (-0.26, 0.94),
        (0.4, 0.98),
        (0.84, 0.7),
        (0.42, 0.6),
        (0.06, 0.16),
        (0.04, -0.4),
    )

    def craters() -> None:
        for x, y, r in ((-0.1, -0.78, 0.1), (0.26, 0.8, 0.12), (-0.14, 0.66, 0.08)):
            pen.flat(paths.ellipse(x, y, r), c.mix(skin, c.AMBER, 0.3))

    pen.shape(crescent, skin, inside=craters)
    face(pen, -0.4, -0.02, 0.56, eyes=pen.rng.choice(("sleepy", "sleepy", "happy", "bright")), spread=0.4)
    if pen.chance(0.6):
        pen.stroke(paths.poly((0.5, -0.5), (0.5, -0.2)), c.SLATE, 0.03)
        pen.shape(paths.star(0.5, 0.04, 0.26, 0.13, radius=0.05), c.YELLOW, shade=0.5)
    elif pen.chance(0.7):
        cap = paths.blob(
            (-0.5, -0.72), (-0.16, -1.16), (0.5, -1.26), (0.9, -0.8), (0.62, -0.86), (0.42, -0.86), (0.34, -0.92)
        )
        pen.shape(cap, pen.accent())
        pen.shape(paths.ellipse(0.9, -0.74, 0.13), c.WHITE, shade=0.4)


def sun(pen: Pen) -> None:
    ray = pen.rng.choice(("star", "drop", "cloud"))
    if ray == "star":
        pen.shape(paths.star(0, 0, 1.12, 0.84, 14, radius=0.08), c.AMBER)
    elif ray == "drop":
        for k in range(10):
            pen.shape(paths.moved(paths.drop(0, -0.7, 0.42, 0.24), turn=k * 36), c.AMBER, shade=0.4)
    else:
        pen.shape(paths.scallop(0, 0, 1.06, 1.06, 12, 0.14), c.AMBER)
    pen.shape(paths.ellipse(0, 0, 0.74), c.BUTTER)
    face(pen, 0, 0.02, 0.76)


def _puff(pen: Pen, x: float, y: float, scale: float, colour: c.Colour) -> None:
    rounds = ((-0.54, 0.16, 0.44, 0.4), (-0.16, -0.24, 0.5, 0.5), (0.4, -0.06, 0.48, 0.44), (0.7, 0.24, 0.34, 0.32))
    whole = paths.union(*(paths.ellipse(*each) for each in rounds), paths.box(-0.7, 0.1, 0.8, 0.56, 0.2))
    pen.shape(paths.moved(whole, x, y, scale=scale), colour)


def cloud(pen: Pen) -> None:
    kind = pen.rng.choice(("plain", "rain", "bow", "bolt"))
    if kind == "bow":
        for k, hue in enumerate((c.CORAL, c.AMBER, c.BUTTER, c.MINT, c.SKY, c.LILAC)):
            pen.stroke(
                paths.arc(0.3, 0.3, 0.92 - 0.13 * k, 0.92 - 0.13 * k, 195, 350),
                hue,
                0.15,
                line=0.9 if k in {0, 5} else 0,
            )
    elif kind == "rain":
        for x, y in ((-0.5, 0.94), (-0.06, 1.08), (0.4, 0.94), (0.76, 1.06)):
            pen.shape(paths.drop(x, y - 0.34, -0.34, 0.22), pen.paint(c.SKY, c.BLUE), shade=0.4, line=0.9)
    elif kind == "bolt":
        pen.shape(
            paths.rounded(
                [(-0.1, 0.3), (0.34, 0.3), (0.16, 0.66), (0.42, 0.66), (-0.16, 1.24), (-0.02, 0.82), (-0.26, 0.82)],
                0.05,
            ),
            c.YELLOW,
            shade=0.6,
        )
    tone = {"bolt": (190, 196, 214), "rain": c.ICE}.get(kind, c.WHITE)
    _puff(pen, 0, 0, 1.06, tone if not pen.look.wanted else pen.paint(tone))
    face(pen, 0.06, 0.14, 0.76)


def rainbow(pen: Pen) -> None:
    hues = (c.CORAL, c.AMBER, c.BUTTER, c.GREEN, c.SKY, c.LILAC)
    wide = paths.arc(0, 0.46, 1.02, 1.08, 180, 360)
    pen.stroke(wide, c.outline_of(c.CORAL), 0.2)
    for k, hue in enumerate(hues):
        pen.stroke(paths.arc(0, 0.46, 1.0 - 0.13 * k, 1.06 - 0.13 * k, 180, 360), hue, 0.15)
    inner = paths.arc(0, 0.46, 0.28, 0.33, 180, 360)
    pen.ink(inner, c.outline_of(c.LILAC), 1)
    for side in (-1, 1):
        _puff(pen, side * 0.66, 0.56, 0.48, c.WHITE)
    if pen.chance(0.7):
        for side in (-1, 1):
            face(pen, side * 0.66 + 0.02, 0.62, 0.34)


def planet(pen: Pen) -> None:
    ball = pen.paint(c.PURPLE, c.CORAL, c.TEAL, c.PINK, c.AMBER, c.SKY)
    ring = c.mix(pen.accent(), c.WHITE, 0.2)
    tilt = pen.rng.choice((-18, 18, -24))
    with pen.at(turn=tilt):
        pen.stroke(paths.arc(0, 0.06, 1.2, 0.34, 180, 360), ring, 0.16, line=2)

    def bands() -> None:
        pen.flat(paths.moved(paths.box(-1, -0.56, 1, -0.34, 0.1), turn=tilt), c.mix(ball, c.WHITE, 0.35))
        pen.flat(paths.moved(paths.box(-1, 0.44, 0.5, 0.6, 0.08), turn=tilt), c.mix(ball, c.INK, 0.15))
        pen.flat(paths.ellipse(0.4, -0.5, 0.13), c.mix(ball, c.WHITE, 0.5))

    pen.shape(paths.ellipse(0, 0, 0.78), ball, inside=bands, gloss=True)
    with pen.at(turn=tilt):
        pen.stroke(paths.arc(0, 0.06, 1.2, 0.34, 0, 26), ring, 0.16, line=2)
        pen.stroke(paths.arc(0, 0.06, 1.2, 0.34, 154, 180), ring, 0.16, line=2)
        pen.stroke(paths.arc(0, 0.08, 1.2, 0.42, 26, 154), ring, 0.15, line=2)
    face(pen, 0, -0.1, 0.66)


def earth(pen: Pen) -> None:
    def land() -> None:
        pen.flat(
            paths.blob((-0.9, -0.5), (-0.3, -0.86), (-0.06, -0.44), (-0.4, -0.1), (-0.56, 0.2), (-0.96, 0.0)), c.GREEN
        )
        pen.flat(paths.blob((0.3, -0.3), (0.7, -0.6), (1.0, -0.1), (0.84, 0.5), (0.5, 0.4), (0.56, 0.0)), c.GREEN)
        pen.flat(paths.blob((-0.4, 0.6), (0.0, 0.5), (0.2, 0.9), (-0.2, 1.0)), c.GREEN)

    pen.shape(paths.ellipse(0, 0, 0.96), c.SKY, inside=land, gloss=True)
    face(pen, 0, 0.06, 0.8)


def rocket(pen: Pen) -> None:
    hull, trim = pen.paint(c.WHITE, c.SILVER, c.CREAM), pen.paint(c.CORAL, c.BLUE, c.TEAL, c.PINK)
    pen.shape(
        paths.blob((-0.26, 0.66), (0.26, 0.66), (0.3, 0.96), (0.1, 1.02), (0, 1.3), (-0.1, 1.02), (-0.3, 0.96)), c.AMBER
    )
    pen.flat(paths.drop(0, 1.14, 0.46, 0.26), c.BUTTER)
    for side in (-1, 1):
        pen.shape(paths.blob((side * 0.36, 0.1), (side * 0.8, 0.52), (side * 0.76, 0.86), (side * 0.36, 0.66)), trim)
    body = paths.twin((0, -1.16), (0.34, -0.78), (0.54, -0.1), (0.4, 0.68), (0, 0.74))
    pen.shape(body, hull, inside=lambda: pen.flat(paths.box(-1, -1.4, 1, -0.62), trim))
    pen.shape(paths.ellipse(0, -0.16, 0.33), c.mix(trim, c.INK, 0.15), shade=0.4)
    pen.shape(paths.ellipse(0, -0.16, 0.25), c.ICE, line=0.7, shade=0.5)
    face(pen, 0, 0.38, 0.42) if pen.chance(0.6) else pen.flat(paths.ellipse(-0.06, -0.22, 0.06), c.WHITE)


def ufo(pen: Pen) -> None:
    hull = pen.paint(c.LILAC, c.SILVER, c.TEAL, c.PINK)
    if pen.chance(0.6):
        pen.shape(paths.rounded([(-0.4, 0.3), (0.4, 0.3), (0.74, 1.14), (-0.74, 1.14)], 0.1), (255, 240, 160), shade=0)
    pen.shape(paths.ellipse(0, -0.3, 0.56, 0.62), c.ICE, shade=0.6)
    pen.shape(paths.ellipse(0, -0.14, 0.33, 0.38), c.LIME, line=0.8)
    for side in (-1, 1):
        pen.stroke(paths.poly((side * 0.12, -0.46), (side * 0.17, -0.64)), c.LIME, 0.06, line=0.8)
    face(pen, 0, -0.2, 0.44)
    pen.shape(paths.ellipse(0, 0.2, 1.12, 0.34), hull)
    for k, x in enumerate((-0.74, -0.38, 0.0, 0.38, 0.74)):
        pen.flat(paths.ellipse(x, 0.24 + 0.06 * (1 - abs(k - 2) / 2), 0.09), (c.BUTTER, c.CORAL, c.SKY)[k % 3])


def alien(pen: Pen) -> None:
    skin = pen.paint(c.LIME, c.MINT, c.AQUA, c.LILAC)
    for side in (-1, 1):
        pen.stroke(paths.curve([(side * 0.22, -0.8), (side * 0.3, -1.06), (side * 0.46, -1.12)]), skin, 0.08, line=1.6)
        pen.shape(paths.ellipse(side * 0.48, -1.12, 0.12), pen.look.fill(c.CORAL), shade=0.4)
    pen.shape(paths.twin((0, 0.1), (0.36, 0.34), (0.4, 0.9), (0, 1.0)), skin)
    pen.shape(paths.twin((0, -0.94), (0.68, -0.64), (0.8, -0.14), (0.42, 0.3), (0, 0.38)), skin)
    for side in (-1, 1):
        pen.flat(paths.ellipse(side * 0.36, -0.14, 0.2, 0.27, turn=side * 24), c.INK)
        pen.flat(paths.ellipse(side * 0.36 - 0.06, -0.26, 0.07), c.WHITE)
        pen.wash(paths.ellipse(side * 0.54, 0.14, 0.13, 0.08), c.BLUSH, 0.8)
        pen.shape(paths.ellipse(side * 0.36, 0.56, 0.1, 0.17, turn=side * 20), skin, shade=0.4)
    pen.stroke(paths.arc(0, 0.12, 0.12, 0.1, 20, 160), c.INK, 0.045)


def astronaut(pen: Pen) -> None:
    suit = pen.paint(c.WHITE, c.WHITE, c.ROSE)
    for side in (-1, 1):
        pen.shape(paths.ellipse(side * 0.24, 0.92, 0.2, 0.17), suit, shade=0.6)
        arm = paths.drop(side * 0.36, 0.28, 0.5, 0.3, turn=side * pen.rng.choice((140, 120, 60)))
        pen.shape(arm, suit, shade=0.6)
    pen.shape(paths.twin((0, 0.1), (0.42, 0.26), (0.46, 0.76), (0, 0.96)), suit)
    pen.shape(paths.box(-0.22, 0.44, 0.22, 0.74, 0.06), c.SILVER, line=0.8, shade=0.4)
    for x, hue in ((-0.1, c.CORAL), (0.1, c.SKY)):
        pen.flat(paths.ellipse(x, 0.54, 0.055), hue)
    pen.flat(paths.box(-0.14, 0.63, 0.14, 0.68, 0.02), c.MINT)
    pen.shape(paths.ellipse(0, -0.34, 0.78, 0.7), suit)
    pen.shape(paths.box(-0.6, -0.72, 0.6, 0.12, 0.4), (104, 122, 180), shade=0.6)
    pen.shape(paths.ellipse(0, -0.24, 0.46, 0.34), (255, 222, 190), line=0.7, shade=0.4)
    face(pen, 0, -0.22, 0.54)
    pen.stroke(paths.arc(-0.06, -0.3, 0.46, 0.34, 200, 240), c.WHITE, 0.07)


def lightning(pen: Pen) -> None:
    bolt = [(0.14, -1.1), (-0.62, 0.16), (-0.1, 0.16), (-0.36, 1.1), (0.64, -0.3), (0.1, -0.3), (0.56, -1.1)]
    pen.shape(paths.rounded(bolt, 0.1), pen.paint(c.YELLOW, c.AMBER))
    face(pen, 0.02, -0.06, 0.44, spread=0.36)


def snowman(pen: Pen) -> None:
    for side in (-1, 1):
        pen.stroke(paths.poly((side * 0.5, 0.3), (side * 0.96, 0.0)), c.BROWN, 0.08, line=1)
    pen.shape(paths.ellipse(0, 0.54, 0.64, 0.54), c.WHITE)
    pen.shape(paths.ellipse(0, -0.26, 0.5, 0.46), c.WHITE)
    for y in (0.4, 0.66):
        pen.flat(paths.ellipse(0, y, 0.06), c.INK)
    face(pen, 0, -0.28, 0.6, mouth="smile")
    pen.shape(paths.rounded([(-0.04, -0.22), (-0.04, -0.08), (0.3, -0.1)], 0.03), c.ORANGE, line=0.7, shade=0.3)
    with pen.at(0, -0.26, scale=0.7):
        WARDROBE["scarf"](pen, 0.7, 0.62)
        WARDROBE[pen.rng.choice(("santa hat", "headphones", "beret"))](pen, 0.68, 0.62)


def snowflake(pen: Pen) -> None:
    hue = pen.paint(c.SKY, c.BLUE, c.LILAC)
    for turn in range(0, 180, 60):
        pen.stroke(paths.moved(paths.poly((0, -1.0), (0, 1.0)), turn=turn), hue, 0.19, line=2)
    for turn in range(0, 360, 60):
        for y, reach in ((-0.52, 0.3),):
            vee = paths.poly((-reach, y - 0.26), (0, y), (reach, y - 0.26))
            pen.stroke(paths.moved(vee, turn=turn), hue, 0.15, line=1.6)
    for turn in range(0, 180, 60):
        pen.stroke(paths.moved(paths.poly((0, -0.96), (0, 0.96)), turn=turn), hue, 0.1)
    pen.shape(paths.ellipse(0, 0, 0.44), c.mix(hue, c.WHITE, 0.6), shade=0.5)
    face(pen, 0, 0, 0.48)


SKY: Final[Mapping[str, Callable[[Pen], None]]] = {
    "star": star,
    "shooting star": shooting_star,
    "moon": moon,
    "sun": sun,
    "cloud": cloud,
    "rainbow": rainbow,
    "planet": planet,
    "earth": earth,
    "rocket": rocket,
    "ufo": ufo,
    "alien": alien,
    "astronaut": astronaut,
    "lightning": lightning,
    "snowman": snowman,
    "snowflake": snowflake,
}
