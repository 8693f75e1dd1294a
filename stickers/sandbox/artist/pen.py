"""The pen: fills, shades and strokes the shapes of one figure on a small transparent canvas.

The canvas is premultiplied RGBA, uint8, drawn larger than it will be shown (see `OVERSAMPLING`): OpenCV's
antialiased fill of an opaque colour is then exactly the "over" operator, so no float copies are needed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from stickers.sandbox.artist import colours as c
from stickers.sandbox.artist import paths
from stickers.sandbox.artist.colours import Colour
from stickers.sandbox.artist.paths import Points
from stickers.sandbox.artist.styles import Look

Pixels = npt.NDArray[np.uint8]
Rims = list[npt.NDArray[np.int32]]  # the outer contour first, then the holes

OVERSAMPLING: Final = 2
REACH: Final = 1.7  # figure units from the middle of the canvas to its side
_SUBPIXEL_BITS: Final = 4


class Pen:
    """Draws in figure space (see `paths`) on a square canvas of `unit_px` pixels a unit.

    `rng` belongs to the figure: a figure takes all its choices from it, so the same seed draws the same
    figure at every size. `wear` names garments that the prompt asks for (see `figures.wardrobe`).
    """

    def __init__(
        self, *, unit_px: float, line_px: float, look: Look, rng: random.Random, wear: Sequence[str] = ()
    ) -> None:
        side = 2 * int(np.ceil(unit_px * REACH))
        self.canvas: Pixels = np.zeros((side, side, 4), np.uint8)
        self.look = look
        self.rng = rng
        self.wear = tuple(wear)
        self.unit_px = unit_px
        self.line_px = line_px * look.line_scale
        self._matrix = np.array([[unit_px, 0, side / 2], [0, unit_px, side / 2], [0, 0, 1]])

    # -- choices ----------------------------------------------------------------------------------------------

    def paint(self, *natural: Colour) -> Colour:
        """One of the natural colours, or rather one that the prompt asked for."""
        natural_one = self.rng.choice(natural)
        wanted_one = self.rng.choice(self.look.wanted or natural)
        return wanted_one if self.rng.random() < 0.7 else natural_one

    def accent(self) -> Colour:
        """One of the look's accent colours."""
        return self.rng.choice(self.look.accents)

    def chance(self, share: float) -> bool:
        """True in `share` (0–1) of the cases."""
        return self.rng.random() < share

    # -- where ------------------------------------------------------------------------------------------------

    @contextmanager
    def at(
        self, x: float = 0.0, y: float = 0.0, *, scale: float = 1.0, turn: float = 0.0, mirror: bool = False
    ) -> Iterator[None]:
        """Draw around (x, y) instead: scaled, turned clockwise by `turn` degrees, mirrored left to right."""
        outer = self._matrix
        angle = np.radians(turn)
        cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
        flip = -1.0 if mirror else 1.0
        self._matrix = outer @ np.array([[cos * flip, -sin, x], [sin * flip, cos, y], [0, 0, 1]])
        try:
            yield
        finally:
            self._matrix = outer

    def _pixels(self, points: Points) -> npt.NDArray[np.int32]:
        placed = points @ self._matrix[:2, :2].T + self._matrix[:2, 2]
        pixels: npt.NDArray[np.int32] = np.round((placed - 0.5) * (1 << _SUBPIXEL_BITS)).astype(np.int32)
        return pixels

    def _lines(self, rims: Rims, colour: Colour, thick: float, *, closed: bool = False) -> None:
        wide = max(1, round(thick))
        cv2.polylines(self.canvas, rims, closed, (*colour, 255), wide, cv2.LINE_AA, _SUBPIXEL_BITS)

    def _px(self, units: float) -> float:
        return float(units * np.sqrt(abs(np.linalg.det(self._matrix[:2, :2]))))

    # -- marks ------------------------------------------------------------------------------------------------

    def shape(
        self,
        points: Points,
        colour: Colour,
        *,
        line: float = 1.0,
        shade: float = 1.0,
        gloss: bool = False,
        holes: Sequence[Points] = (),
        inside: Callable[[], None] | None = None,
    ) -> None:
        """Fill a closed shape, less its holes, with two tones and draw its inner line over the rim.

        `line` and `shade` scale the width of the line and of the darker crescent; 0 leaves them out. `inside`
        draws what is clipped to the shape, under the shade and the line.
        """
        fill = self.look.fill(colour)
        rims = [self._pixels(rim) for rim in (points, *holes)]
        before = self.canvas.copy() if inside else None
        cv2.fillPoly(self.canvas, rims, (*fill, 255), cv2.LINE_AA, _SUBPIXEL_BITS)
        if inside and before is not None:
            inside()
            self._clip(rims, before, fill)
        if shade and self.look.shading == "flat":
            self._shade(rims, shade)
        elif shade and self.look.shading == "soft":
            self._model(rims, shade)
        if gloss and self.look.shading != "none":
            self._gloss(points)
        if line and self.look.line != "none":
            rim_paint = self.look.outline(fill)
            self._lines(rims, rim_paint, self.line_px * line, closed=True)

    def flat(self, points: Points, colour: Colour) -> None:
        """Fill a closed shape with one tone and no line: a spot, a stripe, a belly."""
        fill = (*self.look.fill(colour), 255)
        cv2.fillPoly(self.canvas, [self._pixels(points)], fill, cv2.LINE_AA, _SUBPIXEL_BITS)

    def stroke(self, points: Points, colour: Colour, width: float, *, line: float = 0.0) -> None:
        """A round-ended line of `width` units; `line` adds an inner line along both its sides."""
        fill = self.look.fill(colour)
        pixels = self._pixels(points)
        thick = self._px(width)
        if line and self.look.line != "none":
            rim = self.look.outline(fill)
            self._lines([pixels], rim, thick + self.line_px * line)
            thick -= self.line_px * line
        self._lines([pixels], fill, thick)

    def ink(self, points: Points, colour: Colour = c.INK, weight: float = 1.0) -> None:
        """A line of the same weight as the inner lines, whatever the scale: a mouth, a whisker, a vein."""
        line = self.look.line_colour if self.look.line == "ink" else self.look.fill(colour)
        self._lines([self._pixels(points)], line, max(self.line_px, self.unit_px * 0.02) * weight)

    def wash(self, points: Points, colour: Colour, strength: float) -> None:
        """A translucent shape over what is already drawn, and only there."""
        rims = [self._pixels(points)]
        left, top, right, bottom = self._box(rims)
        if right <= left or bottom <= top:
            return
        region = self.canvas[top:bottom, left:right]
        mask = self._mask(rims, left, top, right, bottom)
        weight = mask.astype(np.float32)[..., None] * (strength / 255)
        paint = region[..., 3:].astype(np.float32) / 255 * np.array(self.look.fill(colour), np.float32)
        region[..., :3] = region[..., :3] + (paint - region[..., :3]) * weight + 0.5

    # -- tone -------------------------------------------------------------------------------------------------

    def _box(self, rims: Rims) -> tuple[int, int, int, int]:
        low = np.maximum((rims[0].min(axis=0) >> _SUBPIXEL_BITS) - 2, 0)
        high = np.minimum((rims[0].max(axis=0) >> _SUBPIXEL_BITS) + 3, self.canvas.shape[0])
        return int(low[0]), int(low[1]), int(high[0]), int(high[1])

    def _mask(self, rims: Rims, left: int, top: int, right: int, bottom: int) -> Pixels:
        mask: Pixels = np.zeros((bottom - top, right - left), np.uint8)
        corner = np.array([left, top], np.int32) * (1 << _SUBPIXEL_BITS)
        cv2.fillPoly(mask, [rim - corner for rim in rims], 255, cv2.LINE_AA, _SUBPIXEL_BITS)
        return mask

    def _clip(self, rims: Rims, before: Pixels, fill: Colour) -> None:
        """Keep what was drawn since `before` only inside the shape."""
        left, top, right, bottom = self._box(rims)
        drawn = self.canvas[top:bottom, left:right].copy()
        self.canvas[:] = before
        cv2.fillPoly(self.canvas, rims, (*fill, 255), cv2.LINE_AA, _SUBPIXEL_BITS)
        mask = self._mask(rims, left, top, right, bottom)
        cv2.copyTo(drawn, (mask > 250).astype(np.uint8), self.canvas[top:bottom, left:right])

    def _shade(self, rims: Rims, amount: float) -> None:
        """The second tone: a crescent at the lower right, the light coming from the upper left."""
        left, top, right, bottom = self._box(rims)
        if right - left < 6 or bottom - top < 6:
            return
        mask = self._mask(rims, left, top, right, bottom) > 250
        width = amount * 0.075 * (min(right - left, bottom - top) + 0.4 * self.unit_px)
        dx, dy = round(width * 0.55), round(width * 0.85)
        if dx < 1 or dy < 1 or dx >= right - left or dy >= bottom - top:
            return
        crescent = mask.copy()
        crescent[:-dy, :-dx] &= ~mask[dy:, dx:]
        region = self.canvas[top:bottom, left:right]
        cv2.copyTo(cv2.LUT(region, _DUSK), crescent.astype(np.uint8), region)

    def _model(self, rims: Rims, amount: float) -> None:
        """Soft modelling as on a lump of clay: the rim turns dark at the lower right, light at the upper left."""
        left, top, right, bottom = self._box(rims)
        size = min(right - left, bottom - top)
        if size < 8:
            return
        mask = self._mask(rims, left, top, right, bottom)
        spread = max(3, int(size * 0.34) | 1)
        padded = cv2.copyMakeBorder(mask, spread, spread, spread, spread, cv2.BORDER_CONSTANT)
        soft = cv2.blur(cv2.blur(padded, (spread, spread)), (spread // 2 | 1, spread // 2 | 1)).astype(np.float32)
        step = max(1, spread // 4)
        far = np.roll(soft, (-step, -step), (0, 1))
        near = np.roll(soft, (step, step), (0, 1))
        height, width = mask.shape
        tilt = ((far - near) / 255)[spread : spread + height, spread : spread + width]
        region = self.canvas[top:bottom, left:right]
        paint = region[..., :3].astype(np.float32)
        glow = region[..., 3:].astype(np.float32)
        level = np.clip(tilt * amount * 0.62, -0.42, 0.42)[..., None]
        toned = np.where(level < 0, paint * (1 + level * np.array([0.72, 0.95, 0.8], np.float32)),
                         paint + (glow - paint) * level)  # fmt: skip
        weight = mask.astype(np.float32)[..., None] / 255
        region[..., :3] = np.clip(paint + (toned - paint) * weight + 0.5, 0, 255)

    def _gloss(self, points: Points) -> None:
        """A small highlight at the upper left of the shape."""
        low, high = points.min(axis=0), points.max(axis=0)
        x, y = low + (high - low) * (0.3, 0.24)
        width, height = (high - low) * (0.1, 0.06)
        self.wash(paths.ellipse(float(x), float(y), float(width), float(height), turn=-28), c.WHITE, 0.75)


def _dusk() -> Pixels:
    """The tone table of the darker crescent, a little cooler than the body, alpha untouched."""
    ramp = np.arange(256)
    table = np.stack([ramp * 0.89, ramp * 0.83, ramp * 0.88, ramp], axis=-1)
    return np.round(table).astype(np.uint8).reshape(1, 256, 4)


_DUSK: Final = _dusk()
