"""What the cut reads of a picture: its colours, the alpha that marks its stickers, and what shows nothing at all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

import cv2
import numpy as np
from PIL import Image

from stickers.cutting.background import Background, model_background, to_lab
from stickers.cutting.plane import Window
from stickers.cutting.raster import Bytes, Mask, Plane, distance_between, in_planes
from stickers.cutting.transparency import CLEAR_BELOW, clear, covered, see_through

_GROUND_PX: Final = 512  # the ground changes slowly: this size shows it, and takes some 20 ms


@dataclass(frozen=True, eq=False)
class Pixels:
    """A sheet's pixels.

    `rgb`: uint8 HxWx3. `own_alpha`: uint8 HxW if the picture's own alpha marks its stickers, else None. `hidden`: bool
    HxW, pixels that the alpha hides where it does not mark the stickers; None if there are none.
    """

    rgb: Bytes
    own_alpha: Bytes | None = None
    hidden: Mask | None = None

    @classmethod
    def of(cls, image: Image.Image) -> Self:
        """The pixels of an upright RGB or RGBA picture, as `open_image` gives it.

        Raises ValueError for other modes, because a plain conversion would lose 16-bit values or colours.
        """
        if image.mode not in {"RGB", "RGBA"}:
            raise ValueError(f"A sheet is RGB or RGBA, as open_image gives it, not {image.mode}.")
        rgb = np.asarray(image.convert("RGB"))
        if image.mode == "RGBA":
            alpha = np.asarray(image.getchannel("A"))
            if see_through(rgb, alpha):
                return cls(rgb, own_alpha=alpha)
            if clear(alpha).any():
                return cls(covered(rgb, clear(alpha)), hidden=clear(alpha))
        return cls(rgb)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        return self.rgb.shape[0], self.rgb.shape[1]

    @property
    def scale(self) -> float:
        """The sheet's size relative to 1024²."""
        return float(np.sqrt(self.rgb.shape[0] * self.rgb.shape[1])) / 1024

    def lab(self, window: Window) -> Plane:
        """float32 HxWx3 Lab of a window."""
        return to_lab(np.ascontiguousarray(self.rgb[window]))

    @cached_property
    def ground(self) -> Background:
        """The ground's colour on a small copy of the sheet."""
        height, width = self.shape
        shrink = max(1.0, max(height, width) / _GROUND_PX)
        size = (max(8, round(width / shrink)), max(8, round(height / shrink)))
        small = np.asarray(cv2.resize(self.rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
        return model_background(to_lab(small))

    def from_ground(self, window: Window, lab: Plane) -> Plane:
        """The Lab distance of every pixel of a window to the ground's colour there, float32 HxW.

        `lab`: the window's own colours. Where the sheet's own alpha marks its stickers, clear pixels have the distance
        0 and all others 100.
        """
        if self.own_alpha is not None:
            return np.where(self.own_alpha[window] >= CLEAR_BELOW, np.float32(100), np.float32(0))
        rows, columns = window
        height, width = self.shape
        small = self.ground.lab
        y = (np.arange(rows.start, rows.stop, dtype=np.float32) + 0.5) * (small.shape[0] / height) - 0.5
        x = (np.arange(columns.start, columns.stop, dtype=np.float32) + 0.5) * (small.shape[1] / width) - 0.5
        across, down = np.meshgrid(x, y)
        there = [
            cv2.remap(np.ascontiguousarray(small[..., channel]), across, down, cv2.INTER_LINEAR, borderMode=1)
            for channel in range(3)
        ]
        return distance_between(lab, in_planes(np.stack(there, axis=-1)))
