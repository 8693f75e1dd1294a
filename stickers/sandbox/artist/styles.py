"""How a sheet looks: the prompt's style and colour words, turned into one frozen `Look`.

A style word ("watercolour", "pixel art", "retro") chooses the look; colour words ("pink", "pastel", "earthy")
then change its paints. Figures ask the look for every colour, so one figure serves all styles.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from stickers.sandbox.artist import colours as c
from stickers.sandbox.artist.colours import Colour

Line = Literal["tint", "ink", "none", "glow"]
Shading = Literal["flat", "soft", "none"]
Finish = Literal["plain", "wash", "pixel", "clay", "foil", "grain", "stipple"]
Ground = Literal["white", "pastel", "saturated", "gradient", "paper", "dark", "rays", "iridescent"]

_ALL_GROUNDS: Final[Mapping[Ground, int]] = {
    "white": 30,
    "pastel": 28,
    "saturated": 12,
    "gradient": 16,
    "paper": 14,
}
_SWEET: Final = (c.PINK, c.SKY, c.BUTTER, c.MINT, c.LILAC, c.CORAL)


@dataclass(frozen=True, kw_only=True)
class Look:
    """Everything about a style that a pen, an outline or a background needs to know.

    `palette` and `pull`: every colour moves towards the nearest one of the palette by that share (0–1).
    `wanted`: colours that the prompt names; figures of free choice take them. `line_scale` multiplies the
    width of inner lines.
    """

    name: str = "kawaii"
    palette: tuple[Colour, ...] = ()
    pull: float = 0.0
    saturation: float = 1.0
    light: float = 0.0
    accents: tuple[Colour, ...] = _SWEET
    wanted: tuple[Colour, ...] = ()
    line: Line = "tint"
    line_colour: Colour = c.INK
    line_scale: float = 1.0
    shading: Shading = "flat"
    finish: Finish = "plain"
    grounds: Mapping[Ground, int] = field(default_factory=lambda: _ALL_GROUNDS)
    ground_colours: tuple[Colour, ...] = ()
    upright: bool = False

    def fill(self, colour: Colour) -> Colour:
        """The paint that this look uses where a figure asks for `colour`."""
        if colour == c.INK:  # eyes and mouths stay dark in every style
            return self.line_colour
        if self.palette:
            colour = c.mix(colour, c.nearest(colour, self.palette), self.pull)
        if self.saturation != 1.0 or self.light:
            colour = c.adjusted(colour, saturation=self.saturation, light=self.light)
        return colour

    def outline(self, fill: Colour) -> Colour:
        """The colour of the inner line around something painted with `fill` (already this look's paint)."""
        if self.line == "ink":
            return self.line_colour
        if self.line == "glow":
            return c.mix(c.adjusted(fill, saturation=1.6), c.WHITE, 0.25)
        return c.outline_of(fill)


_RETRO: Final = (
    (232, 172, 62), (214, 104, 52), (168, 66, 44), (92, 58, 44), (250, 232, 196), (76, 132, 122), (134, 138, 74),
    (240, 188, 150), (226, 134, 110),
)  # fmt: skip
_BOTANICAL: Final = (
    (94, 124, 86), (146, 164, 118), (58, 88, 72), (196, 140, 116), (222, 184, 160), (238, 226, 200),
    (170, 96, 84), (206, 178, 112), (120, 88, 68), (152, 132, 152),
)  # fmt: skip
_NEON: Final = (
    (255, 60, 172), (40, 230, 250), (190, 255, 60), (255, 236, 70), (160, 90, 255), (255, 120, 50), (58, 48, 110),
    (250, 245, 255),
)  # fmt: skip
_EARTH: Final = (
    (176, 112, 76), (212, 168, 120), (238, 220, 190), (120, 130, 84), (84, 98, 76), (150, 80, 60), (98, 70, 56),
    (204, 150, 100),
)  # fmt: skip
_PIXEL: Final = (
    (255, 255, 255), (255, 204, 170), (255, 119, 168), (255, 0, 77), (255, 163, 0), (255, 236, 39), (0, 228, 54),
    (0, 135, 81), (41, 173, 255), (29, 43, 83), (131, 118, 156), (171, 82, 54), (126, 37, 83), (194, 195, 199),
    (95, 87, 79), (255, 241, 232),
)  # fmt: skip

KAWAII: Final = Look()
WATERCOLOUR: Final = Look(
    name="watercolour",
    saturation=0.95,
    light=0.06,
    line_scale=0.5,
    shading="none",
    finish="wash",
    grounds={"paper": 60, "white": 30, "pastel": 10},
    ground_colours=((250, 246, 238), (246, 244, 240), (244, 246, 246)),
)
RETRO: Final = Look(
    name="retro",
    palette=_RETRO,
    pull=0.8,
    accents=_RETRO[:3] + _RETRO[5:7],
    line="ink",
    line_colour=(74, 44, 36),
    line_scale=1.35,
    finish="grain",
    grounds={"rays": 40, "saturated": 25, "paper": 20, "gradient": 15},
    ground_colours=((228, 160, 70), (240, 214, 164), (206, 106, 66), (98, 146, 136), (236, 196, 124)),
)
LINE_ART: Final = Look(
    name="line art",
    saturation=0.35,
    light=0.78,
    line="ink",
    line_colour=(38, 34, 44),
    line_scale=1.15,
    shading="none",
    grounds={"pastel": 55, "paper": 20, "gradient": 10, "saturated": 15},
)
PIXEL: Final = Look(
    name="pixel",
    palette=_PIXEL,
    pull=0.85,
    accents=(_PIXEL[2], _PIXEL[8], _PIXEL[5], _PIXEL[6], _PIXEL[4]),
    line="ink",
    line_colour=(42, 30, 58),
    line_scale=1.3,
    finish="pixel",
    grounds={"pastel": 40, "saturated": 30, "white": 15, "dark": 15},
    upright=True,
)
CLAY: Final = Look(
    name="clay",
    saturation=0.92,
    light=0.08,
    line="none",
    shading="soft",
    finish="clay",
    grounds={"pastel": 60, "gradient": 30, "white": 10},
)
BOTANICAL: Final = Look(
    name="botanical",
    palette=_BOTANICAL,
    pull=0.72,
    accents=(_BOTANICAL[0], _BOTANICAL[3], _BOTANICAL[6], _BOTANICAL[7], _BOTANICAL[9]),
    line="ink",
    line_colour=(70, 62, 54),
    line_scale=0.62,
    finish="stipple",
    grounds={"paper": 80, "pastel": 20},
    ground_colours=((240, 232, 214), (232, 228, 208), (226, 230, 214), (236, 224, 208)),
)
FOIL: Final = Look(
    name="holographic",
    saturation=1.1,
    light=0.1,
    accents=(c.PINK, c.LILAC, c.AQUA, c.SKY, c.BUTTER),
    line_colour=(70, 60, 130),
    line="ink",
    finish="foil",
    grounds={"iridescent": 55, "dark": 25, "gradient": 20},
)
NEON: Final = Look(
    name="neon",
    palette=_NEON,
    pull=0.72,
    saturation=1.3,
    accents=_NEON[:6],
    line="ink",
    line_colour=(34, 22, 66),
    grounds={"dark": 80, "saturated": 20},
)

_STYLES: Final[tuple[tuple[str, Look], ...]] = (
    (r"pixel|8[- ]?bit|16[- ]?bit|sprites?", PIXEL),
    (r"water ?colou?rs?|aquarelle|gouache", WATERCOLOUR),
    (r"holographic|iridescent|hologram|foil|opal", FOIL),
    (r"neon|cyberpunk|synthwave|vaporwave|glow(?:ing)?", NEON),
    (r"botanical|herbarium|cottagecore|vintage illustration", BOTANICAL),
    (r"retro|70s|1970s|seventies|groovy|vintage|60s|hippie", RETRO),
    (r"line ?art|line drawings?|outlines? only|monoline|doodles?|sketch|ink drawing|black and white|minimal\w*",
     LINE_ART),
    (r"clay|plasticine|3d|felt|plush", CLAY),
    (r"kawaii|chibi", KAWAII),  # last, as many prompts of other styles say it, too
)  # fmt: skip

_COLOUR_WORDS: Final[Mapping[str, tuple[Colour, ...]]] = {
    "pink": (c.PINK, c.ROSE, c.BLUSH, c.MAGENTA),
    "rose": (c.ROSE, c.BLUSH),
    "red": (c.RED, c.CORAL, c.CRIMSON),
    "orange": (c.ORANGE, c.AMBER, c.PEACH),
    "peach": (c.PEACH, c.CORAL),
    "yellow": (c.YELLOW, c.BUTTER, c.VANILLA),
    "golden": (c.YELLOW, c.AMBER),
    "gold": (c.YELLOW, c.AMBER),
    "green": (c.GREEN, c.MINT, c.LIME, c.LEAF),
    "mint": (c.MINT, c.AQUA),
    "teal": (c.TEAL, c.AQUA),
    "turquoise": (c.TEAL, c.AQUA),
    "blue": (c.BLUE, c.SKY, c.ICE, c.INDIGO),
    "purple": (c.PURPLE, c.LILAC, c.INDIGO),
    "violet": (c.PURPLE, c.LILAC),
    "lavender": (c.LILAC, c.PURPLE),
    "lilac": (c.LILAC,),
    "brown": (c.BROWN, c.CARAMEL, c.TAN),
    "white": (c.WHITE, c.CREAM, c.SILVER),
    "black": (c.SLATE, (84, 80, 98)),
    "grey": (c.GREY, c.SILVER, c.SLATE),
    "gray": (c.GREY, c.SILVER, c.SLATE),
    "rainbow": (c.RED, c.ORANGE, c.YELLOW, c.GREEN, c.BLUE, c.PURPLE),
    "colorful": (c.RED, c.ORANGE, c.YELLOW, c.GREEN, c.BLUE, c.PINK),
}


_GROUND_WORDS: Final[Mapping[str, Ground]] = {
    "white": "white",
    "plain": "white",
    "dark": "dark",
    "black": "dark",
    "pastel": "pastel",
    "gradient": "gradient",
    "paper": "paper",
}
# "white die-cut border", "dark outlines", "white fill" speak of the technique and tint nothing
_TECHNIQUE: Final = re.compile(
    r"\b\w+ (?:die[- ]?cut |pixel |brown |clean )?(?:borders?|outlines?|outlined|backgrounds?|fill|contours?|edges?)\b"
)


def look_for(prompt: str) -> Look:
    """The look that the prompt's style and colour words ask for; plain kawaii when it names none."""
    text = re.sub(r"sticker ?sheets?,? *", "", prompt.lower())
    style = next((match for words, _ in _STYLES if (match := re.search(rf"\b(?:{words})\b", text))), None)
    look = next((look for words, look in _STYLES if re.search(rf"\b(?:{words})\b", text)), KAWAII)
    ground = re.search(r"\b(\w+)(?: coloured| colored)? backgrounds?\b", text)
    look = _tinted(look, _own_words(_TECHNIQUE.sub(" ", text), style.group() if style else ""))
    if ground and ground[1] in _GROUND_WORDS:
        look = replace(look, grounds={_GROUND_WORDS[ground[1]]: 1})
    return look


def _own_words(text: str, style: str) -> set[str]:
    """The words in which to look for colours: what is said before the style's own clause, if that comes later.

    A style's phrase names colours, too ("retro 1970s, mustard, burnt orange"), which the look knows better.
    """
    comma = text.rfind(",", 0, text.find(style)) if style else -1
    return set(re.findall(r"[a-z]+", text if comma < 0 else text[:comma]))


def _tinted(look: Look, words: set[str]) -> Look:
    wanted = tuple(colour for word, paints in _COLOUR_WORDS.items() if word in words for colour in paints)
    if wanted:
        look = replace(look, wanted=wanted, accents=wanted + look.accents[:1])
    if words & {"pastel", "pastels"}:
        look = replace(look, saturation=look.saturation * 0.8, light=look.light + 0.34, grounds={"pastel": 1})
    if words & {"earthy", "earth", "boho", "rustic", "autumn", "fall", "terracotta"} and not look.palette:
        look = replace(look, palette=_EARTH, pull=0.6, accents=_EARTH[:4], grounds={"paper": 3, "pastel": 1})
    if words & {"dark", "gothic", "goth", "spooky", "night", "midnight"} and look.name != "holographic":
        look = replace(look, grounds={"dark": 1})
    if words & {"monochrome", "monochromatic", "greyscale", "grayscale"}:
        look = replace(look, saturation=0.0)
    return look
