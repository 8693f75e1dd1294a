"""Measure how far operations by hand mend wrong cuts: a perfect hand on sheets whose stickers are known to the pixel.

    python -m tests.bench.oracle [--sheets 40] [--each 1] [--seed 1] [--json]

The sheets are the stand-in's, and `--each` of every kind that the fitting's composer makes of art that nothing was
fitted to. Each is cut with `manage.py cut`. For every wrong sticker the oracle derives operations from the exact masks,
and plays them with `manage.py cut --edits`. A sheet is perfect if every sticker has an IoU of at least 0.85 and nothing
is extra. An operation that mends two stickers at once counts for both. The exit code is 1 if a goal is missed.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final

import cv2
import django
import numpy as np
import numpy.typing as npt
from django.core.management import call_command
from PIL import Image
from scipy.optimize import linear_sum_assignment

from stickers.sandbox.artist import draw_sheet
from tests.fitting.cutting.compose import HELD_OUT_SEED, KINDS, compose

Labels = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

RIGHT: Final = 0.85  # IoU from which on a sticker is right
PERFECT_GOAL: Final = 0.99
MEDIAN_GOAL: Final = 2.0
SAME: Final = 0.5  # IoU above which an outline redraws a sticker by itself (docs/edits.md)
PART: Final = 0.02  # of a sticker's area: smaller loose parts and holes are left out of a polygon
PROMPTS: Final = (
    "kawaii cats and stars",
    "tropical food and drinks on white",
    "space planets rockets",
    "forest animals with mushrooms",
    "speech bubbles and words",
    "weather, clouds and rainbows",
)


@dataclass(frozen=True)
class Mended:
    """One sheet. `operations`: how many were played for its `wrong` stickers, missing and extra ones too."""

    stickers: int
    wrong: int
    operations: int
    perfect_before: bool
    perfect: bool


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sheets", type=int, default=40)
    parser.add_argument("--each", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stickers.settings")
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("STUDIO_DATA", folder)
        django.setup()
        every = chain(drawings(given.sheets, given.seed), composed(given.each, given.seed))
        found = [mended(picture, truth, Path(folder)) for picture, truth in every]
    figures = summary(found)
    if given.json:
        sys.stdout.write(json.dumps({"sheets": [asdict(one) for one in found], "figures": figures}, indent=1) + "\n")
    else:
        sys.stdout.writelines(f"{name:32} {value:8.3f}\n" for name, value in figures.items())
    return 0 if reached(figures) else 1


def drawings(number: int, seed: int) -> Iterable[tuple[bytes, Labels]]:
    """Sheets of the stand-in's artist as the JPEGs that the service would send, and their exact labels."""
    for index in range(number):
        drawing = draw_sheet(PROMPTS[index % len(PROMPTS)], seed=seed * 1000 + index, width_px=1024, height_px=1024)
        stream = io.BytesIO()
        drawing.image.save(stream, "JPEG", quality=90)
        yield stream.getvalue(), drawing.labels.astype(np.int32)


def composed(each: int, seed: int) -> Iterable[tuple[bytes, Labels]]:
    """Sheets of every kind of the composer as PNGs, and their exact labels."""
    for kind in KINDS:
        for index in range(each):
            made = compose(HELD_OUT_SEED + seed * 1000 + index, kind, 1024, held_out=True)
            _, data = cv2.imencode(".png", made.rgb[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1])
            yield data.tobytes(), made.labels.astype(np.int32)


def mended(picture: bytes, truth: Labels, folder: Path) -> Mended:
    """Cut a sheet, mend what is wrong, and compare both with the truth."""
    sheet = folder / "sheet.png"  # whatever it is: the file says it itself
    sheet.write_bytes(picture)
    first = _cut(sheet, folder / "first")
    operations = operations_for(truth, first)
    wrong = wrong_ones(truth, first)
    last = first
    if operations:
        file = folder / "edits.json"
        file.write_text(json.dumps({"operations": operations}))
        last = _cut(sheet, folder / "last", "--edits", str(file))
    before, after = (not wrong_ones(truth, labels) for labels in (first, last))
    return Mended(int(truth.max()), len(wrong), len(operations), before, after)


def _cut(sheet: Path, out: Path, *more: str) -> Labels:
    """The labels of `manage.py cut`, put together from its files."""
    call_command("cut", str(sheet), "--out", str(out), *more, stdout=io.StringIO())
    with Image.open(sheet) as image:
        labels = np.zeros((image.height, image.width), np.int32)
    listed = json.loads((out / "sheet/stickers.json").read_text())["stickers"]
    for number, sticker in enumerate(listed, 1):
        with Image.open(out / "sheet" / sticker["file"]) as image:
            opaque = np.asarray(image.getchannel("A")) >= 128
        labels[sticker["y"] : sticker["y"] + sticker["h"], sticker["x"] : sticker["x"] + sticker["w"]][opaque] = number
    return labels


