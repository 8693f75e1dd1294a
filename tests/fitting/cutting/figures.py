"""Makes one figure for a training sheet: fetched or drawn art, its finish, its words and satellites."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from tests.fitting.art import Library

Bytes = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]
Rng = np.random.Generator

LATIN = tuple(
    words
    for line in (
        "hello|thank you|good job|yes|no|wow|ok!|sorry|good night|good morning|love|miss you|happy|angry|crying|lol",
        "laughing|confused|smug|on it|got it|please|hugs|lunch|huh?|sweet|nice|oh no|yay!|bye|zzz|peace|cool|party",
        "work|coffee|stay home|best friends|thanks for the help|see you soon|let me think|100 %|SALE|NEW|hooray|no way",
    )
    for words in line.split("|")
)
KANA = (
    *("おはよう", "ありがとう", "了解です", "いいね", "おつかれさま", "OK!", "わかる", "大丈夫"),
    *("だいすき", "ばいばい", "おやすみ", "ごめんね", "やったー", "うれしい", "がんばれ"),
)


@dataclass(frozen=True)
class Figure:
    """Art before it gets a border.

    `rgba` is straight RGBA (h, w, 4). `body` (h, w) is what a person would peel if there is no border: the art's own
    alpha, and for line art also what its lines enclose.
    """

    rgba: Bytes
    body: Bytes


def solid(rgba: Bytes) -> Figure:
    """A figure whose body is its alpha."""
    return Figure(rgba, rgba[..., 3])


def resized(figure: Figure, scale: float) -> Figure:
    """The figure at another scale."""
    height, width = figure.body.shape
    size = (max(3, round(width * scale)), max(3, round(height * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    rgba = figure.rgba
    if scale < 1:  # the colour under clear pixels must not bleed in
        alpha = rgba[..., 3:].astype(np.uint16)
        pre = ((rgba[..., :3] * alpha + 127) // 255).astype(np.uint8)
        small = cv2.resize(np.dstack([pre, rgba[..., 3]]), size, interpolation=how)
        colour = np.minimum(small[..., :3].astype(np.uint16) * 255 // np.maximum(small[..., 3:], 1), 255)
        rgba = np.dstack([colour.astype(np.uint8), small[..., 3]])
    else:
        rgba = cv2.resize(rgba, size, interpolation=how)
    return Figure(rgba, cv2.resize(figure.body, size, interpolation=how))


def padded(figure: Figure, pad: int) -> Figure:
    """The figure with clear pixels all round."""
    rgba = cv2.copyMakeBorder(figure.rgba, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0))
    return Figure(rgba, cv2.copyMakeBorder(figure.body, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=0))


def cropped(figure: Figure) -> Figure:
    """The figure without clear rows and columns at its sides."""
    x, y, width, height = cv2.boundingRect((np.maximum(figure.body, figure.rgba[..., 3]) > 8).astype(np.uint8))
    return Figure(figure.rgba[y : y + height, x : x + width], figure.body[y : y + height, x : x + width])


# Art of our own


def blob(rng: Rng, side: int) -> Figure:
    """A round creature with a face, white or coloured, with or without an ink line."""
    angle = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    radius = np.ones(90)
    for wave in range(2, 6):
        radius += rng.uniform(0, 0.22) / wave * np.cos(wave * angle + rng.uniform(0, 6.3))
    squash = rng.uniform(0.6, 1.0)
    points = np.stack([np.cos(angle) * radius, np.sin(angle) * radius * squash], 1)
    points *= side * 0.46 / np.abs(points).max()
    points += side / 2
    body = _polygon(points, side)
    colour = (255, 255, 255) if rng.random() < 0.4 else vivid(rng)
    rgba = np.dstack([np.full((side, side, 3), colour, np.uint8), body])
    if rng.random() < 0.6:
        shade = cv2.GaussianBlur(body, (0, 0), side * 0.12)
        light = np.clip((shade.astype(np.float32) / 255 - 0.5) * 2, 0, 1)[..., None]
        rgba[..., :3] = (rgba[..., :3] * (0.82 + 0.18 * light)).astype(np.uint8)
    ink = dark(rng)
    if rng.random() < 0.75 or colour == (255, 255, 255):
        cv2.polylines(
            rgba,
            [np.round(points * 16).astype(np.int32)],
            True,
            (*ink, 255),
            max(1, side // rng.integers(28, 70)),
            cv2.LINE_AA,
            4,
        )
    middle = points.mean(0)
    _face(rgba, rng, middle, side, ink)
    return cropped(solid(rgba))


def _face(rgba: Bytes, rng: Rng, middle: npt.NDArray[np.float64], side: int, ink: Colour) -> None:
    apart, size = side * rng.uniform(0.09, 0.18), side * rng.uniform(0.02, 0.05)
    for sign in (-1, 1):
        centre = (round(middle[0] + sign * apart), round(middle[1] - size))
        cv2.circle(rgba, centre, max(1, round(size)), (*ink, 255), -1, cv2.LINE_AA)
        if rng.random() < 0.5:
            cheek = (round(middle[0] + sign * apart * 1.5), round(middle[1] + 2 * size))
            cv2.circle(rgba, cheek, max(1, round(size * 0.9)), (255, 150, 160, 255), -1, cv2.LINE_AA)
    axes = (max(1, round(apart * 0.4)), max(1, round(size * rng.uniform(0.5, 1.4))))
    spot = (round(middle[0]), round(middle[1] + size))
    cv2.ellipse(rgba, spot, axes, 0, 0, 180, (*ink, 255), max(1, side // 60), cv2.LINE_AA)


def person(rng: Rng, side: int) -> Figure:
    """A person with a large head, hair, a coat, arms and legs, in ink and flat colour; white clothes are usual."""
    large = 2 * side  # drawn at twice the size, for soft edges
    rgba = np.zeros((large, large, 4), np.uint8)
    ink = (*dark(rng), 255)
    line = max(2, round(large * rng.uniform(0.004, 0.016)))
    skin = _hsv(int(rng.integers(8, 16)), int(rng.integers(25, 150)), int(rng.integers(140, 256)))
    hair, trousers = ((dark if rng.random() < 0.5 else vivid)(rng) for _ in range(2))
    coat = (255, 255, 255) if rng.random() < 0.35 else pale(rng) if rng.random() < 0.4 else vivid(rng)
    x, neck = large / 2, large * rng.uniform(0.42, 0.58)
    head, hip, half = (
        large * rng.uniform(0.16, 0.22),
        neck + large * rng.uniform(0.2, 0.28),
        large * rng.uniform(0.09, 0.16),
    )

    def drawn(points: npt.NDArray[np.float64], colour: Colour) -> None:
        whole = np.round(points).astype(np.int32)
        cv2.fillPoly(rgba, [whole], (*colour, 255), cv2.LINE_AA)
        cv2.polylines(rgba, [whole], True, ink, line, cv2.LINE_AA)

    def limb(start: tuple[float, float], end: tuple[float, float], thick: float, colour: Colour) -> None:
        (x0, y0), (x1, y1) = ((round(a), round(b)) for a, b in (start, end))
        cv2.line(rgba, (x0, y0), (x1, y1), ink, round(thick) + 2 * line, cv2.LINE_AA)
        cv2.line(rgba, (x0, y0), (x1, y1), (*colour, 255), round(thick), cv2.LINE_AA)

    thick = large * rng.uniform(0.04, 0.09)
    for sign in (-1, 1):
        foot = x + sign * half * rng.uniform(0.4, 1.4), large * 0.94
        limb((x + sign * half * 0.5, hip - thick / 2), foot, thick, trousers)
    back = np.linspace(0, 2 * np.pi, 40)
    long = rng.uniform(0.9, 1.9) if rng.random() < 0.5 else 1.0
    curls = 1.15 + 0.08 * np.sin(back * rng.integers(5, 14))
    down = np.where(np.sin(back) > 0, long, 1.0)
    drawn(np.stack([x + np.cos(back) * head * curls, neck - head + np.sin(back) * head * curls * down], 1), hair)
    drawn(np.array([[x - half * 0.6, neck - 4], [x + half * 0.6, neck - 4], [x + half, hip], [x - half, hip]]), coat)
    for sign in (-1, 1):
        hand = x + sign * half * rng.uniform(0.8, 3), neck + large * rng.uniform(-0.2, 0.2)
        limb((x + sign * half * 0.6, neck + thick * 0.6), hand, thick * 0.8, coat)
        cv2.circle(rgba, (round(hand[0]), round(hand[1])), round(thick * 0.6), (*skin, 255), -1, cv2.LINE_AA)
    drawn(np.stack([x + np.cos(back) * head, neck - head * 0.85 + np.sin(back) * head * 0.92], 1), skin)
    fringe = back[back <= np.pi]
    drawn(np.stack([x + np.cos(fringe) * head, neck - head - np.sin(fringe) * head * rng.uniform(0.75, 0.9)], 1), hair)
    _face(rgba, rng, np.array([x, neck - head * 0.6]), round(1.6 * head), ink[:3])
    return cropped(resized(solid(rgba), 0.5))


def picture(rng: Rng, side: int) -> Figure:
    """A rectangular picture, as of a photo."""
    rgb = scene(rng, max(8, round(side * rng.uniform(0.6, 1))), side)
    return solid(np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)]))


def shape(rng: Rng, side: int, colour: Colour | None = None) -> Figure:
    """A simple sign: heart, star, drop, sparkle, ring, bubble, arrow or puff."""
    colour = colour or vivid(rng)
    t = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    kind = rng.integers(8)
    if kind == 0:
        points = np.stack(
            [16 * np.sin(t) ** 3, -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))], 1
        )
    elif kind in {1, 2}:
        tips, inner = (5, 0.45) if kind == 1 else (4, 0.3)
        radius = np.where(np.arange(2 * tips) % 2, inner, 1.0)
        turn = np.arange(2 * tips) * np.pi / tips - np.pi / 2
        points = np.stack([np.cos(turn) * radius, np.sin(turn) * radius], 1)
    elif kind == 3:
        points = np.stack([np.sin(t) * np.sin(t / 2) ** 1.6, -np.cos(t)], 1)
    elif kind == 4:
        points = np.array([[-1, -0.28], [0.2, -0.28], [0.2, -0.7], [1, 0], [0.2, 0.7], [0.2, 0.28], [-1, 0.28]])
    elif kind == 5:
        points = np.stack([np.cos(t) * (1 + 0.12 * np.cos(6 * t)), 0.7 * np.sin(t) * (1 + 0.12 * np.cos(6 * t))], 1)
    else:
        points = np.stack([np.cos(t), np.sin(t) * rng.uniform(0.6, 1)], 1)
    turn = rng.uniform(-0.4, 0.4)
    points = points @ np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    points = (points - points.min(0)) / np.ptp(points, 0).max() * (side - 4) + 2
    alpha = _polygon(points, side)
    if kind == 7:
        hole = _polygon((points - points.mean(0)) * rng.uniform(0.35, 0.75) + points.mean(0), side)
        alpha = np.minimum(alpha, 255 - hole)
    rgba = np.dstack([np.full((side, side, 3), colour, np.uint8), alpha])
    if rng.random() < 0.4 and kind != 7:
        cv2.polylines(
            rgba, [np.round(points * 16).astype(np.int32)], True, (*dark(rng), 255), max(1, side // 20), cv2.LINE_AA, 4
        )
    return cropped(solid(rgba))


def doodle(rng: Rng, side: int) -> Figure:
    """Open line art: ink strokes of one figure, the outline with gaps, nothing filled."""
    rgba = np.zeros((side, side, 4), np.uint8)
    ink = (*dark(rng), 255)
    width = max(1, round(side * rng.uniform(0.006, 0.02)))
    centre = np.array([side / 2, side / 2])
    hull = []
    for _ in range(rng.integers(5, 22)):
        kind = rng.integers(3)
        middle = centre + rng.normal(0, side * 0.13, 2)
        if kind == 0:
            axes = tuple(int(v) for v in rng.uniform(0.05, 0.3, 2) * side)
            start = rng.uniform(0, 360)
            turn, sweep = rng.uniform(0, 180), rng.uniform(60, 330)
            points = cv2.ellipse2Poly(
                (int(middle[0]), int(middle[1])), axes, int(turn), int(start), int(start + sweep), 6
            )
        else:
            steps = rng.normal(0, side * 0.05, (rng.integers(4, 9), 2)).cumsum(0)
            points = np.round(middle + _smooth(steps)).astype(np.int32)
        points = np.clip(points, width + 1, side - width - 2)
        hull.append(points)
        cv2.polylines(rgba, [points.astype(np.int32)], kind == 2 and rng.random() < 0.2, ink, width, cv2.LINE_AA)
    return cropped(inked_body(rgba, closing=0.16))


def inked_body(rgba: Bytes, closing: float) -> Figure:
    """Line art with its body: the strokes, closed over gaps of `closing` of the side, and all that they enclose."""
    side = max(rgba.shape[:2])
    reach = max(1, round(side * closing / 2))
    pad = 2 * reach + 2
    ink = cv2.copyMakeBorder(rgba[..., 3], pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=0)
    ink = cv2.threshold(ink, 100, 255, cv2.THRESH_BINARY)[1]
    away = cv2.distanceTransform(255 - ink, cv2.DIST_L2, 5)
    grown = filled((away <= reach).astype(np.uint8) * 255)
    inside = cv2.distanceTransform(grown, cv2.DIST_L2, 5)
    body = filled(((inside > reach).astype(np.uint8)) * 255)[pad:-pad, pad:-pad]
    return Figure(rgba, np.maximum(body, rgba[..., 3]))


def thing(rng: Rng, side: int) -> Figure:
    """A shaded object as on a photo: box, ball, disc or bar with texture, highlight and inner parts."""
    height, width = side, max(8, round(side * rng.uniform(0.18, 1.0)))
    if rng.random() < 0.5:
        height, width = width, height
    grid_y, grid_x = np.mgrid[0:height, 0:width].astype(np.float32)
    alpha = np.zeros((height, width), np.uint8)
    if rng.random() < 0.35:
        cv2.ellipse(
            alpha, (width // 2, height // 2), (width // 2 - 1, height // 2 - 1), 0, 0, 360, 255, -1, cv2.LINE_AA
        )
    else:
        _rounded(alpha, (1, 1, width - 2, height - 2), round(min(width, height) * rng.uniform(0.02, 0.45)), 255)
    turn = rng.uniform(0, 6.3)
    ramp = (np.cos(turn) * grid_x / width + np.sin(turn) * grid_y / height) * rng.uniform(0.1, 0.5)
    base = np.array(dark(rng) if rng.random() < 0.35 else vivid(rng) if rng.random() < 0.7 else pale(rng), np.float32)
    rgb = base * (0.9 + ramp[..., None])
    noise = rng.normal(0, rng.uniform(0, 9), (height, width, 1)).astype(np.float32)
    rgb += cv2.GaussianBlur(noise, (0, 0), 0.8)[..., None]
    for _ in range(rng.integers(0, 7)):
        x, y = int(rng.uniform(0.1, 0.75) * width), int(rng.uniform(0.1, 0.75) * height)
        w, h = max(2, int(rng.uniform(0.05, 0.4) * width)), max(2, int(rng.uniform(0.05, 0.4) * height))
        cv2.rectangle(rgb, (x, y), (min(x + w, width - 3), min(y + h, height - 3)), [float(v) for v in vivid(rng)], -1)
    if rng.random() < 0.2:
        middle = (width // 2, height // 2)
        cv2.circle(alpha, middle, max(1, round(min(width, height) * rng.uniform(0.06, 0.3))), 0, -1, cv2.LINE_AA)
    rgb += (
        np.exp(-(((grid_x / width - 0.3) / 0.2) ** 2) - ((grid_y / height - 0.25) / 0.2) ** 2) * rng.uniform(0, 70)
    )[..., None]
    rgba = np.dstack([np.clip(rgb, 0, 255).astype(np.uint8), alpha])
    return cropped(_turned(solid(rgba), rng.uniform(-50, 50) if rng.random() < 0.5 else 0.0))


def lettering(rng: Rng, library: Library, words: str, height: int, colour: Colour | None = None) -> Figure:
    """Words as art, some with a line round each letter or a shadow of their own."""
    alpha = text(words, _font(rng, library, words), max(8, height))
    colour = colour or (vivid(rng) if rng.random() < 0.6 else dark(rng))
    line = max(1, round(height * rng.uniform(0.03, 0.1))) if rng.random() < 0.35 else 0
    pad = line + 2
    alpha = cv2.copyMakeBorder(alpha, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=0)
    if not line:
        return cropped(solid(np.dstack([np.full((*alpha.shape, 3), colour, np.uint8), alpha])))
    away = cv2.distanceTransform((alpha < 128).astype(np.uint8), cv2.DIST_L2, 5)
    outer = (np.clip(line - away + 0.5, 0, 1) * 255).astype(np.uint8)
    edge = dark(rng) if rng.random() < 0.7 else (255, 255, 255)
    share = alpha[..., None].astype(np.float32) / 255
    rgb = np.array(colour, np.float32) * share + np.array(edge, np.float32) * (1 - share)
    return cropped(solid(np.dstack([rgb.astype(np.uint8), np.maximum(outer, alpha)])))


def scene(rng: Rng, height: int, width: int) -> Bytes:
    """A picture that fills its rectangle: RGB (height, width, 3)."""
    if rng.random() < 0.45:
        return pattern(rng, height, width)
    top, bottom = np.array(vivid(rng), np.float32), np.array(pale(rng), np.float32)
    ramp = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    rgb = np.ascontiguousarray(np.broadcast_to(top * (1 - ramp) + bottom * ramp, (height, width, 3)).astype(np.uint8))
    for level in np.sort(rng.uniform(0.35, 0.95, rng.integers(1, 4))):
        x = np.arange(width)
        line = height * (level + rng.uniform(0.02, 0.12) * np.sin(x / width * rng.uniform(3, 14) + rng.uniform(0, 6)))
        hill = np.concatenate([np.stack([x, line], 1), [[width, height], [0, height]]]).round().astype(np.int32)
        cv2.fillPoly(rgb, [hill], vivid(rng), cv2.LINE_AA)
    for _ in range(rng.integers(0, 5)):
        spot = (int(rng.uniform(0, width)), int(rng.uniform(0, height)))
        cv2.circle(rgb, spot, max(2, int(rng.uniform(0.03, 0.2) * height)), vivid(rng), -1, cv2.LINE_AA)
    return rgb


def pattern(rng: Rng, height: int, width: int) -> Bytes:
    """Stripes, checks, rings or waves of two or three colours: RGB (height, width, 3)."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    step = rng.uniform(0.08, 0.3) * min(height, width)
    kind = rng.integers(5)
    turn = rng.choice([0, np.pi / 4, np.pi / 2, 0.3])
    along = np.cos(turn) * x + np.sin(turn) * y
    if kind == 0:
        tone = np.floor(along / step)
    elif kind == 1:
        tone = np.floor(x / step) + np.floor(y / step)
    elif kind == 2:
        tone = np.floor(np.hypot(x - width / 2, y - height / 2) / step)
    elif kind == 3:
        tone = np.floor((along + step * 0.5 * np.sin((y - x) / step)) / step)
    else:
        tone = np.floor(np.abs(x - width / 2) / step + y / step)
    inks = np.array([vivid(rng), pale(rng), vivid(rng)][: 2 + int(rng.random() < 0.3)], np.uint8)
    return inks[tone.astype(np.int32) % len(inks)]


