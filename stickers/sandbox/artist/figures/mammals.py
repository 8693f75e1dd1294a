"""The furry animals: cats, dogs, bears and their like, each a coat and a few markings on the common body plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from stickers.sandbox.artist import colours as c
from stickers.sandbox.artist import paths
from stickers.sandbox.artist.colours import Colour
from stickers.sandbox.artist.figures.furry import Coat, Species, animal
from stickers.sandbox.artist.pen import Pen

# Markings are drawn clipped to the head, the rest behind it or on top.


def _patch(pen: Pen, coat: Coat) -> None:
    side = pen.rng.choice((-1, 1))
    pen.flat(paths.ellipse(side * 0.42, -0.1, 0.32, 0.4, turn=side * 20), coat.mark)


def _stripes(pen: Pen, coat: Coat) -> None:
    for x, length in ((-0.2, 0.2), (0, 0.28), (0.2, 0.2)):
        pen.stroke(paths.poly((x, -0.66), (x * 0.85, -0.62 + length)), coat.mark, 0.085)
    for side in (-1, 1):
        for y in (0.02, 0.2):
            pen.stroke(paths.poly((side * 0.84, y), (side * 0.62, y + 0.03)), coat.mark, 0.075)


def _mask(pen: Pen, coat: Coat) -> None:
    for side in (-1, 1):
        pen.flat(
            paths.blob((side * 1.0, 0.0), (side * 0.5, 0.14), (side * 0.1, 0.26), (0, 0.7), (side * 0.9, 0.7)),
            coat.light,
        )


def _panda(pen: Pen, coat: Coat) -> None:
    for side in (-1, 1):
        pen.flat(paths.ellipse(side * 0.4, 0.07, 0.24, 0.28, turn=side * 28), c.mix(coat.mark, c.WHITE, 0.28))


def _bandit(pen: Pen, coat: Coat) -> None:
    for side in (-1, 1):
        pen.flat(paths.ellipse(side * 0.42, 0.08, 0.36, 0.22, turn=side * 16), coat.mark)
    pen.flat(paths.twin((0, -0.64), (0.1, -0.4), (0.07, 0.0), (0, 0.04)), coat.light)


def _cheeks(pen: Pen, coat: Coat) -> None:
    for side in (-1, 1):
        pen.flat(paths.ellipse(side * 0.52, 0.36, 0.4, 0.34), coat.light)


def _cow(pen: Pen, coat: Coat) -> None:
    pen.flat(paths.blob((0.1, -0.7), (0.16, -0.16), (0.5, 0.2), (0.9, 0.0), (0.8, -0.6)), coat.mark)


def _mane(pen: Pen, coat: Coat) -> None:
    pen.shape(paths.scallop(0, 0.02, 1.02, 0.9, 15, 0.1), coat.mark, shade=1)


def _wool(pen: Pen, coat: Coat) -> None:
    pen.shape(paths.scallop(0, -0.08, 0.98, 0.84, 12, 0.13), coat.light, shade=1)


def _fringe(pen: Pen, coat: Coat) -> None:
    pen.shape(paths.scallop(0, -0.5, 0.46, 0.24, 8, 0.2), coat.light, shade=0.7)


def _horns(pen: Pen, coat: Coat) -> None:  # noqa: ARG001  one signature for all crests
    for side in (-1, 1):
        pen.shape(
            paths.blob((side * 0.32, -0.5), (side * 0.4, -0.78), (side * 0.54, -0.8), (side * 0.56, -0.46)),
            c.VANILLA,
            shade=0.6,
        )


def _antlers(pen: Pen, coat: Coat) -> None:  # noqa: ARG001  one signature for all crests
    for side in (-1, 1):
        pen.stroke(paths.curve([(side * 0.26, -0.5), (side * 0.36, -0.8), (side * 0.6, -1.02)]), c.BROWN, 0.1, line=1.6)
        pen.stroke(paths.curve([(side * 0.36, -0.8), (side * 0.2, -0.98)]), c.BROWN, 0.09, line=1.6)
        pen.stroke(paths.curve([(side * 0.36, -0.8), (side * 0.42, -0.86)]), c.BROWN, 0.05)


def _unicorn(pen: Pen, coat: Coat) -> None:  # noqa: ARG001  one signature for all crests
    hues = [c.PINK, c.LILAC, c.SKY, c.MINT]
    pen.rng.shuffle(hues)
    for k, (x, y) in enumerate(((-0.5, -0.5), (-0.7, -0.2), (-0.76, 0.14), (-0.66, 0.44))):
        pen.shape(paths.ellipse(x, y, 0.26, 0.22, turn=-30), hues[k], shade=0.6)
    horn = paths.rounded([(-0.13, -0.52), (0.13, -0.52), (0.02, -1.12)], 0.05)

    def rings() -> None:
        for y in (-0.62, -0.78, -0.94):
            pen.ink(paths.poly((-0.16, y + 0.05), (0.16, y - 0.05)), c.AMBER, 0.8)

    pen.shape(horn, c.BUTTER, inside=rings)
    pen.shape(paths.blob((-0.34, -0.6), (0.05, -0.66), (0.2, -0.36), (-0.06, -0.34), (-0.3, -0.4)), hues[0], shade=0.6)


def _coat(fur: Colour, light: Colour, inner: Colour = c.ROSE, mark: Colour | None = None) -> Coat:
    return Coat(fur, light, inner, mark or fur)


_DARK: Final = (84, 76, 96)

SPECIES: Final[Mapping[str, Species]] = {
    "cat": Species(
        (
            _coat((255, 190, 110), c.CREAM, mark=(232, 146, 66)),
            _coat(c.GREY, c.WHITE, mark=(132, 134, 150)),
            _coat(c.CREAM, c.WHITE, mark=(236, 176, 110)),
            _coat((100, 92, 112), c.SILVER, mark=(78, 70, 90)),
            _coat((250, 226, 200), c.WHITE, mark=(150, 112, 92)),
        ),
        "pointed",
        "none",
        (246, 124, 140),
        "thin",
        _stripes,
        whiskers=True,
    ),
    "calico": Species(
        (_coat(c.WHITE, c.CREAM, mark=(246, 168, 92)), _coat(c.CREAM, c.WHITE, mark=(110, 92, 96))),
        "pointed",
        "none",
        (246, 124, 140),
        "thin",
        _patch,
        whiskers=True,
    ),
    "dog": Species(
        (
            _coat((246, 214, 166), c.WHITE, mark=(190, 130, 78)),
            _coat(c.WHITE, c.CREAM, mark=(150, 104, 76)),
            _coat((206, 152, 98), c.CREAM, mark=(142, 92, 60)),
        ),
        "floppy",
        "small",
        c.INK,
        "thin",
        _patch,
    ),
    "shiba": Species(
        (_coat((246, 178, 102), c.CREAM), _coat((120, 100, 96), c.CREAM)), "pointed", "small", c.INK, "curl", _mask
    ),
    "bear": Species(
        (
            _coat((200, 146, 98), c.VANILLA, c.PEACH),
            _coat((240, 214, 178), c.WHITE, c.PEACH),
            _coat((152, 110, 86), c.SAND, c.PEACH),
        ),
        "round",
        "small",
        c.INK,
        "puff",
    ),
    "polar bear": Species((_coat((246, 248, 252), c.WHITE, c.ICE),), "round", "small", c.INK, "puff"),
    "bunny": Species(
        (
            _coat(c.WHITE, c.WHITE),
            _coat((246, 222, 206), c.WHITE),
            _coat((214, 196, 188), c.WHITE),
            _coat((255, 214, 222), c.WHITE, c.PINK),
        ),
        "long",
        "none",
        (246, 124, 140),
        "puff",
        head=(0.72, 0.58),
    ),
    "fox": Species(
        (_coat((246, 142, 72), c.CREAM, c.COCOA), _coat((238, 240, 246), c.WHITE, c.SLATE)),
        "pointed",
        "none",
        c.INK,
        "bushy",
        _mask,
    ),
    "panda": Species((_coat(c.WHITE, c.WHITE, (60, 54, 70), _DARK),), "round", "none", c.INK, "puff", _panda),
    "red panda": Species(
        (_coat((212, 104, 62), c.CREAM, c.CREAM, (160, 70, 50)),), "pointed", "small", c.INK, "bushy", _cheeks
    ),
    "koala": Species(
        (_coat((178, 182, 198), c.SILVER, c.ROSE),), "huge", "none", (70, 62, 78), "none", _cheeks, head=(0.7, 0.58)
    ),
    "mouse": Species(
        (_coat((196, 190, 200), c.WHITE), _coat((240, 226, 214), c.WHITE)),
        "huge",
        "none",
        (246, 124, 140),
        "thin",
        head=(0.66, 0.54),
    ),
    "pig": Species(
        (_coat((255, 192, 202), (255, 214, 220), (250, 150, 168)),), "folded", "snout", (252, 156, 174), "curl"
    ),
    "lion": Species(
        (_coat((252, 206, 120), c.CREAM, c.PEACH, (216, 132, 66)),),
        "round",
        "small",
        (150, 84, 60),
        "thin",
        behind=_mane,
        head=(0.7, 0.58),
    ),
    "tiger": Species(
        (_coat((252, 176, 84), c.CREAM, c.PEACH, (92, 62, 58)),), "round", "small", (230, 110, 120), "thin", _stripes
    ),
    "sheep": Species(
        (_coat((250, 224, 202), (255, 252, 246)), _coat((104, 92, 100), c.WHITE)),
        "side",
        "none",
        (230, 130, 140),
        "puff",
        behind=_wool,
        crest=_fringe,
        head=(0.64, 0.54),
    ),
    "cow": Species(
        (_coat(c.WHITE, (255, 206, 200), mark=(96, 82, 88)), _coat(c.CREAM, (255, 206, 200), mark=(176, 120, 82))),
        "side",
        "wide",
        (222, 120, 130),
        "thin",
        _cow,
        crest=_horns,
    ),
    "raccoon": Species(
        (_coat((176, 176, 190), c.WHITE, c.SILVER, (86, 82, 98)),), "round", "small", c.INK, "bushy", _bandit
    ),
    "hamster": Species(
        (_coat((248, 192, 118), c.WHITE), _coat((222, 206, 194), c.WHITE)),
        "tiny",
        "none",
        (246, 124, 140),
        "puff",
        _cheeks,
        head=(0.82, 0.62),
    ),
    "deer": Species((_coat((212, 158, 104), c.CREAM),), "side", "small", c.INK, "puff", crest=_antlers),
    "unicorn": Species(
        (_coat((255, 250, 255), c.WHITE), _coat((248, 232, 255), c.WHITE)),
        "pointed",
        "none",
        (246, 160, 190),
        "none",
        crest=_unicorn,
        head=(0.72, 0.6),
    ),
}

MAMMALS: Final[Mapping[str, Callable[[Pen], None]]] = {
    name: partial(animal, species) for name, species in SPECIES.items()
}
