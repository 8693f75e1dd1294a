"""Make one sticker ready for every page: its cut line and its art at the ordered size, around the point (0, 0).

The cut line's box is centred on (0, 0). A sticker's place on a page is the place of that point. All formats draw and
describe the sticker from this one object.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from PIL import Image
from shapely import MultiPolygon

from stickers.printing.artwork.enlarge import Artwork, extend_colours
from stickers.printing.artwork.ppi import SHARP_PPI, ppi_verdict, prints_like_ppi, shown_ppi
from stickers.printing.errors import ArtError
from stickers.printing.geometry.contour import LEAST_RADIUS_MM, Contour, cut_contour, outline, spare_mm
from stickers.printing.geometry.curves import CutPath, Loop
from stickers.printing.geometry.lengths import MM_PER_INCH, mm_to_px
from stickers.printing.geometry.silhouette import Plane, extent, outline_field, without_specks
from stickers.printing.options import MIN_CUT_MM, PrintOptions

Bytes = npt.NDArray[np.uint8]

# A larger picture is no sticker cut from a sheet, and its arrays would fill a worker's memory.
MAX_SOURCE_PX: Final = 36_000_000
# A part smaller than a square of 0.22 mm is finer than any line a shop prints (1 pt = 0.35 mm). It is dirt, unless the
# art has nothing else.
SPECK_MM2: Final = 0.05
LEAST_ART_MM: Final = 0.05  # a little more than a printed dot at 600 DPI
# The widest bleed that shops ask for is an eighth of an inch. One more millimetre is for resampling.
_REACH_MM: Final = 3.2 + 1.0
_REDRAWN_PX: Final = 2_250_000  # a larger picture, redrawn at 4 x, would fill a worker's memory: 108 MB for this one
_RIM_PX: Final = 8  # an outline needs empty pixels around it before it can be smoothed
_RUNS: Final = 5
# How much a path may be stretched: a little larger, which widens border and radii, or smaller by less than anyone
# measures.
_STRETCH: Final = (0.9994, 1.02)


@dataclass(frozen=True, kw_only=True, eq=False)
class DieCut:
    """A sticker at its size. Lengths are millimetres, x right and y down, around the centre of the cut line's box.

    `source`: the picture it was made from, HxWx4 uint8. `art`: its colours. `field`: its outline (HxW float32, 0.5 on
    the line). Both lie on one grid with an empty margin; `origin_px` is the place of (0, 0) on it. `shape`: the
    outline. `effective_ppi`: the source's pixels per printed inch. `redrawn`: whether a print that enlarges the art
    redraws it (see `redraw.py`). `art_px`: the longest side of the art's outline in the source's pixels. `warnings`:
    sentences for the designer.
    """

    name: str
    source: Bytes
    path: CutPath
    contour: Contour
    shape: MultiPolygon
    art: Artwork
    field: Plane
    mm_per_px: float
    origin_px: tuple[float, float]
    border_mm: float
    border_rgb: tuple[int, int, int]
    effective_ppi: float
    redrawn: bool
    art_px: int
    specks: int
    warnings: tuple[str, ...]

    @property
    def width_mm(self) -> float:
        return self.path.width_mm

    @property
    def height_mm(self) -> float:
        return self.path.height_mm

    @property
    def like_ppi(self) -> int | None:
        """The ppi that redrawn art prints like. None for art that is printed as drawn."""
        return prints_like_ppi(self.effective_ppi) if self.redrawn else None

    @property
    def source_box_mm(self) -> tuple[float, float, float, float]:
        """Left, top, width and height of the whole `source` around (0, 0), for screens, which draw the source."""
        shrunk = max(1, round(self.effective_ppi * self.mm_per_px / MM_PER_INCH))
        rows, columns = (np.flatnonzero((self.source[..., 3] > 0).any(axis=axis)) for axis in (1, 0))
        wide = math.ceil((columns[-1] - columns[0] + 1) / shrunk)
        pad = (self.art.rgb.shape[1] - wide) // 2
        per_px = self.mm_per_px / shrunk
        left = (pad - self.origin_px[0]) * self.mm_per_px - columns[0] * per_px
        top = (pad - self.origin_px[1]) * self.mm_per_px - rows[0] * per_px
        return left, top, self.source.shape[1] * per_px, self.source.shape[0] * per_px


def art_px(rgba: Bytes) -> int:
    """The longest side of the art's outline in pixels of `rgba` (HxWx4 uint8), as `die_cut` measures it; 0 without one.

    Only specks too small to print may make it larger than a sticker's own `art_px`.
    """
    box = extent(outline_field(np.pad(rgba[..., 3], _RIM_PX)))
    return 0 if box is None else round(box.longest)


def die_cut(rgba: Bytes, options: PrintOptions, *, name: str = "sticker", keep_holes: bool = False) -> DieCut:
    """The sticker `rgba` (HxWx4 uint8, straight alpha, sRGB) with a cut line whose longest side is `options.size_mm`.

    Raises ArtError if nothing in the picture can be cut at that size, and ValueError if `rgba` is no such array.
    `options.dpi` says how fine a source is useful: one more than twice as fine is averaged.
    """
    if rgba.ndim != 3 or rgba.shape[2] != 4 or rgba.dtype != np.uint8:
        raise ValueError(f"A sticker is HxWx4 uint8, not {rgba.shape} {rgba.dtype}.")
    rows, columns = (np.flatnonzero((rgba[..., 3] > 0).any(axis=axis)) for axis in (1, 0))
    if rows.size == 0:
        raise ArtError("This sticker is empty: every pixel is fully transparent.")
    visible = rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    if visible.shape[0] * visible.shape[1] > MAX_SOURCE_PX:
        raise ArtError(f"The picture has more than {MAX_SOURCE_PX / 1e6:g} million pixels, too many for a sticker.")
    shrunk = max(1, math.floor(max(visible.shape[:2]) / mm_to_px(options.art_mm, options.dpi) / 2))
    if shrunk > 1:
        visible = np.asarray(Image.fromarray(visible).reduce(shrunk))
    field = outline_field(np.pad(visible[..., 3], _RIM_PX))
    rough = extent(field)
    if rough is None:
        raise ArtError("This sticker is almost fully transparent: there is no outline to cut along.")
    field, specks = without_specks(field, SPECK_MM2 / (options.art_mm / rough.longest) ** 2)
    box = extent(field) or rough
    thin_mm = min(box.width, box.height) * options.art_mm / box.longest
    if thin_mm < LEAST_ART_MM:
        raise ArtError(f"The art would be only {thin_mm:.1g} mm thin at this size, too thin to print.")
    mm_per_px, contour, shape = _sized(field, box.longest, box.centre, options, keep_holes=keep_holes)
    left, top, right, bottom = contour.path.bounds
    centre = (left + right) / 2, (top + bottom) / 2
    around = max(0, math.ceil((options.border_mm + spare_mm(options.border_mm) + _REACH_MM) / mm_per_px))
    padded = np.pad(visible, ((around + _RIM_PX,) * 2, (around + _RIM_PX,) * 2, (0, 0)))
    ppi = MM_PER_INCH / mm_per_px * shrunk
    path = contour.path.moved(x_mm=-centre[0], y_mm=-centre[1])
    art = extend_colours(padded)
    redrawn = is_redrawn(ppi, visible.shape[0] * visible.shape[1], as_drawn=options.as_drawn)
    return DieCut(
        name=name,
        source=rgba,
        path=path,
        contour=contour,
        shape=shapely.transform(shape, lambda points: points - centre),
        art=art,
        field=np.pad(field, around),
        mm_per_px=mm_per_px,
        origin_px=(box.centre[0] + around + centre[0] / mm_per_px, box.centre[1] + around + centre[1] / mm_per_px),
        border_mm=options.border_mm,
        border_rgb=options.border_rgb,
        effective_ppi=round(ppi, 1),
        redrawn=redrawn,
        art_px=round(box.longest * shrunk),
        specks=specks,
        warnings=(
            *options.warnings(),
            *_path_warnings(path, contour),
            *_art_warnings(art, specks, options),
            *_ppi_warnings(ppi, redrawn=redrawn),
        ),
    )


def is_redrawn(ppi: float, px: int, *, as_drawn: bool) -> bool:
    """Whether art of `px` pixels, `ppi` of them per printed inch, is redrawn where a print enlarges it."""
    return not as_drawn and shown_ppi(ppi) < SHARP_PPI and px <= _REDRAWN_PX


def _sized(
    field: Plane, longest_px: float, centre_px: tuple[float, float], options: PrintOptions, *, keep_holes: bool
) -> tuple[float, Contour, MultiPolygon]:
    """The scale at which the cut line has the ordered length, with the line and the outline at that scale.

    How far out a smooth line lies is known only after it is drawn. So it is drawn, measured and drawn again. Art and
    line are then stretched together by the last hundredths.
    """
    around_mm = 2 * (options.border_mm + spare_mm(options.border_mm))
    mm_per_px = max(options.size_mm - around_mm, 0.5) / longest_px
    for run in range(_RUNS):
        shape = outline(field, mm_per_px, centre_px)
        contour = cut_contour(shape, options.border_mm, keep_holes=keep_holes)
        longest_mm = max(contour.path.width_mm, contour.path.height_mm)
        stretch = options.size_mm / longest_mm
        if _STRETCH[0] <= stretch <= _STRETCH[1] or run == _RUNS - 1:
            break
        art_mm = mm_per_px * longest_px
        mm_per_px *= min(max((art_mm + options.size_mm - longest_mm) / art_mm, 0.5), 2.0)
    if not 0.9 <= stretch <= 1.1:  # without a border, loose parts appear or vanish with the scale
        raise ArtError("No cut line of this size can be laid around this sticker; a wider border may help.")
    return mm_per_px * stretch, _stretched(contour, stretch), shapely.transform(shape, lambda points: points * stretch)


def _stretched(contour: Contour, by: float) -> Contour:
    path = CutPath(Loop(contour.path.outer.curves * by), tuple(Loop(hole.curves * by) for hole in contour.path.holes))
    return Contour(
        path=path,
        least_distance_mm=contour.least_distance_mm * by,
        least_radius_mm=contour.least_radius_mm * by,
        nodes_per_cm=contour.nodes_per_cm / by,
        bridges_mm=tuple(bridge * by for bridge in contour.bridges_mm),
        eats_into_art=contour.eats_into_art,
    )


def _path_warnings(path: CutPath, contour: Contour) -> tuple[str, ...]:
    said = []
    shorter_mm = min(path.width_mm, path.height_mm)
    if shorter_mm < MIN_CUT_MM:
        said.append(f"The cut is only {shorter_mm:.1f} mm across; many shops cut nothing under {MIN_CUT_MM:g} mm.")
    if contour.eats_into_art:
        said.append(
            f"The border is too narrow for a blade, which needs corners of {LEAST_RADIUS_MM:g} mm: fine tips of the"
            " art are cut off."
        )
    if contour.bridges_mm:
        joined = len(contour.bridges_mm)
        said.append(f"{joined} loose {'part was' if joined == 1 else 'parts were'} joined by a bridge of the border.")
    return tuple(said)


def _art_warnings(art: Artwork, specks: int, options: PrintOptions) -> tuple[str, ...]:
    said = []
    if specks:
        said.append(f"{specks} {'speck' if specks == 1 else 'specks'} too small to print left out.")
    if art.opacity is not None:
        shown = "mixed with the border's colour" if options.border_mm else "as pale areas"
        said.append(f"The art has see-through areas; they will print {shown}.")
    return tuple(said)


def _ppi_warnings(ppi: float, *, redrawn: bool) -> tuple[str, ...]:
    verdict = ppi_verdict(ppi, redrawn=redrawn)
    return (f"{verdict.label}, {shown_ppi(ppi)} ppi: {verdict.words}",) if verdict.warns else ()
