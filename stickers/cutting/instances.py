"""Part silhouettes whose borders run together: one label per sticker, along the valley between the artworks.

Artwork inside a silhouette forms cores; each silhouette pixel goes to its nearest core (a Voronoi partition, as in
seeded watershed on a flat surface; Meyer 1994). Then neighbouring cells that are one sticker are merged again,
longest seam first: parts nearer than a border's width share one border, and a seam that is long for its cells
runs through a body and not through a contact of two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from stickers.cutting.foreground import Foreground
from stickers.cutting.raster import Labels, Mask, areas, components, fill_holes, nearest

SEAM_RATIO: Final = 0.7
SMALL_SHARE: Final = 0.0013  # of the sheet: too small to be a sticker of its own


@dataclass
class _Seam:
    length: int
    gap_px: float


def part(foreground: Foreground, scale: float) -> tuple[int, Labels]:
    """The number of pieces and their int32 label plane."""
    mask = foreground.mask
    count, blobs = components(mask)
    if not foreground.bordered or count == 0:
        return count, blobs
    cores = fill_holes(foreground.art & mask)
    number, core_labels = components(cores)
    core_size = areas(core_labels, number)
    tiny = core_size < 15 * scale * scale
    tiny[0] = True
    cores = ~tiny[core_labels]
    if not cores.any():
        return count, blobs
    gap, index = nearest(cores)
    cells = np.where(mask, core_labels.ravel()[index], 0)
    # a cell never reaches into another silhouette; a silhouette without a core is its own cell
    home = np.zeros(number + 1, np.int64)
    home[core_labels[cores]] = blobs[cores]
    astray = mask & (home[cells] != blobs)
    cells[astray] = number + blobs[astray]
    size = np.bincount(cells.ravel(), minlength=number + count + 1)
    target = _merged(cells, size, _seams(cells, gap), foreground.border_px, SMALL_SHARE * mask.size)
    return _numbered(target[cells], mask)


def _seams(cells: npt.NDArray[np.integer], gap: npt.NDArray[np.float32]) -> dict[tuple[int, int], _Seam]:
    """Length and narrowest artwork gap of the seam between each two touching cells."""
    found: dict[tuple[int, int], _Seam] = {}
    for first, second, gap_a, gap_b in (
        (cells[:, :-1], cells[:, 1:], gap[:, :-1], gap[:, 1:]),
        (cells[:-1], cells[1:], gap[:-1], gap[1:]),
    ):
        at = np.flatnonzero((first != second).ravel() & ((first > 0) & (second > 0)).ravel())
        a, b = first.ravel()[at], second.ravel()[at]
        width = gap_a.ravel()[at] + gap_b.ravel()[at]
        low, high = np.minimum(a, b), np.maximum(a, b)
        order = np.lexsort((high, low))
        low, high, width = low[order], high[order], width[order]
        starts = np.flatnonzero(np.r_[True, (np.diff(low) != 0) | (np.diff(high) != 0)]) if len(low) else []
        ends = np.r_[starts[1:], len(low)] if len(low) else []
        for start, end in zip(starts, ends, strict=True):
            pair = (int(low[start]), int(high[start]))
            seam = found.setdefault(pair, _Seam(0, 1e9))
            seam.length += int(end - start)
            seam.gap_px = min(seam.gap_px, float(width[start:end].min()))
    return found


def _merged(
    cells: npt.NDArray[np.integer],
    size: npt.NDArray[np.int64],
    seams: dict[tuple[int, int], _Seam],
    border_px: float,
    small: float,
) -> npt.NDArray[np.int64]:
    """For every cell the cell it belongs to."""
    target = np.arange(len(size))
    size = size.astype(np.float64)
    seams = dict(seams)
    while seams:
        best, pair = 0.0, (0, 0)
        for (a, b), seam in seams.items():
            smaller = min(size[a], size[b])
            # both axes count a slanting seam: its length is about 0.8 of the pixel edges
            score = 0.8 * seam.length / np.sqrt(max(1.0, smaller)) / SEAM_RATIO
            if seam.gap_px < 1.05 * border_px or smaller < small:
                score += 1.0
            if score > best:
                best, pair = score, (a, b)
        if best < 1.0:
            break
        keep, gone = pair
        target[target == gone] = keep
        size[keep] += size[gone]
        del seams[pair]
        for other in [p for p in seams if gone in p]:
            seam = seams.pop(other)
            third = other[0] if other[1] == gone else other[1]
            new = (min(keep, third), max(keep, third))
            known = seams.get(new)
            if known is None:
                seams[new] = seam
            else:
                seams[new] = _Seam(known.length + seam.length, min(known.gap_px, seam.gap_px))
    return target


def _numbered(owner: npt.NDArray[np.integer], mask: Mask) -> tuple[int, Labels]:
    present = np.bincount(owner.ravel()) > 0
    present[0] = False
    new = np.cumsum(present) * present
    return int(present.sum()), np.where(mask, new[owner], 0).astype(np.int32)
