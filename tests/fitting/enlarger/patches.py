"""Renders patches of art once and keeps them in files, so that training costs nothing but the net.

python -m tests.fitting.enlarger.patches FOLDER --shards 8
"""

from __future__ import annotations

import argparse
import sys
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from tests.fitting.art import default_folder, renderer
from tests.fitting.enlarger.degrade import SCALE, Pair, cut_pair, draw_damage, sheet_pair
from tests.fitting.enlarger.pieces import DRAWN, Piece, learned

Bytes = npt.NDArray[np.uint8]

SIDE = 32  # of a patch, in delivered px
SHARD = 2048
_EACH = 24  # patches of one delivered piece
_SIDES = (110, 340)  # of a delivered piece: what a sheet of 1024 px has
_DELIVERIES = 2  # of one rendered piece


def make(folder: Path, art: Path, resvg: Path, shards: int) -> None:
    """Add shards until `folder` has so many. Each is an .npz whose patches depend on its number only."""
    folder.mkdir(parents=True, exist_ok=True)
    per_shard = SHARD // (_EACH * _DELIVERIES) + 1
    pieces = learned(art)
    for number in range(shards):
        batch = list(islice(pieces, per_shard))
        target = folder / f"{number:04}.npz"
        if target.exists():
            continue
        rng = np.random.default_rng([7, number])
        cut: list[tuple[Bytes, Bytes, Bytes]] = []
        for piece in batch:
            cut += _of_piece(piece, resvg, rng)
        order = rng.permutation(len(cut))[:SHARD]
        small, large, weight = (np.stack([cut[place][part] for place in order]) for part in range(3))
        part = target.with_suffix(".part")
        with part.open("wb") as file:
            np.savez(file, small=small, large=large, weight=weight)
        part.rename(target)
        sys.stderr.write(f"{target.name}: {len(small)} patches\n")


def _of_piece(piece: Piece, resvg: Path, rng: np.random.Generator) -> list[tuple[Bytes, Bytes, Bytes]]:
    side = round(float(np.exp(rng.uniform(*np.log(_SIDES)))))
    side = max(side, 200) if piece.family == DRAWN else side
    art = piece.render(side * SCALE, resvg)
    patches = []
    for _ in range(_DELIVERIES):
        art = np.ascontiguousarray(art[:, ::-1] if rng.random() < 0.5 else np.rot90(art))
        height, width = (art.shape[0] // SCALE + 1) * SCALE, (art.shape[1] // SCALE + 1) * SCALE
        around = 6 * SCALE
        top, left = rng.integers(0, SCALE, 2)
        sheet = np.zeros((height + 2 * around, width + 2 * around, 4), np.uint8)
        sheet[around + top : around + top + art.shape[0], around + left : around + left + art.shape[1]] = art
        make_pair = cut_pair if rng.random() < 0.7 else sheet_pair
        patches += _windows(make_pair(sheet, draw_damage(rng), rng), rng)
    return patches


def _windows(pair: Pair, rng: np.random.Generator) -> list[tuple[Bytes, Bytes, Bytes]]:
    """Patches at random places of a pair, most of them where its edges are."""
    rows, columns = pair.small.shape[0] - SIDE, pair.small.shape[1] - SIDE
    if rows < 0 or columns < 0:
        return []
    grey = cv2.cvtColor(pair.small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    edges = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)) > 40
    known = pair.weight[::SCALE, ::SCALE] > 128
    worth = cv2.boxFilter((edges & known).astype(np.float32) + 0.04 * known, -1, (SIDE, SIDE), anchor=(0, 0))
    chance = np.maximum(worth[: rows + 1, : columns + 1].ravel(), 0) ** 1.5
    if chance.sum() <= 0:
        return []
    places = rng.choice(chance.size, min(_EACH, int(np.count_nonzero(chance))), replace=False, p=chance / chance.sum())
    found = []
    for place in places:
        y, x = divmod(int(place), columns + 1)
        large = np.s_[y * SCALE : (y + SIDE) * SCALE, x * SCALE : (x + SIDE) * SCALE]
        found.append((pair.small[y : y + SIDE, x : x + SIDE], pair.large[large], pair.weight[large]))
    return found


def main() -> int:
    """Make the patches that are missing. The exit code is 0."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--shards", type=int, default=8)
    parser.add_argument("--art", type=Path, default=default_folder())
    args = parser.parse_args()
    cv2.setNumThreads(1)
    make(args.folder, args.art, renderer(args.art), args.shards)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
