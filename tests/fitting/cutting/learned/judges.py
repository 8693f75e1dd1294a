"""Judge pairs of regions and whole stickers by small fitted models, and solve the pairs of a sheet together.

A judge is a net with one hidden layer. That of pairs gives the log odds that two regions are one sticker. All pairs of
a sheet are solved together as a multicut (Chopra & Rao 1993) by greedy additive edge contraction (Keuper et al. 2015).
The numbers are fitted by `tests/fitting/cutting` and kept in `judges.json` with their scores.
"""

from __future__ import annotations

import heapq
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from stickers.cutting.options import CutOptions
from stickers.cutting.raster import Labels
from tests.fitting.cutting.learned.regions import Numbers, Pairs, Regions, measured, neighbours, over_segmented
from tests.fitting.cutting.learned.sheet_net import PARTS, View

FITTED: Final = Path(__file__).with_name("judges.json")
LEAST_COVER: Final = 0.35  # regions are looked for from this probability on
BIASES: Final = (1.0, 2.0, 4.0, 7.0, 12.0)  # log odds by which more, or less, is joined towards an expected count
SATELLITE: Final = (
    0.25  # of a figure's area: a smaller thing beside it is its satellite where a person set the distance
)
SURE: Final = 30.0  # log odds
CAPTION, BORDER = PARTS.index("caption"), PARTS.index("border")


@cache
def _fitted() -> dict[str, Any]:
    return {
        name: {key: np.array(values) for key, values in model.items()}
        for name, model in json.loads(FITTED.read_text())["models"].items()
        if "mean" in model
    }


def pair_features(pairs: Pairs, regions: Regions) -> Numbers:
    """What the pairs' judge looks at, float64 pairs x features."""
    size, total = regions.size, regions.labels.size
    one, other = pairs.one, pairs.other
    flip = size[one] > size[other]
    small, large = np.where(flip, other, one), np.where(flip, one, other)
    spread = regions.spread / np.sqrt(np.maximum(size, 1))
    return np.stack(
        [
            np.log1p(pairs.gap),
            np.minimum(pairs.contact, 3.0),
            pairs.seam,
            pairs.bridge,
            np.minimum(pairs.apart, 3.0),
            np.log(size[large] / size[small]),
            np.log(size[small] / total) + 7,
            np.log(size[large] / total) + 5,
            regions.parts[CAPTION][small],
            regions.parts[CAPTION][large],
            regions.parts[BORDER][small],
            regions.parts[BORDER][large],
            np.minimum(spread[small], 2.0),
            np.minimum(spread[large], 2.0),
            regions.cover[small],
        ],
        axis=1,
    )


def sticker_features(regions: Regions) -> Numbers:
    """What the stickers' judge looks at, float64 (count + 1) x features. Each region here is a whole sticker."""
    size, total = np.maximum(regions.size, 1), regions.labels.size
    usual = float(np.median(size[1:])) if len(size) > 1 else 1.0
    return np.stack(
        [
            np.log(size / total) + 6,
            np.clip(np.log(size / usual), -3, 3),
            regions.cover,
            *regions.parts,
            np.minimum(regions.spread / np.sqrt(size), 2.0),
        ],
        axis=1,
    )


def log_odds(name: str, features: Numbers) -> Numbers:
    """The log odds that the model `name` gives for each row of features."""
    model = _fitted()[name]
    scaled = (features - model["mean"]) / model["scale"]
    if "hidden" in model:
        scaled = np.tanh(scaled @ model["hidden"] + model["bias"])
    odds: Numbers = scaled @ model["out"] + model["out_bias"]
    return odds


@dataclass(frozen=True)
class Doubt:
    """How unsure the judges are of one sticker, each 0–1; 0 for what a person made.

    `joined`: that parts of it are stickers of their own. `parted`: that it is one with a neighbour. `kind`: that it is
    no sticker at all. `pale`: how far the net is from sure, in the mean of its pixels.
    """

    joined: float = 0.0
    parted: float = 0.0
    kind: float = 0.0
    pale: float = 0.0


def stickers_of(view: View, options: CutOptions) -> tuple[Labels, dict[int, Doubt]]:
    """One label per sticker, 1..n, int32 hxw at the coarse size, and the doubt of each.

    With an expected count the result comes as near to it as it can.
    """
    regions = over_segmented(view, least=LEAST_COVER)
    wanted = None if options.boxes or options.seeds else options.expected_count
    labels, doubts = _solved(view, regions, options, 0.0)
    if wanted is None or len(doubts) == wanted:
        return labels, doubts
    for bias in BIASES if len(doubts) > wanted else [-bias for bias in BIASES]:
        other = _solved(view, regions, options, bias)
        if abs(len(other[1]) - wanted) < abs(len(doubts) - wanted):
            labels, doubts = other
        if len(doubts) == wanted:
            break
    if len(doubts) > wanted:
        keep = np.zeros(len(doubts) + 1, np.bool_)
        keep[np.argsort(-np.bincount(labels.ravel())[1:], kind="stable")[:wanted] + 1] = True
        return _only(keep, labels, doubts)
    return labels, doubts