def _overlaps(truth: Labels, labels: Labels) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Common areas and IoUs of all pairs of labels, with a row and a column for 0."""
    high, wide = int(truth.max()) + 1, int(labels.max()) + 1
    common = np.bincount((truth.astype(np.int64) * wide + labels).ravel(), minlength=high * wide).reshape(high, wide)
    union = common.sum(axis=1)[:, None] + common.sum(axis=0)[None, :] - common
    iou = common / np.maximum(union, 1)
    iou[0], iou[:, 0] = 0, 0
    return common, iou


def wrong_ones(truth: Labels, labels: Labels) -> set[tuple[str, int]]:
    """The true stickers without a right cut-out, and the cut-outs without a true sticker."""
    _, iou = _overlaps(truth, labels)
    rows, columns = linear_sum_assignment(iou, maximize=True)
    pairs = {(int(row), int(column)) for row, column in zip(rows, columns, strict=True) if iou[row, column] >= RIGHT}
    true, cut = {row for row, _ in pairs}, {column for _, column in pairs}
    missing = {("true", label) for label in np.unique(truth[truth > 0]).tolist() if label not in true}
    # What shares most of its area with a true sticker is that sticker's wrong cut-out, and not counted twice.
    taken = {int(iou[label].argmax()) for _, label in missing if iou[label].any()}
    extra = np.unique(labels[labels > 0]).tolist()
    return missing | {("extra", label) for label in extra if label not in cut and label not in taken}


def operations_for(truth: Labels, labels: Labels) -> list[dict[str, Any]]:
    """What a perfect hand would do to `labels` so that they become `truth`."""
    common, iou = _overlaps(truth, labels)
    size = common.sum(axis=0)
    labels = labels.copy()
    operations: list[dict[str, Any]] = []
    for label in _unmended(truth, labels):  # pieces of one sticker
        pieces = [one for one in np.flatnonzero(common[label]).tolist() if one and common[label, one] > 0.5 * size[one]]
        if len(pieces) > 1 and _iou(truth == label, np.isin(labels, pieces)) >= RIGHT:
            operations.append({"op": "merge", "points": [_inside(labels == one) for one in pieces]})
            labels[np.isin(labels, pieces)] = pieces[0]
    # The smallest first: what is cut out of a larger thing may leave just the other sticker.
    area = np.bincount(truth.ravel())
    for label in sorted(_unmended(truth, labels), key=lambda one: int(area[one])):
        if label not in _unmended(truth, labels):
            continue
        mask = truth == label
        _, iou = _overlaps(truth, labels)
        own = int(iou[label].argmax())
        drawn: dict[str, Any] = {"op": "outline", "polygon": polygon_of(mask), "snap": False}
        common, _ = _overlaps(truth, labels)
        others = [
            one for one in np.flatnonzero(common[:, own] > 0.5 * common.sum(axis=1)).tolist() if one not in {0, label}
        ]
        if iou[label, own] > SAME or (iou[label, own] and not others):  # what is left of it would be no sticker
            operations.append(drawn | {"point": _inside((labels == own) & mask)})
            labels[labels == own] = 0
            labels[mask] = own
        else:
            operations.append(drawn)
            labels[mask] = int(labels.max()) + 1
    taken = {int(column) for _, column in _pairs(truth, labels)}
    extra = [label for label in np.unique(labels[labels > 0]).tolist() if label not in taken]
    return operations + [{"op": "delete", "point": _inside(labels == label)} for label in extra]


def _pairs(truth: Labels, labels: Labels) -> list[tuple[int, int]]:
    _, iou = _overlaps(truth, labels)
    rows, columns = linear_sum_assignment(iou, maximize=True)
    return [(int(row), int(column)) for row, column in zip(rows, columns, strict=True) if iou[row, column] >= RIGHT]


def _unmended(truth: Labels, labels: Labels) -> list[int]:
    right = {row for row, _ in _pairs(truth, labels)}
    return [label for label in np.unique(truth[truth > 0]).tolist() if label not in right]


def _iou(one: Mask, other: Mask) -> float:
    return int(np.count_nonzero(one & other)) / max(1, int(np.count_nonzero(one | other)))


def _inside(mask: Mask) -> list[int]:
    """The pixel of a mask that lies farthest from its rim, as x, y."""
    depth = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    y, x = np.unravel_index(int(depth.argmax()), mask.shape)
    return [int(x), int(y)]


def polygon_of(mask: Mask) -> list[list[int]]:
    """One polygon that covers the mask: its loose parts and holes hang on bridges without width."""
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    least = PART * np.count_nonzero(mask)
    rings = sorted((ring for ring in contours if cv2.contourArea(ring) >= least), key=cv2.contourArea, reverse=True)
    if not rings:
        rings = [max(contours, key=len)]
    whole: list[list[int]] = cv2.approxPolyDP(rings[0], 0.8, closed=True).reshape(-1, 2).astype(int).tolist()
    for ring in rings[1:]:
        part = cv2.approxPolyDP(ring, 0.8, closed=True).reshape(-1, 2).astype(int).tolist()
        away = np.abs(np.array(whole)[:, None] - np.array(part)[None]).sum(axis=2)
        at, begin = np.unravel_index(int(away.argmin()), away.shape)
        loop = [*part[begin:], *part[: begin + 1]]
        whole = [*whole[: at + 1], *loop, *whole[at:]]
    while len(whole) < 3:
        whole.append(whole[-1])
    return whole


def summary(found: Sequence[Mended]) -> dict[str, float]:
    per_wrong = [one.operations / one.wrong for one in found if one.wrong]
    return {
        "sheets": float(len(found)),
        "wrong stickers": float(sum(one.wrong for one in found)),
        "perfect as cut": sum(one.perfect_before for one in found) / max(1, len(found)),
        "perfect when mended": sum(one.perfect for one in found) / max(1, len(found)),
        "operations per wrong, median": statistics.median(per_wrong) if per_wrong else 0.0,
        "operations per wrong, most": max(per_wrong, default=0.0),
    }


def reached(figures: Mapping[str, float]) -> bool:
    """Whether both goals are reached."""
    few = figures["operations per wrong, median"] <= MEDIAN_GOAL
    return figures["perfect when mended"] >= PERFECT_GOAL and few


if __name__ == "__main__":
    raise SystemExit(main())
