"""Snap a silhouette to a faint die-cut edge, by a search along its normals.

It is an active contour with a search along normals (Cootes & Taylor 1992), solved in one step. Lightness is sampled
along the normals of the rough outline. The evidence is averaged along the outline, because a die cut is smooth there
and noise is not. Each point then moves to the best fall in lightness. The falls of the whole sheet together tell how
far behind them the die cut lies: it is where a shadow begins, or outside the thin line drawn round the border. Where
nothing is seen, the border's usual width decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from stickers.cutting.raster import Mask, Plane, blur, nearest_cells

Floats = npt.NDArray[np.float32]
STEP_PX: Final = 0.5
TAU_PX: Final = 0.25
LOOK_IN_PX: Final = 4.0  # inwards from a fall in lightness: the greatest move, and the border before it
LOOK_OUT_PX: Final = 7.5  # outwards: the greatest move, the widest line, and the shadow behind it
FEW: Final = 20  # points of all outlines: fewer teach nothing
ENOUGH: Final = 4000
EDGE_BLUR_PX: Final = 0.85  # the usual blur of a sheet, and of sampling between pixels
LINE_ENDS: Final = 0.33  # a line ends at least with this share of the sharpness of its beginning
# a line's spread in darkness is at most this share of the spread behind it; a shadow's own is as great
LINE_EVEN: Final = 0.75
LIT_SHARE: Final = 0.4  # this share of the outlines, with the least shadow behind them, is used
WEAK: Final = 0.35  # lightness per px, averaged along the outline: below this nothing is seen


@dataclass(frozen=True)
class _Outlines:
    """The points of all outlines.

    `xy`: float32 Nx2. `normal`: Nx2, outward unit vectors. `starts`: where each closed ring begins.
    """

    xy: Floats
    normal: Floats
    starts: list[int]


def snapped(light: Plane, mask: Mask, from_art: Plane, border_px: float, scale: float) -> tuple[Mask, float]:
    """`mask` moved to the edges in `light` (float32 HxW, lightness above the ground), by a few px at most.

    `from_art`, the distance to the artwork, and `border_px` say where the edge is expected. Also returns the border's
    width that the sheet as a whole shows.
    """
    outline = _outline(mask)
    if outline is None:
        return mask, border_px
    inner, outer = 2.0 + 9.0 * scale, max(5.5, 2.0 + 3.5 * scale)
    offsets = np.arange(-inner, outer + STEP_PX / 2, STEP_PX, dtype=np.float32)
    profile = _sampled(blur(light, 0.6), outline, offsets)
    depth = _sampled(from_art, outline, offsets)
    window = max(5, round(13 * scale))
    fall = -np.gradient(profile, STEP_PX, axis=1).astype(np.float32)
    evidence = np.clip(_smoothed(np.clip(fall, -3.0, 3.0), outline.starts, window), 0, None)
    evidence[depth < max(1.5, 2.2 * scale)] = 0  # the artwork's own edge
    border_px = _usual_depth(evidence, depth, border_px, scale)
    # An expectation, not a command: a Gaussian round the usual width. Far from it the weight is flat, because art says
    # nothing there.
    expected = np.exp(-0.5 * ((depth - border_px) / max(1.0, 1.6 * scale)) ** 2)
    score = evidence * (0.1 + 0.9 * expected)
    best = score.argmax(1)
    rows = np.arange(len(best))
    seen = evidence[rows, best] > WEAK
    move = np.where(seen, offsets[best], 0.0).astype(np.float32)
    refined, behind = _refined(light, outline, move, seen, window)
    # A line that is not seen was taken for artwork. There the cut is at hand.
    fallback = offsets[np.abs(depth - border_px).argmin(1)]
    near = np.abs(depth - border_px).min(1) < 1.0
    border_px += behind
    move = np.where(seen, refined + behind, np.where(near, fallback, 0.0)).astype(np.float32)
    move = _steady(move, outline.starts, window)
    return _moved(mask, outline, move), border_px


def _refined(light: Plane, outline: _Outlines, move: Floats, seen: Mask, window: int) -> tuple[Floats, float]:
    """`move` to a fraction of a px, and how far behind that fall in lightness this sheet's die cut lies."""
    if np.count_nonzero(seen) < FEW:
        return move, 0.0
    close = _Outlines(outline.xy + outline.normal * move[:, None], outline.normal, outline.starts)
    offsets = np.arange(-LOOK_IN_PX, LOOK_OUT_PX + STEP_PX / 2, STEP_PX, dtype=np.float32)
    profile = _smoothed(_sampled(light, close, offsets), outline.starts, window)
    slope = np.gradient(profile, STEP_PX, axis=1).astype(np.float32)
    middle = round(LOOK_IN_PX / STEP_PX)
    reach = round(1.5 / STEP_PX)
    at = middle - reach + _crest(-slope[:, middle - reach : middle + reach + 1])
    # Lay the sheet's profiles on one another, with their falls at the same place.
    rows = np.flatnonzero(seen)
    rows = rows[:: 1 + len(rows) // ENOUGH]
    taus = np.arange(-2.0, LOOK_OUT_PX - 1.5 + TAU_PX / 2, TAU_PX, dtype=np.float32)
    where = np.clip(at[rows, None] + taus / STEP_PX, 0, len(offsets) - 1.001)
    low = where.astype(np.intp)
    part = (where - low).astype(np.float32)
    laid = profile[rows[:, None], low] * (1 - part) + profile[rows[:, None], low + 1] * part
    return (move + (at - middle) * STEP_PX).astype(np.float32), _behind_the_fall(laid, taus)


def _behind_the_fall(laid: Floats, taus: Floats) -> float:
    """The distance in px from the fall in lightness at the border's end to the die cut.

    `laid`: profiles over the offsets `taus`, with the fall at 0. A shadow begins at the die cut; its slope moves the
    steepest place a little inwards. A line lies inside the die cut, and ends where lightness rises again. Two things
    tell a line: it ends as sharply as it begins, and it is equally dark whatever shadow lies behind it. Together they
    sort 39 sheets rightly, 20 of them with a line.
    """
    mean = laid.mean(0)
    slope = np.gradient(mean, TAU_PX)
    inside = np.flatnonzero(np.abs(taus) <= 1.0)
    steepest = float(-slope[inside].min())
    after = np.flatnonzero((taus >= 0.5) & (taus <= 3.0))
    rise = after[slope[after].argmax()]
    later = slope[rise + round(1.25 / TAU_PX) : rise + round(2.5 / TAU_PX)]
    sharp = (slope[rise] - float(later.mean())) / max(steepest, 1e-3)
    border = laid[:, (taus >= -1.75) & (taus <= -1.0)].mean(1)
    dip = border - laid[:, (taus >= 0.75) & (taus <= 2.5)].min(1)
    beyond = border - laid[:, np.abs(taus - 3.0) < 0.3].mean(1)
    share = _spread(dip) / max(_spread(beyond), 1e-3)
    if sharp > LINE_ENDS or share < LINE_EVEN:
        # The end is seen best where the least shadow lies behind it.
        lit = laid[beyond <= np.quantile(beyond, LIT_SHARE)].mean(0)
        place = _crest(np.gradient(lit, TAU_PX)[None, after].astype(np.float32))
        return float(taus[after[0]] + TAU_PX * place[0])
    # A step blurred to a Gaussian is steepest at d = 0. With a ramp behind it, it is steepest at -ramp · blur² / step.
    ramp = float(np.polyfit(taus[(taus >= 1.5) & (taus <= 3)], mean[(taus >= 1.5) & (taus <= 3)], 1)[0])
    return float(np.clip(0.4 * EDGE_BLUR_PX * ramp / max(steepest, 1e-3), 0, 0.5))


def _spread(values: Floats) -> float:
    low, high = np.percentile(values, (20, 80))
    return float(high - low)


def _crest(values: Floats) -> Floats:
    """The column of each row's greatest value, to a fraction of a column, by a parabola through three values."""
    rows = np.arange(len(values))
    peak = values.argmax(1)
    middle = np.clip(peak, 1, values.shape[1] - 2)
    left, top, right = (values[rows, middle + step] for step in (-1, 0, 1))
    bend = left - 2 * top + right
    shift = np.where(bend < 0, 0.5 * (left - right) / np.minimum(bend, -1e-6), peak - middle)
    place: Floats = (middle + np.clip(shift, -1, 1)).astype(np.float32)
    return place


def _outline(mask: Mask) -> _Outlines | None:
    rings, _ = cv2.findContours(mask.view(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    rings = [ring.reshape(-1, 2) for ring in rings if len(ring) >= 12]
    if not rings:
        return None
    xy = np.concatenate(rings).astype(np.float32)
    soft = blur(mask.astype(np.float32), 2.0)
    gx = cv2.Sobel(soft, cv2.CV_32F, 1, 0)
    gy = cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    at = xy.astype(np.intp)
    inward = np.stack([gx[at[:, 1], at[:, 0]], gy[at[:, 1], at[:, 0]]], axis=1)
    normal = -inward / np.maximum(np.linalg.norm(inward, axis=1, keepdims=True), 1e-6)
    starts = [0, *np.cumsum([len(ring) for ring in rings]).tolist()]
    return _Outlines(xy, normal.astype(np.float32), starts)


def _sampled(plane: Plane, outline: _Outlines, offsets: Floats) -> Floats:
    x = outline.xy[:, :1] + outline.normal[:, :1] * offsets
    y = outline.xy[:, 1:] + outline.normal[:, 1:] * offsets
    rows = []
    for start in range(0, len(x), 30000):  # remap takes at most 32,767 rows
        part = np.s_[start : start + 30000]
        rows.append(cv2.remap(plane, x[part], y[part], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
    return np.concatenate(rows).astype(np.float32)


def _smoothed(values: Floats, starts: list[int], window: int) -> Floats:
    """A box average along each closed ring."""
    out = np.empty_like(values)
    half = window // 2
    for start, end in pairwise(starts):
        ring = values[start:end]
        reach = min(half, (len(ring) - 1) // 2)
        wrapped = np.concatenate([ring[-reach:], ring, ring[:reach]]) if reach else ring
        summed = np.cumsum(np.concatenate([np.zeros((1, *ring.shape[1:]), np.float64), wrapped]), axis=0)
        width = 2 * reach + 1
        out[start:end] = (summed[width:] - summed[:-width]) / width
    return out


def _usual_depth(evidence: Floats, depth: Floats, border_px: float, scale: float) -> float:
    """The distance from the artwork at which the sheet as a whole shows its die cut, near `border_px`."""
    low, high = 0.45 * border_px, 1.5 * border_px + 2 * scale
    inside = (depth >= low) & (depth <= high)
    bins = ((depth[inside] - low) / 0.25).astype(np.intp)
    count = np.bincount(bins)
    total = np.bincount(bins, weights=evidence[inside])
    kernel = np.ones(5)
    mean = np.convolve(total, kernel, "same") / (np.convolve(count, kernel, "same") + 0.1 * len(evidence))
    best = int(mean.argmax())
    return low + (best + 0.5) * 0.25 if mean[best] > 0.5 * WEAK else border_px


def _steady(move: Floats, starts: list[int], window: int) -> Floats:
    """Take out outliers with a median, then smooth, along each ring."""
    out = np.empty_like(move)
    half = window // 2
    for start, end in pairwise(starts):
        ring = move[start:end]
        reach = min(half, (len(ring) - 1) // 2)
        wrapped = np.concatenate([ring[-reach:], ring, ring[:reach]])
        views = np.lib.stride_tricks.sliding_window_view(wrapped, 2 * reach + 1)
        out[start:end] = np.median(views, axis=1)
    return _smoothed(out[:, None], starts, max(3, window // 2 | 1))[:, 0]


def _moved(mask: Mask, outline: _Outlines, move: Floats) -> Mask:
    at = outline.xy.astype(np.intp)
    rim = np.zeros(mask.shape, np.bool_)
    rim[at[:, 1], at[:, 0]] = True
    shift = np.zeros(mask.shape, np.float32)
    shift[at[:, 1], at[:, 0]] = move
    away, cells, flat = nearest_cells(rim)
    signed = np.where(mask, -away, away)
    moved: Mask = signed <= np.take(shift.ravel()[flat], cells)
    return moved
