"""What lies behind the stickers: white, pastel, saturated, gradient or paper grounds, as the real model paints them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from stickers.sandbox.artist import colours as c
from stickers.sandbox.artist.colours import Colour
from stickers.sandbox.artist.styles import Ground, Look

Picture = npt.NDArray[np.uint8]
_Field = npt.NDArray[np.float32]

_PASTELS: Final = (
    (255, 236, 240), (232, 244, 255), (236, 250, 240), (255, 246, 226), (243, 236, 255), (255, 238, 226),
    (226, 246, 246), (250, 240, 232),
)  # fmt: skip
_SATURATED: Final = (
    (255, 158, 180), (120, 196, 236), (250, 196, 92), (134, 206, 170), (176, 150, 230), (244, 140, 120),
    (96, 160, 214), (240, 170, 200),
)  # fmt: skip
_DARK: Final = ((34, 30, 58), (28, 38, 64), (44, 30, 60), (30, 44, 52), (40, 36, 44))


def paint(look: Look, rng: random.Random, width: int, height: int) -> tuple[str, Picture]:
    """A ground's name and its picture, uint8 RGB of shape (height, width, 3)."""
    names = sorted(look.grounds)
    name = rng.choices(names, weights=[look.grounds[each] for each in names])[0]
    field = _GROUNDS[name](look, rng, width, height)
    if rng.random() < 0.2 and name != "white":
        field = field * _vignette(width, height, rng.uniform(0.03, 0.09))[..., None]
    return name, np.clip(field + 0.5, 0, 255).astype(np.uint8)


def _plain(colour: Colour, width: int, height: int) -> _Field:
    field: _Field = np.empty((height, width, 3), np.float32)
    field[:] = colour
    return field


def _noise(rng: random.Random, width: int, height: int, cells: int) -> _Field:
    """Smooth noise with about `cells` bumps along the longer side, mean 0, within ±1."""
    seed = np.random.default_rng(rng.randrange(2**32))
    scale = cells / max(width, height)
    small = seed.uniform(-1, 1, (max(2, round(height * scale)), max(2, round(width * scale)))).astype(np.float32)
    field: _Field = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    return field


def _vignette(width: int, height: int, depth: float) -> _Field:
    across = np.linspace(-1, 1, width, dtype=np.float32)[None]
    down = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    field: _Field = (1 - depth * np.clip((across**2 + down**2) / 2, 0, 1) ** 1.5).astype(np.float32)
    return field


def _hue(look: Look, rng: random.Random, stock: tuple[Colour, ...], pale: float) -> Colour:
    """A colour from the style, from the prompt's own colours or from the stock."""
    if look.ground_colours:
        return rng.choice(look.ground_colours)
    if look.wanted and rng.random() < 0.7:
        return c.mix(rng.choice(look.wanted), c.WHITE, pale)
    return rng.choice(stock)


def _white(look: Look, rng: random.Random, width: int, height: int) -> _Field:
    del look
    tone = rng.choice((255, 255, 253, 250))
    return _plain((tone, tone, tone), width, height)


def _pastel(look: Look, rng: random.Random, width: int, height: int) -> _Field:
    return _plain(_hue(look, rng, _PASTELS, 0.72), width, height)


def _saturated(look: Look, rng: random.Random, width: int, height: int) -> _Field:
    return _plain(_hue(look, rng, _SATURATED, 0.15), width, height)


def _gradient(look: Look, rng: random.Random, width: int, height: int) -> _Field:
    stock = _PASTELS + tuple(c.mix(colour, c.WHITE, 0.35) for colour in _SATURATED)
    first, second = rng.sample(look.ground_colours or stock, 2)
    if look.wanted:
        first = c.mix(rng.choice(look.wanted), c.WHITE, 0.4)
        second = c.mix(rng.choice(look.wanted), c.WHITE, 0.8)
    angle = rng.uniform(0, 2 * np.pi)
    across = np.linspace(-0.5, 0.5, width, dtype=np.float32)[None] * np.float32(np.cos(angle))
    down = np.linspace(-0.5, 0.5, height, dtype=np.float32)[:, None] * np.float32(np.sin(angle))
    share = np.clip((across + down) / (abs(np.cos(angle)) + abs(np.sin(angle))) + 0.5, 0, 1)[..., None]
    if rng.random() < 0.3:
        share = _vignette(width, height, 1.0)[..., None]
    start, end = np.array(first, np.float32), np.array(second, np.float32)
    field: _Field = (start + (end - start) * share).astype(np.float32)
    return field


def _paper(look: Look, rng: random.Random, width: int, height: int) -> _Field:
    stock = ((250, 245, 234), (244, 238, 226), (246, 246, 242), (238, 228, 210))
    field = _plain(_hue(look, rng, stock, 0.8), width, height)
    grain = np.random.default_rng(rng.randrange(2**32)).integers(-7, 8, (height // 2 + 1, width // 2 + 1))
    fine = cv2.resize(grain.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    cloud = 2.5 * _noise(rng, width, height, 7) + 1.5 * _noise(rng, width, height, 60)
    paper: _Field = field + (fine * 0.5 + cloud)[..., None]
    return paper


def _dark(look: Look, rng: random.Random, width: int, height: int) -> _Field:
    del look
    return _plain(rng.choice(_DARK), width, height)


def _rays(look: Look, rng: random.Random, width: int, height: int) -> _Field:
    """Sun rays, faint enough to stay one ground."""
    base = _hue(look, rng, _SATURATED, 0.2)
    x, y = rng.uniform(0.2, 0.8) * width, rng.uniform(0.3, 1.1) * height
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32) - x, np.arange(height, dtype=np.float32) - y)
    beams = np.tanh(4 * np.sin(np.arctan2(rows, columns) * rng.choice((9, 12, 15)))) * 5
    field: _Field = _plain(base, width, height) + beams[..., None].astype(np.float32)
    return field


def _iridescent(look: Look, rng: random.Random, width: int, height: int) -> _Field:
    """The soft shift of hues on holographic paper."""
    del look
    phase = 0.2 * _noise(rng, width, height, 2)
    phase = phase + np.linspace(0, rng.uniform(0.3, 0.5), width, dtype=np.float32)[None]
    waves = [224 + 22 * np.cos(2 * np.pi * (phase + shift)) for shift in (0.0, 0.34, 0.62)]
    field: _Field = np.stack(waves, axis=-1).astype(np.float32)
    return field


_GROUNDS: Final[Mapping[Ground, Callable[[Look, random.Random, int, int], _Field]]] = {
    "white": _white,
    "pastel": _pastel,
    "saturated": _saturated,
    "gradient": _gradient,
    "paper": _paper,
    "dark": _dark,
    "rays": _rays,
    "iridescent": _iridescent,
}
