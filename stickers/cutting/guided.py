"""What a person said by hand, applied to the labels: seeds, boxes, a number of stickers, a least size."""

from __future__ import annotations

import numpy as np

from stickers.cutting.grouping import renumbered
from stickers.cutting.options import Box, Point
from stickers.cutting.raster import Labels, areas, boxes, nearest


def by_seeds(labels: Labels, seeds: tuple[Point, ...], reach_px: float) -> tuple[int, Labels]:
    """One label per seed: the piece it lies in or beside; a piece with several seeds is parted among them.

    `labels`: int32 HxW, 0 where there is nothing; so is the result, with its number of labels. The parts of a piece
    are what is nearest to each seed (Voronoi cells). `seeds`: x, y in pixels of the plane. A seed farther than
    `reach_px` from every piece is passed over.
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
    """One label per box: all pieces that lie mostly in it, and the inside part of those it crosses.

    `labels`: int32 HxW. `chosen`: x, y, width, height in pixels of the plane. A piece of which less than half lies in
    a box is crossed by it if it fills a fifth of it; else it only reaches into it.
    """
    out = np.zeros_like(labels)
    total = areas(labels, int(labels.max()))
    # small boxes last: a box in a box keeps what is its own
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
    """The int32 HxW labels 1..count without those whose longest side is shorter than `least_px`, renumbered."""
    keep = np.zeros(count + 1, np.int32)
    for label, box in enumerate(boxes(labels, count), 1):
        if box is not None and max(box[0].stop - box[0].start, box[1].stop - box[1].start) >= least_px:
            keep[label] = label
    return renumbered(keep[labels])


def largest(labels: Labels, count: int, number: int) -> tuple[int, Labels]:
    """The `number` largest by area of the int32 HxW labels 1..count, renumbered."""
    size = areas(labels, count)
    size[0] = 0
    keep = np.zeros(count + 1, np.int32)
    chosen = np.argsort(-size, kind="stable")[:number]
    keep[chosen] = chosen
    return renumbered(keep[labels])
