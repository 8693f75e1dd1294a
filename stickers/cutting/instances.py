"""Part silhouettes whose borders run together: one label per sticker, cut along the valley between the artworks.

Artwork inside a silhouette, with what its lines enclose, forms cores. Each pixel of a silhouette goes to its nearest
core (a Voronoi partition, as in seeded watershed on a flat surface; Meyer 1994). Then neighbouring cells that are one
sticker are merged again, the surest pair first. The seam between two cells decides:

- Two parts nearer than a border's width share one border.
- A seam that is long for its cells runs through a body, not through a contact of two stickers.
- Two parts farther apart than two borders, with only white between them, are drawn on one white body.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from stickers.cutting.border import without_thin_lines
from stickers.cutting.contacts import without_contacts
from stickers.cutting.foreground import Foreground
from stickers.cutting.grouping import relabelled
from stickers.cutting.raster import (
    Labels,
    Mask,
    Plane,
    areas,
    at,
    components,
    distance_between,
    distance_to,
    erode,
    fill_holes,
    nearest_component,
    runs,
)

# Measured on 1,415 merges of composed sheets, in the order in which this module makes them. A figure here is a piece of
# at least 0.8 % of the sheet that is not made of letters. Between figures the seam's ratio alone decides: none of 189
# contacts was above 0.71, and four of 35 cuts through a body were below 0.84. A smaller piece beside another is nearly
# always a part of it, however the two are joined: one of 543 parts was below 0.53.
WHOLE_RATIO: Final = 0.77  # the seam's length in roots of the smaller area: two thirds of a disc's diameter
SEAM_RATIO: Final = 0.5
WHOLE_SHARE: Final = 0.008  # of the sheet: big enough to be judged as a whole sticker
SHORT_RATIO: Final = 0.2
SHARED_BORDERS: Final = 0.8  # gap in borders up to which two parts share one border
WHOLE_SHARED: Final = 0.5  # the same for two possible stickers: the artworks of neighbours come as near as that
FILLED_BORDERS: Final = 2.0  # gap in borders that two borders fill
APART_BORDERS: Final = 2.6  # gap in borders from which two stickers show a gap, or are drawn on one body
SMALL_SHARE: Final = 0.0013  # of the sheet: too small for a sticker of its own; letters are smaller, figures larger
BEHIND_BORDERS: Final = 0.6  # in borders from the ground: farther in than a line round the border
TINT_CONTRAST: Final = 8.0  # Lab: distance of a pale body's tint from the border's colour
LINE_CONTRAST: Final = 15.0  # the same on a white ground, where shadows fall on borders and contours cross them


@dataclass(frozen=True)
class Seam:
    """Where two cells meet: `length_px`, the narrowest `gap_px` between their artworks, and the `valley`.

    `valley` is the lower quartile of the Lab distances from the border's colour along the seam. For joined seams it is
    their mean, weighted by length. It is about 0 on a common border, and above 6 where ground or a contour line shows.
    """

    length_px: float
    gap_px: float
    valley: float

    def joined(self, other: Seam, *, gap_px: float) -> Seam:
        """Both seams as one."""
        total = self.length_px + other.length_px
        valley = (self.valley * self.length_px + other.valley * other.length_px) / max(total, 1e-6)
        return Seam(total, gap_px, valley)


def part(
    lab: Plane, foreground: Foreground, scale: float, *, white_ground: bool, parting: float = 1.0
) -> tuple[int, Labels]:
    """The number of pieces and their int32 label plane. A higher `parting` gives more pieces."""
    mask = foreground.mask
    count, blobs = components(mask)
    if not foreground.bordered or count == 0:
        return count, blobs
    colour = _border_colour(lab, mask, scale)
    contrast = LINE_CONTRAST if white_ground else TINT_CONTRAST
    cores = _cores(lab, foreground, colour, contrast, least=15 * scale * scale)
    if not cores.any():
        return count, blobs
    cores = without_contacts(cores, distance_between(lab, colour), contrast)
    _, cells = nearest_component(cores)
    gap = distance_to(foreground.art & mask)
    number = int(cells.max())
    # A cell never reaches into another silhouette. A silhouette without a core is a cell of its own.
    home = np.zeros(number + 1, np.int32)
    cored = np.where(cores, cells, 0)
    starts, lengths = runs(cored)
    own = cored.ravel()[starts]
    home[own] = blobs.ravel()[starts]
    artwork = np.bincount(own, weights=lengths, minlength=number + count + 1)
    cells[~mask] = 0
    home[0] = 0
    astray = mask & (np.take(home, cells) != blobs)
    cells[astray] = number + blobs[astray]
    size = areas(cells, number + count)
    found = seams(lab, cells, gap, colour)
    measure = Measure(
        foreground.border_px, SMALL_SHARE * mask.size, WHOLE_SHARE * mask.size, 4.0 if white_ground else 9.0, parting
    )
    target = _merged(size, artwork, found, measure)
    return relabelled(cells, target, size)


def _cores(
    lab: Plane, foreground: Foreground, colour: npt.NDArray[np.float32], contrast: float, *, least: float
) -> Mask:
    """Filled artwork, pale bodies, and the lines round white bodies; pieces of at least `least` px.

    Some sheets draw a line round each sticker, within a border's width of the ground. Where two stickers touch, that
    line runs on between them. There it is thin, does not meet artwork and encloses nothing, so it is no core.
    """
    behind = erode(foreground.mask, max(2, round(BEHIND_BORDERS * foreground.border_px)))
    places = np.flatnonzero(behind & ~foreground.art)
    off = at(lab, places) - colour
    art = foreground.art & foreground.mask
    drawn = art.copy()
    drawn.ravel()[places[np.einsum("ij,ij->i", off, off) > contrast**2]] = True
    drawn = fill_holes(drawn)
    count, pieces = components(drawn)
    keep = np.zeros(count + 1, np.bool_)
    keep[pieces[art | without_thin_lines(drawn)]] = True
    keep &= areas(pieces, count) >= least
    keep[0] = False
    return np.take(keep, pieces)


def _border_colour(lab: Plane, mask: Mask, scale: float) -> npt.NDArray[np.float32]:
    """The median Lab colour of the light rim behind the silhouettes' edge."""
    ring = at(lab, np.flatnonzero(erode(mask, 2) & ~erode(mask, max(4, round(4 * scale)))))
    light = ring[ring[:, 0] > 85] if len(ring) else ring
    return np.median(light, axis=0) if len(light) else np.array([97, 0, 0], np.float32)