def _solved(view: View, regions: Regions, options: CutOptions, bias: float) -> tuple[Labels, dict[int, Doubt]]:
    """The stickers for one bias: pairs solved together, then what is no sticker left out."""
    labels, weakest, nearest = joined(view, regions, options, bias=bias)
    if not labels.any():
        return labels, {}
    whole = measured(labels, view)
    odds = log_odds("stickers", sticker_features(whole))
    sure = np.abs(2 * whole.cover - 1)
    doubts = {
        label: Doubt(_chance(-weakest[label]), _chance(nearest[label]), _chance(-odds[label]), float(1 - sure[label]))
        for label in range(1, len(odds))
    }
    keep = odds > 0
    for name, wanted in (("furniture", options.keep_furniture), ("caption", options.keep_captions)):
        if wanted:
            keep |= whole.parts[PARTS.index(name)] > 0.5
    keep[0] = False
    return _only(keep, labels, doubts)


def _only(keep: npt.NDArray[np.bool_], labels: Labels, doubts: dict[int, Doubt]) -> tuple[Labels, dict[int, Doubt]]:
    """The labels to keep, renumbered."""
    numbers = (np.cumsum(keep) * keep).astype(np.int32)
    return numbers[labels], {int(numbers[label]): doubt for label, doubt in doubts.items() if keep[label]}


def _chance(odds: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(odds, -30, 30))))


def joined(
    view: View,
    regions: Regions,
    options: CutOptions,
    *,
    bias: float = 0.0,
) -> tuple[Labels, Numbers, Numbers]:
    """One label per sticker, 1..n, int32 hxw, and for each label the odds of its weakest join and of its nearest miss.

    A positive `bias`, in log odds, joins more. A `join_px` of the options decides about small things beside figures.
    """
    pairs = neighbours(regions, view)
    count = len(regions.size) - 1
    odds = log_odds("pairs", pair_features(pairs, regions)) + bias if len(pairs.one) else np.zeros(0)
    if options.join_px is not None:
        small = np.minimum(regions.size[pairs.one], regions.size[pairs.other])
        large = np.maximum(regions.size[pairs.one], regions.size[pairs.other])
        gap_px = pairs.gap * 1024 / np.sqrt(regions.labels.size)
        beside = (small < SATELLITE * large) & (gap_px > 0)
        odds = np.where(beside, np.where(gap_px <= options.join_px, SURE, -SURE), odds)
    target, weakest, nearest = same_sticker(pairs, odds, count)
    _, first, numbers = np.unique(target, return_index=True, return_inverse=True)
    return np.asarray(numbers, np.int32)[regions.labels], weakest[target[first]], nearest[target[first]]


def same_sticker(pairs: Pairs, odds: Numbers, count: int) -> tuple[npt.NDArray[np.int64], Numbers, Numbers]:
    """For every region 0..count the number of its sticker, which is the number of one of its regions.

    The surest pair is joined first, and the odds of joined pairs add up, until no pair is likelier one than two. Also
    given for each such number: the odds of the weakest join in the sticker, and the odds of the nearest join left out.
    """
    target = np.arange(count + 1)
    weakest, nearest = np.full(count + 1, SURE), np.full(count + 1, -SURE)
    beside: list[dict[int, float]] = [{} for _ in range(count + 1)]
    for one, other, odd in zip(pairs.one.tolist(), pairs.other.tolist(), odds.tolist(), strict=True):
        beside[one][other] = beside[other][one] = odd
    queue = [(-odd, one, other) for one, near in enumerate(beside) for other, odd in near.items() if one < other]
    heapq.heapify(queue)
    while queue and queue[0][0] < 0:
        negative, keep, gone = heapq.heappop(queue)
        if beside[keep].get(gone) != -negative:
            continue
        target[target == gone] = keep
        weakest[keep] = min(weakest[keep], weakest[gone], -negative)
        for third, odd in beside[gone].items():
            del beside[third][gone]
            if third != keep:
                total = beside[keep].get(third, 0.0) + odd
                beside[keep][third] = beside[third][keep] = total
                heapq.heappush(queue, (-total, min(keep, third), max(keep, third)))
        beside[gone] = {}
    for one, near in enumerate(beside):
        nearest[one] = max(near.values(), default=-SURE)
    return target, weakest, nearest
