"""Tell what a doubtful place is made of: ground, shadow and the figure beside it, or a colour of its own.

A camera blurs ground and figure into each other, and a shadow darkens the ground. So every pixel of a gap or a hole
lies in the cone that these two directions span from the ground's colour. One is the mixing line of Chuang et al. 2001,
which the matte uses, too; the other is the shadow line of Horprasert et al. 1999. Artwork of a third colour lies
outside the cone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from stickers.cutting.background import Background
from stickers.cutting.raster import Mask, Plane, areas, boxes, chosen, components, dilate, grown

Colour = npt.NDArray[np.float32]

BESIDE: Final = 1.0  # Lab: a large place farther from the mix than this has a colour of its own
LARGE_PX: Final = 400  # the mean of a smaller place is less sure, by the root of its size
LEAST_PX: Final = 25  # the mean colour of fewer pixels says nothing
FEWEST_PURE: Final = 8


@dataclass(frozen=True)
class Mix:
    """`figure`: the figure's share, 0–1.

    `shade`: the share of the ground's light that is gone. `rest`: Lab distance left.
    """

    figure: float
    shade: float
    rest: float


def mix(offset: Colour, figure: Colour, ground: Colour) -> Mix:
    """The mix that comes nearest to a colour. `offset` and `figure` are Lab differences from the `ground`."""
    parts = np.stack([figure, -ground], axis=1)
    best = Mix(0.0, 0.0, float(np.linalg.norm(offset)))
    for used in ([0], [1], [0, 1]):
        amounts = np.zeros(2)
        amounts[used] = np.linalg.lstsq(parts[:, used], offset, rcond=None)[0]
        rest = float(np.linalg.norm(offset - parts @ amounts))
        if rest < best.rest and (amounts >= 0).all():
            best = Mix(float(amounts[0]), float(amounts[1]), rest)
    return best


def purest(difference: Plane, inside: Mask) -> Colour:
    """The mean of the quarter of the pixels `inside` that is nearest to the ground."""
    pixels = difference[inside]
    nearest = np.argsort((pixels * pixels).sum(1))[: max(FEWEST_PURE, len(pixels) // 4)]
    return np.asarray(pixels[nearest].mean(0), np.float32)


def of_another_colour(lab: Plane, background: Background, places: Mask, figures: Mask) -> Mask:
    """Those connected `places` between or in `figures` that are no mix of the ground, its shadow and the figures."""
    count, labels = components(places)
    size = areas(labels, count)
    other = np.zeros(count + 1, np.bool_)
    for label, box in enumerate(boxes(labels, count), 1):
        if box is None or size[label] < LEAST_PX:
            continue
        wide = grown(box, 4, labels.shape)
        inside = labels[wide] == label
        around = dilate(inside, 3) & ~dilate(inside, 1) & figures[wide]
        if not around.any():
            continue
        difference = lab[wide] - background.lab[wide]
        ground = np.median(background.lab[wide][inside], axis=0)
        found = mix(purest(difference, inside), np.median(difference[around], axis=0), ground)
        other[label] = found.rest > BESIDE * max(1.0, np.sqrt(LARGE_PX / size[label]))
    return chosen(other, labels)