def _off(
    lab: Plane, colour: npt.NDArray[np.float32], rows: npt.NDArray[np.intp], columns: npt.NDArray[np.intp]
) -> Plane:
    """The greatest Lab distance from `colour` in the 3×3 px round each point."""
    height, width = lab.shape[:2]
    greatest = np.zeros(len(rows), np.float32)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            near = np.clip(rows + down, 0, height - 1) * width + np.clip(columns + right, 0, width - 1)
            off = at(lab, near) - colour
            np.maximum(greatest, np.einsum("ij,ij->i", off, off), out=greatest)
    return np.sqrt(greatest)


def seams(
    lab: Plane, cells: npt.NDArray[np.integer], gap: Plane, colour: npt.NDArray[np.float32]
) -> dict[tuple[int, int], Seam]:
    """The seam between each two touching cells. `gap` is every pixel's distance to the nearest artwork."""
    size = 0
    lows, highs, gaps, offs = [], [], [], []
    for one, two in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        first, second = cells[one], cells[two]
        rows, columns = np.divmod(np.flatnonzero(first != second), first.shape[1])
        between = (first[rows, columns] > 0) & (second[rows, columns] > 0)
        rows, columns = rows[between], columns[between]
        a, b = first[rows, columns], second[rows, columns]
        lows.append(np.minimum(a, b))
        highs.append(np.maximum(a, b))
        gaps.append(gap[one][rows, columns] + gap[two][rows, columns])
        offs.append(_off(lab, colour, rows, columns))
        size += len(a)
    if not size:
        return {}
    low, high, width, off = (np.concatenate(parts) for parts in (lows, highs, gaps, offs))
    order = np.lexsort((off, high, low))
    low, high, width, off = low[order], high[order], width[order], off[order]
    starts = np.flatnonzero(np.r_[True, (np.diff(low) != 0) | (np.diff(high) != 0)])
    ends = np.r_[starts[1:], size]
    quartile = starts + 0.25 * (ends - 1 - starts)  # `off` rises along each seam
    valley = np.interp(quartile, np.arange(size), off)
    # Both axes count a slanting seam, so its length is about 0.8 of its pixel edges.
    return {
        (int(low[start]), int(high[start])): Seam(0.8 * float(end - start), float(narrowest), float(low_off))
        for start, end, narrowest, low_off in zip(starts, ends, np.minimum.reduceat(width, starts), valley, strict=True)
    }


