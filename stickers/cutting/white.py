"""White on white: find die-cut silhouettes where the border has the ground's own colour.

A shadow or a thin contour line gives the border away: sharp edges are barriers (a soft shadow is none), and the
ground is where a disc rolls in from outside (an alpha-shape; Edelsbrunner et al. 1983). Where a side shows no edge
the silhouette is made by offset: the artwork grown by the width that the sheet's visible borders have.
"""

from __future__ import annotations

from dataclasses import dataclass

from stickers.cutting.background import Background
from stickers.cutting.border import border_width, without_thin_lines
from stickers.cutting.raster import Mask, Plane, erode, rolled_from_frame, without_small


@dataclass(frozen=True)
class OnWhite:
    """`mask`: silhouettes. `art`: what is not border. `border_px`: the border's width, 0 on a bare sheet."""

    mask: Mask
    art: Mask
    border_px: float


def find_on_white(lab: Plane, background: Background, edge: Mask, scale: float) -> OnWhite:
    """Silhouettes on a near-white ground."""
    chroma_a = lab[..., 1] - background.lab[..., 1]
    chroma_b = lab[..., 2] - background.lab[..., 2]
    tinted = chroma_a**2 + chroma_b**2 > 81.0
    barrier = without_small(edge | tinted | (background.distance > 28.0), 12 * scale * scale)
    ground = rolled_from_frame(~barrier, max(2, round(3 * scale)))
    mask = erode(without_small(~ground, 40 * scale * scale), 1)
    art = mask & (tinted | without_thin_lines(mask & (background.distance > 8.0), scale))
    return OnWhite(mask, art, border_width(mask, art, scale))
