"""A sticker drawn at any resolution, turn and place: colours enlarged without an edge, then cut by the vector line.

The alpha is never enlarged: the art's edge is redrawn from its outline's field, the sticker's edge from its cut
line, both at the resolution of the print. So nothing is blurred there and no foreign colour can bleed in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt
import shapely
from PIL import Image
from shapely import Polygon

from stickers.printing.artwork.die_cut import DieCut
from stickers.printing.geometry.curves import turn
from stickers.printing.geometry.silhouette import Plane, Window, coverage

Bytes = npt.NDArray[np.uint8]

_FINER: Final = 4  # sub-pixels per side from which the cut line's coverage of a pixel is counted
_EDGE_PX: Final = 2
_CHORD_PX: Final = 0.03
_MOST_PX: Final = 80_000_000


@dataclass(frozen=True, eq=False)
class Patch:
    """`pixels`, HxWx4 uint8 straight alpha, of which the top left one is (left_px, top_px) on its page."""

    pixels: Bytes
    left_px: int
    top_px: int

    def paste(self, canvas: Bytes) -> None:
        """Lay it on `canvas` (HxWx4 uint8) in place; whoever covers more of a pixel has it, as bleeds may meet."""
        height, width = canvas.shape[:2]
        rows = slice(max(self.top_px, 0), max(min(self.top_px + self.pixels.shape[0], height), 0))
        columns = slice(max(self.left_px, 0), max(min(self.left_px + self.pixels.shape[1], width), 0))
        seen = self.pixels[
            rows.start - self.top_px : rows.stop - self.top_px,
            columns.start - self.left_px : columns.stop - self.left_px,
        ]
        under = canvas[rows, columns]
        np.copyto(under, seen, where=(seen[..., 3] > under[..., 3])[..., None])


def draw(
    sticker: DieCut,
    px_per_mm: float,
    *,
    x_mm: float = 0.0,
    y_mm: float = 0.0,
    rotation_deg: float = 0.0,
    bleed_mm: float = 0.0,
) -> Patch:
    """`sticker` with its (0, 0) at (x_mm, y_mm), turned clockwise; everything within its cut line and `bleed_mm`
    around it is opaque, art and border alike.

    The bleed has the border's colour, or without a border the art's own, carried outward. Raises ValueError when
    the patch would have more than 80 million pixels.
    """
    placed = sticker.path.moved(rotation_deg=rotation_deg, x_mm=x_mm, y_mm=y_mm).polygon(_CHORD_PX / px_per_mm)
    if bleed_mm:
        placed = shapely.buffer(placed, bleed_mm, quad_segs=16)
    left, top, right, bottom = (side * px_per_mm for side in placed.bounds)
    left_px, top_px = math.floor(left) - _EDGE_PX, math.floor(top) - _EDGE_PX
    width, height = math.ceil(right) + _EDGE_PX - left_px, math.ceil(bottom) + _EDGE_PX - top_px
    if width * height > _MOST_PX:
        raise ValueError(f"A patch of {width} x {height} pixels is too large to draw.")
    corner, size = (left_px, top_px), (width, height)
    within = _covered(placed, px_per_mm, corner, size)
    view = _View.of(sticker, px_per_mm, at_mm=(x_mm, y_mm), rotation_deg=rotation_deg, corner_px=corner, size=size)
    colour = view.seen(Image.fromarray(sticker.art.rgb), Image.Resampling.LANCZOS)
    covered = _art_coverage(sticker, view)
    pixels = np.empty((height, width, 4), np.uint8)
    if sticker.border_mm:
        opaque = covered == 1
        border = np.array(sticker.border_rgb, np.float32)
        pixels[..., :3] = sticker.border_rgb
        pixels[opaque, :3] = colour[opaque]
        rim = (covered > 0) & ~opaque
        pixels[rim, :3] = np.round((colour[rim] - border) * covered[rim, None] + border)
        pixels[..., 3] = within
    else:
        pixels[..., :3] = colour
        opacity = sticker.art.opacity
        pixels[..., 3] = within if opacity is None else np.round(within * _seen_opacity(opacity, view))
    # pure black under alpha 0 is what lost colours look like: checks of shops refuse it
    pixels[(pixels[..., 3] == 0) & ~pixels[..., :3].any(axis=2)] = (1, 1, 1, 0)
    return Patch(pixels, left_px, top_px)


def _art_coverage(sticker: DieCut, view: _View) -> Plane:
    """How much of each pixel the art itself covers: HxW float32, 0 to 1."""
    covered = coverage(view.seen(Image.fromarray(sticker.field), Image.Resampling.BICUBIC), view.scale)
    if sticker.art.opacity is not None:
        covered *= _seen_opacity(sticker.art.opacity, view)
    return covered


def _seen_opacity(opacity: Bytes, view: _View) -> Plane:
    seen: Plane = view.seen(Image.fromarray(opacity), Image.Resampling.LANCZOS).astype(np.float32) / np.float32(255)
    return seen


def _covered(shape: Polygon, px_per_mm: float, corner_px: tuple[int, int], size: tuple[int, int]) -> Bytes:
    """How much of each pixel lies within `shape` (mm): HxW uint8."""
    width, height = size
    fine = np.zeros((height * _FINER, width * _FINER), np.uint8)
    rings = [
        # the centre of fine pixel 0 is at half of it
        np.round(((shapely.get_coordinates(ring) * px_per_mm - corner_px) * _FINER - 0.5) * 256).astype(np.int32)
        for ring in (shape.exterior, *shape.interiors)
    ]
    cv2.fillPoly(fine, rings, 255, shift=8)
    return np.asarray(cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


@dataclass(frozen=True)
class _View:
    """A grid of output pixels over the source. Quarter turns are looked at upright and turned afterwards, which is
    quicker and sharper than a general turn."""

    window: Window
    size: tuple[int, int]  # of the grid as it is looked at
    quarters: int
    skew: tuple[float, ...] | None  # of a general turn: the affine map of Pillow's transform
    scale: float

    @classmethod
    def of(
        cls,
        sticker: DieCut,
        px_per_mm: float,
        *,
        at_mm: tuple[float, float],
        rotation_deg: float,
        corner_px: tuple[int, int],
        size: tuple[int, int],
    ) -> _View:
        scale = px_per_mm * sticker.mm_per_px
        quarters, rest = divmod(rotation_deg, 90)
        turned = int(quarters) % 4 if rest == 0 else 0
        back = turn(-rotation_deg)
        origin = np.array(sticker.origin_px)
        at_px = np.array(at_mm) * px_per_mm
        corners = np.array([corner_px, (corner_px[0] + size[0], corner_px[1] + size[1])], np.float64)
        source = (corners - at_px) @ back.T / scale + origin
        left, top = source.min(axis=0)
        skew = None
        if rest:
            first = (np.array(corner_px) - at_px) @ back.T / scale + origin
            step = back / scale
            skew = (step[0, 0], step[0, 1], first[0], step[1, 0], step[1, 1], first[1])
        return cls(
            window=Window(left=float(left), top=float(top), scale=scale),
            size=size if turned % 2 == 0 else (size[1], size[0]),
            quarters=turned,
            skew=skew,
            scale=scale,
        )

    def seen(self, image: Image.Image, kernel: Image.Resampling) -> npt.NDArray[Any]:
        """`image`, of the source's grid, on the output's grid: HxW or HxWx3."""
        if self.skew is not None:
            # Pillow turns with bicubic at best, whose stairs show when it also enlarges: that is done first
            finer = max(1, math.ceil(self.scale))
            enlarged = image.resize((image.width * finer, image.height * finer), kernel)
            skew = tuple(value * finer for value in self.skew)
            return np.asarray(
                enlarged.transform(self.size, Image.Transform.AFFINE, skew, resample=Image.Resampling.BICUBIC)
            )
        width, height = self.size
        box = (
            self.window.left,
            self.window.top,
            self.window.left + width / self.scale,
            self.window.top + height / self.scale,
        )
        # copies of a picture's edge, should the window reach a little past it
        over = max(0.0, -box[0], -box[1], box[2] - image.width, box[3] - image.height)
        if over > 0:
            pad = math.ceil(over) + 1
            wider = np.pad(np.asarray(image), [(pad, pad), (pad, pad)] + [(0, 0)] * (image.mode == "RGB"), mode="edge")
            image = Image.fromarray(wider)
            box = (box[0] + pad, box[1] + pad, box[2] + pad, box[3] + pad)
        upright = np.asarray(image.resize(self.size, kernel, box=box))
        return np.rot90(upright, -self.quarters)
