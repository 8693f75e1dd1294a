"""One sticker as a print-ready PNG: the ordered millimetres, a crisp edge, a white border, an sRGB profile."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import ClassVar, Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from stickers.printing.artwork.border import CutLine, cut_line
from stickers.printing.artwork.enlarge import Artwork, extend_colours
from stickers.printing.artwork.icc import SRGB_V2
from stickers.printing.artwork.place import Placement, place, source_margin_px
from stickers.printing.artwork.ppi import ppi_verdict
from stickers.printing.errors import ArtError
from stickers.printing.geometry.lengths import mm_to_px, px_to_mm
from stickers.printing.geometry.silhouette import Extent, Plane, coverage, extent, outline_field, ramp, without_specks
from stickers.printing.options import MIN_CUT_MM, PrintOptions

Bytes = npt.NDArray[np.uint8]

# What is above it is no sticker cut from a sheet, and the arrays made from it would fill a worker's memory.
MAX_SOURCE_PX: Final = 36_000_000
# Inward corners of the cut line: 2 mm aimed at, 1 mm the least a blade follows; narrower borders get less, for
# the closing must not fill notches that are wide against the border.
ROUNDING_AIM_MM: Final = 2.0
ROUNDING_LEAST_MM: Final = 1.0
# Measured on a page at 300 DPI: level 9 takes four times as long and saves 2 %
COMPRESS_LEVEL: Final = 4
# A part below 0.22 mm square is finer than any line a shop prints (1 pt = 0.35 mm): dirt, unless it is all there is
SPECK_MM2: Final = 0.05

_BAND_PX: Final = 2_000_000  # the output is made in bands of rows of about this size
_COLOUR_REACH_PX: Final = 2  # colour under alpha 0 near the edge, where a RIP's own resampling may look


@dataclass(frozen=True, kw_only=True)
class PrintedPng:
    """A finished file and what it measures.

    `width_px` and `height_px` are the canvas with its transparent edge, `width_mm` and `height_mm` the cut line.
    `effective_ppi` is the source's pixels per printed inch. `warnings` are sentences for the designer.
    """

    suffix: ClassVar[str] = ".png"

    data: bytes
    width_px: int
    height_px: int
    width_mm: float
    height_mm: float
    dpi: int
    border_mm: float
    effective_ppi: float
    warnings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Source:
    """The art ready for enlarging: its field and colours on one grid, with an empty margin all round."""

    field: Plane
    box: Extent
    art: Artwork
    shrunk: int  # original pixels per pixel of this grid
    specks: int


def print_png(rgba: Bytes, options: PrintOptions) -> PrintedPng:
    """The sticker `rgba` (HxWx4 uint8, straight alpha, sRGB) as `options` order it.

    The longest side of what is visible is `options.size_mm`, the other follows by proportion. Raises ArtError when
    the picture holds nothing that could be printed at that size, OptionsError when the file would be too large
    (the message names the largest size), ValueError when `rgba` is no such array.

    Method: colour by Lanczos over edge-extended RGB; the outline redrawn from a smooth field instead of enlarged;
    the border an exact offset of that outline. The art lies over the border and is never cut by it.
    """
    rounding_mm = min(max(options.border_mm, ROUNDING_LEAST_MM), ROUNDING_AIM_MM) if options.border_mm else 0.0
    source = _prepare(rgba, options, rounding_mm)
    field = Image.fromarray(source.field)
    placement = place(field, source.box, options, margin_mm=rounding_mm)
    cut = None
    if options.border_mm:
        work_px_per_mm = mm_to_px(1, options.dpi) * placement.work_scale
        cut = cut_line(placement.field, options.border_mm * work_px_per_mm, rounding_mm * work_px_per_mm)
    pixels = _draw(field, source.art, placement, cut, options)
    ppi = options.dpi * source.shrunk / placement.window.scale
    width_mm, height_mm = (
        round(px_to_mm(side, options.dpi), 3) for side in (placement.cut_width_px, placement.cut_height_px)
    )
    return PrintedPng(
        data=_encode(pixels, options.dpi),
        width_px=placement.width,
        height_px=placement.height,
        width_mm=width_mm,
        height_mm=height_mm,
        dpi=options.dpi,
        border_mm=options.border_mm,
        effective_ppi=round(ppi, 1),
        warnings=(
            *options.warnings(),
            *_art_warnings(source, placement, cut, shorter_mm=min(width_mm, height_mm)),
            *_ppi_warnings(ppi),
        ),
    )


def _prepare(rgba: Bytes, options: PrintOptions, rounding_mm: float) -> _Source:
    if rgba.ndim != 3 or rgba.shape[2] != 4 or rgba.dtype != np.uint8:
        raise ValueError(f"A sticker is HxWx4 uint8, not {rgba.shape} {rgba.dtype}.")
    if rgba.shape[0] * rgba.shape[1] > MAX_SOURCE_PX:
        raise ArtError(f"The picture has more than {MAX_SOURCE_PX / 1e6:g} million pixels, too many for a sticker.")
    rows, columns = (np.flatnonzero((rgba[..., 3] > 0).any(axis=axis)) for axis in (1, 0))
    if rows.size == 0:
        raise ArtError("This sticker is empty: every pixel is fully transparent.")
    visible = rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    art_px = mm_to_px(options.art_mm, options.dpi)
    # much finer than the print: average whole blocks first (Pillow weights colours by alpha here)
    shrunk = max(1, math.floor(max(visible.shape[:2]) / art_px / 2))
    if shrunk > 1:
        visible = np.asarray(Image.fromarray(visible).reduce(shrunk))
    # an outline needs empty pixels around it before it can be smoothed
    field = outline_field(np.pad(visible[..., 3], 8))
    rough = extent(field)
    if rough is None:
        raise ArtError("This sticker is almost fully transparent: there is no outline to print.")
    mm_per_px = options.art_mm / rough.longest
    field, specks = without_specks(field, SPECK_MM2 / mm_per_px**2)
    box = extent(field) or rough
    margin = source_margin_px(art_px / box.longest, options, margin_mm=rounding_mm)
    around = max(0, margin - 8)
    padded = np.pad(visible, ((around + 8,) * 2, (around + 8,) * 2, (0, 0)))
    return _Source(
        field=np.pad(field, around),
        box=Extent(left=box.left + around, top=box.top + around, right=box.right + around, bottom=box.bottom + around),
        art=extend_colours(padded),
        shrunk=shrunk,
        specks=specks,
    )


def _draw(field: Image.Image, art: Artwork, placement: Placement, cut: CutLine | None, options: PrintOptions) -> Bytes:
    """The finished pixels: HxWx4 uint8. Made in bands of rows, so that only the result itself is of full size."""
    pixels = np.empty((placement.height, placement.width, 4), np.uint8)
    rgb = Image.fromarray(art.rgb)
    opacity = None if art.opacity is None else Image.fromarray(art.opacity)
    step = max(1, _BAND_PX // placement.width)
    for top in range(0, placement.height, step):
        rows = (top, min(top + step, placement.height))
        band = pixels[rows[0] : rows[1]]
        # one row more on each side, for the slope at the band's own first and last row
        around = np.asarray(
            placement.window.resample(field, placement.width, (rows[0] - 1, rows[1] + 1), Image.Resampling.BICUBIC)
        )
        covered = coverage(around, placement.window.scale)[1:-1]
        if opacity is not None:
            covered *= _seen(opacity, placement, rows) / np.float32(255)
        colour = _seen(rgb, placement, rows)
        if cut is None:
            _without_border(band, colour, covered)
        else:
            within = ramp(-_cut_distance(cut, placement, rows))
            border = np.array(options.border_rgb, np.float32)
            mixed = (colour - border) * covered[..., None] + border
            band[..., :3] = np.round(mixed)
            band[..., 3] = np.round(within * 255)
        # pure black under alpha 0 is what lost colours look like: checks of shops refuse it
        band[~band.any(axis=2)] = (1, 1, 1, 0)
    return pixels


def _without_border(band: Bytes, colour: Bytes, covered: Plane) -> None:
    band[..., :3] = colour
    band[..., 3] = np.round(covered * 255)
    reach = np.ones((2 * _COLOUR_REACH_PX + 1,) * 2, np.uint8)
    near = cv2.dilate((band[..., 3] > 0).astype(np.uint8), reach)
    band[near == 0] = (255, 255, 255, 0)


def _seen(image: Image.Image, placement: Placement, rows: tuple[int, int]) -> Bytes:
    return np.asarray(placement.window.resample(image, placement.width, rows, Image.Resampling.LANCZOS))


def _cut_distance(cut: CutLine, placement: Placement, rows: tuple[int, int]) -> Plane:
    """The distance to the cut line in canvas pixels, for these rows of the canvas."""
    margin, scale = placement.margin_px, placement.work_scale
    if scale == 1:
        return cut.distance_px[margin + rows[0] : margin + rows[1], margin : margin + placement.width]
    box = (
        margin * scale,
        (margin + rows[0]) * scale,
        (margin + placement.width) * scale,
        (margin + rows[1]) * scale,
    )
    size = (placement.width, rows[1] - rows[0])
    finer = Image.fromarray(cut.distance_px).resize(size, Image.Resampling.BILINEAR, box=box)
    distance_px: Plane = np.asarray(finer, np.float32) / np.float32(scale)
    return distance_px


def _encode(pixels: Bytes, dpi: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", dpi=(dpi, dpi), icc_profile=SRGB_V2, compress_level=COMPRESS_LEVEL)
    return file.getvalue()


def _art_warnings(source: _Source, placement: Placement, cut: CutLine | None, *, shorter_mm: float) -> tuple[str, ...]:
    said = []
    if shorter_mm < MIN_CUT_MM:
        said.append(f"The cut is only {shorter_mm:.1f} mm across; many shops cut nothing under {MIN_CUT_MM:g} mm.")
    if cut is None:
        parts = cv2.connectedComponents((placement.field >= 0.5).astype(np.uint8), connectivity=8)[0] - 1
        if parts > 1:
            said.append(f"The art is in {parts} loose parts; without a border they will come apart.")
    elif cut.bridges_px:
        said.append(f"{_count(len(cut.bridges_px), 'loose part')} joined by a bridge of the border.")
    if source.specks:
        said.append(f"{_count(source.specks, 'speck')} too small to print left out.")
    if source.art.opacity is not None:
        shown = "as pale areas" if cut is None else "mixed with the border's colour"
        said.append(f"The art has see-through areas; they will print {shown}.")
    return tuple(said)


def _ppi_warnings(ppi: float) -> tuple[str, ...]:
    verdict = ppi_verdict(ppi)
    return (f"{verdict.label}, {round(ppi)} ppi: {verdict.words}",) if verdict.warns else ()


def _count(number: int, noun: str) -> str:
    return f"{number} {noun} was" if number == 1 else f"{number} {noun}s were"
