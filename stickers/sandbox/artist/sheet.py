"""A whole sticker sheet from a prompt: what to draw, how large and where, then ground, shadows and stickers."""

from __future__ import annotations

import hashlib
import io
import random
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from stickers.sandbox.artist import backdrop, layout, vocabulary
from stickers.sandbox.artist.sticker import Design, Edge, Sprite, draw, rim_of, with_satellites
from stickers.sandbox.artist.styles import Look, look_for
from stickers.sandbox.artist.vocabulary import Subject

_FILL: Final = 0.64  # share of the sheet that stickers are to cover before they grow
_GAP: Final = (0.0092, 0.013)  # least distance of two stickers, as a share of the side
_USUAL_AREA: Final = 2.6  # of a figure, in square units
_HERO, _COMMON, _SMALL = 2.1, 1.0, 0.55  # shares of area


@dataclass(frozen=True)
class Drawing:
    """A drawn sheet and the truth about it.

    `image` is RGB. `labels` is uint16 of shape (height, width): 0 on the background, k on sticker k's die-cut
    silhouette with its outline and satellites, named `names[k - 1]`. `coverage` is uint8 of the same shape: how
    much of each pixel the stickers cover. `background` and `edge` name the kinds of ground and of cut.
    """

    image: Image.Image
    labels: npt.NDArray[np.uint16]
    coverage: npt.NDArray[np.uint8]
    names: tuple[str, ...]
    background: str
    edge: str


@dataclass(frozen=True)
class _Plan:
    """What is settled for a whole sheet before its stickers are."""

    look: Look
    edge: Edge
    side_px: float
    count: int
    trinkets: tuple[str, ...]
    wear: tuple[str, ...]


def draw_sheet(prompt: str, *, seed: int, width_px: int, height_px: int, index: int = 0) -> Drawing:
    """Draw a sheet of separate stickers for the prompt; the same arguments always give the same pixels."""
    rng = _chance(prompt, seed, index, width_px, height_px)
    look = look_for(prompt)
    side = float(np.sqrt(width_px * height_px))
    ground, canvas = backdrop.paint(look, rng, width_px, height_px)
    edge = _edge(look, rng, ground, side)
    gap = rng.uniform(*_GAP) * side
    reading = vocabulary.read(prompt)
    count = _count(width_px, height_px, rng)
    subjects, trinkets = vocabulary.choose(reading, rng, count, max(1, count // 4))
    plan = _Plan(look, edge, side, count, trinkets, reading.wear)
    stickers = [*_sized(subjects, plan, rng), *_loose(plan, rng)]
    pieces = [piece for _, piece in stickers]
    places = layout.arrange(pieces, layout.Ground(width_px, height_px, edge.width_px, gap), rng)
    labels = np.zeros((height_px, width_px), np.uint16)
    coverage = np.zeros((height_px, width_px), np.uint8)
    laid: list[_Laid] = []
    names: list[str] = []
    for (sticker, _), place in zip(stickers, places, strict=True):
        if place is None:
            continue
        unit = place.unit_px
        for _ in range(3):
            item = _Laid(draw(sticker, look, unit, _line(side, unit), edge), round(place.x), round(place.y))
            if _fits(item, labels, gap):
                names.append(sticker.name)
                _claim(item, labels, coverage, len(names))
                laid.append(item)
                break
            unit *= 0.93  # the layout counts in coarse cells; what it got wrong is put right here
    # White on white without a contour has nothing but its shadow to be told by, on paper as on a screen.
    needed = ground == "white" and edge.width_px > 0 and not edge.contour
    _shadows(canvas, coverage, rng, side, dark=ground == "dark", needed=needed)
    for item in laid:
        _lay(canvas, item)
    return Drawing(Image.fromarray(canvas), labels, coverage, tuple(names), ground, _edge_name(edge))


def jpeg(drawing: Drawing, quality: int = 92) -> bytes:
    """The sheet as the service delivers it."""
    stream = io.BytesIO()
    drawing.image.save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def _chance(prompt: str, *numbers: int) -> random.Random:
    text = "\x1f".join([prompt.strip(), *map(str, numbers)])
    return random.Random(int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:8], "big"))


