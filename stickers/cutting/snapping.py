"""Snap a silhouette to a faint die-cut edge, by looking along its normals.

An active contour with a search along normals (Cootes & Taylor 1992), solved in one step: lightness is sampled along
the normals of the rough outline, the evidence is averaged along the outline, where a die cut is smooth and noise is
not, and each point moves to the best edge. One test for the whole sheet tells which edge to look for: the step from
border to shadow, or the thin line drawn round the border. Where nothing is seen the border's usual width decides.
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
WEAK: Final = 0.35  # lightness per px, averaged along the outline: below this nothing is seen


@dataclass(frozen=True)
class _Outline:
    """Points of all outlines: `xy` float32 Nx2, outward unit `normal` Nx2, and where each closed ring begins."""

    xy: Floats
    normal: Floats
    starts: list[int]


def snapped(light: Plane, mask: Mask, from_art: Plane, border_px: float, scale: float) -> tuple[Mask, float]:
    """`mask` moved to the edges in `light` (float32 HxW, lightness above the ground), within a few px.

    `from_art`, the distance to the artwork, and `border_px` say where the edge is expected. Also returned: the
    width that the sheet as a whole shows.
    """
    outline = _outline(mask)
    if outline is None:
        return mask, border_px
    inner, outer = 2.0 + 9.0 * scale, max(5.5, 2.0 + 3.5 * scale)
    offsets = np.arange(-inner, outer + STEP_PX / 2, STEP_PX, dtype=np.float32)
    sheet = blur(light, 0.6)
    profile = _sampled(sheet, outline, offsets)
    slope = np.gradient(profile, STEP_PX, axis=1).astype(np.float32)
    depth = _sampled(from_art, outline, offsets)
    window = max(5, round(13 * scale))
    line_px = _line_width(_smoothed(profile, outline.starts, window), offsets, scale)
    if line_px > 0:
        shift = max(1, round(line_px / STEP_PX))
        evidence = slope.copy()
        evidence[:, shift:] -= slope[:, :-shift]
        evidence /= 2
    else:
        evidence = -slope
    evidence = np.clip(_smoothed(np.clip(evidence, -3.0, 3.0), outline.starts, window), 0, None)
    evidence[depth < max(1.5, 2.2 * scale)] = 0  # the artwork's own edge
    border_px = _usual_depth(evidence, depth, border_px, scale)
    # expectation, not command: a Gaussian round the usual width, flat far from it, where art says nothing
    expected = np.exp(-0.5 * ((depth - border_px) / max(1.0, 1.6 * scale)) ** 2)
    score = evidence * (0.1 + 0.9 * expected)
    best = score.argmax(1)
    rows = np.arange(len(best))
    move = offsets[best]
    seen = evidence[rows, best] > WEAK
    fallback = offsets[np.abs(depth - border_px).argmin(1)]
    near = np.abs(depth - border_px).min(1) < 1.0
    move = np.where(seen, move, np.where(near, fallback, 0.0)).astype(np.float32)
    move = _steady(move, outline.starts, window)
    return _moved(mask, outline, move), border_px


def _outline(mask: Mask) -> _Outline | None:
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
    return _Outline(xy, normal.astype(np.float32), starts)


def _sampled(plane: Plane, outline: _Outline, offsets: Floats) -> Floats:
    x = outline.xy[:, :1] + outline.normal[:, :1] * offsets
    y = outline.xy[:, 1:] + outline.normal[:, 1:] * offsets
    rows = []
    for start in range(0, len(x), 30000):  # remap takes at most 32,767 rows
        part = np.s_[start : start + 30000]
        rows.append(cv2.remap(plane, x[part], y[part], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
    return np.concatenate(rows).astype(np.float32)


def _smoothed(values: Floats, starts: list[int], window: int) -> Floats:
    """Box average along each closed ring."""
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


def _line_width(profile: Floats, offsets: Floats, scale: float) -> float:
    """Width in px of the line drawn round the borders; 0 if the borders end in a shadow instead."""
    fall = np.gradient(profile, STEP_PX, axis=1).argmin(1)
    reach = round(5.0 / STEP_PX)
    usable = (fall > 4) & (fall <= len(offsets) - reach)
    if usable.sum() < 20:
        return 0.0
    rows = np.flatnonzero(usable)
    aligned = profile[rows[:, None], fall[rows][:, None] + np.arange(-4, reach)]
    mean = np.median(aligned, axis=0)
    dip = int(mean[4:].argmin()) + 4
    depth = aligned[:, :3].mean(1) - aligned[:, dip]
    slopes = np.gradient(aligned, axis=1)
    symmetry = np.median(slopes[:, 4:11].max(1) / np.maximum(-slopes[:, 2:7].min(1), 0.05))
    evenness = np.percentile(depth, 25) / max(0.3, float(np.percentile(depth, 75)))
    fallen = mean[:3].mean() - mean[dip]
    # a line is dark, the same on every side, and ends as sharply as it begins; small sheets have narrow shadows.
    # The weights part 26 sheets with a line from 22 with a shadow, all but two.
    if symmetry + 0.06 * fallen + 0.25 * min(evenness, 0.9) < 1.05 + 0.32 * max(0.0, 1 - scale):
        return 0.0
    rise = int(np.gradient(mean)[dip:].argmax()) + dip
    return float((rise - 4) * STEP_PX)


def _usual_depth(evidence: Floats, depth: Floats, border_px: float, scale: float) -> float:
    """The distance from the artwork at which the sheet as a whole shows its die cut; near `border_px`."""
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
    """Outliers taken out (median), then smoothed, along each ring."""
    out = np.empty_like(move)
    half = window // 2
    for start, end in pairwise(starts):
        ring = move[start:end]
        reach = min(half, (len(ring) - 1) // 2)
        wrapped = np.concatenate([ring[-reach:], ring, ring[:reach]])
        views = np.lib.stride_tricks.sliding_window_view(wrapped, 2 * reach + 1)
        out[start:end] = np.median(views, axis=1)
    return _smoothed(out[:, None], starts, max(3, window // 2 | 1))[:, 0]


def _moved(mask: Mask, outline: _Outline, move: Floats) -> Mask:
    at = outline.xy.astype(np.intp)
    rim = np.zeros(mask.shape, np.bool_)
    rim[at[:, 1], at[:, 0]] = True
    shift = np.zeros(mask.shape, np.float32)
    shift[at[:, 1], at[:, 0]] = move
    away, cells, flat = nearest_cells(rim)
    signed = np.where(mask, -away, away)
    moved: Mask = signed <= np.take(shift.ravel()[flat], cells)
    return moved