@dataclass(frozen=True)
class Measure:
    """What a sheet's seams are measured by.

    `border_px`: its usual border. `small`: a piece below this area is no sticker of its own. `whole`: from this area on
    a piece is judged as a whole sticker. `dark_valley`: from this valley on, ground shows between two parts that lie
    far apart. `parting`: how sure a merge must be, usually 1.
    """

    border_px: float
    small: float
    whole: float
    dark_valley: float
    parting: float


def oneness(seam: Seam, smaller: float, artwork: float, measure: Measure) -> float:
    """How surely the two sides of a seam are one sticker. From 1.0 on they are.

    `smaller`: the area of the smaller cell. `artwork`: each cell has a largest piece of artwork; this is the area of
    the smaller of the two. A caption has as much area as a figure, but all its pieces are letters.
    """
    ratio = seam.length_px / np.sqrt(max(1.0, smaller))
    whole = smaller > measure.whole and artwork > measure.small
    score = float(ratio) / (WHOLE_RATIO if whole else SEAM_RATIO)
    # masks of artwork are a little too large, and borders a little too small
    gap = seam.gap_px / (measure.border_px + 0.8)
    one = (
        gap < (WHOLE_SHARED if whole else SHARED_BORDERS) and bool(ratio > (3 if whole else 1) * SHORT_RATIO)
    ) or smaller < measure.small
    if not whole and gap > APART_BORDERS:
        one |= bool(ratio > SHORT_RATIO) or seam.valley < (2.0 if gap < APART_BORDERS + 0.8 else measure.dark_valley)
    elif not whole and gap > FILLED_BORDERS:
        one |= bool(ratio > SHORT_RATIO) and seam.valley < 2.0
    if one:
        score += 1.0
    return score


def _merged(
    size: npt.NDArray[np.int64],
    artwork: npt.NDArray[np.number],
    found: dict[tuple[int, int], Seam],
    measure: Measure,
) -> npt.NDArray[np.int64]:
    """For every cell the cell it belongs to. It needs the areas of the cells and of their artworks."""
    target = np.arange(len(size))
    area = size.astype(np.float64)
    largest = artwork.astype(np.float64)
    open_seams = dict(found)

    def score(pair: tuple[int, int]) -> float:
        one, other = pair
        return oneness(open_seams[pair], min(area[one], area[other]), min(largest[one], largest[other]), measure)

    scores = {pair: score(pair) for pair in open_seams}
    while scores:
        pair = max(scores, key=lambda key: scores[key])
        if scores[pair] < measure.parting:
            break
        keep, gone = pair if area[pair[0]] >= area[pair[1]] else pair[::-1]
        # A satellite between two figures must not join them, so its own narrow gaps are forgotten.
        satellite = area[gone] < 0.25 * area[keep]
        target[target == gone] = keep
        area[keep] += area[gone]
        largest[keep] = max(largest[keep], largest[gone])
        del open_seams[pair], scores[pair]
        for other in [key for key in open_seams if gone in key]:
            seam = open_seams.pop(other)
            del scores[other]
            third = other[0] if other[1] == gone else other[1]
            new = (min(keep, third), max(keep, third))
            known = open_seams.get(new)
            if satellite and area[third] >= measure.small:
                narrow = known.gap_px if known is not None else max(seam.gap_px, 1.2 * measure.border_px)
            else:
                narrow = min(seam.gap_px, known.gap_px) if known is not None else seam.gap_px
            open_seams[new] = (known or Seam(0.0, narrow, 0.0)).joined(seam, gap_px=narrow)
        for changed in [key for key in open_seams if keep in key]:
            scores[changed] = score(changed)
    return target
