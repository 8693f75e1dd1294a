"""Draw a sticker at any resolution, turn and place: enlarge its colours without an edge, cut them by the vector line.

The alpha is never enlarged. The art's edge is redrawn from the field of its outline, and the sticker's edge from its
cut line, both at the print's resolution. So nothing is blurred there and no foreign colour can bleed in.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt
import shapely
from PIL import Image
from shapely import Polygon

from stickers.printing.artwork.die_cut import DieCut
from stickers.printing.artwork.redraw import SCALE, redrawn
from stickers.printing.geometry.curves import turn
from stickers.printing.geometry.silhouette import coverage

Bytes = npt.NDArray[np.uint8]

_FINER: Final = 4  # sub-pixels per side for measuring how much of a pixel the cut line covers
_EDGE_PX: Final = 2
_SOFT_PX: Final = 3  # around the art's outline: its soft edge, and the slope next to it
_COLOUR_REACH_PX: Final = 2  # colour under alpha 0 beside the edge, which a RIP's own resampling may read
_CHORD_PX: Final = 0.03
_REDRAWN_FROM: Final = 1.1  # output pixels per source pixel: nobody sees a smaller enlargement
_COLOURS_AROUND_PX: Final = 16  # around what is seen: the outline is redrawn within them
_BAND_PX: Final = 2_000_000
# The most pixels of one picture, a page or a single sticker: A3 at 600 DPI. This bounds a process's memory (about 350
# MB with the compressed copy), and stays below the 89 megapixels from which Pillow warns of a decompression bomb.
MAX_PX: Final = 70_000_000
_MOST_PATCH_PX: Final = 80_000_000  # a sticker on a page, with its bleed past the page's edge


@dataclass(frozen=True, eq=False)
class Patch:
    """`pixels` are HxWx4 uint8 with straight alpha, or HxWx3. The top left one is (left_px, top_px) on its page."""

    pixels: Bytes
    left_px: int
    top_px: int

    def paste(self, canvas: Bytes) -> None:
        """Paste it on `canvas` (HxWx4 uint8), in place.

        Bleeds may meet: the sticker that covers more of a pixel gets it.
        """
        height, width = canvas.shape[:2]
        rows = slice(max(self.top_px, 0), max(min(self.top_px + self.pixels.shape[0], height), 0))
        columns = slice(max(self.left_px, 0), max(min(self.left_px + self.pixels.shape[1], width), 0))
        seen = self.pixels[
            rows.start - self.top_px : rows.stop - self.top_px,
            columns.start - self.left_px : columns.stop - self.left_px,
        ]
        under = canvas[rows, columns]
        np.copyto(under, seen, where=(seen[..., 3] >= under[..., 3])[..., None])


def draw(
    sticker: DieCut,
    px_per_mm: float,
    *,
    x_mm: float = 0.0,
    y_mm: float = 0.0,
    rotation_deg: float = 0.0,
    bleed_mm: float = 0.0,
    alpha: bool = True,
) -> Patch:
    """`sticker` as one patch; see `bands`. Raises ValueError for more than 80 million pixels."""
    drawn = list(
        bands(sticker, px_per_mm, x_mm=x_mm, y_mm=y_mm, rotation_deg=rotation_deg, bleed_mm=bleed_mm, alpha=alpha)
    )
    if len(drawn) == 1:
        return drawn[0]
    return Patch(np.concatenate([band.pixels for band in drawn]), drawn[0].left_px, drawn[0].top_px)


def bands(
    sticker: DieCut,
    px_per_mm: float,
    *,
    x_mm: float = 0.0,
    y_mm: float = 0.0,
    rotation_deg: float = 0.0,
    bleed_mm: float = 0.0,
    area: Polygon | None = None,
    alpha: bool = True,
) -> Iterator[Patch]:
    """`sticker` turned clockwise, with its (0, 0) at (x_mm, y_mm), from top to bottom in patches of about 2 megapixels.

    Everything inside its cut line and `bleed_mm` around it is opaque, art and border alike. `area`, in mm on the page,
    takes the place of both. The bleed has the border's colour. Without a border it continues the art's own colours
    outwards. Without `alpha` a patch has colours only, for a caller that cuts them by the line itself. A band needs
    about 60 bytes per pixel while it is drawn, so bands bound the memory. Raises ValueError for more than 80 million
    pixels.
    """
    if area is None:
        area = sticker.path.moved(rotation_deg=rotation_deg, x_mm=x_mm, y_mm=y_mm).polygon(_CHORD_PX / px_per_mm)
        if bleed_mm:
            area = shapely.buffer(area, bleed_mm, quad_segs=16)
    left, top, right, bottom = (side * px_per_mm for side in area.bounds)
    left_px, top_px = math.floor(left) - _EDGE_PX, math.floor(top) - _EDGE_PX
    width, height = math.ceil(right) + _EDGE_PX - left_px, math.ceil(bottom) + _EDGE_PX - top_px
    if width * height > _MOST_PATCH_PX:
        raise ValueError(f"A patch of {width} x {height} pixels is too large to draw.")
    source = _Source.of(sticker, px_per_mm, at_mm=(x_mm, y_mm), rotation_deg=rotation_deg)
    step = max(1, _BAND_PX // width)
    for first in range(top_px, top_px + height, step):
        corner, size = (left_px, first), (width, min(step, top_px + height - first))
        if sticker.border_mm:
            pixels = _bordered(sticker, source, corner, size)
            if alpha:
                pixels = np.dstack([pixels, _covered(area, px_per_mm, corner, size)])
        else:
            pixels = _borderless(source, _covered(area, px_per_mm, corner, size), corner)
        if alpha:
            # Shops' checks refuse pure black under alpha 0, because it looks like lost colours.
            pixels[pixels.view(np.uint32)[..., 0] == 0] = (1, 1, 1, 0)  # all four bytes at once
        yield Patch(pixels if alpha else np.ascontiguousarray(pixels[..., :3]), left_px, first)


def redraw_ahead(sticker: DieCut, px_per_mm: float) -> None:
    """Redraw the art now, if `draw` will at this resolution. It is kept for the files that follow."""
    if _redraws(sticker, px_per_mm * sticker.mm_per_px):
        redrawn(_visible(sticker)[0])


def _bordered(sticker: DieCut, source: _Source, corner_px: tuple[int, int], size: tuple[int, int]) -> Bytes:
    """The colours of one band of a sticker with a border, HxWx3 uint8: the art inside its outline, else the border."""
    width, height = size
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[:] = sticker.border_rgb
    left, top, right, bottom = source.seen_px
    left, top = max(left - corner_px[0], 0), max(top - corner_px[1], 0)
    right, bottom = min(right - corner_px[0], width), min(bottom - corner_px[1], height)
    if left >= right or top >= bottom:
        return pixels
    # The slope at the first and the last row needs one more row above and below.
    view = source.view((corner_px[0] + left, corner_px[1] + top - 1), (right - left, bottom - top + 2))
    covered = coverage(view.seen(source.field, Image.Resampling.BICUBIC), source.scale)[1:-1]
    if source.opacity is not None:
        covered = covered * _share(view.seen(source.opacity, Image.Resampling.LANCZOS)[1:-1])
    colour = view.seen(source.rgb, Image.Resampling.LANCZOS)[1:-1]
    inner = pixels[top:bottom, left:right]
    inner[:] = cv2.copyTo(colour, (covered == 1).view(np.uint8), inner.copy())
    rim = np.nonzero((covered > 0) & (covered < 1))
    border = np.array(sticker.border_rgb, np.float32)
    inner[rim] = np.round((colour[rim] - border) * covered[rim][:, None] + border)
    return pixels


def _borderless(source: _Source, within: Bytes, corner_px: tuple[int, int]) -> Bytes:
    """The pixels of one band of a sticker without a border, HxWx4 uint8. `within` (HxW uint8): see `_covered`."""
    height, width = within.shape
    view = source.view(corner_px, (width, height))
    alpha = within
    if source.opacity is not None:
        share = _share(view.seen(source.opacity, Image.Resampling.LANCZOS))
        alpha = np.round(within * share).astype(np.uint8)
    pixels = np.dstack([view.seen(source.rgb, Image.Resampling.LANCZOS), alpha])
    near = cv2.dilate((alpha > 0).astype(np.uint8), np.ones((2 * _COLOUR_REACH_PX + 1,) * 2, np.uint8))
    pixels[near == 0] = (255, 255, 255, 0)
    return pixels


def _share(opacity: Bytes) -> npt.NDArray[np.float32]:
    return opacity.astype(np.float32) / np.float32(255)


def _covered(shape: Polygon, px_per_mm: float, corner_px: tuple[int, int], size: tuple[int, int]) -> Bytes:
    """How much of each pixel lies within `shape` (mm): HxW uint8."""
    width, height = size
    fine = np.zeros((height * _FINER, width * _FINER), np.uint8)
    rings = [
        # The centre of fine pixel 0 lies at half of it.
        np.round(((shapely.get_coordinates(ring) * px_per_mm - corner_px) * _FINER - 0.5) * 256).astype(np.int32)
        for ring in (shape.exterior, *shape.interiors)
    ]
    cv2.fillPoly(fine, rings, 255, shift=8)
    return np.asarray(cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


@dataclass(frozen=True, eq=False)
class _Source:
    """The art as pictures, and how the output's pixels lie on them.

    `seen_px`: the box of the art's outline with its soft edge on
    the page: left, top, right, bottom.
    """

    rgb: _Plane
    field: _Plane
    opacity: _Plane | None
    origin_px: tuple[float, float]
    at_px: tuple[float, float]
    rotation_deg: float
    scale: float  # output pixels per source pixel
    seen_px: tuple[int, int, int, int]

    @classmethod
    def of(cls, sticker: DieCut, px_per_mm: float, *, at_mm: tuple[float, float], rotation_deg: float) -> _Source:
        scale = px_per_mm * sticker.mm_per_px
        # Pillow turns with bicubic at best, which shows stairs when it also enlarges. So enlarge once, first.
        finer = max(1, math.ceil(scale)) if rotation_deg % 90 else 1
        opacity = sticker.art.opacity
        return cls(
            rgb=_colours(sticker, scale, finer),
            field=_enlarged(sticker.field, finer, Image.Resampling.BICUBIC),
            opacity=None if opacity is None else _enlarged(opacity, finer, Image.Resampling.LANCZOS),
            origin_px=sticker.origin_px,
            at_px=(at_mm[0] * px_per_mm, at_mm[1] * px_per_mm),
            rotation_deg=rotation_deg,
            scale=scale,
            seen_px=_seen_px(sticker, px_per_mm, at_mm, rotation_deg),
        )

    def view(self, corner_px: tuple[int, int], size: tuple[int, int]) -> _View:
        """The grid of `size` (width, height) output pixels with its top left corner at `corner_px`."""
        quarters, rest_deg = divmod(self.rotation_deg, 90)
        turned = int(quarters) % 4 if rest_deg == 0 else 0
        back = turn(-self.rotation_deg)
        corners = np.array([corner_px, (corner_px[0] + size[0], corner_px[1] + size[1])], np.float64)
        on_source = (corners - self.at_px) @ back.T / self.scale + self.origin_px
        left, top = on_source.min(axis=0)
        skew = None
        if rest_deg:
            step = back / self.scale
            first = on_source[0]
            skew = np.column_stack([step, first])
        return _View(
            left=float(left),
            top=float(top),
            scale=self.scale,
            size=size if turned % 2 == 0 else (size[1], size[0]),
            quarters=turned,
            skew=skew,
        )


def _seen_px(
    sticker: DieCut, px_per_mm: float, at_mm: tuple[float, float], rotation_deg: float
) -> tuple[int, int, int, int]:
    left, top, right, bottom = sticker.shape.bounds
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)]) @ turn(rotation_deg).T
    corners_px = (corners + at_mm) * px_per_mm
    first, last = np.floor(corners_px.min(axis=0)) - _SOFT_PX, np.ceil(corners_px.max(axis=0)) + _SOFT_PX
    return int(first[0]), int(first[1]), int(last[0]), int(last[1])


@dataclass(frozen=True, eq=False)
class _Plane:
    """A picture that begins at (left, top) of the source, with `finer` of its pixels to one of the source's."""

    picture: Image.Image
    finer: int = 1
    left: int = 0
    top: int = 0


