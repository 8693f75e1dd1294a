"""Number the stickers of a sheet in reading order: row by row, from left to right."""

from __future__ import annotations


def reading_order(found: list[tuple[int, tuple[slice, slice]]]) -> list[int]:
    """The labels of boxes (rows, columns), row by row.

    A row holds every sticker whose middle lies above its first one's end.
    """
    order: list[int] = []
    waiting = sorted(found, key=lambda item: item[1][0].start + item[1][0].stop)
    while waiting:
        first = waiting[0][1][0]
        row = [item for item in waiting if (item[1][0].start + item[1][0].stop) / 2 <= first.stop]
        row.sort(key=lambda item: item[1][1].start + item[1][1].stop)
        order += [label for label, _ in row]
        chosen = {label for label, _ in row}
        waiting = [item for item in waiting if item[0] not in chosen]
    return order
