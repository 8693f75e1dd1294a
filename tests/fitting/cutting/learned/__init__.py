"""The learned engine, built beside today's until it beats it: net → regions → judges → silhouettes.

`cut_sheet` does what `stickers.cutting.cut_sheet` does. `make bench-cutting ARGS=--learned`
measures it; docs/adr/0004 says what it reaches and when it takes the other's place.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from PIL import Image

from stickers.cutting.cutout import Cutout, cutouts_of
from stickers.cutting.knife import followed
from stickers.cutting.options import CutOptions
from stickers.cutting.pixels import Pixels
from stickers.cutting.plane import LabelPlane
from stickers.cutting.raster import Bytes, Labels, resized
from tests.fitting.cutting.learned.judges import stickers_of
from tests.fitting.cutting.learned.sheet_net import PARTS, View, likely, seen
from tests.fitting.cutting.learned.silhouettes import drawn, settled, without_border

WORK_PIXELS: Final = 1.7e6  # a larger sheet is analysed at about this size
SOLID: Final = 96  # of 255: from here on a pixel of a see-through picture is sticker
PLAIN: Final = np.array([206, 214, 222], np.uint8)  # a ground under see-through pictures that no sticker's border has
TOLERANCE: Final = 6.0  # log odds between the lowest and the highest tolerance
NEAR_PICKED: Final = 16  # levels of 255: a pixel this near to the picked colour is ground


def cut_sheet(image: Image.Image, options: CutOptions = CutOptions()) -> list[Cutout]:  # noqa: B008  (frozen)
    """The stickers of an upright RGB or RGBA sheet in reading order."""
    pixels = Pixels.of(image)
    height, width = pixels.shape
    if min(height, width) < 16:
        return []
    shrink = max(1.0, np.sqrt(height * width / WORK_PIXELS))
    rgb, alpha = pixels.rgb, pixels.own_alpha
    if shrink > 1:
        size = (round(width / shrink), round(height / shrink))
        rgb = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
        alpha = None if alpha is None else cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    labels = labelled(rgb, alpha, options)
    if shrink > 1:
        labels = drawn(labels, None, (width, height))
    if pixels.hidden is not None:
        labels[pixels.hidden] = 0
    return cutouts_of(pixels, LabelPlane.of(labels).renumbered())


def labelled(rgb: Bytes, own_alpha: Bytes | None, options: CutOptions) -> Labels:
    """The stickers' int32 HxW label plane, 0 where there is none."""
    shown = rgb if own_alpha is None else np.where(own_alpha[..., None] < SOLID, PLAIN, rgb)
    view = wished(seen(shown, options.background), rgb, own_alpha, options)
    coarse, doubts = stickers_of(view, options)
    labels = drawn(coarse, view.cover, (rgb.shape[1], rgb.shape[0]))
    if own_alpha is not None:
        labels[own_alpha < SOLID] = 0
    else:
        labels = followed(settled(rgb, labels), len(doubts))
    return labels if options.keep_border else settled(rgb, without_border(labels, view))


def wished(view: View, rgb: Bytes, own_alpha: Bytes | None, options: CutOptions) -> View:
    """The view with what is known besides: the picture's own alpha, or what a designer said."""
    size = view.cover.shape[1], view.cover.shape[0]
    cover = view.cover
    if own_alpha is not None:
        return replace(view, cover=resized(own_alpha >= SOLID, size))
    if options.tolerance != 0.5:
        sure = np.clip(cover, 1e-6, 1 - 1e-6)
        cover = likely(np.asarray(np.log(sure / (1 - sure)) + TOLERANCE * (0.5 - options.tolerance), np.float32))
    if options.background is not None:
        small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        away = np.abs(small - np.array(options.background, np.float32)).max(axis=2)
        sure_sticker = np.where(away > 2 * NEAR_PICKED, np.maximum(cover, np.float32(0.6)), cover)
        cover = np.where(away < NEAR_PICKED, np.float32(0), sure_sticker)
    for name, wanted in (("furniture", options.keep_furniture), ("caption", options.keep_captions)):
        if wanted:
            cover = np.maximum(cover, resized(view.parts[PARTS.index(name)], size))
    return replace(view, cover=cover)
