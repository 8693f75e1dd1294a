"""Scores cut sheets: composed ones against their truth to the pixel, real ones against boxes.

A sticker's match is a cut-out with an IoU above 0.5 (panoptic quality: Kirillov et al. 2019, "Panoptic Segmentation").
Pixels that the truth ignores count for nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from scipy.ndimage import find_objects
from scipy.optimize import linear_sum_assignment
from scipy.stats import rankdata

Mask = npt.NDArray[np.bool_]
Box = tuple[float, float, float, float]

EDGE_PX = 4  # how far outside of a sticker leftover ground is counted
RIGHT = 0.85  # IoU of a composed sticker that is cut right
BOX_RIGHT = 0.75  # IoU of a real sticker's box
SMOOTH, SMOOTHEST = 1.30, 1.80  # a clean sheet's median and greatest roughness


@dataclass(frozen=True, eq=False)
class Piece:
    """One cut-out: `alpha` uint8 (h, w), its top left corner in the sheet, the engine's confidence and reason."""

    alpha: npt.NDArray[np.uint8]
    x: int
    y: int
    confidence: float
    reason: str


@dataclass(frozen=True)
class Judged:
    """A cut-out's confidence and reason, and whether it is right."""

    confidence: float
    reason: str
    right: bool


@dataclass(frozen=True)
class Score:
    """One sheet's figures; None where a sheet has nothing to measure.

    `pq`: the matched overlaps' sum by matches plus half the misses. `f1`: from an IoU of 0.9. `perfect`: every sticker
    from 0.85, nothing extra. `boundary`: mean symmetric distance of matched outlines in px. `halo`: px of ground left
    within 4 px outside of a sticker, per px of its outline. `satellites`: share of loose parts that came along with
    their sticker. `holes`: share of see-through holes that are clear. `over` and `under`: extra pieces of one sticker,
    and stickers swallowed by another. `roughness`: the cut-outs' median. `ms` and `peak_mb`: CPU time of one thread,
    and the process's memory.
    """

    pq: float
    f1: float
    perfect: float
    boundary: float | None
    halo: float | None
    satellites: float | None
    holes: float | None
    over: float
    under: float
    roughness: float | None
    ms: float
    peak_mb: float
    judged: tuple[Judged, ...]


@dataclass(frozen=True)
class RealScore:
    """A real sheet's figures against boxes.

    `whole`: every sticker's box from an IoU of 0.75 and at most one cut-out too many. `clean`: whole, and smooth.
    """

    stickers: int
    found: int
    matched: int
    whole: bool
    clean: bool
    roughness: float | None
    ms: float
    peak_mb: float
    judged: tuple[Judged, ...]


def composed(
    labels: npt.NDArray[np.integer], ignored: Mask, pieces: Sequence[Piece], *, ms: float = 0.0, peak_mb: float = 0.0
) -> Score:
    """Figures of the pieces against the true labels (1..n) of a sheet."""
    truth = _Truth(labels, ignored)
    pieces = [piece for piece in pieces if not _mostly_ignored(piece, labels, ignored)]
    common, area = _common(truth, pieces)
    iou = common / np.maximum(truth.areas[:, None] + area[None, :] - common, 1)
    rows, columns = linear_sum_assignment(np.where(iou > 0.5, iou, 0), maximize=True)
    pairs = [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if iou[i, j] > 0.5]
    overlaps = [float(iou[pair]) for pair in pairs]
    wrong = truth.count + len(pieces) - 2 * len(pairs)
    parts = (common > 0.5 * area) & (common >= 0.04 * truth.areas[:, None])
    swallowed = common >= 0.5 * np.maximum(truth.areas[:, None], 1)
    edges = [_edge(truth, i, pieces[j]) for i, j in pairs]
    loose = [share for i, j in pairs for share in _satellites(truth, i, pieces[j])]
    loose += [0.0] * sum(len(_loose(truth, i)) for i in set(range(truth.count)) - {i for i, _ in pairs})
    holes = [share for i, j in pairs for share in _holes(truth, i, pieces[j])]
    right = {j for i, j in pairs if iou[i, j] >= RIGHT}
    anything = truth.count or pieces
    return Score(
        pq=sum(overlaps) / (len(pairs) + 0.5 * wrong) if anything else 1.0,
        f1=2 * sum(overlap >= 0.9 for overlap in overlaps) / (truth.count + len(pieces)) if anything else 1.0,
        perfect=float(wrong == 0 and all(overlap >= RIGHT for overlap in overlaps)),
        boundary=mean(distance for distance, _ in edges),
        halo=mean(left for _, left in edges),
        satellites=mean(loose),
        holes=mean(holes),
        over=float(np.maximum(parts.sum(axis=1) - 1, 0).sum()),
        under=float(np.maximum(swallowed.sum(axis=0) - 1, 0).sum()),
        roughness=_median(roughnesses(pieces, labels.shape)),
        ms=ms,
        peak_mb=peak_mb,
        judged=tuple(Judged(piece.confidence, piece.reason, j in right) for j, piece in enumerate(pieces)),
    )


