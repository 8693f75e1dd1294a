"""Takes a composed sheet as it would arrive: photographed, in a program's window, blurred, noisy, as a JPEG."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from tests.fitting import art
from tests.fitting.cutting import figures, grounds
from tests.fitting.cutting.figures import Bytes, Rng

FURNITURE, CAPTION = 4, 5  # as in compose.py
Sheet = tuple[Bytes, npt.NDArray[np.int32], Bytes]


def inner_size(rng: Rng, camera: str, height: int, width: int) -> tuple[int, int]:
    """How large the sheet itself is on a picture of this size."""
    if camera == "screenshot":
        return round(height * rng.uniform(0.6, 0.92)), round(width * rng.uniform(0.6, 0.97))
    return height, width


def taken(rng: Rng, camera: str, sheet: Sheet, size: tuple[int, int], library: art.Library) -> Sheet:
    """The sheet as the camera sees it; camera is "", "paper", "table" or "screenshot"."""
    if camera == "paper":
        return _paper(rng, sheet)
    if camera == "table":
        return _lit(rng, _warped(rng, sheet))
    if camera == "screenshot":
        return _window(rng, sheet, size, library)
    return sheet


def _paper(rng: Rng, sheet: Sheet) -> Sheet:
    rgb, labels, parts = sheet
    height, width = labels.shape
    parts = np.where((parts == 0) | (parts == 3), FURNITURE, parts).astype(np.uint8)
    kinds = ("wood", "cloth", "stone", "paper", "linear")
    tone = rng.integers(20, 170)
    base = tuple(int(v) for v in np.clip(tone + rng.integers(-30, 30, 3), 0, 255))
    table = grounds.paint(rng, kinds[rng.integers(5)], base, height, width)  # type: ignore[arg-type]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    shrink = rng.uniform(0.72, 0.93)
    moved = (corners - corners.mean(0)) * shrink + rng.uniform(-0.06, 0.06, (4, 2)) * [width, height] + corners.mean(0)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-9, 9), 1)
    moved = (moved @ turn[:, :2].T + turn[:, 2]).astype(np.float32)
    way = cv2.getPerspectiveTransform(corners, moved)
    cover = cv2.warpPerspective(np.full((height, width), 255, np.uint8), way, (width, height), flags=cv2.INTER_LINEAR)
    small = cv2.resize(cover, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
    shade = cv2.resize(cv2.GaussianBlur(small, (0, 0), rng.uniform(1, 6)), (width, height)).astype(np.float32)
    table = (table * (1 - rng.uniform(0.1, 0.4) * shade[..., None] / 255)).astype(np.uint8)
    warped = cv2.warpPerspective(rgb, way, (width, height), flags=cv2.INTER_LINEAR)
    share = cover[..., None].astype(np.float32) / 255
    out = (table * (1 - share) + warped * share).astype(np.uint8)
    return _lit(rng, (out, *_nearest(labels, parts, way)))


def _warped(rng: Rng, sheet: Sheet) -> Sheet:
    rgb, labels, parts = sheet
    height, width = labels.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    out = corners + np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * rng.uniform(0, 0.05, (4, 2)) * [width, height]
    way = cv2.getPerspectiveTransform(corners, out.astype(np.float32))
    seen = cv2.warpPerspective(rgb, way, (width, height), flags=cv2.INTER_LINEAR)
    return seen, *_nearest(labels, parts, way)


def _nearest(
    labels: npt.NDArray[np.int32], parts: Bytes, way: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int32], Bytes]:
    size = labels.shape[::-1]
    moved = cv2.warpPerspective(labels.astype(np.float32), way, size, flags=cv2.INTER_NEAREST).round().astype(np.int32)
    return moved, cv2.warpPerspective(parts, way, size, flags=cv2.INTER_NEAREST)


def _lit(rng: Rng, sheet: Sheet) -> Sheet:
    """Uneven light over the whole picture, and a colour cast."""
    rgb, labels, parts = sheet
    height, width = labels.shape
    y, x = np.mgrid[0 : height // 8, 0 : width // 8].astype(np.float32)
    turn = rng.uniform(0, 6.3)
    ramp = np.cos(turn) * (x / x.shape[1] - 0.5) + np.sin(turn) * (y / y.shape[0] - 0.5)
    light = 1 - rng.uniform(0, 0.12) + rng.uniform(0, 0.35) * ramp
    light = cv2.resize(light.astype(np.float32), (width, height))[..., None] * rng.uniform(0.94, 1.03, 3)
    return np.clip(rgb * light, 0, 255).astype(np.uint8), labels, parts


def _window(rng: Rng, sheet: Sheet, size: tuple[int, int], library: art.Library) -> Sheet:
    """The sheet inside a program: bars, rows of text and buttons round it."""
    rgb, labels, parts = sheet
    height, width = size
    light = rng.random() < 0.6
    tone = int(rng.integers(232, 256) if light else rng.integers(18, 60))
    whole = np.full((height, width, 3), tone, np.uint8)
    marks = np.full((height, width), FURNITURE, np.uint8)
    numbers = np.zeros((height, width), np.int32)
    free_y, free_x = height - labels.shape[0], width - labels.shape[1]
    top, left = int(free_y * rng.uniform(0.2, 0.9)), int(free_x * rng.uniform(0, 1))
    if top > 12:
        bar = min(top, int(rng.uniform(12, 60)))
        whole[:bar] = figures.pale(rng) if light else figures.dark(rng)
        for index in range(rng.integers(0, 5)):
            cv2.circle(whole, (12 + 22 * index, bar // 2), 5, figures.vivid(rng), -1, cv2.LINE_AA)
    ink = figures.dark(rng) if light else figures.pale(rng)
    font = figures.font_for(rng, library, "a")
    line = int(rng.integers(11, 20))
    for y in range(4, height - line - 4, int(line * rng.uniform(1.6, 3))):
        for x in (6, left + labels.shape[1] + 6):
            inside = top - line - 2 <= y < top + labels.shape[0] + 2
            room = (left - 8 if x == 6 else width - x - 4) if inside else (width - x - 8 if x == 6 else 0)
            if room < 30 or rng.random() < 0.3:
                continue
            words = " ".join(rng.choice(figures.LATIN, rng.integers(1, 6)))
            mask = figures.text(words, font, line)[:, :room]
            at = np.s_[y : y + mask.shape[0], x : x + mask.shape[1]]
            share = mask[: height - y, :, None].astype(np.float32) / 255
            whole[at] = (whole[at] * (1 - share) + np.array(ink, np.float32) * share).astype(np.uint8)
            marks[at][mask[: height - y] > 90] = CAPTION
    at = np.s_[top : top + labels.shape[0], left : left + labels.shape[1]]
    whole[at], marks[at], numbers[at] = rgb, parts, labels
    return whole, numbers, marks


def degraded(rng: Rng, rgb: Bytes, *, grey: bool) -> Bytes:
    """Scaled from another size, blurred, noisy, grey, and through JPEG: how pictures reach us."""
    height, width = rgb.shape[:2]
    roll = rng.random()
    if roll < 0.22:  # made small, shown large
        scale = rng.uniform(0.25, 0.8)
        rgb = cv2.resize(
            rgb, (max(2, round(width * scale)), max(2, round(height * scale))), interpolation=cv2.INTER_AREA
        )
    if rng.random() < 0.3:
        rgb = cv2.GaussianBlur(rgb, (0, 0), rng.uniform(0.3, 1.2))
    if rng.random() < 0.25:
        noise = np.empty(rgb.shape, np.int16)
        cv2.setRNGSeed(int(rng.integers(2**31)))
        cv2.randn(noise, 0, rng.uniform(1, 7))
        rgb = np.clip(rgb + noise, 0, 255).astype(np.uint8)
    if grey:
        rgb = np.repeat(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    if rng.random() < 0.7:
        quality = int(rng.integers(30, 98)) if rng.random() < 0.5 else int(rng.integers(80, 98))
        full = cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444 if rng.random() < 0.3 else cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420
        flags = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, full]
        _, data = cv2.imencode(".jpg", rgb[..., ::-1], flags)
        rgb = np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])
    if rgb.shape[:2] != (height, width):
        how = (cv2.INTER_CUBIC, cv2.INTER_LINEAR, cv2.INTER_LANCZOS4)[rng.integers(3)]
        rgb = cv2.resize(rgb, (width, height), interpolation=how)
    return np.ascontiguousarray(rgb)
