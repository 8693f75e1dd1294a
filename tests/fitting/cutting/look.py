"""Shows training sheets beside their truth, to be looked at.

python -m tests.fitting.cutting.look OUT.png [--first 0] [--count 20] [--kind KIND] [--held-out]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from tests.fitting.cutting.compose import KINDS, Composed, compose

TINTS = np.array(
    [[235, 235, 235], [70, 130, 230], [255, 190, 60], [120, 120, 120], [200, 80, 200], [60, 180, 90], [230, 40, 40]],
    np.uint8,
)


def shown(sheet: Composed) -> npt.NDArray[np.uint8]:
    """The sheet with the stickers' outlines, and its parts in colours beside it: RGB (h, 2w, 3)."""
    edges = np.zeros(sheet.labels.shape, np.uint8)
    edges[:, 1:] |= sheet.labels[:, 1:] != sheet.labels[:, :-1]
    edges[1:] |= sheet.labels[1:] != sheet.labels[:-1]
    over = sheet.rgb.copy()
    over[cv2.dilate(edges, np.ones((3, 3), np.uint8)) > 0] = (255, 0, 0)
    return np.hstack([over, TINTS[sheet.parts]])


def main() -> int:
    """Write the montage. The exit code is 0."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--kind", choices=list(KINDS))
    parser.add_argument("--held-out", action="store_true")
    given = parser.parse_args()
    names = list(KINDS)
    tiles = []
    for index in range(given.first, given.first + given.count):
        sheet = compose(index, given.kind or names[index % len(names)], held_out=given.held_out)
        picture = Image.fromarray(shown(sheet))
        picture.thumbnail((640, 400))
        tile = np.full((400, 640, 3), 90, np.uint8)
        tile[: picture.height, : picture.width] = picture
        label = f"{index} {sheet.kind} n={sheet.labels.max()}"
        cv2.putText(tile, label, (6, 392), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 0), 1, cv2.LINE_AA)
        tiles.append(tile)
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % 4)
    rows = [np.hstack(tiles[start : start + 4]) for start in range(0, len(tiles), 4)]
    Image.fromarray(np.vstack(rows)).save(given.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
