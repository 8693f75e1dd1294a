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
Complex = npt.NDArray[np.complex128]

_EVEN: Final = np.linspace(0, 1, 17)  # where an arc is sampled to measure its error
# Rounds of Newton's method, each of which moves the parameters nearer to the feet of the samples
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
    """The dense polyline with its tangents, and how near and how tight its curves must be.

    Points are complex numbers here, x + iy: half as many steps on arrays as with pairs, and these steps are the cost.
    """

    def __init__(self, points: Points, tangents: Points, tolerance_mm: float, least_radius_mm: float) -> None:
        self._points: Complex = points[:, 0] + 1j * points[:, 1]
        self._tangents: Complex = tangents[:, 0] + 1j * tangents[:, 1]
        self._tolerance_mm = tolerance_mm
        self._most_bent = 1 / least_radius_mm

    def fit(self, starts: Whole, ends: Whole) -> tuple[Points, npt.NDArray[np.bool_]]:
        """The best curve for each arc from `starts` to `ends`, and whether it is near enough without a cusp.

        The indices may run past the end. Returns Kx4x2 float64 and K bool.
        """
        count = len(self._points)
        place = starts[:, None] + (ends - starts)[:, None] * _EVEN
        below = place.astype(np.intp)
        first, second = self._points[below % count], self._points[(below + 1) % count]
        targets = first + (second - first) * (place - below)
        start, end = targets[:, 0], targets[:, -1]
        leaving, arriving = self._tangents[starts % count], -self._tangents[ends % count]
        chord = np.maximum(np.abs(end - start), 1e-9)
        shortest, longest = _HANDLES[0] * chord, _HANDLES[1] * chord
        times = np.broadcast_to(_EVEN, place.shape)
        for _ in range(_REFINEMENTS):
            lengths = _handles(targets, (start, end), (leaving, arriving), times)
            first = start + np.clip(lengths[0], shortest, longest) * leaving
            second = end + np.clip(lengths[1], shortest, longest) * arriving
            powers = _powers(start, first, second, end)
            times = _nearer(powers, targets, times)
        curves = np.stack([start, first, second, end], axis=1).view(np.float64).reshape(-1, 4, 2)
        near = np.abs(_at(powers, times) - targets).max(axis=1) <= self._tolerance_mm
        calm = np.abs(curvature(curves)).max(axis=1) <= self._most_bent
        return curves, near & calm


def _handles(
    targets: Complex, ends: tuple[Complex, Complex], directions: tuple[Complex, Complex], times: Points
) -> tuple[Points, Points]:
    """The lengths of both handles of each curve by least squares: K float64 each. The directions have length 1."""
    (start, end), (leaving, arriving) = ends, directions
    rest = 1 - times
    early, late = rest * rest, times * times
    missing = targets - early * (1 + 2 * times) * start[:, None] - late * (3 - 2 * times) * end[:, None]
    one, other = 3 * early * times, 3 * rest * late
    a, c = (one * one).sum(axis=1), (other * other).sum(axis=1)
    b = (one * other).sum(axis=1) * (leaving.conj() * arriving).real
    u = ((one * missing).sum(axis=1) * leaving.conj()).real
    v = ((other * missing).sum(axis=1) * arriving.conj()).real
    room = a * c - b * b
    room = np.where(np.abs(room) < 1e-12, 1e-12, room)
    return (u * c - v * b) / room, (a * v - b * u) / room


def _powers(start: Complex, first: Complex, second: Complex, end: Complex) -> tuple[Complex, ...]:
    """The factors of 1, t, t² and t³ of each curve: Kx1 each."""
    turning = 3 * (second - 2 * first + start)
    powers = start, 3 * (first - start), turning, end - start - 3 * (second - first)
    return tuple(factor[:, None] for factor in powers)


def _at(powers: tuple[Complex, ...], times: Points) -> Complex:
    one, t, square, cube = powers
    reached: Complex = ((cube * times + square) * times + t) * times + one
    return reached


def _nearer(powers: tuple[Complex, ...], targets: Complex, times: Points) -> Points:
    """`times` after one Newton step towards the feet of `targets` on the curves."""
    _, t, square, cube = powers
    away = (_at(powers, times) - targets).conj()
    speed = (3 * cube * times + 2 * square) * times + t
    bend = 6 * cube * times + 2 * square
    slope = (speed * speed.conj()).real + (away * bend).real
    moved: Points = np.clip(times - (away * speed).real / np.where(slope > 1e-9, slope, np.inf), 0, 1)
    moved[:, 0], moved[:, -1] = 0, 1
    return moved
