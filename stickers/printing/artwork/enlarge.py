"""Continue the art's own colours past its edge, so that enlarging mixes in no others.

Pixels on the rim of a cut-out are mixed with the background, and pixels under alpha 0 may hold anything. Both get the
nearest pure colour before Lanczos reads them, so there is no pale halo and no dark one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

_PURE_ALPHA: Final = 250  # from here on, at most a fiftieth of a pixel's colour is foreign
_RIM_PX: Final = 2.5  # the width of an anti-aliased edge that a JPEG has blurred once
# The pixels nearer than that to the one in the middle: 5x5.
_WITHIN_RIM: Final = (np.add.outer(np.arange(-2, 3) ** 2, np.arange(-2, 3) ** 2) < _RIM_PX**2).astype(np.uint8)
_OPAQUE_SHARE: Final = 0.995  # of the inner pixels; the rest is noise of the matte


@dataclass(frozen=True, kw_only=True)
class Artwork:
    """Colours without an edge. `rgb` is HxWx3 uint8. `opacity` is HxW uint8, or None if all of the art is opaque."""

    rgb: Bytes
    opacity: Bytes | None

    def on_white(self) -> Artwork:
        """The same art as it looks on white, opaque."""
        if self.opacity is None:
            return self
        share = self.opacity[..., None].astype(np.float32) / np.float32(255)
        mixed = np.round(self.rgb * share + 255 * (1 - share)).astype(np.uint8)
        return Artwork(rgb=mixed, opacity=None)


def extend_colours(rgba: Bytes) -> Artwork:
    """The art of `rgba` in pure colours everywhere, and its opacity apart from its edge.

    `rgba`: HxWx4 uint8 with straight alpha. At least one pixel has an alpha above 0.
    """
    alpha = rgba[..., 3]
    inside = (alpha >= 128).astype(np.uint8)
    deep = cv2.erode(inside, _WITHIN_RIM).view(bool)
    pure = (alpha >= _PURE_ALPHA) | deep
    if not pure.any():
        pure = alpha == alpha.max()
    # A hair has no pure pixel near it. Its own colour is still better than one from far away.
    far = cv2.dilate(pure.view(np.uint8), _WITHIN_RIM) == 0
    pure |= far & (alpha >= 64)
    # All four bytes of a pixel at once.
    nearest = np.ascontiguousarray(rgba).view(np.uint32).reshape(-1).take(_nearest(pure))
    rgb = np.ascontiguousarray(nearest.view(np.uint8).reshape(rgba.shape)[..., :3])
    return Artwork(rgb=rgb, opacity=_opacity(alpha, deep))


def _opacity(alpha: Bytes, deep: Mask) -> Bytes | None:
    inner = alpha[deep]
    if inner.size == 0 or np.count_nonzero(inner >= 250) >= _OPAQUE_SHARE * inner.size:
        return None
    opacity = alpha.reshape(-1)[_nearest(deep)]
    far = cv2.distanceTransform((~deep).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    opacity[far > 2 * _RIM_PX] = 255
    return opacity


def _nearest(seeds: Mask) -> npt.NDArray[np.intp]:
    """The flat index of the nearest seed for each pixel: HxW. At least one of `seeds` (HxW bool) is true."""
    _, labels = cv2.distanceTransformWithLabels(
        (~seeds).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    index = np.zeros(int(labels.max()) + 1, np.intp)
    index[labels[seeds]] = np.flatnonzero(seeds)
    nearest: npt.NDArray[np.intp] = index[labels]
    return nearest
