"""Measure the die-cut border, which the whole sheet shares: its width and its colour."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from stickers.cutting.raster import Mask, Plane, at, dilate, erode, squared_distance

# At least this share of a bordered sheet's rim lies at the commonest distance from artwork, within about a pixel. Bare
# sheets with white bodies reach up to 0.13; 57 bordered sheets show 0.20 or more.
ALIKE_SHARE: Final = 0.16

NARROW_PX: Final = 4.0  # a border up to this width is too blurred to tell its line from pale artwork
LINE_RADIUS_PX: Final = 2  # a JPEG blurs a line of one or two pixels to twice that
LIKE: Final = 11.0  # Lab: a pixel within this distance has the border's colour


def border_width(mask: Mask, from_art: Plane, scale: float) -> float:
    """The commonest distance in px from the rim to the artwork.

    It is 0 for a bare sheet, whose artwork begins at the rim. `mask`: the silhouettes, HxW. `from_art`: every pixel's
    distance in px to the artwork, float32 HxW. `scale`: the sheet's size relative to 1024².
    """
    rim = mask & ~erode(mask, 1)
    rim[:2], rim[-2:], rim[:, :2], rim[:, -2:] = False, False, False, False
    if not rim.any():
        return 0.0
    depth = from_art[rim]
    least = max(1.7, 2.5 * scale)
    behind = depth[(depth > least) & (depth < 40 * scale)]
    histogram = np.histogram(behind, bins=np.arange(0.0, 40 * scale + 0.5, 0.5))[0]
    peak = int(np.convolve(histogram, np.ones(5), "same").argmax()) * 0.5 + 0.25
    alike = behind[np.abs(behind - peak) <= 1.5]
    return float(np.median(alike)) if len(alike) > ALIKE_SHARE * len(depth) else 0.0


def behind_rim(mask: Mask) -> Mask:
    """The ring from 2 to 3 px inside the silhouettes `mask`, HxW. It lies behind the mixed pixels of their rim."""
    inner = cv2.erode(mask.view(np.uint8), np.ones((3, 3), np.uint8)).view(np.bool_)
    return inner & ~erode(mask, 3)


def leaked_share(mask: Mask, from_art: Plane, border_px: float) -> float:
    """The share of the rim, 0–1, that lies at the artwork, as if there were no border; 1 if there is no rim.

    `mask`: the silhouettes, HxW. `from_art`: the distance in px to the artwork, float32 HxW.
    """
    rim = mask & ~erode(mask, 1)
    return float((from_art[rim] < 0.5 * border_px).mean()) if rim.any() else 1.0


def whitish(lab: Plane) -> Mask:
    """The pixels, HxW, of a float32 HxWx3 Lab sheet that could be a white or cream die-cut border."""
    return (lab[..., 0] > 86.0) & (lab[..., 1] ** 2 + lab[..., 2] ** 2 < 81.0)


def rim_colour(lab: Plane, ring: Mask) -> tuple[npt.NDArray[np.float32], float]:
    """The light colour that most of a `ring` behind the silhouettes' edge has, and its share of the ring, 0–1.

    `lab`: float32 HxWx3. `ring`: HxW. The colour is Lab, float32 of 3. The share is 0 if there is no light colour, or
    if it is a gaudy one.
    """
    pixels = at(lab, np.flatnonzero(ring))
    light = pixels[pixels[:, 0] > 80]
    if len(light) < 0.3 * len(pixels) or not len(light):
        return np.zeros(3, np.float32), 0.0
    colour = np.median(light, axis=0)
    near = np.linalg.norm(pixels - colour, axis=1) < LIKE
    return colour.astype(np.float32), float(near.mean()) if np.hypot(colour[1], colour[2]) < 30 else 0.0


def like(lab: Plane, colour: npt.NDArray[np.float32]) -> Mask:
    """The pixels, HxW, of a float32 HxWx3 Lab sheet that have about this Lab colour."""
    return squared_distance(lab, colour) < LIKE**2


def without_thin_lines(drawn: Mask) -> Mask:
    """`drawn`, HxW, without mixed rim pixels and without the thin line that some sheets draw round the border.

    It is a morphological opening (Serra 1982) that grows back a little wider, so that thicker parts keep their corners.
    """
    return drawn & dilate(erode(drawn, LINE_RADIUS_PX), LINE_RADIUS_PX + 1)
