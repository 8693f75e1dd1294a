"""Part the silhouettes into instances: one label per connected piece, touching stickers parted."""

from __future__ import annotations

from stickers.cutting.foreground import Foreground
from stickers.cutting.raster import Labels, components


def part(foreground: Foreground) -> tuple[int, Labels]:
    """The number of pieces and their int32 label plane."""
    return components(foreground.mask)
