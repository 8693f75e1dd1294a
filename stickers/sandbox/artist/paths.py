"""Closed and open outlines in figure space: the geometry that the artist's pen fills and strokes.

Figure space has its origin in the middle of a figure, x to the right, y down, and about one unit from the
middle to the rim. Every function returns float64 points of shape (n, 2) in these units.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
Pairs = Sequence[tuple[float, float]]

_RASTER_PER_UNIT = 160  # of `union`; fine enough that the smoothed contour shows no steps


def poly(*pairs: tuple[float, float]) -> Points:
    """The polygon through the pairs, as it is."""
    return np.array(pairs, dtype=np.float64)


def curve(pairs: Pairs | Points, *, closed: bool = False, steps: int = 8) -> Points:
    """A Catmull-Rom spline through the pairs."""
    knots = np.asarray(pairs, dtype=np.float64)
    if closed:
        before, start, end, after = (np.roll(knots, shift, axis=0) for shift in (1, 0, -1, -2))
    else:
        padded = np.vstack([2 * knots[0] - knots[1], knots, 2 * knots[-1] - knots[-2]])
        before, start, end, after = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    t = np.linspace(0, 1, steps, endpoint=False).reshape(1, -1, 1)
    before, start, end, after = (side[:, None, :] for side in (before, start, end, after))
    points = 0.5 * (
        2 * start
        + (end - before) * t
        + (2 * before - 5 * start + 4 * end - after) * t**2
        + (3 * start - before - 3 * end + after) * t**3
    )
    flat: Points = points.reshape(-1, 2)
    return flat if closed else np.vstack([flat, knots[-1]])


def blob(*pairs: tuple[float, float]) -> Points:
    """A closed smooth shape through the pairs."""
    return curve(pairs, closed=True)


def twin(*pairs: tuple[float, float]) -> Points:
    """A closed smooth shape, mirrored at x = 0: the pairs run down its right half, from top to bottom."""
    left = [(-x, y) for x, y in reversed(pairs) if abs(x) > 1e-6]
    return curve([*pairs, *left], closed=True)


def ellipse(x: float, y: float, rx: float, ry: float | None = None, turn: float = 0.0) -> Points:
    """An ellipse around (x, y), turned clockwise by `turn` degrees; a circle when `ry` is left out."""
    angles = np.linspace(0, 2 * math.pi, 40, endpoint=False)
    points = np.stack([rx * np.cos(angles), (rx if ry is None else ry) * np.sin(angles)], axis=1)
    return moved(points, x, y, turn=turn)


def arc(  # noqa: PLR0917  six numbers are what an arc is
    x: float, y: float, rx: float, ry: float, start: float, end: float
) -> Points:
    """A part of an ellipse; angles in degrees, clockwise from the right."""
    angles = np.radians(np.linspace(start, end, max(6, int(abs(end - start) / 9))))
    return np.stack([x + rx * np.cos(angles), y + ry * np.sin(angles)], axis=1)


def rounded(pairs: Pairs | Points, radius: float, steps: int = 9) -> Points:
    """A polygon whose corners are rounded off, each at most to the middle of its shorter side."""
    corners = np.asarray(pairs, dtype=np.float64)
    before, after = np.roll(corners, 1, axis=0) - corners, np.roll(corners, -1, axis=0) - corners
    ends = []
    for side in (before, after):
        length = np.linalg.norm(side, axis=1, keepdims=True)
        ends.append(corners + side / np.maximum(length, 1e-9) * np.minimum(radius, length / 2))
    t = np.linspace(0, 1, steps).reshape(1, -1, 1)
    start, middle, end = ends[0][:, None], corners[:, None], ends[1][:, None]
    points: Points = ((1 - t) ** 2 * start + 2 * t * (1 - t) * middle + t**2 * end).reshape(-1, 2)
    return points


def box(left: float, top: float, right: float, bottom: float, radius: float = 0.0) -> Points:
    """A rectangle with rounded corners."""
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    return rounded(corners, radius) if radius else poly(*corners)


def star(
    x: float, y: float, outer: float, inner: float, points: int = 5, *, turn: float = 0.0, radius: float = 0.0
) -> Points:
    """A star with `points` tips, one of them up; `radius` rounds tips and notches."""
    angles = np.radians(turn - 90 + np.arange(2 * points) * 180 / points)
    reach = np.where(np.arange(2 * points) % 2 == 0, outer, inner)
    corners = np.stack([x + reach * np.cos(angles), y + reach * np.sin(angles)], axis=1)
    return rounded(corners, radius) if radius else corners


def sparkle(x: float, y: float, size: float) -> Points:
    """The four-pointed glint with hollow sides."""
    angles = np.linspace(0, 2 * math.pi, 48, endpoint=False)
    cos, sin = np.cos(angles), np.sin(angles)
    return np.stack([x + size * 0.8 * np.sign(cos) * np.abs(cos) ** 2.6,
                     y + size * np.sign(sin) * np.abs(sin) ** 2.6], axis=1)  # fmt: skip


def heart(x: float, y: float, size: float) -> Points:
    """A heart around (x, y), `size` from its middle to its side."""
    t = np.linspace(0, 2 * math.pi, 56, endpoint=False)
    across = 16 * np.sin(t) ** 3
    down = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
    return np.stack([x + size * across / 16, y + size * (down - 2) / 15], axis=1)


def scallop(  # noqa: PLR0917  the sixth is the depth of the bumps, never far from their number
    x: float, y: float, rx: float, ry: float, bumps: int, depth: float = 0.16, *, turn: float = 0.0
) -> Points:
    """An ellipse with round bumps all around: wool, petals, icing. Reaches at most `rx` and `ry`."""
    angles = np.linspace(0, 2 * math.pi, bumps * 9, endpoint=False)
    reach = (1 - depth) + depth * np.abs(np.sin(bumps * angles / 2))
    return moved(np.stack([rx * reach * np.cos(angles), ry * reach * np.sin(angles)], axis=1), x, y, turn=turn)


def leaf(x: float, y: float, length: float, width: float, turn: float = 0.0) -> Points:
    """A pointed oval that starts at (x, y) and grows upwards, turned clockwise by `turn` degrees."""
    t = np.linspace(0, 1, 28)
    side = width / 2 * np.sin(math.pi * t**0.85)
    right = np.stack([side, -length * t], axis=1)
    left = np.stack([-side, -length * t], axis=1)[::-1][1:-1]
    return moved(np.vstack([right, left]), x, y, turn=turn)


def drop(x: float, y: float, length: float, width: float, turn: float = 0.0) -> Points:
    """A petal or drop: narrow at (x, y), round at its far end above, turned clockwise by `turn` degrees."""
    t = np.linspace(0, 2 * math.pi, 36, endpoint=False)
    along = (1 - np.cos(t)) / 2
    side = width / 2 * np.sin(t) * np.sin(np.minimum(t, 2 * math.pi - t) / 2) ** 0.9 * 1.2
    return moved(np.stack([side, -length * along], axis=1), x, y, turn=turn)


def moved(points: Points, dx: float = 0.0, dy: float = 0.0, *, turn: float = 0.0, scale: float = 1.0) -> Points:
    """The points turned clockwise around the origin by `turn` degrees, scaled, then shifted."""
    angle = math.radians(turn)
    cos, sin = math.cos(angle) * scale, math.sin(angle) * scale
    placed: Points = points @ np.array([[cos, sin], [-sin, cos]]) + np.array([dx, dy])
    return placed


def mirrored(points: Points) -> Points:
    """The points mirrored at x = 0."""
    return points * (-1, 1)


def union(*shapes: Points) -> Points:
    """The outer contour of several overlapping shapes; the largest piece when they do not touch."""
    stacked = np.vstack(shapes)
    low = stacked.min(axis=0) - 0.05
    wide, high = np.ceil((stacked.max(axis=0) + 0.05 - low) * _RASTER_PER_UNIT).astype(int)
    mask = np.zeros((high, wide), np.uint8)
    for shape in shapes:
        cv2.fillPoly(mask, [np.round((shape - low) * _RASTER_PER_UNIT).astype(np.int32)], 1)
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    contour = max(contours, key=len)[:, 0, :].astype(np.float64)
    kernel = np.ones(9) / 9  # irons out the raster's steps
    ring = np.vstack([contour[-4:], contour, contour[:4]])
    smooth = np.stack([np.convolve(ring[:, axis], kernel, "valid") for axis in (0, 1)], axis=1)
    points: Points = smooth[::3] / _RASTER_PER_UNIT + low
    return points
