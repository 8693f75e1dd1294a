"""Measure the segmentation on sheets that the stand-in draws, where every sticker is known to the pixel.

    python -m tests.bench.cutting [--sheets 40] [--seed 1] [--json]

PQ is panoptic quality (Kirillov et al. 2019): the sum of the matched overlaps, divided by matches plus half the misses.
A match is an IoU above 0.5. F1 counts matches from an IoU of 0.9. Perfect: every sticker from 0.85, nothing extra.
Boundary: mean symmetric distance of matched outlines in px. Over and under, per sheet: extra pieces of one sticker, and
stickers swallowed by another. ms: process time per sheet, one thread.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy.optimize import linear_sum_assignment

from stickers.cutting import Cutout, cut_sheet
from stickers.sandbox.artist import Drawing, draw_sheet

PROMPTS = (
    "kawaii cats and stars",
    "tropical food and drinks on white",
    "space planets rockets",
    "forest animals with mushrooms",
    "flowers and plants on pastel",
    "speech bubbles and words",
    "sea creatures",
    "sweets, cakes and ice cream",
    "weather, clouds and rainbows",
    "a dog's day, gradient background",
)
SIZES = ((1024, 1024), (1024, 1024), (768, 1024), (512, 512))
QUALITY = 90  # of the sheet's JPEG, like the real service's


@dataclass(frozen=True)
class Score:
    """One sheet's figures. `boundary_px` is None if nothing matched."""

    stickers: int
    found: int
    pq: float
    f1_90: float
    perfect: bool
    boundary_px: float | None
    over: int
    under: int
    ms: float


def main() -> int:
    """Print the table, or JSON. The exit code is 0."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sheets", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    by_kind: dict[str, list[Score]] = defaultdict(list)
    for drawing in drawings(given.sheets, given.seed):
        by_kind[f"{drawing.background}, {drawing.edge}"].append(measured(drawing))
    rows = {kind: summary(scores) for kind, scores in sorted(by_kind.items())}
    rows["all"] = summary([score for scores in by_kind.values() for score in scores])
    if given.json:
        sys.stdout.write(json.dumps(rows, indent=1) + "\n")
    else:
        sys.stdout.write(table(rows))
    return 0


def drawings(number: int, seed: int) -> Iterator[Drawing]:
    """The set: prompts and sizes in turn, each with its own seed."""
    for index in range(number):
        width, height = SIZES[index % len(SIZES)]
        yield draw_sheet(PROMPTS[index % len(PROMPTS)], seed=seed * 1000 + index, width_px=width, height_px=height)


def measured(drawing: Drawing) -> Score:
    """Cut one drawing, as the JPEG that the service would send, and compare."""
    stream = BytesIO()
    drawing.image.save(stream, "JPEG", quality=QUALITY)
    image = Image.open(stream)
    image.load()
    started = time.process_time()
    cutouts = cut_sheet(image)
    spent = time.process_time() - started
    return compared(drawing.labels, cutouts, ms=1000 * spent)


def compared(labels: npt.NDArray[np.uint16], cutouts: list[Cutout], *, ms: float = 0.0) -> Score:
    """Figures of `cutouts` against the true `labels` (HxW, 1..n)."""
    count = int(labels.max())
    truth = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    common = np.zeros((count, len(cutouts)))
    area = np.zeros(len(cutouts))
    masks = [cutout.rgba[..., 3] >= 128 for cutout in cutouts]
    for column, (cutout, mask) in enumerate(zip(cutouts, masks, strict=True)):
        x, y, width, height = cutout.box
        under = labels[y : y + height, x : x + width][mask]
        area[column] = len(under)
        common[:, column] = np.bincount(under, minlength=count + 1)[1:]
    iou = common / np.maximum(truth[:, None] + area[None, :] - common, 1)
    rows, columns = linear_sum_assignment(np.where(iou > 0.5, iou, 0), maximize=True)
    matches = [(i, j) for i, j in zip(rows, columns, strict=True) if iou[i, j] > 0.5]
    overlaps = [float(iou[pair]) for pair in matches]
    wrong = count + len(cutouts) - 2 * len(matches)
    distances = [_boundary(labels == i + 1, cutouts[j], masks[j]) for i, j in matches]
    pieces = (common > 0.5 * area) & (common >= 0.04 * truth[:, None])
    swallowed = common >= 0.5 * np.maximum(truth[:, None], 1)
    return Score(
        stickers=count,
        found=len(cutouts),
        pq=sum(overlaps) / max(1e-9, len(matches) + 0.5 * wrong) if count or cutouts else 1.0,
        f1_90=2 * sum(overlap >= 0.9 for overlap in overlaps) / max(1, count + len(cutouts)),
        perfect=wrong == 0 and all(overlap >= 0.85 for overlap in overlaps),
        boundary_px=float(np.mean(distances)) if distances else None,
        over=int(np.maximum(pieces.sum(axis=1) - 1, 0).sum()),
        under=int(np.maximum(swallowed.sum(axis=0) - 1, 0).sum()),
        ms=ms,
    )


def _boundary(truth: npt.NDArray[np.bool_], cutout: Cutout, mask: npt.NDArray[np.bool_]) -> float:
    x, y, width, height = cutout.box
    other = np.zeros_like(truth)
    other[y : y + height, x : x + width] = mask
    rings = [shape & (cv2.erode(shape.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0) for shape in (truth, other)]
    away = [cv2.distanceTransform((~ring).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE) for ring in rings]
    return float((away[0][rings[1]].mean() + away[1][rings[0]].mean()) / 2)


def summary(scores: list[Score]) -> dict[str, Any]:
    """Means over sheets."""
    boundary = [score.boundary_px for score in scores if score.boundary_px is not None]
    return {
        "sheets": len(scores),
        "pq": float(np.mean([score.pq for score in scores])),
        "f1_90": float(np.mean([score.f1_90 for score in scores])),
        "perfect": float(np.mean([score.perfect for score in scores])),
        "boundary_px": float(np.mean(boundary)) if boundary else None,
        "over": float(np.mean([score.over for score in scores])),
        "under": float(np.mean([score.under for score in scores])),
        "ms": float(np.median([score.ms for score in scores])),
    }


def table(rows: dict[str, dict[str, Any]]) -> str:
    """The figures as aligned text."""
    figures = f"{'PQ':>8}{'F1@.9':>8}{'perfect':>9}{'boundary':>10}{'over':>7}{'under':>7}{'ms':>7}"
    lines = [f"{'ground, edge':28}{'sheets':>7}{figures}\n"]
    for kind, row in rows.items():
        boundary = "–" if row["boundary_px"] is None else f"{row['boundary_px']:.2f}"
        lines.append(
            f"{kind[:27]:28}{row['sheets']:7d}{row['pq']:8.3f}{row['f1_90']:8.3f}{row['perfect']:9.0%}"
            f"{boundary:>10}{row['over']:7.2f}{row['under']:7.2f}{row['ms']:7.0f}\n"
        )
    return "".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
