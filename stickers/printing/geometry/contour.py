"""Draw the cut line: one smooth closed path at a border's width around the art, light enough for a cutter.

Steps: sub-pixel outline → offset outwards by border and r, back by r (a closing: exact outside, inward corners rounded)
→ bridges as wide as two borders between loose parts → even steps, Gaussian → few cubic curves → measured. If the
measure fails, the line is made again, smoother. Lengths are millimetres.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import contourpy
import numpy as np
import numpy.typing as npt
import shapely
from shapely import LineString, MultiPolygon, Polygon

from stickers.printing.errors import ArtError
from stickers.printing.geometry.curves import CutPath, Loop, Points
from stickers.printing.geometry.fitting import fit_loop

Plane = npt.NDArray[np.float32]

# What sign shops and cutters ask of a path: no corner under 1 mm, few nodes.
LEAST_RADIUS_MM: Final = 1.0
MOST_NODES: Final = 150
MOST_NODES_PER_CM: Final = 8.0
# The border may be this much narrower than ordered, a tenth of what a print shows.
BORDER_SLACK_MM: Final = 0.01

_ROUNDING_MM: Final = 2.0  # of inward corners: twice the least radius
_DETAIL_MM: Final = 0.015  # detail dropped from the art's outline before the offset: a sixth of a pixel at 300 DPI
_STEP_MM: Final = 0.1  # distance of the points that are smoothed and fitted
_MOST_STEPS: Final = 6000
_GAUSSIAN_REACH: Final = 4  # sigmas; farther off a weight is under 1/3000
_ARC_STEPS: Final = 12  # least number of chords in a quarter circle: within 0.005 mm at a radius of 2 mm
_ARC_MM: Final = 0.01  # the chords of a larger radius lie at most this far inside the circle
_MOST_PARTS: Final = 500
_LEAST_HOLE_MM2: Final = 12.0  # the least hole that is cut: a disc of 4 mm, which a finger can push out


@dataclass(frozen=True, kw_only=True, eq=False)
class Contour:
    """A cut line and what was measured on it.

    `least_distance_mm`: from the line to the art. `bridges_mm`: the lengths of the bridges between loose parts.
    `eats_into_art`: the border was too narrow for a blade to follow, so corners of the art are cut.
    """

    path: CutPath
    least_distance_mm: float
    least_radius_mm: float
    nodes_per_cm: float
    bridges_mm: tuple[float, ...]
    eats_into_art: bool


@dataclass(frozen=True)
class _Manner:
    """How one attempt smooths: the Gaussian along the path, the fit's tolerance, the radius of inward corners."""

    sigma_mm: float
    tolerance_mm: float
    rounding_mm: float

    def spare_mm(self, border_mm: float) -> float:
        """What the offset adds: a Gaussian pulls an arc inwards by σ²/2R, and the fit may cut in, too."""
        return self.sigma_mm**2 / (2 * max(border_mm, LEAST_RADIUS_MM)) + self.tolerance_mm + BORDER_SLACK_MM / 2


# The first gave the best result with print shops' samples. Then a closer fit, then rounder and rounder lines farther
# out.
_MANNERS: Final = (
    _Manner(0.4, 0.03, _ROUNDING_MM),
    _Manner(0.4, 0.02, _ROUNDING_MM),
    _Manner(0.7, 0.03, 2.5),
    _Manner(1.1, 0.05, 3.2),
    _Manner(1.6, 0.08, 4.5),
)


def spare_mm(border_mm: float) -> float:
    """How much farther out than the border the line runs at first. A sticker's size must leave room for it."""
    return _MANNERS[0].spare_mm(border_mm)


def outline(field: Plane, mm_per_px: float, origin_px: tuple[float, float]) -> MultiPolygon:
    """The art's outline in mm around `origin_px`: the 0.5 line of `field` (HxW float32, empty along its rim).

    `origin_px` is (x, y) in pixels of the field; pixel 0 covers 0 to 1. Raises ArtError if nothing in the field reaches
    0.5.
    """
    generator = contourpy.contour_generator(
        z=field, name="serial", fill_type=contourpy.FillType.OuterOffset, quad_as_tri=False
    )
    # This fill type gives the corners of each part's rings, one after the other, and where each ring begins.
    filled: Any = generator.filled(0.5, np.inf)
    parts = []
    for corners, at in zip(*filled, strict=True):
        placed = (np.asarray(corners, np.float64) + 0.5 - origin_px) * mm_per_px
        rings = [placed[one:other] for one, other in itertools.pairwise(at)]
        parts.append(Polygon(rings[0], rings[1:]))
    shape = shapely.make_valid(MultiPolygon(parts).simplify(_DETAIL_MM))
    found = _polygons(shape)
    if not found:
        raise ArtError("This sticker is empty: there is no outline to cut along.")
    return MultiPolygon(found)


