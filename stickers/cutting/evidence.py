"""Gather what is known of one cut-out, so that `confidence` can judge it."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from stickers.cutting.confidence import Evidence
from stickers.cutting.grouping import OWN_SHARE
from stickers.cutting.raster import Labels, Mask, areas, components, dilate, distance_to, erode, fill_holes, share


def gathered(
    labels: Labels,
    label: int,
    window: tuple[slice, slice],
    ring: npt.NDArray[np.float32],
    *,
    faint: float,
    usual: float,
) -> Evidence:
    """The evidence of one label of the sheet's int32 HxW `labels`; the whole label lies in the `window`.

    `ring`: its outer contour, float32 Nx2. `faint`: the share of its rim without contrast, from the matte. `usual`: the
    area in px of the sheet's median sticker.
    """
    crop = labels[window]
    mask = crop == label
    solid = fill_holes(mask)
    area = float(np.count_nonzero(solid))
    number, parts = components(mask)
    pieces = areas(parts, number)[1:] if number > 1 else np.ones(1)
    hull = cv2.contourArea(cv2.convexHull(ring))
    return Evidence(
        seam=share(dilate((crop > 0) & ~mask, 2), mask & ~erode(mask, 1)),
        faint=faint,
        waist=_waist(solid, area),
        loose=1 - float(pieces.max() / pieces.sum()),
        odd=min(2.0, abs(float(np.log(max(1.0, area) / max(1.0, usual))))) / 2,
        ragged=max(0.0, 1 - area / max(1.0, hull)),
        tiny=max(0.0, 1 - area / (2 * OWN_SHARE * labels.size)),
        frame=float(_cut_off(mask, window, labels.shape)),
    )


def _cut_off(mask: Mask, window: tuple[slice, slice], shape: tuple[int, ...]) -> bool:
    """Whether a label's `mask` in its `window` reaches the sheet's edge."""
    rows, columns = window
    return bool(
        (rows.start == 0 and mask[0].any())
        or (rows.stop == shape[0] and mask[-1].any())
        or (columns.start == 0 and mask[:, 0].any())
        or (columns.stop == shape[1] and mask[:, -1].any())
    )


def _waist(solid: Mask, area: float) -> float:
    """Thin the figure by a twelfth of its size, and give the second lump's share of all lumps that are left."""
    # Half the size is fine enough for a twelfth of a figure.
    padded = np.pad(solid[::2, ::2], 1)
    core = 2 * distance_to(~padded) > max(1.5, 0.085 * np.sqrt(area))
    count, lumps = components(core)
    if count < 2:
        return 0.0
    size = np.sort(areas(lumps, count)[1:])
    return float(size[-2] / size.sum())
