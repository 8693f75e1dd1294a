"""Fit few smooth cubic curves to a dense closed polyline, so that a cut line is light enough for a cutter.

Tangents come from the polyline, and the two curves that meet in a node share one, so the path has no corners (G1). All
arcs of a round are fitted at once: with arrays instead of recursion this takes milliseconds.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from stickers.printing.geometry.curves import Loop, Points, curvature

Whole = npt.NDArray[np.intp]

_SAMPLES: Final = 17  # samples of an arc, by which its error is measured
# rounds of Newton's method, each of which moves the parameters nearer to the feet of the samples
_REFINEMENTS: Final = 3
# A handle shorter than a tenth of its chord, or longer than the chord, bends the arc into a cusp or a loop.
_HANDLES: Final = (0.1, 1.0)
_LEAST_ARC_STEPS: Final = 4
_HALVINGS: Final = 15  # more than enough to halve any arc down to the least one
_JOININGS: Final = 6


def fit_loop(points: Points, *, tolerance_mm: float, least_radius_mm: float) -> Loop:
    """Cubic curves within `tolerance_mm` of `points` (Nx2 float64, evenly spaced, closed, smooth, N of 16 or more).

    No curve bends tighter than `least_radius_mm` where the points themselves do not. Method: least squares for the
    lengths of the two handles of each arc (Schneider, Graphics Gems 1990). Arcs that miss are halved, then neighbours
    that one curve can follow are joined.
    """
    count = len(points)
    ahead = np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0)
    tangents = ahead / np.maximum(np.hypot(ahead[:, 0], ahead[:, 1]), 1e-12)[:, None]
    outline = _Outline(points, tangents, tolerance_mm, least_radius_mm)
    # Begin at the calmest point, where a node is seen least.
    after = np.roll(tangents, -1, axis=0)
    turning = np.abs(tangents[:, 0] * after[:, 1] - tangents[:, 1] * after[:, 0])
    first = int(np.argmin(turning))
    cuts = np.unique(np.linspace(0, count, max(5, count // 100), dtype=np.intp)) + first
    starts, ends = cuts[:-1], cuts[1:]
    done: list[tuple[Whole, Points]] = []
    for _ in range(_HALVINGS):
        curves, good = outline.fit(starts, ends)
        good |= ends - starts <= _LEAST_ARC_STEPS
        done.append((starts[good], curves[good]))
        starts, ends = starts[~good], ends[~good]
        if not len(starts):
            break
        middle = (starts + ends) // 2
        starts, ends = np.concatenate([starts, middle]), np.concatenate([middle, ends])
    begins = np.concatenate([found for found, _ in done])
    curves = np.concatenate([found for _, found in done])
    order = np.argsort(begins)
    begins, curves = begins[order], curves[order]
    begins, curves = _joined(outline, begins, curves, first + count)
    return Loop(np.ascontiguousarray(curves))


def _joined(outline: _Outline, begins: Whole, curves: Points, end: int) -> tuple[Whole, Points]:
    """Replace two neighbours by one curve wherever it follows both."""
    for turn in range(_JOININGS):
        pairs = np.arange(turn % 2, len(begins) - 1, 2)
        if not len(pairs):
            continue
        stops = np.append(begins, end)
        wider, good = outline.fit(begins[pairs], stops[pairs + 2])
        if not good.any() and turn > 1:
            break
        curves[pairs[good]] = wider[good]
        gone = pairs[good] + 1
        begins, curves = np.delete(begins, gone), np.delete(curves, gone, axis=0)
    return begins, curves


class _Outline:
    """The dense polyline with its tangents, and how near and how tight its curves must be."""

    def __init__(self, points: Points, tangents: Points, tolerance_mm: float, least_radius_mm: float) -> None:
        self._points = points
        self._tangents = tangents
        self._tolerance_mm = tolerance_mm
        self._most_bent = 1 / least_radius_mm

    def fit(self, starts: Whole, ends: Whole) -> tuple[Points, npt.NDArray[np.bool_]]:
        """The best curve for each arc from `starts` to `ends`, and whether it is near enough without a cusp.

        The indices may run past the end. Returns Kx4x2 float64 and K bool.
        """
        count = len(self._points)
        place = starts[:, None] + (ends - starts)[:, None] * np.linspace(0, 1, _SAMPLES)[None]
        below = np.floor(place).astype(np.intp)
        part = (place - below)[..., None]
        targets = self._points[below % count] * (1 - part) + self._points[(below + 1) % count] * part
        start, end = targets[:, 0], targets[:, -1]
        leaving, arriving = self._tangents[starts % count], -self._tangents[ends % count]
        chord = np.maximum(np.hypot(*(end - start).T), 1e-9)
        times = np.broadcast_to(np.linspace(0, 1, _SAMPLES), place.shape)
        for _ in range(_REFINEMENTS):
            handles = _handles(targets, (start, end), (leaving, arriving), times)
            handles = np.clip(handles, _HANDLES[0] * chord[:, None], _HANDLES[1] * chord[:, None])
            curves = np.stack([start, start + handles[:, :1] * leaving, end + handles[:, 1:] * arriving, end], axis=1)
            times, away = _nearer(curves, targets, times)
        near = away.max(axis=1) <= self._tolerance_mm
        calm = np.abs(curvature(curves)).max(axis=1) <= self._most_bent
        return curves, near & calm


def _handles(targets: Points, ends: tuple[Points, Points], directions: tuple[Points, Points], times: Points) -> Points:
    """The lengths of both handles by least squares: Kx2 float64."""
    (start, end), (leaving, arriving) = ends, directions
    rest = 1 - times
    from_start, from_end = rest * rest * (1 + 2 * times), times * times * (3 - 2 * times)
    missing = targets - from_start[..., None] * start[:, None] - from_end[..., None] * end[:, None]
    one = (3 * rest * rest * times)[..., None] * leaving[:, None]
    other = (3 * rest * times * times)[..., None] * arriving[:, None]
    a = (one * one).sum(axis=(1, 2))
    b = (one * other).sum(axis=(1, 2))
    c = (other * other).sum(axis=(1, 2))
    u = (one * missing).sum(axis=(1, 2))
    v = (other * missing).sum(axis=(1, 2))
    room = a * c - b * b
    room = np.where(np.abs(room) < 1e-12, 1e-12, room)
    return np.stack([(u * c - v * b) / room, (a * v - b * u) / room], axis=1)


def _nearer(curves: Points, targets: Points, times: Points) -> tuple[Points, Points]:
    """`times` after one Newton step towards the feet of `targets` on `curves`, and the distances there."""
    t = times[..., None]
    start, first, second, end = (curves[:, None, index] for index in range(4))
    r = 1 - t
    at = r**3 * start + 3 * r * r * t * first + 3 * r * t * t * second + t**3 * end
    speed = 3 * (r * r * (first - start) + 2 * r * t * (second - first) + t * t * (end - second))
    bend = 6 * (r * (second - 2 * first + start) + t * (end - 2 * second + first))
    gap = at - targets
    slope = (speed * speed + gap * bend).sum(axis=2)
    step = (gap * speed).sum(axis=2) / np.where(slope > 1e-9, slope, np.inf)
    moved = np.clip(times - step, 0, 1)
    moved[:, 0], moved[:, -1] = 0, 1
    t = moved[..., None]
    r = 1 - t
    at = r**3 * start + 3 * r * r * t * first + 3 * r * t * t * second + t**3 * end
    return moved, np.hypot(*np.moveaxis(at - targets, 2, 0))
