"""Measure how well all formats of one order agree, over 60 artist cut-outs: `python -m tests.bench.agreement`.

Each cut-out is written in every format and read back from the bytes. The distance is the largest one between the
outline in the file and the sticker's own cut line, in both directions. So two formats differ by at most the sum of
their distances. The cut-outs are the largest of nine sheets by the stand-in's artist, 20 to 45 mm long, with borders of
0 to 3 mm.
"""

from __future__ import annotations

import statistics
import sys
from itertools import cycle, product
from typing import Final

from stickers.printing.artwork.die_cut import die_cut
from stickers.printing.options import PrintOptions
from tests.bench.__main__ import Line, table
from tests.support.print_art import cut_outs
from tests.support.print_outlines import FORMATS, distances

COUNT: Final = 60
PROMPTS: Final = ("kawaii space cats and rockets", "forest animals", "food with faces")
SHEETS: Final = tuple(product(PROMPTS, (1, 5, 9)))
ORDERS: Final = tuple(product((20.0, 30.0, 45.0), (0.0, 1.0, 2.0, 3.0)))  # size and border in mm
MOST_MM: Final = 0.05


def main() -> int:
    found: dict[str, list[float]] = {name: [] for name in FORMATS}
    for (name, picture), (size_mm, border_mm) in zip(cut_outs(COUNT, SHEETS), cycle(ORDERS), strict=False):
        sticker = die_cut(picture, PrintOptions(size_mm=size_mm, border_mm=border_mm), name=name)
        for kind, away_mm in distances(sticker).items():
            found[kind].append(away_mm)
    lines = [
        Line(kind, f"worst {max(away):.4f} mm", "the cut line", f"median {statistics.median(away):.4f} mm",
             f"≤ {MOST_MM} mm", len(away) == COUNT and max(away) <= MOST_MM)
        for kind, away in found.items()
    ]  # fmt: skip
    sys.stdout.write(f"{table(lines)}\n\n{__doc__}")
    return int(any(line.reached is False for line in lines))


if __name__ == "__main__":
    sys.exit(main())
