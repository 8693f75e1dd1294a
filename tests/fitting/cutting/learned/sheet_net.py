"""See a whole sheet through a small net: what is sticker, border, shadow, furniture, and where each middle is.

The net is a U-Net (Ronneberger et al. 2015) of about 700,000 numbers, trained on composed sheets by
`tests/fitting/cutting`. The way to the middle groups pixels to stickers, as in Panoptic-DeepLab (Cheng et al. 2020).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from stickers.cutting.background import model_background, to_lab
from stickers.cutting.raster import Bytes, Plane

WEIGHTS: Final = Path(__file__).with_name("sheet_net.onnx")
SEEN_PIXELS: Final = 512 * 512  # the net sees each sheet at about this size
STEP: Final = 64  # the net halves its input six times
PARTS: Final = ("ground", "artwork", "border", "shadow", "furniture", "caption")
HARDLY, CLEARLY = 6.0, 32.0  # Lab: the distances from the ground at which the two planes are full
MIDDLE_PX: Final = 32.0  # the unit of the way to the middle, in pixels of the coarse planes


@dataclass(frozen=True)
class View:
    """What the net says of a sheet. Fine planes have the size at which the net sees it; coarse ones half of that.

    `cover`: float32 hxw, fine: the probability that a pixel is sticker, border included. `parts`: float32 6xhxw,
    coarse, the probability of each of `PARTS`. `seam`: float32 hxw, coarse, the probability that two stickers meet or
    nearly meet. `middle_y`, `middle_x`: float32 hxw, coarse: where in the plane the pixel's sticker has its middle.
    """

    cover: Plane
    parts: Plane
    seam: Plane
    middle_y: Plane
    middle_x: Plane


@cache
def _net() -> cv2.dnn.Net:
    return cv2.dnn.readNetFromONNX(str(WEIGHTS))


def seen(rgb: Bytes, picked: tuple[int, int, int] | None = None) -> View:
    """The view of a uint8 HxWx3 sheet. `picked`: the ground's colour, RGB, if a person named it."""
    height, width = rgb.shape[:2]
    shrink = np.sqrt(SEEN_PIXELS / (height * width))
    size = (max(16, 2 * round(width * shrink / 2)), max(16, 2 * round(height * shrink / 2)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if shrink < 1 else cv2.INTER_LINEAR)
    down, right = -size[1] % STEP, -size[0] % STEP
    net = _net()
    net.setInput(input_of(cv2.copyMakeBorder(small, 0, down, 0, right, cv2.BORDER_REPLICATE), picked)[None])
    out = np.asarray(net.forward(), np.float32)[0, :, : size[1] // 2, : size[0] // 2]
    rows, columns = np.mgrid[: out.shape[1], : out.shape[2]].astype(np.float32)
    return View(
        cover=likely(_interleaved(out[:4])),
        parts=_softmax(out[4 : 4 + len(PARTS)]),
        seam=likely(out[4 + len(PARTS)]),
        middle_y=rows + MIDDLE_PX * out[-2],
        middle_x=columns + MIDDLE_PX * out[-1],
    )


def input_of(rgb: Bytes, picked: tuple[int, int, int] | None = None) -> Plane:
    """What the net reads of a uint8 hxwx3 picture, float32 5xhxw: its colours, and how far they are from the ground's.

    The distance comes twice, once for what is hardly different and once for what is. All five lie between -0.5 and 0.5.
    """
    away = model_background(to_lab(rgb), picked=picked).distance
    colours = cv2.split(rgb.astype(np.float32) * np.float32(1 / 255))
    planes = [*colours, *(np.minimum(away * np.float32(1 / full), 1) for full in (HARDLY, CLEARLY))]
    return np.stack(planes).astype(np.float32, copy=False) - np.float32(0.5)


def _interleaved(block: Plane) -> Plane:
    """Four planes as one of twice the height and width: each pixel becomes 2x2 (Shi et al. 2016)."""
    _, height, width = block.shape
    return block.reshape(2, 2, height, width).transpose(2, 0, 3, 1).reshape(2 * height, 2 * width)


def likely(logit: Plane) -> Plane:
    """The probability of log odds."""
    return np.asarray(1 / (1 + cv2.exp(-np.ascontiguousarray(logit))), np.float32)


def _softmax(logits: Plane) -> Plane:
    raised = np.exp(logits - logits.max(axis=0))
    return np.asarray(raised / raised.sum(axis=0), np.float32)
