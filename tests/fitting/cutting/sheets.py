"""Compose training sheets into a folder, at the sizes in which the net sees them.

Each file holds one sheet: `rgb` uint8 at half the size, `cover` uint8 at half the size (the share of a pixel that is
sticker, 0–255), `labels` uint8 and `parts` uint8 at a quarter. A file that is there already is not made again.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from tests.fitting.cutting.compose import HELD_OUT_SEED, Composed, compose

SIDE: Final = 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--sheets", type=int, default=4000)
    given = parser.parse_args()
    if given.first + given.sheets > HELD_OUT_SEED:
        parser.error(f"Seeds from {HELD_OUT_SEED} on are held apart for the bench.")
    given.folder.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)
    for seed in range(given.first, given.first + given.sheets):
        path = given.folder / f"{seed:07d}.npz"
        if not path.exists():
            part = path.with_suffix(".part")
            with part.open("wb") as file:
                np.savez(file, **planes(compose(seed, side=SIDE)))  # type: ignore[arg-type]
            part.rename(path)
    return 0


def planes(sheet: Composed) -> dict[str, npt.NDArray[np.uint8]]:
    """The arrays of one file. Labels above 254 are rare, and share 255."""
    height, width = (side // 64 * 64 for side in sheet.labels.shape)
    size = (max(64, width), max(64, height))
    rgb = cv2.resize(sheet.rgb, size, interpolation=cv2.INTER_AREA)
    labels = cv2.resize(sheet.labels.astype(np.float32), size, interpolation=cv2.INTER_NEAREST)
    parts = cv2.resize(sheet.parts, size, interpolation=cv2.INTER_NEAREST)
    half, quarter = (size[0] // 2, size[1] // 2), np.s_[1::4, 1::4]
    cover = cv2.resize((labels > 0).astype(np.float32) * 255, half, interpolation=cv2.INTER_AREA)
    unsure = cv2.resize((parts == 6).astype(np.float32), half, interpolation=cv2.INTER_AREA) > 0
    cover = np.clip(np.round(cover), 0, 254).astype(np.uint8)
    cover[unsure] = 255
    return {
        "rgb": cv2.resize(rgb, half, interpolation=cv2.INTER_AREA),
        "cover": cover,
        "labels": np.minimum(labels[quarter], 255).astype(np.uint8),
        "parts": parts[quarter].astype(np.uint8),
    }


if __name__ == "__main__":
    raise SystemExit(main())
