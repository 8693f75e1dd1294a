"""Where the art stands on the canvas: the scale that gives the ordered millimetres, found by measuring.

How wide an outline comes out depends a little on how it is smoothed and enlarged, most of all for art of few
pixels. So the outline is drawn, measured and corrected until its longest side is the ordered one.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from stickers.printing.errors import ArtError, OptionsError
from stickers.printing.geometry.lengths import MAX_LENGTH_MM, mm_to_px, px_to_mm
from stickers.printing.geometry.silhouette import Extent, Plane, Window, extent
from stickers.printing.options import PrintOptions

# 36 megapixels: 508 mm square at 300 DPI, 254 mm at 600. It bounds the memory of a worker, and stays far below
# the 89 megapixels at which Pillow takes a file for a decompression bomb.
MAX_OUTPUT_PX: Final = 36_000_000
EDGE_PX: Final = 1  # of transparency all round, so that a cutter's tracing sees a closed outline

_WORK_PX: Final = 2_500_000  # outlines are smooth: larger canvases are laid out and bordered on a coarser grid
_AIM_PX: Final = 0.05  # how near the outline must come to its place; a hundredth of what a print shows
_ROUNDS: Final = 8  # two do for all but art that ends in fine tips or has few pixels


@dataclass(frozen=True, kw_only=True)
class Placement:
    """The art in its place: a canvas of `height` x `width` pixels with the cut line's box in its middle.

    `field` is the outline's field on the working grid, HxW float32. That grid has `work_scale` (at most 1) pixels
    per canvas pixel and reaches beyond the canvas by `margin_px` canvas pixels on each side.
    """

    width: int
    height: int
    cut_width_px: float
    cut_height_px: float
    window: Window
    field: Plane
    work_scale: float
    margin_px: int


def place(field: Image.Image, box: Extent, options: PrintOptions, *, margin_mm: float) -> Placement:
    """Place the art whose outline is the 0.5 line of `field` (mode F) and measures about `box` in its pixels.

    `field` must be empty around the art as far as `source_margin_px` says. Raises OptionsError when the canvas
    would be too large, ArtError when nothing of the art is left at this size.
    """
    art_px = mm_to_px(options.art_mm, options.dpi)
    rough_px = box.longest
    scale = art_px / rough_px
    before: tuple[float, float] | None = None
    best_px = math.inf
    for drawn in itertools.count(1):
        placement, measured = _drawn(field, box, scale, options, margin_mm=margin_mm)
        longest_px = measured.longest * scale
        shift_px = float(np.abs(np.subtract(measured.centre, box.centre)).max()) * scale
        wrong_px = max(abs(longest_px - art_px), shift_px)
        if wrong_px < best_px:
            best, best_px = placement, wrong_px
        if best_px <= _AIM_PX or drawn == _ROUNDS:
            break
        step = art_px / longest_px
        if before is not None and scale != before[0] and abs(longest_px - before[1]) > _AIM_PX:
            # the secant: fine tips come and go with the scale, so that plain proportion can overshoot for ever
            slope = (longest_px - before[1]) / (scale - before[0])
            step = min(max(1 + (art_px - longest_px) / slope / scale, 0.8), 1.25)
        before = scale, longest_px
        # within what `source_margin_px` leaves room for
        box, scale = measured, min(max(scale * step, 0.75 * art_px / rough_px), 1.5 * art_px / rough_px)
    return best


def source_margin_px(scale: float, options: PrintOptions, *, margin_mm: float) -> int:
    """How many empty source pixels `place` needs around art drawn at about `scale` output pixels each."""
    around_px = mm_to_px(options.border_mm + margin_mm, options.dpi) + 4 * EDGE_PX + 16
    # half as much again: the scale is only roughly known yet
    return math.ceil(1.5 * around_px / scale) + 8


def _drawn(
    field: Image.Image, box: Extent, scale: float, options: PrintOptions, *, margin_mm: float
) -> tuple[Placement, Extent]:
    """The art of `box` in the middle of a canvas at `scale`, and the box that its outline really has there."""
    border_px = mm_to_px(options.border_mm, options.dpi)
    cut_width_px, cut_height_px = box.width * scale + 2 * border_px, box.height * scale + 2 * border_px
    width, height = (math.ceil(side) + 2 * EDGE_PX for side in (cut_width_px, cut_height_px))
    if width * height > MAX_OUTPUT_PX:
        largest_mm = _largest_size_mm(box.width / box.height, options)
        raise OptionsError(
            "size_mm",
            f"At {options.dpi} DPI this sticker can be at most {largest_mm:g} mm: a larger file would have more"
            f" than {MAX_OUTPUT_PX / 1e6:g} million pixels.",
        )
    work_scale = min(1.0, math.sqrt(_WORK_PX / (width * height)))
    margin_px = math.ceil(mm_to_px(margin_mm, options.dpi) + 4 / work_scale)
    x, y = box.centre
    window = Window(left=x - width / 2 / scale, top=y - height / 2 / scale, scale=scale)
    work = Window(left=window.left - margin_px / scale, top=window.top - margin_px / scale, scale=scale * work_scale)
    work_width, work_height = (math.ceil((side + 2 * margin_px) * work_scale) for side in (width, height))
    drawn = np.asarray(work.resample(field, work_width, (0, work_height), Image.Resampling.BICUBIC))
    found = extent(drawn)
    if found is None:
        thin_mm = px_to_mm(min(box.width, box.height) * scale, options.dpi)
        raise ArtError(f"The art would be only {thin_mm:.1g} mm thin at this size, too thin to print.")
    placement = Placement(
        width=width,
        height=height,
        cut_width_px=cut_width_px,
        cut_height_px=cut_height_px,
        window=window,
        field=drawn,
        work_scale=work_scale,
        margin_px=margin_px,
    )
    return placement, work.to_source(found)


def _largest_size_mm(aspect: float, options: PrintOptions) -> int:
    """The largest whole size, in mm, whose canvas stays within the cap, for art of `aspect` (width by height).

    The cut is L long and 2b + (L - 2b)·ρ wide, ρ being the art's shorter by its longer side; L solves the quadratic.
    """
    slimness = min(aspect, 1 / aspect)
    border_mm = options.border_mm
    room_mm2 = MAX_OUTPUT_PX * px_to_mm(1, options.dpi) ** 2
    half = border_mm * (1 - slimness)
    largest_mm = (math.sqrt(half**2 + slimness * room_mm2) - half) / slimness
    # one less for the transparent edge and the rounding up to whole pixels
    return math.floor(min(largest_mm, MAX_LENGTH_MM)) - 1