# Finishes: one figure drawn in another manner


def lined(figure: Figure, rng: Rng) -> Figure:
    """The same figure as ink lines, filled with white or not at all."""
    rgba = figure.rgba
    alpha = rgba[..., 3]
    grey = cv2.cvtColor(rgba[..., :3], cv2.COLOR_RGB2GRAY).astype(np.float32)
    grey = np.where(alpha > 100, grey, 255)
    grey = cv2.GaussianBlur(grey, (0, 0), 1.2)
    steep = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    inner = np.clip((steep - 60) / 60, 0, 1) * (alpha > 100)
    width = max(1, round(max(alpha.shape) * rng.uniform(0.006, 0.02)))
    depth = cv2.distanceTransform(
        cv2.copyMakeBorder((alpha >= 128).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0), cv2.DIST_L2, 5
    )[1:-1, 1:-1]
    rim = ((depth > 0) & (depth <= width + 0.5)).astype(np.float32)
    rim = cv2.GaussianBlur(rim, (0, 0), 0.6)
    if rng.random() < 0.4:  # gaps in the outline
        gaps = cv2.resize(rng.random((9, 9)).astype(np.float32), alpha.shape[::-1], interpolation=cv2.INTER_CUBIC)
        rim *= gaps > rng.uniform(0.1, 0.3)
    ink = np.maximum(inner, np.minimum(rim * 1.3, 1))[..., None]
    colour = np.array(dark(rng), np.float32)
    if rng.random() < 0.45:  # filled with white, or with a very light tone
        fill = np.array((255, 255, 255) if rng.random() < 0.7 else pale(rng), np.float32)
        return Figure(np.dstack([(colour * ink + fill * (1 - ink)).astype(np.uint8), alpha]), figure.body)
    clear = np.dstack([np.broadcast_to(colour.astype(np.uint8), (*alpha.shape, 3)), (ink * 255).astype(np.uint8)])
    return Figure(clear, filled(figure.body))


