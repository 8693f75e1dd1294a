"""Everything that the artist can draw, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from stickers.sandbox.artist.figures.critters import CRITTERS
from stickers.sandbox.artist.figures.fruit import FRUIT
from stickers.sandbox.artist.figures.mammals import MAMMALS
from stickers.sandbox.artist.figures.meals import MEALS
from stickers.sandbox.artist.figures.ocean import OCEAN
from stickers.sandbox.artist.figures.plants import PLANTS
from stickers.sandbox.artist.figures.sky import SKY
from stickers.sandbox.artist.figures.sweets import SWEETS
from stickers.sandbox.artist.figures.things import THINGS
from stickers.sandbox.artist.pen import Pen

FIGURES: Final[Mapping[str, Callable[[Pen], None]]] = {
    **MAMMALS,
    **CRITTERS,
    **OCEAN,
    **SWEETS,
    **MEALS,
    **FRUIT,
    **PLANTS,
    **SKY,
    **THINGS,
}
