"""What a style does to a finished figure as a whole: watercolour bloom, pixels, foil, clay grain, print dots.

Art is float32 premultiplied RGBA, 0–255, of shape (h, w, 4); each finish returns the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from stickers.sandbox.artist.styles import Finish

Art = npt.NDArray[np.float32]


def finish(art: Art, kind: Finish, seed: int) -> Art:
    """The art with the finish laid over it."""
    return _FINISHES[kind](art, np.random.default_rng(seed))


def _cloud(chance: np.random.Generator, height: int, width: int, bump_px: float) -> Art:
    """Smooth noise in 0–1 with bumps of about `bump_px`."""
    shape = (max(3, round(height / bump_px)), max(3, round(width / bump_px)))
    small = chance.random(shape).astype(np.float32)
    field: Art = np.clip(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), 0, 1)
    return field


def _plain(art: Art, chance: np.random.Generator) -> Art:
    del chance
    return art


def _wash(art: Art, chance: np.random.Generator) -> Art:
    """Watercolour: pigment pooled at the edges and bleached in blooms, a little paper showing through."""
    height, width = art.shape[:2]
    alpha = art[..., 3:] / 255
    bleach = 0.5 * _cloud(chance, height, width, 26) ** 1.6 + 0.12 * _cloud(chance, height, width, 5)
    depth = cv2.blur(cv2.blur(art[..., 3], (15, 15)), (9, 9)) / 255
    pool = np.clip(1 - depth, 0, 0.5) * 0.5
    paint = art[..., :3]
    bleached = paint + (255 * alpha - paint) * (bleach * 0.62)[..., None]
    out: Art = np.dstack([bleached * (1 - pool)[..., None], art[..., 3]]).astype(np.float32)
    return out


def _pixel(art: Art, chance: np.random.Generator) -> Art:
    """Square pixels, hard edges."""
    del chance
    height, width = art.shape[:2]
    block = 4 if max(height, width) > 150 else 3
    padded = cv2.copyMakeBorder(art, 0, -height % block, 0, -width % block, cv2.BORDER_CONSTANT)
    cells = cv2.resize(padded, (padded.shape[1] // block, padded.shape[0] // block), interpolation=cv2.INTER_AREA)
    solid = cells[..., 3:] >= 120
    paint = np.where(solid, cells[..., :3] * 255 / np.maximum(cells[..., 3:], 1), 0)
    paint = np.round(paint / 20) * 20
    hard = np.dstack([np.clip(paint, 0, 255), np.where(solid, 255, 0)]).astype(np.float32)
    out: Art = hard.repeat(block, axis=0).repeat(block, axis=1)[:height, :width]
    return out


def _clay(art: Art, chance: np.random.Generator) -> Art:
    """Fingerprints: a faint unevenness of the light."""
    height, width = art.shape[:2]
    level = 0.98 + 0.04 * _cloud(chance, height, width, 16)
    out = art.copy()
    out[..., :3] = np.minimum(out[..., :3] * level[..., None], out[..., 3:])
    return out


def _foil(art: Art, chance: np.random.Generator) -> Art:
    """Holographic foil: bands of rainbow light across, strongest where the art is light."""
    height, width = art.shape[:2]
    across, down = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    phase = (across * 0.7 + down) / 120 + 0.5 * _cloud(chance, height, width, 60)
    hues = np.stack([0.5 + 0.5 * np.cos(2 * np.pi * (phase + shift)) for shift in (0.0, 0.34, 0.62)], axis=-1)
    alpha = art[..., 3:] / 255
    light = art[..., :3].max(axis=2, keepdims=True) / 255
    sheen = 255 * alpha * (0.55 + 0.45 * hues)
    paint = art[..., :3] + (sheen - art[..., :3]) * 0.42 * light
    glint = np.clip(np.cos(2 * np.pi * (across - down) / 190 + 2.0) - 0.86, 0, 1)[..., None] * 2.2
    paint = paint + (255 * alpha - paint) * glint * light
    out: Art = np.dstack([paint, art[..., 3]]).astype(np.float32)
    return out


def _grain(art: Art, chance: np.random.Generator) -> Art:
    """The worn ink of an old print."""
    height, width = art.shape[:2]
    speck = chance.random((height, width), dtype=np.float32)
    level = 1 - 0.1 * (speck > 0.8) - 0.05 * _cloud(chance, height, width, 14)
    out = art.copy()
    out[..., :3] = out[..., :3] * level[..., None] + (art[..., 3] * 0.1 * (speck < 0.06))[..., None]
    return np.clip(out, 0, 255)


def _stipple(art: Art, chance: np.random.Generator) -> Art:
    """An engraved plate: thin diagonal hatching in the darker half, tinted by hand."""
    height, width = art.shape[:2]
    across, down = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    hatch = np.sin((across + down) * 2 * np.pi / 5.2) > 0.45
    depth = cv2.blur(art[..., 3], (41, 41))
    lit = np.roll(depth, (14, 10), (0, 1)) - np.roll(depth, (-14, -10), (0, 1))
    shade = np.clip(lit / 255 * 1.3, 0, 1) * hatch
    level = 1 - 0.26 * shade - 0.08 * _cloud(chance, height, width, 12)
    out = art.copy()
    out[..., :3] *= level[..., None]
    return out


_FINISHES: Final[Mapping[Finish, Callable[[Art, np.random.Generator], Art]]] = {
    "plain": _plain,
    "wash": _wash,
    "pixel": _pixel,
    "clay": _clay,
    "foil": _foil,
    "grain": _grain,
    "stipple": _stipple,
}
