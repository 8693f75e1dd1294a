"""Cut a sheet into its stickers: background → foreground → instances → grouping → matte → cutout."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from stickers.cutting.background import model_background, to_lab
from stickers.cutting.confidence import judge
from stickers.cutting.evidence import gathered
from stickers.cutting.foreground import Foreground, find_foreground, from_alpha
from stickers.cutting.grouping import CLOSE_PX, JOIN_PX, group, renumbered, with_captions
from stickers.cutting.guided import by_boxes, by_seeds, largest, of_size
from stickers.cutting.instances import part
from stickers.cutting.knife import followed
from stickers.cutting.matte import matte, matte_from_alpha
from stickers.cutting.options import CutOptions
from stickers.cutting.pixels import Pixels
from stickers.cutting.plane import LabelPlane, Window
from stickers.cutting.raster import Bytes, Labels, Mask, Plane, boxes, distance_to, fill_holes, grown

PAD_PX: Final = 4
LEAST_SIDE_PX: Final = 16
WORK_PIXELS: Final = 1.7e6  # a larger sheet is analysed at about this size, and cut at its own


@dataclass(frozen=True, eq=False)
class Cutout:
    """One sticker, lifted from its sheet.

    `label`: its label in the plane; `cut_sheet` gives 1..n in reading order. `box`: x, y, width, height in sheet
    pixels. `rgba`: uint8 HxWx4, straight alpha. The ground's colour is removed from the edge, and the sticker's colour
    goes on under alpha 0. `contour`: float32 Nx2, the outer ring as x, y in sheet pixels. `confidence`: 0–1. `reason`:
    why a person should look at it, or "".
    """

    label: int
    box: tuple[int, int, int, int]
    rgba: Bytes
    contour: npt.NDArray[np.float32]
    confidence: float
    reason: str


def cut_sheet(image: Image.Image, options: CutOptions = CutOptions()) -> list[Cutout]:  # noqa: B008  (frozen)
    """The stickers of a sheet in reading order; an empty list for an empty sheet.

    `image` is upright and RGB, or RGBA where the alpha may mark the stickers; `open_image` gives this. Raises
    ValueError for other modes.
    """
    pixels = Pixels.of(image)
    return cutouts_of(pixels, plane_of(pixels, options))


def plane_of(pixels: Pixels, options: CutOptions) -> LabelPlane:
    """Which pixel of a sheet belongs to which sticker, with the labels 1..n in reading order."""
    height, width = pixels.shape
    if min(height, width) < LEAST_SIDE_PX:
        return LabelPlane.of(np.zeros((height, width), np.int32))
    labels = found_at(pixels, (slice(0, height), slice(0, width)), options)
    if pixels.hidden is not None:
        labels[pixels.hidden] = 0
    return LabelPlane.of(labels).renumbered()


def found_at(pixels: Pixels, window: Window, options: CutOptions) -> Labels:
    """What the engine finds in a (rows, columns) window of a sheet: int32 HxW labels, in no order.

    A window of a large sheet is analysed at the size at which the whole sheet would be.
    """
    rgb = np.ascontiguousarray(pixels.rgb[window])
    alpha = None if pixels.own_alpha is None else np.ascontiguousarray(pixels.own_alpha[window])
    shrink = max(1.0, np.sqrt(pixels.rgb[..., 0].size / WORK_PIXELS))
    if shrink == 1:
        return labelled(rgb, alpha, options)[1]
    height, width = rgb.shape[:2]
    size = (max(LEAST_SIDE_PX, round(width / shrink)), max(LEAST_SIDE_PX, round(height / shrink)))
    small = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    small_alpha = None
    if alpha is not None:
        small_alpha = np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA), np.uint8)
    return _enlarged(labelled(small, small_alpha, scaled(options, 1 / shrink))[1], (width, height))


def cutouts_of(pixels: Pixels, plane: LabelPlane, only: Collection[int] | None = None) -> list[Cutout]:
    """The cut-outs of a plane in the order of their numbers: of all labels, or of some only."""
    cutouts = [
        lifted(pixels.rgb, pixels.own_alpha, plane.labels, label, plane.pieces[label].box, usual=plane.usual)
        for label in plane.order
        if only is None or label in only
    ]
    if pixels.hidden is not None:
        for cutout in cutouts:
            x, y, w, h = cutout.box
            cutout.rgba[..., 3][pixels.hidden[y : y + h, x : x + w]] = 0
    return cutouts


def labelled(rgb: Bytes, own_alpha: Bytes | None, options: CutOptions) -> tuple[int, Labels]:
    """The number of stickers and their int32 label plane, 0 where there is none."""
    scale = float(np.sqrt(rgb.shape[0] * rgb.shape[1])) / 1024
    lab = to_lab(rgb)
    if own_alpha is not None:
        white_ground = False
        foreground = from_alpha(lab, own_alpha >= 96, scale)
    else:
        background = model_background(lab, tolerance=options.tolerance, picked=options.background)
        white_ground = background.white
        foreground = find_foreground(lab, background, scale, keep_furniture=options.keep_furniture)
    count, labels = _pieces(lab, foreground, scale, options, white_ground=white_ground)
    if own_alpha is None:  # a picture's own alpha is kept as it was drawn
        labels = followed(labels, count)
    if options.boxes:
        count, labels = by_boxes(labels, options.boxes)
    elif options.seeds:
        count, labels = by_seeds(labels, options.seeds, reach_px=24 * scale)
    if options.min_size_px:
        count, labels = of_size(labels, count, options.min_size_px)
    if not options.keep_border and foreground.bordered:
        labels = np.where(_trimmed(foreground), labels, 0).astype(np.int32)
        count, labels = renumbered(labels)
    return count, labels


def _pieces(
    lab: Plane, foreground: Foreground, scale: float, options: CutOptions, *, white_ground: bool
) -> tuple[int, Labels]:
    """Silhouettes, parted and joined. With an expected count the result comes as near to it as it can."""
    join = JOIN_PX if options.join_px is None else options.join_px

    def attempt(parting: float, reach: float) -> tuple[int, Labels]:
        count, labels = part(lab, foreground, scale, white_ground=white_ground, parting=parting)
        close = join
        # a border round a piece marks it as a sticker, unless there should be fewer stickers
        if options.join_px is None:
            close = 0.0 if foreground.bordered and reach <= 1 else CLOSE_PX
        joined = group(labels, count, join_px=max(1.0, join * reach * scale), close_px=close * reach * scale)
        return with_captions(labels, *joined, reach_px=10 * scale) if options.keep_captions else joined

    count, labels = attempt(1.0, 1.0)
    wanted = None if options.boxes or options.seeds else options.expected_count
    if wanted is None or count == wanted:
        return count, labels
    tries = ((1.5, 1.0), (2.0, 1.0), (3.0, 0.6), (5.0, 0.3)) if count < wanted else ((1.0, 1.6), (0.7, 2.5), (0.5, 4.0))
    for parting, reach in tries:
        other = attempt(parting, reach)
        if abs(other[0] - wanted) < abs(count - wanted):
            count, labels = other
        if count == wanted:
            break
    return largest(labels, count, wanted) if count > wanted else (count, labels)


def _trimmed(foreground: Foreground) -> Mask:
    """The silhouettes without a rim as wide as the border.

    White artwork behind that rim stays, because it is no border.
    """
    behind = distance_to(~foreground.mask) > foreground.border_px
    return behind | (fill_holes(foreground.art) & foreground.mask)


def scaled(options: CutOptions, factor: float) -> CutOptions:
    """The options for a sheet of another size."""
    return replace(
        options,
        min_size_px=round(options.min_size_px * factor),
        seeds=tuple((int(x * factor), int(y * factor)) for x, y in options.seeds),
        boxes=tuple(
            (int(x * factor), int(y * factor), max(1, round(w * factor)), max(1, round(h * factor)))
            for x, y, w, h in options.boxes
        ),
    )


def _enlarged(labels: Labels, size: tuple[int, int]) -> Labels:
    """The label plane at a larger size, with a smooth outline for each label instead of steps."""
    width, height = size
    out = np.zeros((height, width), np.int32)
    best = np.full((height, width), 0.5, np.float32)
    grow_x, grow_y = width / labels.shape[1], height / labels.shape[0]
    for label, box in enumerate(boxes(labels, int(labels.max())), 1):
        if box is None:
            continue
        y0, y1 = max(0, box[0].start - 2), min(labels.shape[0], box[0].stop + 2)
        x0, x1 = max(0, box[1].start - 2), min(labels.shape[1], box[1].stop + 2)
        left, top = round(x0 * grow_x), round(y0 * grow_y)
        right, bottom = round(x1 * grow_x), round(y1 * grow_y)
        soft = (labels[y0:y1, x0:x1] == label).astype(np.float32)
        soft = np.asarray(cv2.resize(soft, (right - left, bottom - top), interpolation=cv2.INTER_CUBIC), np.float32)
        window = np.s_[top:bottom, left:right]
        mine = soft >= best[window]
        out[window][mine] = label
        best[window][mine] = soft[mine]
    return out


def lifted(
    rgb: Bytes, own_alpha: Bytes | None, labels: Labels, label: int, box: tuple[slice, slice], *, usual: float
) -> Cutout:
    """The cut-out of one label. `usual`: the area in px of the sheet's median sticker."""
    window = grown(box, PAD_PX, labels.shape)
    crop = labels[window]
    mask = crop == label
    soft = matte(rgb[window], mask) if own_alpha is None else matte_from_alpha(rgb[window], own_alpha[window], mask)
    soft.alpha[(crop != label) & (crop > 0)] = 0
    rgba = soft.rgba
    rgba[..., 3] = cv2.convertScaleAbs(soft.alpha, alpha=255)
    ring = outer_ring(fill_holes(mask))
    confidence, reason = judge(gathered(labels, label, window, ring, faint=soft.faint, usual=usual))
    rows, columns = window
    x, y = columns.start, rows.start
    return Cutout(
        label,
        (x, y, columns.stop - x, rows.stop - y),
        rgba,
        ring + np.array([x, y], np.float32),
        confidence,
        reason,
    )


def outer_ring(mask: Mask) -> npt.NDArray[np.float32]:
    """The outer contour of a mask's largest piece by area, float32 Nx2 as x, y."""
    found, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    largest = max(found, key=lambda ring: float(cv2.contourArea(ring)))
    return largest.reshape(-1, 2).astype(np.float32)