def _enlarged(plane: npt.NDArray[Any], finer: int, kernel: Image.Resampling) -> _Plane:
    picture = Image.fromarray(plane)
    if finer == 1:
        return _Plane(picture)
    return _Plane(picture.resize((picture.width * finer, picture.height * finer), kernel), finer)


def _colours(sticker: DieCut, scale: float, finer: int) -> _Plane:
    """The art's colours: redrawn around what is seen if the print enlarges them, else as the source has them."""
    if not _redraws(sticker, scale):
        return _enlarged(sticker.art.rgb, finer, Image.Resampling.LANCZOS)
    rgb, left, top = _visible(sticker)
    picture = Image.fromarray(redrawn(rgb))
    if finer > 1:
        picture = picture.resize((rgb.shape[1] * finer, rgb.shape[0] * finer), Image.Resampling.LANCZOS)
    return _Plane(picture, finer if finer > 1 else SCALE, left, top)


def _redraws(sticker: DieCut, scale: float) -> bool:
    return sticker.redrawn and scale > _REDRAWN_FROM


def _visible(sticker: DieCut) -> tuple[Bytes, int, int]:
    """The colours that are seen, and the source pixel where they begin: from the left and from the top."""
    rgb = sticker.art.rgb
    if not sticker.border_mm:
        return rgb, 0, 0  # they go on into the bleed
    rows, columns = (np.flatnonzero((sticker.field > 0).any(axis=axis)) for axis in (1, 0))
    top, left = (max(int(seen[0]) - _COLOURS_AROUND_PX, 0) for seen in (rows, columns))
    return rgb[top : rows[-1] + 1 + _COLOURS_AROUND_PX, left : columns[-1] + 1 + _COLOURS_AROUND_PX], left, top


