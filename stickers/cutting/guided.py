"""Apply to the labels what a person said by hand: seeds, boxes, a number of stickers, a least size."""

from __future__ import annotations

import numpy as np

from stickers.cutting.grouping import renumbered
from stickers.cutting.options import Box, Point
from stickers.cutting.raster import Labels, areas, boxes, nearest


def by_seeds(labels: Labels, seeds: tuple[Point, ...], reach_px: float) -> tuple[int, Labels]:
    """One label per seed: the piece it lies in or beside. A piece with several seeds is parted among them.

    `labels`: int32 HxW, 0 where there is nothing. Returns the new count and labels. Each pixel of a piece goes to the
    nearest seed (Voronoi cells). `seeds`: x, y in pixels of the plane. A seed farther than `reach_px` from every piece
    is ignored.
    """
    height, width = labels.shape
    _, index = nearest(labels > 0)
    owners: dict[int, list[Point]] = {}
    for x, y in seeds:
        if not (0 <= x < width and 0 <= y < height):
            continue
        near_y, near_x = divmod(int(index[y, x]), width)
        if labels[near_y, near_x] and np.hypot(near_x - x, near_y - y) <= reach_px:
            owners.setdefault(int(labels[near_y, near_x]), []).append((x, y))
    out = np.zeros_like(labels)
    number = 0
    for label, points in owners.items():
        ys, xs = np.nonzero(labels == label)
        away = np.stack([np.hypot(xs - x, ys - y) for x, y in points])
        out[ys, xs] = number + 1 + away.argmin(0)
        number += len(points)
    return renumbered(out)


def by_boxes(labels: Labels, chosen: tuple[Box, ...]) -> tuple[int, Labels]:
    """One label per box: all pieces that lie mostly in it, and the inside part of pieces that it crosses.

    `labels`: int32 HxW. `chosen`: x, y, width, height in pixels of the plane. A box crosses a piece if the piece has
    less than half of its area in the box, but fills a fifth of the box. A piece that fills less is left out.
    """
    out = np.zeros_like(labels)
    total = areas(labels, int(labels.max()))
    # Small boxes come last, so that a box inside another keeps what is its own.
    for number, (x, y, width, height) in sorted(enumerate(chosen, 1), key=lambda item: -item[1][2] * item[1][3]):
        window = np.s_[max(0, y) : max(0, y + height), max(0, x) : max(0, x + width)]
        inside = labels[window]
        if not inside.size:
            continue
        found = np.bincount(inside.ravel(), minlength=len(total))
        take = (found > 0.5 * total) | (found > 0.2 * inside.size)
        take[0] = False
        out[window][take[inside]] = number
    return renumbered(out)


def of_size(labels: Labels, count: int, least_px: int) -> tuple[int, Labels]:
    """The int32 HxW labels 1..count, renumbered, without those whose longest side is below `least_px`."""
    keep = np.zeros(count + 1, np.int32)
    for label, box in enumerate(boxes(labels, count), 1):
        if box is not None and max(box[0].stop - box[0].start, box[1].stop - box[1].start) >= least_px:
            keep[label] = label
    return renumbered(keep[labels])


def largest(labels: Labels, count: int, number: int) -> tuple[int, Labels]:
    """The `number` largest labels by area of the int32 HxW labels 1..count, renumbered."""
    size = areas(labels, count)
    size[0] = 0
    keep = np.zeros(count + 1, np.int32)
    chosen = np.argsort(-size, kind="stable")[:number]
    keep[chosen] = chosen
    return renumbered(keep[labels])
