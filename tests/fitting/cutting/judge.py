"""Fit the judges of pairs and of stickers on composed sheets: `python -m tests.fitting.cutting.judge FOLDER`.

The sheets are others than those that the net was trained on. A pair is one sticker if most of both regions belongs to
one true sticker. A found sticker is right if it shares half of its area with a true one (IoU), at the coarse size.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from stickers.cutting import CutOptions
from tests.fitting.cutting.learned import judges
from tests.fitting.cutting.learned.regions import Regions, measured, neighbours, over_segmented
from tests.fitting.cutting.learned.sheet_net import View, seen
from tests.fitting.cutting.train import IGNORED

HIDDEN: Final = 8
ROUNDS: Final = 800
DECAY: Final = 0.1  # of the weights: without it the judge learns its few sheets by heart

Rows = npt.NDArray[np.float64]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="composed by tests.fitting.cutting.sheets")
    parser.add_argument("--sheets", type=int, default=400)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    torch.manual_seed(0)
    sheets = [read(path) for path in sorted(given.folder.glob("*.npz"))[-given.sheets :]]
    write({"pairs": fitted(*_pairs(sheets))})
    write({"stickers": fitted(*_stickers(sheets))})
    return 0


@dataclass(frozen=True)
class Sheet:
    """What the net saw of a sheet, and the truth at the coarse size: int32 labels, and where it is nobody's."""

    view: View
    regions: Regions
    truth: npt.NDArray[np.int32]
    unsure: npt.NDArray[np.bool_]


def read(path: Path) -> Sheet:
    """A composed sheet as the net sees it."""
    with np.load(path) as file:
        view = seen(file["rgb"])
        labels, parts = file["labels"], file["parts"]
    regions = over_segmented(view, least=judges.LEAST_COVER)
    height, width = regions.labels.shape
    truth = cv2.resize(labels, (width, height), interpolation=cv2.INTER_NEAREST)
    unsure = cv2.resize(parts, (width, height), interpolation=cv2.INTER_NEAREST) == IGNORED
    return Sheet(view, regions, truth.astype(np.int32), unsure)


def _pairs(sheets: list[Sheet]) -> tuple[Rows, npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """Features of all pairs that can be judged, whether each is one sticker, and the number of its sheet."""
    rows, right, numbers = [], [], []
    for number, sheet in enumerate(sheets):
        pairs = neighbours(sheet.regions, sheet.view)
        own, _ = majority(sheet.regions, sheet.truth, sheet.unsure)
        one, other = own[pairs.one], own[pairs.other]
        judged = (one >= 0) & (other >= 0) & ((one > 0) | (other > 0))
        rows.append(judges.pair_features(pairs, sheet.regions)[judged])
        right.append(((one == other) & (one > 0))[judged])
        numbers.append(np.full(int(judged.sum()), number))
    return np.concatenate(rows), np.concatenate(right), np.concatenate(numbers)


def _stickers(sheets: list[Sheet]) -> tuple[Rows, npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """The same for whole stickers, as the pairs' judge makes them."""
    rows, right, numbers = [], [], []
    for number, sheet in enumerate(sheets):
        labels = judges.joined(sheet.view, sheet.regions, CutOptions())[0]
        whole = measured(labels, sheet.view)
        if len(whole.size) == 1:
            continue
        _, doubtful = majority(whole, sheet.truth, sheet.unsure)
        rows.append(judges.sticker_features(whole)[1:][~doubtful[1:]])
        right.append(matched(labels, sheet.truth)[1:][~doubtful[1:]])
        numbers.append(np.full(len(rows[-1]), number))
    return np.concatenate(rows), np.concatenate(right), np.concatenate(numbers)


def majority(regions: Regions, truth: npt.NDArray[np.int32], unsure: npt.NDArray[np.bool_]) -> tuple[Any, Any]:
    """For each region the true label of most of its pixels, 0 for none, -1 if it can't be told; and the latter."""
    count = len(regions.size)
    table = np.zeros((count, int(truth.max()) + 1))
    np.add.at(table, (regions.labels.ravel(), truth.ravel()), 1.0)
    own = table.argmax(1)
    doubtful = np.bincount(regions.labels[unsure], minlength=count) > 0.5 * np.maximum(regions.size, 1)
    own[(table.max(1) < 0.6 * np.maximum(table.sum(1), 1)) | doubtful] = -1
    return own, doubtful


def matched(labels: npt.NDArray[np.int32], truth: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Whether each label shares half of its area with a true one."""
    table = np.zeros((int(labels.max()) + 1, int(truth.max()) + 1))
    np.add.at(table, (labels.ravel(), truth.ravel()), 1.0)
    union = table.sum(1)[:, None] + table.sum(0)[None] - table
    overlap = table[:, 1:] / np.maximum(union[:, 1:], 1)
    return overlap.max(1) > 0.5 if overlap.shape[1] else np.zeros(len(table), np.bool_)


def fitted(rows: Rows, right: npt.NDArray[np.bool_], sheets: npt.NDArray[np.int64]) -> dict[str, Any]:
    """The model's numbers, with its log loss and share of right answers on a fifth of the sheets, kept apart."""
    kept = sheets % 5 == 0
    mean, scale = rows.mean(0), rows.std(0) + 1e-3
    x = torch.tensor((rows - mean) / scale, dtype=torch.float32)
    y = torch.tensor(right.astype(np.float32))
    train = torch.tensor(~kept)
    net = nn.Sequential(nn.Linear(x.shape[1], HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, 1))
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=DECAY)
    loss_of = nn.BCEWithLogitsLoss()
    for _ in range(ROUNDS):
        optimizer.zero_grad()
        loss = loss_of(net(x[train])[:, 0], y[train])
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        out = net(x[~train])[:, 0]
        score = {
            "rows": len(rows),
            "right": float(right.mean()),
            "loss": float(loss_of(out, y[~train])),
            "accuracy": float(((out > 0) == (y[~train] > 0.5)).float().mean()),
        }
    first, last = net[0], net[2]

    def numbers(values: Any) -> Any:
        return np.round(np.asarray(values.detach() if hasattr(values, "detach") else values, np.float64), 4).tolist()

    sys.stdout.write(json.dumps(score) + "\n")
    return {
        "score": score,
        "mean": numbers(mean),
        "scale": numbers(scale),
        "hidden": numbers(first.weight.T),
        "bias": numbers(first.bias),
        "out": numbers(last.weight[0]),
        "out_bias": numbers(last.bias[0]),
    }


def write(models: dict[str, Any]) -> None:
    """Put the models into the studio's data file, beside those that are there."""
    kept = json.loads(judges.FITTED.read_text()) if judges.FITTED.exists() else {"scores": {}, "models": {}}
    for name, model in models.items():
        kept["scores"][name] = model["score"]
        kept["models"][name] = {key: value for key, value in model.items() if key != "score"}
    judges.FITTED.write_text(json.dumps(kept) + "\n")
    judges._fitted.cache_clear()


if __name__ == "__main__":
    raise SystemExit(main())
