"""The die-cut border as a property of the whole sheet: its width, from where the artwork begins behind the rim."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from stickers.cutting.raster import Mask, Plane, at, dilate, erode, squared_distance

# Of a bordered sheet's rim, at least, lies at the commonest distance from artwork, or a pixel or so beside it. On bare
# sheets up to .13 do, of white bodies; on 57 bordered ones .20 or more.
ALIKE_SHARE: Final = 0.16

NARROW_PX: Final = 4.0  # up to this width a border is too blurred to tell its line from pale artwork
LINE_RADIUS_PX: Final = 2  # a line of a pixel or two is twice that once a JPEG has blurred it
LIKE: Final = 11.0  # Lab distance within which a pixel has the border's colour


def border_width(mask: Mask, from_art: Plane, scale: float) -> float:
    """The commonest distance in px from rim to artwork; 0 for a bare sheet, whose artwork begins at the rim.

    `mask`: the silhouettes, HxW. `from_art`: every pixel's distance in px to the artwork, float32 HxW. `scale`: the
    sheet's size relative to 1024².
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
    """The ring of pixels from 2 to 3 px inside the silhouettes `mask`, HxW, behind the mixed pixels of their rim."""
    inner = cv2.erode(mask.view(np.uint8), np.ones((3, 3), np.uint8)).view(np.bool_)
    return inner & ~erode(mask, 3)


def leaked_share(mask: Mask, from_art: Plane, border_px: float) -> float:
    """The share, 0–1, of the rim that lies at the artwork, as if there were no border; 1 where there is no rim.

    `mask`: the silhouettes, HxW. `from_art`: the distance in px to the artwork, float32 HxW.
    """
    rim = mask & ~erode(mask, 1)
    return float((from_art[rim] < 0.5 * border_px).mean()) if rim.any() else 1.0


def whitish(lab: Plane) -> Mask:
    """Pixels, HxW, of a float32 HxWx3 Lab sheet that could be a white or cream die-cut border."""
    return (lab[..., 0] > 86.0) & (lab[..., 1] ** 2 + lab[..., 2] ** 2 < 81.0)


def rim_colour(lab: Plane, ring: Mask) -> tuple[npt.NDArray[np.float32], float]:
    """The light colour that most of a `ring` behind the silhouettes' edge has, and its share of the ring, 0–1.

    `lab`: float32 HxWx3. `ring`: HxW. The colour is Lab, float32 of 3; the share is 0 if there is none, or a gaudy one.
    """
    pixels = at(lab, np.flatnonzero(ring))
    light = pixels[pixels[:, 0] > 80]
    if len(light) < 0.3 * len(pixels) or not len(light):
        return np.zeros(3, np.float32), 0.0
    colour = np.median(light, axis=0)
    near = np.linalg.norm(pixels - colour, axis=1) < LIKE
    return colour.astype(np.float32), float(near.mean()) if np.hypot(colour[1], colour[2]) < 30 else 0.0


def like(lab: Plane, colour: npt.NDArray[np.float32]) -> Mask:
    """Pixels, HxW, of a float32 HxWx3 Lab sheet that have about that Lab colour."""
    return squared_distance(lab, colour) < LIKE**2


def without_thin_lines(drawn: Mask) -> Mask:
    """`drawn`, HxW, without the mixed rim pixels, and the thin line that some sheets draw round the border.

    An opening, a little wider on the way back (Serra 1982), so that what is thicker keeps its corners.
    """
    return drawn & dilate(erode(drawn, LINE_RADIUS_PX), LINE_RADIUS_PX + 1)
