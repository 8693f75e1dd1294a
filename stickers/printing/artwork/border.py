"""The white border: the silhouette grown evenly by the border's width, as one rounded piece without holes.

Growing by border + r and shrinking by r (a closing) leaves the border's width exact on every outward side and
rounds every inward corner to radius r, so that a blade can follow. Parts too far apart to meet are joined by a
bridge as wide as two borders. Distances are to the sub-pixel outline, not to pixel centres: no stairs.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from scipy.spatial import KDTree

Plane = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Points = npt.NDArray[np.float64]

_BAND_PX = 3.0  # around a level set, within which distances are made exact
_BRIDGE_POINTS = 3000  # of the outlines, among which the shortest bridges are sought; bounds a square matrix


@dataclass(frozen=True, kw_only=True)
class CutLine:
    """`distance_px`, HxW float32, is negative inside the cut line, positive outside, exact near the line itself.

    `bridges_px` are the lengths of art-to-art bridges that join loose parts.
    """

    distance_px: Plane
    bridges_px: tuple[float, ...]


def cut_line(field: Plane, border_px: float, rounding_px: float) -> CutLine:
    """The cut line at `border_px` around the 0.5 line of `field` (HxW float32), inward corners of `rounding_px`.

    The field must leave `border_px + rounding_px + 3` empty pixels around the art.
    """
    outline = _outline(np.float32(0.5) - field)
    grown = _signed_distance(np.float32(0.5) - field, outline, near=border_px + rounding_px)
    grown -= np.float32(border_px)
    bridges = _bridges(grown, outline)
    for start, end in bridges:
        _draw_capsule(grown, start, end, radius_px=border_px, reach_px=rounding_px + _BAND_PX)
    if rounding_px > 0:
        around = np.float32(rounding_px) - grown
        closed = np.float32(rounding_px) - _signed_distance(around, _outline(around), near=rounding_px)
    else:
        closed = grown
    _fill_holes(closed)
    return CutLine(
        distance_px=closed,
        bridges_px=tuple(float(np.hypot(*(end - start))) for start, end in bridges),
    )


def _outline(value: Plane) -> Points:
    """Points of the zero line of `value` on the edges of the pixel grid: Nx2 float64, (x, y) of pixel centres."""
    found = []
    for axis in (0, 1):
        before = value[:-1] if axis == 0 else value[:, :-1]
        after = value[1:] if axis == 0 else value[:, 1:]
        rows, columns = np.nonzero((before < 0) != (after < 0))
        start = before[rows, columns].astype(np.float64)
        step = start / (start - after[rows, columns])
        found.append(np.stack([columns + step, rows] if axis == 1 else [columns, rows + step], axis=1))
    return np.concatenate(found)


def _signed_distance(value: Plane, outline: Points, *, near: float) -> Plane:
    """Distance in pixels from the region where `value` < 0, negative inside it; exact around the level `near`."""
    inside = value < 0
    to_centre = cv2.distanceTransform((~inside).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    # from the nearest inner pixel's centre to, on average, its edge
    distance: Plane = to_centre.astype(np.float32) - np.float32(0.5)
    rows, columns = np.nonzero(np.abs(distance - np.float32(near)) <= _BAND_PX)
    if len(outline) and rows.size:
        exact, _ = KDTree(outline).query(np.stack([columns, rows], axis=1))
        distance[rows, columns] = np.where(inside[rows, columns], -exact, exact)
    return distance


def _bridges(grown: Plane, outline: Points) -> list[tuple[Points, Points]]:
    """The shortest set of bridges that joins all parts of the region `grown` <= 0: pairs of points of `outline`.

    A minimum spanning tree over the parts, grown part by part as Prim does.
    """
    count, labels = cv2.connectedComponents((grown <= 0).astype(np.uint8), connectivity=8)
    if count <= 2:
        return []
    columns, rows = np.round(outline).astype(int).T
    part_of = labels[rows, columns]
    stride = max(1, len(outline) // _BRIDGE_POINTS)
    chosen = np.concatenate(
        # every part keeps some points, however small it is
        [
            members[:: min(stride, max(1, len(members) // 8))]
            for members in (np.flatnonzero(part_of == part) for part in range(1, count))
            if len(members)
        ]
    )
    points, parts = outline[chosen], part_of[chosen]
    waiting = np.ones(len(points), bool)
    best = np.full(len(points), np.inf)
    partner = np.zeros(len(points), int)
    joined = int(parts[0])
    bridges: list[tuple[Points, Points]] = []
    while True:
        members = np.flatnonzero(parts == joined)
        waiting[members] = False
        left = np.flatnonzero(waiting)
        if left.size == 0:
            return bridges
        away, index = KDTree(points[members]).query(points[left])
        nearer = away < best[left]
        best[left[nearer]] = away[nearer]
        partner[left[nearer]] = members[index[nearer]]
        end = left[np.argmin(best[left])]
        bridges.append((points[partner[end]], points[end]))
        joined = int(parts[end])


def _draw_capsule(distance: Plane, start: Points, end: Points, *, radius_px: float, reach_px: float) -> None:
    """Lower `distance` in place to the distance from the capsule of `radius_px` around the line start–end."""
    margin = radius_px + reach_px
    low = np.maximum(np.floor(np.minimum(start, end) - margin), 0).astype(int)
    high = np.ceil(np.maximum(start, end) + margin).astype(int) + 1
    view = distance[low[1] : high[1], low[0] : high[0]]
    y, x = np.mgrid[low[1] : low[1] + view.shape[0], low[0] : low[0] + view.shape[1]]
    along = end - start
    length_squared = max(float(along @ along), 1e-9)
    step = np.clip(((x - start[0]) * along[0] + (y - start[1]) * along[1]) / length_squared, 0, 1)
    away = np.hypot(x - start[0] - step * along[0], y - start[1] - step * along[1]) - radius_px
    np.minimum(view, away.astype(np.float32), out=view)


def _fill_holes(distance: Plane) -> None:
    """Make every region that is outside but enclosed an inside, in place."""
    outside = (distance > 0).astype(np.uint8)
    count, labels = cv2.connectedComponents(outside, connectivity=4)
    if count <= 2:
        return
    frame = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    enclosed = np.ones(count, bool)
    enclosed[0] = False
    enclosed[np.unique(frame)] = False
    # a little wider than the hole, or its soft rim would stay as a faint ring
    holes = cv2.dilate(enclosed[labels].astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    distance[holes] = np.minimum(distance[holes], np.float32(-1))