def _count(width: int, height: int, rng: random.Random) -> int:
    area = width * height / 1024**2
    return max(7, round(6 + 11 * area + rng.uniform(-2, 2)))


def _edge(look: Look, rng: random.Random, ground: str, side: float) -> Edge:
    roll = rng.random()
    width = side * rng.uniform(0.0075, 0.0125)
    if roll < 0.07 and look.line != "none" and look.name == "kawaii" and ground in {"white", "pastel", "paper"}:
        return Edge(0.0)
    if look.name == "holographic":
        return Edge(width, (247, 244, 255))
    return Edge(width, contour=roll > (0.45 if ground == "white" else 0.8))


def _edge_name(edge: Edge) -> str:
    return "bare" if not edge.width_px else "contour" if edge.contour else "outline"


def _line(side: float, unit_px: float) -> float:
    """The width of inner lines: nearly the same on small and large stickers, as one pen draws them all."""
    return float(0.55 * side * 0.0036 + 0.45 * unit_px * 0.04)


def _sized(subjects: list[Subject], plan: _Plan, rng: random.Random) -> list[tuple[Design, layout.Piece]]:
    """Every sticker with its rim and the scale that gives it its share of the sheet.

    Subjects beyond the plan's count only fill what room is left.
    """
    width = plan.edge.width_px
    heroes = set(rng.sample(range(min(plan.count, 6)), k=max(1, plan.count // 6)))
    shares = [
        _HERO if k in heroes else _SMALL if subject.text or rng.random() < 0.3 else _COMMON * rng.uniform(0.75, 1.3)
        for k, subject in enumerate(subjects)
    ]
    part = _FILL * plan.side_px**2 / sum(shares[: plan.count])
    sized = []
    for k, (subject, share) in enumerate(zip(subjects, shares, strict=True)):
        turn = 0.0 if plan.look.upright else rng.uniform(-13, 13)
        sticker = Design(subject, rng.randrange(2**32), turn, rng.random() < 0.4, wear=plan.wear)
        unit = float(np.sqrt(share * part / _USUAL_AREA))
        if width and not subject.text and rng.random() < 0.5:
            sticker = with_satellites(sticker, plan.look, plan.trinkets, gap_units=1.15 * width / unit, rng=rng)
        rim = rim_of(sticker, plan.look, 2.2 * width / unit)
        area = cv2.contourArea(rim.astype(np.float32))
        outline = cv2.arcLength(rim.astype(np.float32), closed=True) * width
        # share · part = area · unit² + outline · unit, solved for unit
        unit = float((-outline + np.sqrt(outline**2 + 4 * area * share * part)) / (2 * area))
        piece = layout.Piece(rim, unit, unit * 0.75, unit * (1.15 if k in heroes else 1.5), filler=k >= plan.count)
        sized.append((sticker, piece))
    return sized


def _loose(plan: _Plan, rng: random.Random) -> list[tuple[Design, layout.Piece]]:
    """A few trinkets as stickers of their own, for the small gaps."""
    if not plan.edge.width_px:
        return []
    loose = []
    for _ in range(round(rng.uniform(1.0, 4.5) * (plan.side_px / 1024) ** 2)):
        sticker = Design(Subject(rng.choice(plan.trinkets[:-1])), rng.randrange(2**32), rng.uniform(-15, 15))
        unit = plan.side_px * rng.uniform(0.02, 0.026)
        rim = rim_of(sticker, plan.look, 0.4)
        loose.append((sticker, layout.Piece(rim, unit, unit * 0.95, unit * 1.05, filler=True)))
    return loose


@dataclass(frozen=True)
class _Laid:
    """A sprite on the sheet, (x, y) being the pixel of its figure's origin."""

    sprite: Sprite
    x: int
    y: int

    @property
    def top(self) -> int:
        return self.y + self.sprite.top

    @property
    def left(self) -> int:
        return self.x + self.sprite.left

    def window(self, shape: tuple[int, ...]) -> tuple[slice, slice, npt.NDArray[np.uint8]]:
        """The rows and columns of a sheet of this shape that the sprite covers, and its pixels there."""
        high, wide = self.sprite.rgba.shape[:2]
        rows = slice(max(self.top, 0), max(0, min(self.top + high, shape[0])))
        columns = slice(max(self.left, 0), max(0, min(self.left + wide, shape[1])))
        part = self.sprite.rgba[
            rows.start - self.top : rows.stop - self.top, columns.start - self.left : columns.stop - self.left
        ]
        return rows, columns, part


def _fits(item: _Laid, labels: npt.NDArray[np.uint16], gap: float) -> bool:
    """Whether the sprite's cut lies wholly on the sheet and keeps the gap to all that is there."""
    solid = item.sprite.rgba[..., 3] > 0
    rows, columns = np.nonzero(solid.any(axis=1))[0], np.nonzero(solid.any(axis=0))[0]
    near = int(gap * 0.5)
    if item.top + rows[0] < near or item.left + columns[0] < near:
        return False
    if item.top + rows[-1] >= labels.shape[0] - near or item.left + columns[-1] >= labels.shape[1] - near:
        return False
    reach = int(np.ceil(gap))
    down, across, part = item.window(labels.shape)
    top, left = max(down.start - reach, 0), max(across.start - reach, 0)
    around = labels[top : down.stop + reach, left : across.stop + reach]
    if not around.any():
        return True
    away = cv2.distanceTransform((around == 0).astype(np.uint8), cv2.DIST_L2, 3)
    there = away[down.start - top : down.stop - top, across.start - left : across.stop - left]
    return bool(there[part[..., 3] >= 128].min() > 0.9 * gap)


def _claim(item: _Laid, labels: npt.NDArray[np.uint16], coverage: npt.NDArray[np.uint8], label: int) -> None:
    rows, columns, part = item.window(labels.shape)
    labels[rows, columns][part[..., 3] >= 128] = label
    np.maximum(coverage[rows, columns], part[..., 3], out=coverage[rows, columns])


def _shadows(
    canvas: npt.NDArray[np.uint8],
    coverage: npt.NDArray[np.uint8],
    rng: random.Random,
    side: float,
    *,
    dark: bool,
    needed: bool,
) -> None:
    """A soft drop shadow under all stickers, on most sheets; on all where it is needed to see them."""
    faintest = 0.16 if needed else 0.0
    strength = max(faintest, rng.choice((0.0, 0.16, 0.2, 0.24, 0.28, 0.34))) * (1.5 if dark else 1.0)
    dx, dy = rng.uniform(-0.3, 1.0) * 0.004 * side, rng.uniform(0.5, 1.4) * 0.005 * side
    spread = rng.uniform(0.003, 0.008) * side
    if not strength:
        return
    small = cv2.resize(coverage, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    shift = np.array([[1, 0, dx / 2], [0, 1, dy / 2]])
    moved = cv2.warpAffine(small, shift, (small.shape[1], small.shape[0]))
    soft = cv2.GaussianBlur(moved, (0, 0), spread / 2)
    soft = cv2.resize(soft, (coverage.shape[1], coverage.shape[0]), interpolation=cv2.INTER_LINEAR)
    tint = np.array((0.98, 1.0, 0.92), np.float32)  # a shadow a little blue, as in daylight
    level = 1 - (soft.astype(np.float32) * (strength / 255))[..., None] * tint
    canvas[:] = (canvas * level + 0.5).astype(np.uint8)


def _lay(canvas: npt.NDArray[np.uint8], item: _Laid) -> None:
    rows, columns, part = item.window(canvas.shape)
    below = canvas[rows, columns]
    clear = 255 - part[..., 3:].astype(np.uint16)
    # premultiplied "over" in whole numbers: a third of the time of float32
    below[:] = np.minimum(part[..., :3] + (below * clear + 127) // 255, 255)