def cut_contour(art: MultiPolygon, border_mm: float, *, keep_holes: bool = False) -> Contour:
    """The cut line at `border_mm` around `art` (mm).

    With a border of at least 1 mm the line stays outside the art by the border's width, minus at most 0.01 mm. With a
    narrower border a blade's least radius wins over sharp corners of the art. Holes are filled, unless `keep_holes`,
    which keeps those that are still large enough inside their own border. A line has at most 150 nodes, unless it is
    too long for that, as around half a metre of art. Raises ArtError if no line keeps these promises, or if nothing is
    left of art without a border.
    """
    narrow = border_mm < LEAST_RADIUS_MM
    heavy = None
    for manner in _MANNERS:
        rings, bridges = _offset(art, border_mm, manner, keep_holes=keep_holes)
        loops = [_smooth(ring, manner) for ring in rings]
        path = CutPath(loops[0], tuple(loops[1:]))
        measured = _measured(path, art, bridges, narrow=narrow)
        if measured is None or not _holds(measured, border_mm, narrow=narrow):
            continue
        if measured.path.nodes <= MOST_NODES:
            return measured
        heavy = heavy or measured
    if heavy is not None:  # a poster's outline is too long for so few nodes: take the closest line
        return heavy
    raise ArtError("No smooth cut line could be laid around this sticker; a wider border may help.")


def _offset(
    art: MultiPolygon, border_mm: float, manner: _Manner, *, keep_holes: bool
) -> tuple[list[Points], tuple[float, ...]]:
    """The rings to smooth (the outer one first), and the lengths of the bridges between parts."""
    radius = manner.rounding_mm
    wide = border_mm + manner.spare_mm(border_mm)
    solid = art if keep_holes else MultiPolygon([Polygon(part.exterior) for part in art.geoms])
    grown = _buffer(_grown(solid, wide + radius), -radius)
    bridges = _bridges(_polygons(grown), solid)
    if bridges:
        reach = max(wide, LEAST_RADIUS_MM + 0.15)
        capsules = [bridge.buffer(reach, quad_segs=_arc_steps(reach)) for bridge in bridges]
        joined = shapely.union_all([grown, *capsules])
        grown = _buffer(_buffer(joined, radius), -radius)
    if border_mm < LEAST_RADIUS_MM:
        # Outward corners are only as round as the border is wide. Without one an opening rounds them, at the art's
        # cost.
        least = LEAST_RADIUS_MM + 0.2 + manner.sigma_mm**2 / 2  # the Gaussian takes this back
        grown = _buffer(_buffer(grown, -least), least)
    parts = sorted(_polygons(grown), key=lambda part: part.area, reverse=True)
    if not parts:
        raise ArtError("Without a border nothing of this sticker is wide enough to be cut.")
    whole = parts[0]
    rings = [whole.exterior]
    if keep_holes:
        rings += [ring for ring in whole.interiors if _is_open(Polygon(ring))]
    return [np.asarray(ring.coords, np.float64)[:-1] for ring in rings], tuple(bridge.length for bridge in bridges)


def _is_open(hole: Polygon) -> bool:
    return hole.area >= _LEAST_HOLE_MM2 and not hole.buffer(-LEAST_RADIUS_MM - 0.3).is_empty


