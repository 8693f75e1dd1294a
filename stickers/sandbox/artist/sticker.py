"""One die-cut sticker: a figure with its satellites, finished in the sheet's style, inside one outline."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from stickers.sandbox.artist import colours as c
from stickers.sandbox.artist.colours import Colour
from stickers.sandbox.artist.figures import FIGURES
from stickers.sandbox.artist.figures.lettering import LETTERING
from stickers.sandbox.artist.figures.trinkets import TRINKETS
from stickers.sandbox.artist.finishes import finish
from stickers.sandbox.artist.paths import Points
from stickers.sandbox.artist.pen import OVERSAMPLING, REACH, Pen
from stickers.sandbox.artist.styles import Look
from stickers.sandbox.artist.vocabulary import Subject

_SKETCH_PX: Final = 44  # pixels a unit when a sticker is only measured


@dataclass(frozen=True)
class Edge:
    """How the stickers of one sheet are cut: width of the outline, its colour, and whether a grey line rims it.

    A width of 0 is the bare style: the art's own edge.
    """

    width_px: float
    colour: Colour = c.WHITE
    contour: bool = False


@dataclass(frozen=True)
class Satellite:
    """A trinket beside a figure; position and size in figure units."""

    name: str
    x: float
    y: float
    size: float
    turn: float


@dataclass(frozen=True)
class Design:
    """Everything that decides one sticker, but not its place and scale."""

    subject: Subject
    seed: int
    turn: float = 0.0
    mirror: bool = False
    satellites: tuple[Satellite, ...] = ()
    wear: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What the sticker shows, in words."""
        return f"{self.subject.name}: {self.subject.text}" if self.subject.text else self.subject.name


@dataclass(frozen=True)
class Sprite:
    """A drawn sticker: `rgba` uint8 premultiplied of shape (h, w, 4), its alpha being the cut's soft coverage.

    (`left`, `top`) is where its first pixel lies, relative to the figure's origin.
    """

    rgba: npt.NDArray[np.uint8]
    left: int
    top: int


def with_satellites(
    sticker: Design, look: Look, names: tuple[str, ...], *, gap_units: float, rng: random.Random
) -> Design:
    """The sticker with up to three trinkets, each about `gap_units` from the figure and from one another."""
    alpha = _sketch(sticker, look)
    middle = alpha.shape[0] / 2
    satellites: list[Satellite] = []
    for _ in range(rng.choice((1, 2, 2, 3))):
        size = rng.uniform(0.12, 0.2)
        away = cv2.distanceTransform((alpha < 128).astype(np.uint8), cv2.DIST_L2, 3) / _SKETCH_PX
        rows, columns = np.nonzero(np.abs(away - (size + gap_units)) < 0.03)
        # satellites under a figure look like dropped crumbs; those beyond the canvas would be cut off
        limit = (REACH - size - 0.1) * _SKETCH_PX
        upper = (rows < middle + 0.6 * _SKETCH_PX) & (rows > middle - limit) & (np.abs(columns - middle) < limit)
        rows, columns = rows[upper], columns[upper]
        if not len(rows):
            break
        pick = rng.randrange(len(rows))
        x, y = (columns[pick] - middle) / _SKETCH_PX, (rows[pick] - middle) / _SKETCH_PX
        name = rng.choice(names)
        turn = float(np.degrees(np.arctan2(x, -y))) if name == "dashes" else rng.uniform(-18, 18)
        satellites.append(Satellite(name, float(x), float(y), size, turn))
        spot = (int(columns[pick]), int(rows[pick]))
        cv2.circle(alpha, spot, int((size + gap_units) * _SKETCH_PX), 255, -1)
    return replace(sticker, satellites=tuple(satellites))


def rim_of(sticker: Design, look: Look, closing_units: float) -> Points:
    """The sticker's outer contour without outline, its bays narrower than `closing_units` filled."""
    mask = (_sketch(sticker, look) >= 100).astype(np.uint8)
    pad = int(closing_units * _SKETCH_PX) + 4
    mask = np.pad(mask, pad)
    mask = _largest(_closed(mask, closing_units * _SKETCH_PX))
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    contour = max(contours, key=cv2.contourArea)[:, 0, :].astype(np.float64)
    rim: Points = (contour + 0.5 - mask.shape[0] / 2) / _SKETCH_PX
    return rim


