"""Number the stickers of a sheet in reading order: row by row, from left to right."""

from __future__ import annotations

import numpy as np

from stickers.cutting.raster import Labels, boxes


def in_reading_order(labels: Labels, count: int) -> tuple[Labels, list[tuple[slice, slice]]]:
    """Labels renumbered row by row, and their boxes.

    A row holds every sticker whose middle lies above its first one's end.
    """
    found = [(label, box) for label, box in enumerate(boxes(labels, count), 1) if box is not None]
    order: list[tuple[int, tuple[slice, slice]]] = []
    waiting = sorted(found, key=lambda item: item[1][0].start + item[1][0].stop)
    while waiting:
        first = waiting[0][1][0]
        row = [item for item in waiting if (item[1][0].start + item[1][0].stop) / 2 <= first.stop]
        row.sort(key=lambda item: item[1][1].start + item[1][1].stop)
        order += row
        chosen = {label for label, _ in row}
        waiting = [item for item in waiting if item[0] not in chosen]
    if [label for label, _ in order] == list(range(1, count + 1)):
        return labels, [box for _, box in order]
    new = np.zeros(count + 1, np.int32)
    for position, (label, _) in enumerate(order, 1):
        new[label] = position
    return np.take(new, labels), [box for _, box in order]