def _bridges(grown: list[Polygon], art: MultiPolygon) -> list[LineString]:
    """The shortest bridges from art to art that join all parts of `grown`: a minimum spanning tree (Prim's method)."""
    if len(grown) < 2:
        return []
    if len(grown) > _MOST_PARTS:
        raise ArtError(
            f"The art falls into {len(grown)} loose parts, more than can be joined to one sticker: erase the small"
            " ones, or choose a wider border."
        )
    inside = np.array([shapely.intersection(part, art) for part in grown])
    nearest = np.zeros(len(inside), np.intp)  # for each waiting part, the nearest of the joined parts
    away = shapely.distance(inside, inside[0])
    away[0] = np.inf
    bridges = []
    for _ in range(len(inside) - 1):
        new = int(np.argmin(away))
        bridges.append(shapely.shortest_line(inside[nearest[new]], inside[new]))
        waits = np.isfinite(away)
        from_new = np.where(waits, shapely.distance(inside, inside[new]), np.inf)
        nearest[from_new < away] = new
        away = np.where(waits, np.minimum(away, from_new), np.inf)
        away[new] = np.inf
    return bridges


def _smooth(ring: Points, manner: _Manner) -> Loop:
    closed = np.vstack([ring, ring[:1]])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    length_mm = float(along[-1])
    # Long lines get longer steps, so that a poster's outline needs neither endless time nor endless nodes.
    count = max(48, round(length_mm / max(_STEP_MM, length_mm / _MOST_STEPS)))
    places = np.arange(count) * (length_mm / count)
    even = np.stack([np.interp(places, along, closed[:, axis]) for axis in (0, 1)], axis=1)
    sigma = manner.sigma_mm * count / length_mm
    smooth = _blurred(even, min(sigma, count / 12))
    return fit_loop(smooth, tolerance_mm=manner.tolerance_mm, least_radius_mm=LEAST_RADIUS_MM + 0.05)


def _blurred(points: Points, sigma: float) -> Points:
    """A closed line (Nx2) after a Gaussian along it. `sigma`: its width in steps of the line, at most N / 8."""
    reach = math.ceil(_GAUSSIAN_REACH * sigma)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    around = np.concatenate([points[-reach:], points, points[:reach]])
    return np.stack([np.convolve(axis, weights / weights.sum(), mode="valid") for axis in around.T], axis=1)


def _measured(path: CutPath, art: MultiPolygon, bridges: tuple[float, ...], *, narrow: bool) -> Contour | None:
    """The path with its measures; None if it is no simple path around the art."""
    flat = path.polygon(0.005)
    if not flat.is_valid or flat.is_empty:
        return None
    inside = flat.contains(art)
    if not narrow and not inside:
        return None
    length_mm = flat.length
    return Contour(
        path=path,
        least_distance_mm=float(flat.boundary.distance(art)) if inside else 0.0,
        least_radius_mm=min(loop.radius_mm() for loop in path.loops),
        nodes_per_cm=path.nodes / length_mm * 10,
        bridges_mm=bridges,
        eats_into_art=not inside,
    )


def _holds(contour: Contour, border_mm: float, *, narrow: bool) -> bool:
    return (
        (narrow or contour.least_distance_mm >= border_mm - BORDER_SLACK_MM / 2)
        and contour.least_radius_mm >= LEAST_RADIUS_MM
        and (contour.nodes_per_cm <= MOST_NODES_PER_CM or contour.path.nodes <= 8)
    )


def _grown(art: MultiPolygon, width_mm: float) -> shapely.Geometry:
    """`art` grown by `width_mm`, part by part: thousands of overlapping parts at once take minutes and gigabytes."""
    return shapely.union_all(shapely.buffer(np.array(art.geoms), width_mm, quad_segs=_arc_steps(width_mm)))


def _buffer(shape: shapely.Geometry, width_mm: float) -> shapely.Geometry:
    return shapely.buffer(shape, width_mm, quad_segs=_arc_steps(width_mm))


def _arc_steps(radius_mm: float) -> int:
    # A chord over the angle a lies R·a²/8 inside its arc.
    return max(_ARC_STEPS, math.ceil(math.pi / 2 * math.sqrt(abs(radius_mm) / (8 * _ARC_MM))))


def _polygons(shape: shapely.Geometry) -> list[Polygon]:
    """The polygons in a result of the geometry library, which may be of any kind."""
    pieces: Iterable[shapely.Geometry] = shapely.get_parts(shape)
    found = []
    for piece in pieces:
        if isinstance(piece, Polygon):
            if piece.area > 1e-6:
                found.append(piece)
        elif isinstance(piece, MultiPolygon):
            found += _polygons(piece)
    return found
