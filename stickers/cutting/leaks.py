"""Find bodies that the ground's flood leaked into, and tell them from cast shadows and pockets of ground."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from stickers.cutting.background import Background
from stickers.cutting.grouping import SATELLITE_RATIO
from stickers.cutting.mixing import mix
from stickers.cutting.raster import (
    Labels,
    Mask,
    Plane,
    areas,
    boxes,
    chosen,
    components,
    dilate,
    distance_to,
    erode,
    fill_holes,
    grown,
    local_maximum,
    rolled_from_frame,
    share,
)

LEAST_SHARE: Final = 0.001  # of the sheet: smaller pieces round a place do not tell which figure it belongs to
ALIKE: Final = 1.0  # Lab: a place up to this distance has the ground's own colour
SHADED: Final = 0.5  # at least this share of a shaded place looks like ground in shadow
BESIDE: Final = 0.2  # at least this share of a cast shadow's surroundings is open ground
FADED: Final = 2.0  # in thresholds: where a shadow meets the ground, it differs from it by at most this
DEEP: Final = 90.0  # percentile of a place's pixels, or of a figure's outline, that counts as its depth
FIGURES: Final = 80.0  # percentile of the figures' shadows that counts as the sheet's usual depth
DEEPER: Final = 2.0  # where the shadows of two figures meet: up to this many times the usual depth, ...
BLUR_PX: Final = 3.0  # ... plus the blur of both outlines
DEEPEST_PX: Final = 24.0  # at 1024²: no shadow is deeper; if there are few figures, all of them may have leaked
HUE: Final = 1.6  # Lab: a colour nearer than this to a darkened ground is ground in shadow
SHADOW_PX: Final = 1.0  # a sheet with a smaller usual depth has no cast shadows
RIM_PX: Final = 2.0  # up to this depth the blur of an outline looks like a shadow


@dataclass(frozen=True)
class Flood:
    """What the ground's flood covered; all are HxW.

    `passable`: the pixels that it may cross. `bare`: those that it reached pixel by pixel. `shadow`: pixels that a disc
    may roll over, too. `ground`: all that flood and disc took.
    """

    passable: Mask
    bare: Mask
    shadow: Mask
    ground: Mask


def leaked_bodies(lab: Plane, background: Background, flood: Flood, scale: float) -> tuple[Mask, bool]:
    """Bodies of the ground's colour that the flood entered through gaps in their outline; whether figures cast shadows.

    `lab`: float32 HxWx3. `scale`: the sheet's size relative to 1024². The bodies are HxW. A suspect place has room for
    a disc, but no disc can roll into it from outside. It is a body if it lies in one figure. It is a pocket of ground,
    or faint shadow on ground, if it lies between several. A cast shadow lies beside its figure, is open to the ground
    along a good part of its outline, and fades into it. It is no deeper than the other shadows of the sheet, because
    one lamp lights all figures. On a sheet without cast shadows only the blur of outlines looks like a shadow.
    """
    radius = max(2, round(3 * scale))
    reached = rolled_from_frame(flood.passable, radius)
    closed = flood.ground & ~reached
    fat = dilate(erode(closed, radius), radius + 1) & closed
    count, labels = components(fat, diagonal=False)
    figures, figure_labels = components(~flood.ground)
    size = areas(figure_labels, figures)
    large = size > LEAST_SHARE * flood.ground.size
    depth = distance_to(flood.bare)
    usual = _usual_depth(depth, figure_labels, large)
    deepest = min(DEEPER * usual + BLUR_PX, DEEPEST_PX * scale)
    body = np.zeros(count + 1, np.bool_)
    for label, box in enumerate(boxes(labels, count), 1):
        if box is None:
            continue
        wide = grown(box, radius + 3, labels.shape)
        inside = labels[wide] == label
        solid = fill_holes(inside)
        ring = dilate(solid, radius + 1) & ~solid
        off = np.median((lab[wide] - background.lab[wide])[inside], axis=0)
        offset = float(np.linalg.norm(off))
        dark = off[0] < ALIKE and (usual >= SHADOW_PX or offset <= background.threshold)
        shaded = dark and share(flood.shadow[wide], inside) > SHADED
        meeting = inside & dilate(reached[wide], 2)
        shallow = shaded and float(np.percentile(depth[wide][inside], DEEP)) <= deepest
        if shallow and share(reached[wide], ring) > BESIDE and meeting.any():
            fades = float(np.median(background.distance[wide][meeting])) < FADED * background.threshold
            if fades:
                continue
        if shallow and usual >= SHADOW_PX and offset > ALIKE:
            # Where shadows meet between parts of a figure: the ground's colour, only darker.
            beneath = np.median(background.lab[wide][inside], axis=0)
            if mix(off, -beneath, beneath).rest < HUE:
                continue
        if offset > (background.threshold if shaded else ALIKE):
            body[label] = True
            continue
        around = figure_labels[wide][ring]
        touched = np.bincount(around[around > 0], minlength=figures + 1) * large
        own = touched.argmax()
        # Tufts of hair round a face are no neighbours.
        parts = size < SATELLITE_RATIO * (size[own] + np.count_nonzero(inside))
        parts[own] = False
        touched[parts] = 0
        body[label] = (background.white or offset > ALIKE) and touched.max() > 0.85 * touched.sum()
    bodies = chosen(body, labels)
    return (bodies, True) if usual >= SHADOW_PX else (bodies | (flood.ground & (depth > RIM_PX)), False)


def _usual_depth(depth: Plane, labels: Labels, large: npt.NDArray[np.bool_]) -> float:
    """How deep a shadow most figures cast: the ground's `depth` along their outlines; 0 on bare ground."""
    beside = local_maximum(labels.astype(np.float32), 1)
    places = np.flatnonzero((beside > 0) & (labels == 0))
    places = places[np.argsort(np.take(beside, places), kind="stable")]
    owner = np.take(beside, places).astype(np.int32)
    starts = np.flatnonzero(np.diff(owner, prepend=0))
    casts = np.split(np.take(depth, places), starts)[1:]
    deep = [np.percentile(cast, DEEP) for label, cast in zip(owner[starts], casts, strict=True) if large[label]]
    return float(np.percentile(deep, FIGURES)) if deep else 0.0