def pixelled(figure: Figure, rng: Rng) -> Figure:
    """The figure as a pixel sprite."""
    height, width = figure.body.shape
    cells = rng.integers(14, 48)
    step = max(1, round(max(height, width) / cells))
    size = (max(2, width // step), max(2, height // step))
    small = resized(figure, 1.0).rgba if step == 1 else cv2.resize(figure.rgba, size, interpolation=cv2.INTER_AREA)
    small[..., 3] = np.where(small[..., 3] > 110, 255, 0)
    small[..., :3] = (small[..., :3] // 36) * 36 + 12
    return solid(cv2.resize(small, None, fx=step, fy=step, interpolation=cv2.INTER_NEAREST))


def blocky(figure: Figure, rng: Rng) -> Figure:
    """The figure of small lit cubes, as of toy bricks."""
    flat = pixelled(figure, rng)
    height, width = flat.body.shape
    step = max(3, round(max(height, width) / 24))
    y, x = np.mgrid[0:height, 0:width] % step / step
    light = (1.12 - 0.3 * (0.5 * x + 0.5 * y))[..., None]
    seam = ((np.mgrid[0:height, 0:width] % step) == 0).any(0)[..., None]
    rgb = np.clip(flat.rgba[..., :3] * light * np.where(seam, 0.75, 1.0), 0, 255).astype(np.uint8)
    return solid(np.dstack([rgb, flat.rgba[..., 3]]))


def crayoned(figure: Figure, rng: Rng) -> Figure:
    """The figure in crayon: a rough white or tinted body, hatching, a rough line."""
    height, width = figure.body.shape
    grain = rng.random((height, width)).astype(np.float32)
    grain = cv2.GaussianBlur(grain, (0, 0), 1.0)
    grain = (grain - grain.mean()) / (grain.std() + 1e-6)
    fade = rng.uniform(0.1, 0.75)
    rgb = figure.rgba[..., :3].astype(np.float32)
    rgb = 255 - (255 - rgb) * np.clip((1 - fade) + 0.25 * grain, 0, 1)[..., None]
    depth = cv2.distanceTransform(
        cv2.copyMakeBorder((figure.body >= 128).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0),
        cv2.DIST_L2,
        5,
    )[1:-1, 1:-1]
    line = ((depth > 0) & (depth < max(1.5, max(height, width) * 0.018 * (1 + 0.3 * rng.random())))).astype(np.float32)
    line = (line * np.clip(0.85 + 0.3 * grain, 0, 1))[..., None]
    rgb = rgb * (1 - line) + np.array(dark(rng), np.float32) * line
    return Figure(np.dstack([np.clip(rgb, 0, 255).astype(np.uint8), figure.rgba[..., 3]]), figure.body)


def outlined(figure: Figure, rng: Rng) -> Figure:
    """The figure with a dark line round it, as comics have."""
    width = max(1.0, max(figure.body.shape) * rng.uniform(0.008, 0.025))
    grown = padded(figure, int(width) + 2)
    away = cv2.distanceTransform((grown.body < 128).astype(np.uint8), cv2.DIST_L2, 5)
    line = (np.clip(width - away + 0.5, 0, 1) * 255).astype(np.uint8)
    alpha = grown.rgba[..., 3:].astype(np.float32) / 255
    rgb = grown.rgba[..., :3] * alpha + np.array(dark(rng), np.float32) * (1 - alpha)
    both = np.maximum(line, grown.body)
    return Figure(np.dstack([rgb.astype(np.uint8), both]), both)


def recoloured(figure: Figure, rng: Rng) -> Figure:
    """The figure with its hues turned, and more or less of them."""
    hsv = cv2.cvtColor(figure.rgba[..., :3], cv2.COLOR_RGB2HSV).astype(np.int16)
    hsv[..., 0] = (hsv[..., 0] + rng.integers(180)) % 180
    hsv[..., 1] = np.clip(hsv[..., 1] * rng.uniform(0.3, 1.3), 0, 255)
    rgb = cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB)
    return Figure(np.dstack([rgb, figure.rgba[..., 3]]), figure.body)


def lit(figure: Figure, rng: Rng) -> Figure:
    """The figure with soft light from one side and a darker rim, as rendered ones have."""
    height, width = figure.body.shape
    turn = rng.uniform(0, 6.3)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    ramp = 1 + rng.uniform(0.05, 0.3) * (np.cos(turn) * (x / width - 0.5) + np.sin(turn) * (y / height - 0.5))
    inner = cv2.GaussianBlur(figure.body, (0, 0), max(1.0, max(height, width) * 0.04)).astype(np.float32) / 255
    light = ramp * (1 - rng.uniform(0, 0.35) * np.clip(1.4 - 1.6 * inner, 0, 1))
    rgb = np.clip(figure.rgba[..., :3] * light[..., None], 0, 255).astype(np.uint8)
    return Figure(np.dstack([rgb, figure.rgba[..., 3]]), figure.body)


def faded(figure: Figure, rng: Rng) -> Figure:
    """The figure in very light tones."""
    share = rng.uniform(0.35, 0.75)
    rgb = (255 - (255 - figure.rgba[..., :3]) * (1 - share)).astype(np.uint8)
    return Figure(np.dstack([rgb, figure.rgba[..., 3]]), figure.body)


def mono(figure: Figure, colour: Colour) -> Figure:
    """The figure's alpha in one colour."""
    rgb = np.full((*figure.body.shape, 3), colour, np.uint8)
    return Figure(np.dstack([rgb, figure.rgba[..., 3]]), figure.body)


FINISHES: dict[str, Callable[[Figure, Rng], Figure]] = {
    "lined": lined,
    "pixelled": pixelled,
    "blocky": blocky,
    "crayoned": crayoned,
    "outlined": outlined,
    "recoloured": recoloured,
    "lit": lit,
    "faded": faded,
}


DRAWN: dict[str, Callable[[Rng, int], Figure]] = {
    "blob": blob,
    "doodle": doodle,
    "person": person,
    "picture": picture,
    "shape": shape,
    "thing": thing,
}


# Where a figure comes from


def draw(rng: Rng, library: Library, families: tuple[str, ...], side: int, ink: Colour | None = None) -> Figure:
    """A figure whose longer side is `side` px, of one of the families: shelves of the library, or drawn here."""
    family = families[rng.integers(len(families))]
    if family in library.shelves:
        shelf = library.shelves[family]
        figure = solid(shelf.picture(int(rng.integers(len(shelf)))))
        if rng.random() < 0.4:
            figure = Figure(np.ascontiguousarray(figure.rgba[:, ::-1]), np.ascontiguousarray(figure.body[:, ::-1]))
        figure = resized(figure, side / max(figure.body.shape))
        if family == "thin":
            figure = mono(inked_body(figure.rgba, closing=0.05), ink or dark(rng))
    elif family == "lettering":
        words = LATIN[rng.integers(len(LATIN))]
        figure = lettering(rng, library, words, max(10, round(side * 0.4)), ink)
    else:
        drawn = DRAWN.get(family, blob)
        figure = drawn(rng, max(24, round(side * 1.1)))
    return resized(figure, side / max(figure.body.shape)) if abs(max(figure.body.shape) - side) > 1 else figure


def beside(figure: Figure, other: Figure, x: int, y: int) -> Figure:
    """Both on one canvas; (x, y) is the other's top left corner in the figure's pixels. The figure lies on top."""
    left, top = max(0, -x), max(0, -y)
    height, width = figure.body.shape
    right, bottom = max(0, x + other.body.shape[1] - width), max(0, y + other.body.shape[0] - height)
    rgba = cv2.copyMakeBorder(figure.rgba, top, bottom, left, right, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0))
    body = cv2.copyMakeBorder(figure.body, top, bottom, left, right, cv2.BORDER_CONSTANT, value=0)
    window = np.s_[y + top : y + top + other.body.shape[0], x + left : x + left + other.body.shape[1]]
    share = rgba[window][..., 3:].astype(np.float32) / 255
    colour = rgba[window][..., :3] * share + other.rgba[..., :3] * (1 - share)
    alpha = np.maximum(rgba[window][..., 3], other.rgba[..., 3])
    rgba[window] = np.dstack([colour.astype(np.uint8), alpha])
    body[window] = np.maximum(body[window], other.body)
    return Figure(rgba, body)


def with_satellites(figure: Figure, rng: Rng, gap: tuple[float, float], size: tuple[float, float]) -> Figure:
    """The figure with one to three small signs, each `gap` px from it and `size` of its side."""
    for _ in range(rng.integers(1, 4)):
        height, width = figure.body.shape
        small = shape(rng, max(5, round(max(height, width) * rng.uniform(*size))))
        reach = max(small.body.shape)
        pad = int(gap[1]) + reach + 2
        away = cv2.distanceTransform((padded(figure, pad).body < 60).astype(np.uint8), cv2.DIST_L2, 3)
        wanted = rng.uniform(*gap) + reach / 2
        rows, columns = np.nonzero(np.abs(away - wanted) < 0.8)
        upper = rows < pad + 0.6 * height
        rows, columns = rows[upper], columns[upper]
        if len(rows):
            pick = rng.integers(len(rows))
            x, y = int(columns[pick]) - pad - small.body.shape[1] // 2, int(rows[pick]) - pad - small.body.shape[0] // 2
            figure = beside(figure, small, x, y)
    return figure


def with_words(figure: Figure, rng: Rng, library: Library, look: WordLook) -> Figure:
    """The figure with words above or below it."""
    words = look.words[rng.integers(len(look.words))]
    height, width = figure.body.shape
    alpha = text(words, look.font, max(7, round(look.height * max(height, width))))
    if alpha.shape[1] > 1.3 * width:
        scale = 1.3 * width / alpha.shape[1]
        alpha = cv2.resize(alpha, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    written = solid(np.dstack([np.full((*alpha.shape, 3), look.colour, np.uint8), alpha]))
    x = (width - alpha.shape[1]) // 2 + round(rng.uniform(-0.05, 0.05) * width)
    y = height + look.gap if look.below else -alpha.shape[0] - look.gap
    return beside(figure, written, x, y)


@dataclass(frozen=True)
class WordLook:
    """How all figures of a sheet carry words: `height` as a share of the figure, `gap` in px."""

    words: tuple[str, ...]
    font: Path | None
    height: float
    gap: int
    colour: Colour
    below: bool


# Letters


def _font(rng: Rng, library: Library, words: str) -> Path | None:
    fonts = [font for font in library.fonts if words.isascii() or font.name.startswith(("Zen", "Dela"))]
    return fonts[rng.integers(len(fonts))] if fonts else None


font_for = _font


@cache
def _opened(font: Path | None, size: int) -> ImageFont.FreeTypeFont:
    loaded = ImageFont.truetype(font, size) if font else ImageFont.load_default(size)
    assert isinstance(loaded, ImageFont.FreeTypeFont)
    return loaded


def text(words: str, font: Path | None, height: int) -> Bytes:
    """The words as coverage, cropped: uint8 (h, w); `height` is about that of a line in px."""
    opened = _opened(font, max(6, height - height % 2 if height > 20 else height))
    left, top, right, bottom = opened.getbbox(words)
    image = Image.new("L", (max(1, round(right - left) + 2), max(1, round(bottom - top) + 2)), 0)
    ImageDraw.Draw(image).text((1 - left, 1 - top), words, fill=255, font=opened)
    return np.asarray(image)


# Colours and lines


def vivid(rng: Rng) -> Colour:
    """A clear colour."""
    return _hsv(rng.integers(180), rng.integers(110, 256), rng.integers(150, 256))


def pale(rng: Rng) -> Colour:
    """A pastel colour."""
    return _hsv(rng.integers(180), rng.integers(8, 90), rng.integers(225, 256))


def dark(rng: Rng) -> Colour:
    """Ink: black, or nearly."""
    return _hsv(rng.integers(180), rng.integers(0, 120), rng.integers(0, 75))


def _hsv(hue: int, saturation: int, value: int) -> Colour:
    red, green, blue = cv2.cvtColor(np.array([[[hue, saturation, value]]], np.uint8), cv2.COLOR_HSV2RGB)[0, 0]
    return int(red), int(green), int(blue)


def filled(mask: Bytes) -> Bytes:
    """The mask with its holes filled."""
    contours, _ = cv2.findContours((mask >= 128).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.maximum(mask, cv2.drawContours(np.zeros_like(mask), contours, -1, 255, -1))


def _polygon(points: npt.NDArray[np.float64], side: int) -> Bytes:
    mask = np.zeros((side, side), np.uint8)
    cv2.fillPoly(mask, [np.round(points * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return mask


def _smooth(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    t = np.linspace(0, len(points) - 1, 24)
    line = np.stack([np.interp(t, np.arange(len(points)), points[:, axis]) for axis in (0, 1)], 1)
    return np.stack([np.convolve(np.pad(line[:, axis], 2, "edge"), np.ones(5) / 5, "valid") for axis in (0, 1)], 1)


def _rounded(mask: Bytes, box: tuple[int, int, int, int], radius: int, value: int) -> None:
    """Fill a rounded rectangle; the box is x0, y0, x1, y1, inclusive."""
    x0, y0, x1, y1 = box
    radius = max(0, min(radius, (x1 - x0) // 2, (y1 - y0) // 2))
    cv2.rectangle(mask, (x0 + radius, y0), (x1 - radius, y1), value, -1)
    cv2.rectangle(mask, (x0, y0 + radius), (x1, y1 - radius), value, -1)
    for x in (x0 + radius, x1 - radius):
        for y in (y0 + radius, y1 - radius):
            cv2.circle(mask, (x, y), radius, value, -1, cv2.LINE_AA)


rounded = _rounded


def _turned(figure: Figure, degrees: float) -> Figure:
    if not degrees:
        return figure
    height, width = figure.body.shape
    span = int(np.ceil(np.hypot(height, width))) + 2
    spin = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    spin[:, 2] += (span / 2 - width / 2, span / 2 - height / 2)
    return Figure(
        cv2.warpAffine(figure.rgba, spin, (span, span), flags=cv2.INTER_LINEAR),
        cv2.warpAffine(figure.body, spin, (span, span), flags=cv2.INTER_LINEAR),
    )


def turned(figure: Figure, degrees: float) -> Figure:
    """The figure, turned and cropped."""
    return cropped(_turned(figure, degrees))