@dataclass(frozen=True, eq=False)
class _View:
    """A grid of output pixels over the source.

    For a quarter turn the source is read upright and turned afterwards, which is faster and sharper than a general
    turn.
    """

    left: float  # of the grid's corner, in source pixels
    top: float
    scale: float
    size: tuple[int, int]  # of the grid before a quarter turn
    quarters: int
    skew: npt.NDArray[np.float64] | None  # the affine map of a general turn to source pixels, 2x3

    def seen(self, plane: _Plane, kernel: Image.Resampling) -> npt.NDArray[Any]:
        """`plane` on the output's grid: HxW or HxWx3."""
        image = plane.picture
        if self.skew is not None:
            affine = tuple((plane.finer * (self.skew - [[0, 0, plane.left], [0, 0, plane.top]])).ravel().tolist())
            return np.asarray(
                image.transform(self.size, Image.Transform.AFFINE, affine, resample=Image.Resampling.BICUBIC)
            )
        width, height = self.size
        left, top = plane.finer * (self.left - plane.left), plane.finer * (self.top - plane.top)
        finer = self.scale / plane.finer
        box = (left, top, left + width / finer, top + height / finer)
        # The window may reach a little past the picture; repeat the picture's edge there.
        over = max(0.0, -box[0], -box[1], box[2] - image.width, box[3] - image.height)
        if over > 0:
            pad = math.ceil(over) + 1
            wider = np.pad(np.asarray(image), [(pad, pad), (pad, pad)] + [(0, 0)] * (image.mode == "RGB"), mode="edge")
            image = Image.fromarray(wider)
            box = (box[0] + pad, box[1] + pad, box[2] + pad, box[3] + pad)
        upright = np.asarray(image.resize(self.size, kernel, box=box))
        return np.rot90(upright, -self.quarters)