def real(
    boxes: Sequence[Box], size: tuple[int, int], pieces: Sequence[Piece], *, ms: float = 0.0, peak_mb: float = 0.0
) -> RealScore:
    """Figures of the pieces against boxes (x0, y0, x1, y1; exclusive) on a sheet of `size` (height, width).

    Boxes and pieces are matched greedily, the best pair first.
    """
    pieces = [piece for piece in pieces if (piece.alpha >= 128).any()]
    iou = np.array([[box_iou(box, box_of(piece)) for piece in pieces] for box in boxes]).reshape(
        len(boxes), len(pieces)
    )
    right = set()
    left = iou.copy()
    while left.size and left.max() >= BOX_RIGHT:
        i, j = np.unravel_index(left.argmax(), left.shape)
        right.add(int(j))
        left[i, :] = left[:, j] = 0
    whole = len(right) == len(boxes) and len(pieces) <= len(boxes) + 1
    rough = roughnesses(pieces, size)
    smooth = not rough or (float(np.median(rough)) <= SMOOTH and max(rough) <= SMOOTHEST)
    return RealScore(
        stickers=len(boxes),
        found=len(pieces),
        matched=len(right),
        whole=whole,
        clean=whole and smooth,
        roughness=_median(rough),
        ms=ms,
        peak_mb=peak_mb,
        judged=tuple(Judged(piece.confidence, piece.reason, j in right) for j, piece in enumerate(pieces)),
    )


def roughnesses(pieces: Iterable[Piece], size: tuple[int, ...]) -> list[float]:
    """How ragged each piece is: its outline's length by that of the outline blurred by 0.6 % of the sheet's side.

    1.0 is smooth, 1.4 visibly ragged. Pieces smaller than 5 % of the side tell nothing and are left out.
    """
    side = float(np.sqrt(size[0] * size[1]))
    blur = max(2.0, 0.006 * side)
    found = []
    for piece in pieces:
        mask = (piece.alpha >= 128).astype(np.uint8)
        if mask.sum() < (0.05 * side) ** 2:
            continue
        mask = np.pad(mask, int(4 * blur) + 2)
        soft = (cv2.GaussianBlur(mask.astype(np.float32), (0, 0), blur) > 0.5).astype(np.uint8)
        if soft.any():
            found.append(_length(mask) / _length(soft))
    return found


def auroc(judged: Sequence[Judged]) -> float | None:
    """The chance that a right cut-out has more confidence than a wrong one; None without both kinds."""
    right = np.array([one.right for one in judged], bool)
    if not right.any() or right.all():
        return None
    ranks = rankdata([one.confidence for one in judged])
    return float((ranks[right].sum() - right.sum() * (right.sum() + 1) / 2) / (right.sum() * (~right).sum()))


def calibration_error(judged: Sequence[Judged]) -> float | None:
    """The mean difference of confidence and share of right ones over ten equal bins, weighted by their size."""
    if not judged:
        return None
    sure = np.array([one.confidence for one in judged])
    right = np.array([one.right for one in judged], np.float64)
    bins = np.minimum((sure * 10).astype(int), 9)
    off = [abs(sure[bins == b].mean() - right[bins == b].mean()) * (bins == b).sum() for b in np.unique(bins)]
    return float(np.sum(off) / len(judged))


def with_reason(judged: Iterable[Judged], *, right: bool) -> float | None:
    """The share of right, or of wrong, cut-outs that carry a reason to look at them."""
    return mean(float(bool(one.reason)) for one in judged if one.right == right)


def mean(values: Iterable[float]) -> float | None:
    """The mean, or None of nothing."""
    known = list(values)
    return float(np.mean(known)) if known else None


def box_iou(one: Box, two: Box) -> float:
    """IoU of two boxes (x0, y0, x1, y1)."""
    width = min(one[2], two[2]) - max(one[0], two[0])
    height = min(one[3], two[3]) - max(one[1], two[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, two)]
    return width * height / (sum(areas) - width * height)


def box_of(piece: Piece) -> Box:
    """The box of what is opaque, in sheet pixels."""
    x, y, width, height = cv2.boundingRect((piece.alpha >= 128).astype(np.uint8))
    return piece.x + x, piece.y + y, piece.x + x + width, piece.y + y + height


class _Truth:
    """The true labels with what is measured of them once."""

    def __init__(self, labels: npt.NDArray[np.integer], ignored: Mask) -> None:
        self.labels = labels.astype(np.int32)
        self.ignored = ignored
        self.count = int(labels.max(initial=0))
        self.areas = np.bincount(self.labels[~ignored], minlength=self.count + 1)[1:].astype(np.float64)
        windows = find_objects(self.labels, self.count)
        self.boxes = [(x.start, y.start, x.stop - x.start, y.stop - y.start) for y, x in windows]


