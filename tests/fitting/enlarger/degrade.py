"""Makes of a piece of art what a service delivers of it: fewer pixels, softened, noisy and compressed.

The ranges are wider than what the real service was seen to do, so that the net meets no surprise.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from stickers.printing.artwork.enlarge import extend_colours

Bytes = npt.NDArray[np.uint8]

SCALE = 4
_KERNELS = {
    "area": Image.Resampling.BOX,
    "lanczos": Image.Resampling.LANCZOS,
    "bicubic": Image.Resampling.BICUBIC,
}


@dataclass(frozen=True, kw_only=True)
class Damage:
    """How a picture is delivered. `blur` is a sigma in delivered px, `noise` one in levels of 255."""

    kernel: Literal["area", "lanczos", "bicubic"] = "area"
    blur: float = 0.0
    noise: float = 0.0
    codec: Literal["png", "jpeg", "webp"] = "png"
    quality: int = 0
    full_chroma: bool = False


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A delivered picture and its truth: `small` HxWx3, `large` 4Hx4Wx3, `weight` 4Hx4W, all uint8.

    `weight` is 255 where the truth is known, and the art's alpha where only the art's colours are.
    """

    small: Bytes
    large: Bytes
    weight: Bytes


def draw_damage(rng: np.random.Generator) -> Damage:
    """A damage to learn from: half of them as the real service's, the others wider."""
    if rng.random() < 0.4:
        return Damage(
            blur=float(rng.uniform(0.3, 0.65)),
            noise=float(rng.uniform(0.4, 1.6)),
            codec="jpeg",
            quality=int(rng.integers(82, 96)),
        )
    codec = rng.choice(("png", "jpeg", "webp"), p=(0.2, 0.62, 0.18))
    blur = rng.choice((0.0, rng.uniform(0.2, 0.7), rng.uniform(0.7, 1.2)), p=(0.3, 0.4, 0.3))
    return Damage(
        kernel=rng.choice(("area", "lanczos", "bicubic")),
        blur=float(blur),
        noise=float(rng.choice((0.0, rng.uniform(0.3, 2.2)), p=(0.4, 0.6))),
        codec=codec,
        quality=int(rng.integers(65, 98)),
        full_chroma=bool(rng.random() < 0.35),
    )


def deliver(large: Bytes, damage: Damage, rng: np.random.Generator, *, wider: float = 1.0) -> Bytes:
    """`large` (uint8 4Hx4Wx3) as it is delivered: uint8 HxWx3, or `wider` times as wide and high."""
    height, width = (round(side * wider / SCALE) for side in large.shape[:2])
    small = np.asarray(Image.fromarray(large).resize((width, height), _KERNELS[damage.kernel]), np.float32)
    if damage.blur:
        small = cv2.GaussianBlur(small, (0, 0), damage.blur, borderType=cv2.BORDER_REPLICATE)
    if damage.noise:
        small = small + rng.normal(0, damage.noise, small.shape).astype(np.float32)
    small = np.clip(np.round(small), 0, 255).astype(np.uint8)
    if damage.codec == "png":
        return small
    buffer = io.BytesIO()
    if damage.codec == "jpeg":
        Image.fromarray(small).save(
            buffer, "JPEG", quality=damage.quality, subsampling="4:4:4" if damage.full_chroma else "4:2:0"
        )
    else:
        Image.fromarray(small).save(buffer, "WEBP", quality=damage.quality, method=3)
    with Image.open(buffer) as image:
        return np.asarray(image.convert("RGB"))


def on_ground(art: Bytes, rng: np.random.Generator) -> Bytes:
    """`art` (uint8 HxWx4) on a sheet: on white, on a colour, or with a white outline on a colour. uint8 HxWx3."""
    ground = np.full(3, 255.0)
    alpha = art[..., 3:].astype(np.float32) / 255
    share = rng.random()
    under = np.broadcast_to(ground, art[..., :3].shape)
    if share > 0.55:
        ground = rng.uniform(40, 255, 3)
        under = np.broadcast_to(ground, under.shape)
    if share > 0.75:
        reach = int(rng.uniform(4, 14) * SCALE)
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
        outline = cv2.GaussianBlur(cv2.dilate(art[..., 3], disc), (0, 0), 1.0)[..., None].astype(np.float32) / 255
        under = under * (1 - outline) + 255 * outline
    return np.round(art[..., :3] * alpha + under * (1 - alpha)).astype(np.uint8)


def cut_pair(art: Bytes, damage: Damage, rng: np.random.Generator) -> Pair:
    """The art as the cutter hands it on: colours extended under an edge that nobody knows exactly."""
    small = deliver(on_ground(art, rng), damage, rng)
    alpha = _matte(art[..., 3], rng)
    extended = extend_colours(np.dstack([small, alpha]))
    return Pair(small=extended.rgb, large=np.ascontiguousarray(art[..., :3]), weight=np.ascontiguousarray(art[..., 3]))


def sheet_pair(art: Bytes, damage: Damage, rng: np.random.Generator) -> Pair:
    """The art with its ground, as an opaque picture has it."""
    large = on_ground(art, rng)
    return Pair(small=deliver(large, damage, rng), large=large, weight=np.full(large.shape[:2], 255, np.uint8))


def _matte(alpha: Bytes, rng: np.random.Generator) -> Bytes:
    """The art's alpha in delivered px, as a cutter may find it: a little blurred, wide or narrow. uint8 HxW."""
    height, width = alpha.shape[0] // SCALE, alpha.shape[1] // SCALE
    small = np.asarray(Image.fromarray(alpha).resize((width, height), Image.Resampling.BOX), np.float32) / 255
    if rng.random() < 0.6:
        small = cv2.GaussianBlur(small, (0, 0), rng.uniform(0.3, 0.8), borderType=cv2.BORDER_CONSTANT)
    small = (small - 0.5) * rng.uniform(1, 2) + 0.5 + rng.uniform(-0.25, 0.1)
    small = np.clip(np.round(small * 255), 0, 255).astype(np.uint8)
    if not (small >= 64).any():
        small[:] = 255
    return small
