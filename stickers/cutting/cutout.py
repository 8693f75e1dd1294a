"""Cut a sheet into its stickers: background → foreground → instances → grouping → matte → cutout."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from stickers.cutting.background import model_background, to_lab
from stickers.cutting.confidence import judge
from stickers.cutting.foreground import find_foreground, from_alpha
from stickers.cutting.grouping import CLOSE_PX, JOIN_PX, group, renumbered
from stickers.cutting.instances import part
from stickers.cutting.matte import matte, matte_from_alpha
from stickers.cutting.options import CutOptions
from stickers.cutting.raster import Bytes, Labels, Mask, boxes, fill_holes

PAD_PX = 4


@dataclass(frozen=True, eq=False)
class Cutout:
    """One sticker, lifted from its sheet.

    `label`: 1..n in reading order. `box`: x, y, width, height in sheet pixels. `rgba`: uint8 HxWx4, straight
    alpha, the ground's colour removed from the edge and sticker colour continued under alpha 0. `contour`: float32
    Nx2, the outer ring as x, y in sheet pixels. `confidence`: 0–1. `reason`: why it should be looked at, or "".
    """

    label: int
    box: tuple[int, int, int, int]
    rgba: Bytes
    contour: npt.NDArray[np.float32]
    confidence: float
    reason: str


def cut_sheet(image: Image.Image, options: CutOptions = CutOptions()) -> list[Cutout]:  # noqa: B008  (frozen)
    """The stickers of a sheet (any mode), in reading order; an empty sheet gives an empty list."""
    rgba = np.asarray(image.convert("RGBA"))
    rgb = np.ascontiguousarray(rgba[..., :3])
    height, width = rgb.shape[:2]
    if min(height, width) < 16:
        return []
    scale = float(np.sqrt(height * width)) / 1024
    lab = to_lab(rgb)
    own_alpha = rgba[..., 3] if see_through(rgba[..., 3]) else None
    if own_alpha is not None:
        white_ground = False
        foreground = from_alpha(lab, own_alpha >= 96, scale)
    else:
        background = model_background(lab, tolerance=options.tolerance, picked=options.background)
        white_ground = background.white
        foreground = find_foreground(lab, background, scale, keep_furniture=options.keep_furniture)
    count, labels = part(lab, foreground, scale, white_ground=white_ground)
    join = JOIN_PX if options.join_px is None else options.join_px
    count, labels = group(labels, count, join_px=max(1.0, join * scale), close_px=max(1.0, min(join, CLOSE_PX) * scale))
    count, labels = in_reading_order(labels, count)
    return [
        lifted(rgb, own_alpha, labels, label, box)
        for label, box in enumerate(boxes(labels, count), 1)
        if box is not None
    ]


def see_through(alpha: Bytes) -> bool:
    """Whether a sheet's alpha marks its stickers: some of it is clear, and clear along the edge."""
    clear = alpha < 96
    rim = np.concatenate([clear[0], clear[-1], clear[:, 0], clear[:, -1]])
    return float(clear.mean()) > 0.02 and float(rim.mean()) > 0.25


def lifted(rgb: Bytes, own_alpha: Bytes | None, labels: Labels, label: int, box: tuple[slice, slice]) -> Cutout:
    """The cutout of one label."""
    height, width = labels.shape
    y0, y1 = max(0, box[0].start - PAD_PX), min(height, box[0].stop + PAD_PX)
    x0, x1 = max(0, box[1].start - PAD_PX), min(width, box[1].stop + PAD_PX)
    crop = labels[y0:y1, x0:x1]
    mask = crop == label
    if own_alpha is None:
        soft = matte(rgb[y0:y1, x0:x1], mask)
    else:
        soft = matte_from_alpha(rgb[y0:y1, x0:x1], own_alpha[y0:y1, x0:x1], mask)
    soft.alpha[(crop != label) & (crop > 0)] = 0
    alpha = np.round(soft.alpha * 255).astype(np.uint8)
    solid = fill_holes(mask)
    ring = outer_ring(solid) + np.array([x0, y0], np.float32)
    touches = bool(mask[0].any() and y0 == 0) or bool(mask[-1].any() and y1 == height)
    touches = touches or bool(mask[:, 0].any() and x0 == 0) or bool(mask[:, -1].any() and x1 == width)
    hull = cv2.contourArea(cv2.convexHull(ring))
    confidence, reason = judge(touches_edge=touches, solidity=float(solid.sum()) / max(1.0, hull))
    return Cutout(label, (x0, y0, x1 - x0, y1 - y0), np.dstack([soft.rgb, alpha]), ring, confidence, reason)


def outer_ring(mask: Mask) -> npt.NDArray[np.float32]:
    """The longest outer contour of a mask, float32 Nx2."""
    found, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    longest = max(found, key=lambda ring: float(cv2.contourArea(ring)))
    return longest.reshape(-1, 2).astype(np.float32)


def in_reading_order(labels: Labels, count: int) -> tuple[int, Labels]:
    """Labels renumbered row by row; a row holds what overlaps its first sticker's middle."""
    found = [(label, box) for label, box in enumerate(boxes(labels, count), 1) if box is not None]
    order: list[int] = []
    waiting = sorted(found, key=lambda item: item[1][0].start + item[1][0].stop)
    while waiting:
        first = waiting[0][1][0]
        row = [item for item in waiting if (item[1][0].start + item[1][0].stop) / 2 <= first.stop]
        row.sort(key=lambda item: item[1][1].start + item[1][1].stop)
        order += [label for label, _ in row]
        chosen = {label for label, _ in row}
        waiting = [item for item in waiting if item[0] not in chosen]
    new = np.zeros(count + 1, np.int32)
    for position, label in enumerate(order, 1):
        new[label] = position
    return renumbered(new[labels])