def _on_sheet(piece: Piece, shape: tuple[int, ...]) -> tuple[tuple[slice, slice], Mask]:
    """Where the piece lies on the sheet, and its opaque pixels there."""
    height, width = piece.alpha.shape
    x0, y0 = max(0, piece.x), max(0, piece.y)
    x1, y1 = max(x0, min(shape[1], piece.x + width)), max(y0, min(shape[0], piece.y + height))
    mask = piece.alpha[y0 - piece.y : y1 - piece.y, x0 - piece.x : x1 - piece.x] >= 128
    return np.s_[y0:y1, x0:x1], mask


def _mostly_ignored(piece: Piece, labels: npt.NDArray[np.integer], ignored: Mask) -> bool:
    at, mask = _on_sheet(piece, labels.shape)
    return bool(mask.any()) and (ignored[at][mask] & (labels[at][mask] == 0)).mean() > 0.5


def _common(truth: _Truth, pieces: Sequence[Piece]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Pixels that each sticker and each piece share, and each piece's own."""
    common = np.zeros((truth.count, len(pieces)))
    area = np.zeros(len(pieces))
    for column, piece in enumerate(pieces):
        at, mask = _on_sheet(piece, truth.labels.shape)
        under = truth.labels[at][mask & ~truth.ignored[at]]
        area[column] = len(under)
        common[:, column] = np.bincount(under, minlength=truth.count + 1)[1:]
    return common, area


def _both(truth: _Truth, index: int, piece: Piece) -> tuple[Mask, Mask, Mask]:
    """In a crop that holds both with a margin: the sticker, the piece, and what doesn't count."""
    x, y, width, height = truth.boxes[index]
    tall, wide = truth.labels.shape
    pad = EDGE_PX + 4
    x0, y0 = max(0, min(x, piece.x) - pad), max(0, min(y, piece.y) - pad)
    x1 = min(wide, max(x + width, piece.x + piece.alpha.shape[1]) + pad)
    y1 = min(tall, max(y + height, piece.y + piece.alpha.shape[0]) + pad)
    at, mask = _on_sheet(piece, truth.labels.shape)
    cut = np.zeros((y1 - y0, x1 - x0), bool)
    cut[at[0].start - y0 : at[0].stop - y0, at[1].start - x0 : at[1].stop - x0] = mask
    window = np.s_[y0:y1, x0:x1]
    return truth.labels[window] == index + 1, cut, truth.ignored[window]


def _edge(truth: _Truth, index: int, piece: Piece) -> tuple[float, float]:
    """Mean symmetric distance of the two outlines, and px of ground left per px of outline."""
    true, cut, ignored = _both(truth, index, piece)
    rings = [shape & (cv2.erode(shape.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0) for shape in (true, cut)]
    to_true, to_cut = (
        cv2.distanceTransform((~ring).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE) for ring in rings
    )
    ways = [away[ring & ~ignored] for away, ring in ((to_true, rings[1]), (to_cut, rings[0]))]
    distance = float(np.mean([way.mean() if way.size else 0.0 for way in ways]))
    left = cut & ~true & ~ignored & (to_true <= EDGE_PX)
    return distance, float(left.sum() / max(1, rings[0].sum()))


def _loose(truth: _Truth, index: int) -> list[Mask]:
    """The sticker's small parts that don't hang together with its largest, as masks of its box."""
    x, y, width, height = truth.boxes[index]
    mask = (truth.labels[y : y + height, x : x + width] == index + 1).astype(np.uint8)
    count, parts, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    return [parts == part for part in range(1, count) if 12 <= areas[part - 1] < 0.25 * areas.max()]


def _satellites(truth: _Truth, index: int, piece: Piece) -> list[float]:
    x, y, width, height = truth.boxes[index]
    at, mask = _on_sheet(piece, truth.labels.shape)
    whole = np.zeros(truth.labels.shape, bool)
    whole[at] = mask
    cut = whole[y : y + height, x : x + width]
    return [float(cut[part].mean() > 0.5) for part in _loose(truth, index)]


def _holes(truth: _Truth, index: int, piece: Piece) -> list[float]:
    """For each see-through hole of the sticker: 1.0 if it is mostly clear in the piece."""
    true, cut, ignored = _both(truth, index, piece)
    outside = cv2.connectedComponents((~true).astype(np.uint8), connectivity=4)
    edge = np.concatenate([outside[1][0], outside[1][-1], outside[1][:, 0], outside[1][:, -1]])
    found = []
    for number in set(range(1, outside[0])) - set(np.unique(edge).tolist()):
        hole = (outside[1] == number) & ~ignored
        if hole.sum() >= 30:
            found.append(float(cut[hole].mean() < 0.5))
    return found


def _median(values: Sequence[float]) -> float | None:
    return float(np.median(values)) if values else None


def _length(mask: npt.NDArray[np.uint8]) -> float:
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return sum(cv2.arcLength(contour, True) for contour in contours)
