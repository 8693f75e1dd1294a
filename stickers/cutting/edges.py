"""Find edges: where sharp ones are, and where exactly a silhouette ends between ground and sticker."""

from __future__ import annotations

from typing import Final

import numpy as np

from stickers.cutting.background import Background
from stickers.cutting.raster import (
    Mask,
    Plane,
    at,
    blur,
    dilate,
    gradient,
    local_maximum,
    nearest_at,
    nearest_cells,
    ridge_of,
    wide_blur,
)

BORDER_DEPTH_PX: Final = 2.0  # the edge's blur ends this far inside
# JPEG halves the chroma's resolution, so chroma says less about edges
LUMA_CHROMA = np.array([1.0, 0.55, 0.55], np.float32)


def sharpness(lab: Plane, background: Background, scale: float) -> Plane:
    """How sharply lightness changes, per px, without the slope of soft shadows; float32 HxW.

    A difference of Gaussians (Marr & Hildreth 1980) removes the slow changes. Lightness is clipped near the ground's,
    so that dark art does not ring into its surroundings.
    """
    light = np.clip(lab[..., 0] - background.lab[..., 0], -8.0, 4.0 if background.white else 8.0)
    return gradient(blur(light, 1.0) - wide_blur(light, max(2.0, 5.0 * scale)))


def sharp_edges(sharp: Plane, *, level: float = 0.7) -> Mask:
    """Thin edges of a `sharpness`, also faint ones: above the sheet's own noise and `level`, in lightness per px."""
    edge = sharp > max(level, 4.5 * float(np.median(sharp[::3, ::3])))
    return edge & (sharp >= 0.5 * local_maximum(sharp, 2))


def at_half_contrast(lab: Plane, mask: Mask, *, reach_px: float, border: Mask | None = None) -> Mask:
    """`mask`, which may be up to `reach_px` too large, with its edge moved inwards to half contrast.

    A pixel is ground if its colour lies nearer to the ground just outside than half the way to the sticker's colour
    `reach_px` inside. An ink line is far from both colours and stays. Where the two colours are too alike to tell, the
    mask stays as it was. `border`: the pixels that have the border's colour. Where artwork comes as near to the edge as
    `reach_px`, the border before it is measured by itself.
    """
    inside, cells, numbered = nearest_cells(~mask)
    rim = np.flatnonzero(mask & (inside < reach_px))
    bare = numbered[cells.ravel()[rim]]
    sure = (inside >= reach_px) | ridge_of(mask, inside)
    if border is not None:
        art = ~border & (inside >= BORDER_DEPTH_PX) & (inside < reach_px + 1)
        sure |= border & (inside >= BORDER_DEPTH_PX) & dilate(art, round(reach_px))
    _, pure = nearest_at(sure, rim)
    weights = LUMA_CHROMA**2
    ground = at(lab, bare)
    from_ground = (at(lab, rim) - ground) ** 2 @ weights
    contrast = (at(lab, pure) - ground) ** 2 @ weights
    drop = (from_ground < 0.25 * contrast) & (contrast > 16.0)
    out = mask.copy()
    out.ravel()[rim[drop]] = False
    return out