def draw(sticker: Design, look: Look, unit_px: float, line_px: float, edge: Edge) -> Sprite:
    """The sticker at its final scale."""
    pen = _drawn(sticker, look, unit_px * OVERSAMPLING, line_px * OVERSAMPLING)
    middle = pen.canvas.shape[0] / 2
    pad = int((3.5 * edge.width_px + 6) * OVERSAMPLING)  # closing needs room to grow into
    rows, columns = np.nonzero(pen.canvas[..., 3].max(axis=1))[0], np.nonzero(pen.canvas[..., 3].max(axis=0))[0]
    # the crop starts a whole number of final pixels from the origin, so that halving it moves nothing
    top = int((middle - rows[0] + pad) // OVERSAMPLING + 1)
    left = int((middle - columns[0] + pad) // OVERSAMPLING + 1)
    bottom, right = (int((end[-1] - middle + pad) // OVERSAMPLING + 1) for end in (rows, columns))
    crop = _crop(pen.canvas, top, left, bottom, right)
    size = (left + right, top + bottom)
    cut_large = _silhouette(crop[..., 3], edge.width_px * OVERSAMPLING)
    # the fills are antialiased already: a box filter keeps them crisp, is free of Lanczos' ringing in
    # premultiplied alpha, and takes a tenth of its time
    art = cv2.resize(crop, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    art = finish(art, look.finish, sticker.seed % 2**32)
    cut = cv2.resize(cut_large, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    if edge.width_px == 0:
        cut = cv2.resize(crop[..., 3], size, interpolation=cv2.INTER_AREA).astype(np.float32)
        kept = cv2.dilate(_largest((cut >= 100).astype(np.uint8)), np.ones((3, 3)))  # with its soft rim
        art = art * kept[..., None]
        cut = np.maximum(cut * kept, art[..., 3])
    return Sprite(_laid(art, cut, cut_large, size, edge), -left, -top)


def _laid(
    art: npt.NDArray[np.float32],
    cut: npt.NDArray[np.float32],
    cut_large: npt.NDArray[np.uint8],
    size: tuple[int, int],
    edge: Edge,
) -> npt.NDArray[np.uint8]:
    """Art over the outline's colour, kept inside the cut; premultiplied."""
    out = np.empty((*cut.shape, 4), np.uint8)
    out[..., 3] = cut + 0.5
    if not edge.width_px:
        out[..., :3] = np.clip(art[..., :3] + 0.5, 0, 255)
        return out
    ground: npt.NDArray[np.float32] = np.array(edge.colour, np.float32)
    if edge.contour:
        depth = cv2.distanceTransform((cut_large >= 128).astype(np.uint8), cv2.DIST_L2, 3)
        line = np.clip(3.4 - depth, 0, 1) * 255
        line = cv2.resize(line.astype(np.uint8), size, interpolation=cv2.INTER_AREA).astype(np.float32)[..., None] / 255
        ground = ground + (np.array((186, 186, 194), np.float32) - ground) * line
    paint = (art[..., :3] + ground * (1 - art[..., 3:] / 255)) * (cut[..., None] / 255)
    out[..., :3] = np.clip(paint + 0.5, 0, 255)
    return out


def _crop(canvas: npt.NDArray[np.uint8], top: int, left: int, bottom: int, right: int) -> npt.NDArray[np.uint8]:
    """The canvas from so many final pixels above, left … of its middle, padded where it ends."""
    middle, spans = canvas.shape[0] // 2, []
    for before, after in ((top, bottom), (left, right)):
        spans.append((middle - before * OVERSAMPLING, middle + after * OVERSAMPLING))
    out = np.zeros((spans[0][1] - spans[0][0], spans[1][1] - spans[1][0], 4), np.uint8)
    (row, row_end), (column, column_end) = spans
    limit = canvas.shape[0]
    part = canvas[max(row, 0) : min(row_end, limit), max(column, 0) : min(column_end, limit)]
    out[max(-row, 0) : max(-row, 0) + part.shape[0], max(-column, 0) : max(-column, 0) + part.shape[1]] = part
    return out


def _silhouette(alpha: npt.NDArray[np.uint8], width: float) -> npt.NDArray[np.uint8]:
    """The die cut: art grown by `width`, bays rounded, holes filled, one piece; soft at its rim."""
    if width <= 0:
        return alpha
    whole = _largest(_closed((alpha >= 100).astype(np.uint8), width * 2.2, grow=width))
    # a cutter's knife cannot turn on the spot: blurred and made steep again, the rim has no corners
    soft = cv2.GaussianBlur(whole * np.uint8(255), (0, 0), 1.2 * OVERSAMPLING).astype(np.float32)
    rim: npt.NDArray[np.uint8] = np.clip((soft - 127.5) * 2.6 + 128, 0, 255).astype(np.uint8)
    return rim


def _closed(mask: npt.NDArray[np.uint8], radius: float, grow: float = 0.0) -> npt.NDArray[np.uint8]:
    """The mask with bays up to `radius` rounded off, holes filled, then grown by `grow` pixels."""
    wide = (cv2.distanceTransform(1 - mask, cv2.DIST_L2, 5) <= radius + grow).astype(np.uint8)
    contours, _ = cv2.findContours(wide, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    cv2.drawContours(wide, contours, -1, 1, cv2.FILLED)
    closed: npt.NDArray[np.uint8] = (cv2.distanceTransform(wide, cv2.DIST_L2, 5) > radius).astype(np.uint8)
    return closed | mask


def _largest(mask: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The largest connected piece of the mask, holes and all."""
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if len(contours) < 2:
        return mask
    piece = np.zeros_like(mask)
    cv2.drawContours(piece, [max(contours, key=cv2.contourArea)], -1, 1, cv2.FILLED)
    return piece & mask


def _sketch(sticker: Design, look: Look) -> npt.NDArray[np.uint8]:
    """The sticker's coverage, small and quick."""
    quick = replace(look, shading="none")
    pen = _drawn(sticker, quick, _SKETCH_PX, _SKETCH_PX * 0.05)
    return np.ascontiguousarray(pen.canvas[..., 3])


def _drawn(sticker: Design, look: Look, unit_px: float, line_px: float) -> Pen:
    pen = Pen(unit_px=unit_px, line_px=line_px, look=look, rng=random.Random(sticker.seed), wear=sticker.wear)
    for satellite in sticker.satellites:
        with pen.at(satellite.x, satellite.y, scale=satellite.size, turn=satellite.turn):
            TRINKETS[satellite.name](pen)
    pen.rng.seed(sticker.seed)  # satellites come and go without changing the figure
    with pen.at(turn=sticker.turn, mirror=sticker.mirror and not sticker.subject.text):
        _figure(sticker.subject)(pen)
    return pen


def _figure(subject: Subject) -> Callable[[Pen], None]:
    if subject.text:
        return lambda pen: LETTERING[subject.name](pen, subject.text)
    return TRINKETS[subject.name] if subject.name in TRINKETS else FIGURES[subject.name]
