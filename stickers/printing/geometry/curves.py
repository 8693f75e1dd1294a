"""Closed paths of cubic Bézier curves in millimetres: a blade follows them, and every writer writes them.

Coordinates are x to the right and y downwards, as on screens. Rotations are clockwise as seen. A path is never scaled
once it is made, only turned and moved, so that its size stays as ordered.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
from shapely import Polygon

Points = npt.NDArray[np.float64]

# A chord may lie this far from its curve by default: a tenth of what a blade's positioning shows.
CHORD_MM: Final = 0.01
_MOST_STEPS: Final = 256  # chords for one curve, which bounds the cost of a degenerate one


@dataclass(frozen=True, eq=False)
class Loop:
    """One closed path. `curves`: Nx4x2 float64, mm: start, two control points and end of each cubic Bézier.

    Each curve starts exactly where the one before it ends; the first starts where the last ends.
    """

    curves: Points

    @property
    def nodes(self) -> int:
        """The number of points that a cutter's software shows."""
        return len(self.curves)

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom in mm, exact, from the curves' extrema."""
        start, first, second, end = (self.curves[:, index] for index in range(4))
        # The derivative is the quadratic a·t² + b·t + c. At its roots a coordinate changes direction.
        a = end - start + 3 * (first - second)
        b = 2 * (start - 2 * first + second)
        c = first - start
        with np.errstate(divide="ignore", invalid="ignore"):
            root = np.sqrt(b * b - 4 * a * c)
            times = np.stack([(-b + root) / (2 * a), (-b - root) / (2 * a), -c / b])
        times = np.nan_to_num(np.clip(times, 0, 1), nan=0.0)
        reached = _at(self.curves[None], times)
        low = np.minimum(self.curves[:, 0].min(axis=0), reached.min(axis=(0, 1)))
        high = np.maximum(self.curves[:, 0].max(axis=0), reached.max(axis=(0, 1)))
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    @property
    def area_mm2(self) -> float:
        """The enclosed area, exact (Green's theorem on cubics)."""
        x, y = np.moveaxis(self.curves, 2, 0)
        # The integral of x·dy - y·dx over one cubic in Bernstein form; the weights are ∫ Bi·B'j.
        doubled = np.einsum("ni,ij,nj->", x, _CROSS, y) - np.einsum("ni,ij,nj->", y, _CROSS, x)
        return abs(float(doubled)) / 2

    def flattened(self, chord_mm: float = CHORD_MM) -> Points:
        """The path as a polygon, Nx2 float64.

        No side lies farther than `chord_mm` from its curve. The end is not repeated.
        """
        start, first, second, end = (self.curves[:, index] for index in range(4))
        # A chord's error is at most an eighth of the second derivative, over the square of the parameter.
        bend = 6 * np.maximum(
            np.hypot(*(start - 2 * first + second).T),
            np.hypot(*(first - 2 * second + end).T),
        )
        steps = np.clip(np.ceil(np.sqrt(bend / (8 * chord_mm))), 1, _MOST_STEPS).astype(int)
        curve = np.repeat(np.arange(len(steps)), steps)
        offset = np.arange(len(curve)) - np.repeat(np.cumsum(steps) - steps, steps)
        times = (offset / steps[curve])[:, None]
        return _at(self.curves[curve], np.broadcast_to(times, (len(curve), 2)))

    def moved(self, *, rotation_deg: float = 0.0, x_mm: float = 0.0, y_mm: float = 0.0) -> Loop:
        """The loop turned clockwise around (0, 0), then moved."""
        return Loop(self.curves @ turn(rotation_deg).T + (x_mm, y_mm))

    def radius_mm(self) -> float:
        """The least radius of curvature along the path, in mm; infinite for straight lines."""
        return float(1 / max(np.abs(curvature(self.curves)).max(), 1e-9))


@dataclass(frozen=True, eq=False)
class CutPath:
    """A cut line: one closed loop, and the holes kept in it (mostly none)."""

    outer: Loop
    holes: tuple[Loop, ...] = ()

    @property
    def loops(self) -> tuple[Loop, ...]:
        return (self.outer, *self.holes)

    @property
    def nodes(self) -> int:
        return sum(loop.nodes for loop in self.loops)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom in mm."""
        return self.outer.bounds

    @property
    def width_mm(self) -> float:
        left, _, right, _ = self.bounds
        return right - left

    @property
    def height_mm(self) -> float:
        _, top, _, bottom = self.bounds
        return bottom - top

    @property
    def area_mm2(self) -> float:
        return self.outer.area_mm2 - sum(hole.area_mm2 for hole in self.holes)

    def moved(self, *, rotation_deg: float = 0.0, x_mm: float = 0.0, y_mm: float = 0.0) -> CutPath:
        """The path turned clockwise around (0, 0), then moved. There is no scaling: a cut line keeps its size."""
        return CutPath(
            self.outer.moved(rotation_deg=rotation_deg, x_mm=x_mm, y_mm=y_mm),
            tuple(hole.moved(rotation_deg=rotation_deg, x_mm=x_mm, y_mm=y_mm) for hole in self.holes),
        )

    def polygon(self, chord_mm: float = CHORD_MM) -> Polygon:
        """The path as a polygon of the geometry library, in mm."""
        return Polygon(self.outer.flattened(chord_mm), [hole.flattened(chord_mm) for hole in self.holes])


def turn(rotation_deg: float) -> Points:
    """The 2x2 matrix of a clockwise rotation, with y downwards; exact for quarter turns."""
    quarters, rest = divmod(rotation_deg, 90)
    if rest == 0:
        cosine, sine = ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[int(quarters) % 4]
    else:
        cosine, sine = math.cos(math.radians(rotation_deg)), math.sin(math.radians(rotation_deg))
    return np.array([[cosine, -sine], [sine, cosine]], np.float64)


def curvature(curves: Points, samples: int = 17) -> Points:
    """Signed curvature in 1/mm at `samples` even parameters of each of the Nx4x2 `curves`: N x samples, float64."""
    times = np.linspace(0, 1, samples)[None, :, None]
    start, first, second, end = (curves[:, None, index] for index in range(4))
    rest = 1 - times
    speed = 3 * (rest * rest * (first - start) + 2 * rest * times * (second - first) + times * times * (end - second))
    bend = 6 * (rest * (second - 2 * first + start) + times * (end - 2 * second + first))
    cross = speed[..., 0] * bend[..., 1] - speed[..., 1] * bend[..., 0]
    bent: Points = cross / np.maximum(np.hypot(speed[..., 0], speed[..., 1]) ** 3, 1e-12)
    return bent


def _at(curves: Points, times: Points) -> Points:
    """Points of `curves` (…x4x2) at `times` (…x2, one parameter for each coordinate): …x2."""
    rest = 1 - times
    reached: Points = (
        rest**3 * curves[..., 0, :]
        + 3 * rest * rest * times * curves[..., 1, :]
        + 3 * rest * times * times * curves[..., 2, :]
        + times**3 * curves[..., 3, :]
    )
    return reached


def _cross_weights() -> Points:
    """∫₀¹ Bᵢ(t)·B'ⱼ(t) dt of the cubic Bernstein polynomials: 4x4 float64."""
    bernstein = [
        np.polynomial.Polynomial(coefficients)
        for coefficients in ([1, -3, 3, -1], [0, 3, -6, 3], [0, 0, 3, -3], [0, 0, 0, 1])
    ]
    integrals = [[(one * other.deriv()).integ() for other in bernstein] for one in bernstein]
    return np.array([[whole(1) - whole(0) for whole in row] for row in integrals], np.float64)


_CROSS: Final = _cross_weights()
