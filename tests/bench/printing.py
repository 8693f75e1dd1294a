"""Time the print files and compare nesting with boxes: `python -m tests.bench.printing`.

Page use is the area inside cut lines on the first A4 page, divided by its live area: 24 stickers of 50 mm, 3 mm apart,
margins of 10 mm, over three sets of the stand-in's stickers. The baselines place bounding boxes: rows by height
(shelf), and rectpack's default with turning if it is installed (it has no wheel, so the lock leaves it out). Times are
process time on one thread. Memory is the peak of a process that does nothing else.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import numpy as np

from stickers.printing.artwork.die_cut import DieCut, die_cut
from stickers.printing.geometry.contour import cut_contour
from stickers.printing.imposition import spyrrow_nesting
from stickers.printing.imposition.layout import Item, Layout, Page, lay_out
from stickers.printing.imposition.pages import PageOptions
from stickers.printing.options import PrintOptions
from stickers.printing.writers.pdf import write_pdf
from stickers.printing.writers.png import write_png
from tests.bench.__main__ import Line, table
from tests.support.print_art import cut_outs

SETS: Final = ((1, 5, 9), (2, 6, 11), (3, 8, 14))
PROMPTS: Final = ("kawaii space cats and rockets", "forest animals", "food with faces")
COUNT: Final = 24
GAP_MM: Final = 3.0
TIGHTER_SECONDS: Final = 20.0


def main() -> int:
    if len(sys.argv) > 1:
        sys.stdout.write(json.dumps(PARTS[sys.argv[1]]()))
        return 0
    contours, pdf, png, placing, packed = (_part(name) for name in PARTS)
    ratio = placing["ours"] / max(placing["shelf"], placing["rectpack"])
    boxes = f"{placing['rectpack']:.1%} rectpack" if placing["rectpack"] else "rectpack is not installed"
    lines = [
        Line("contours", f"{1000 / contours['ms']:.0f} /s", "", f"median {contours['ms']:.0f} ms", "≤ 100 ms",
             contours["ms"] <= 100),
        Line(f"A4 with {pdf['placed']} stickers as PDF", f"{pdf['s']:.2f} s", "", f"{pdf['mb']:.0f} MB",
             "< 1.5 s, < 400 MB", pdf["s"] < 1.5 and pdf["mb"] < 400),
        Line(f"A4 with {png['placed']} stickers as PNG", f"{png['s']:.2f} s", "", f"{png['mb']:.0f} MB",
             "< 2 s, < 400 MB", png["s"] < 2 and png["mb"] < 400),
        Line("page use, nesting", f"{placing['ours']:.1%}", boxes, f"{ratio:.2f} ×",
             "≥ 1.15 ×", ratio >= 1.15),
        Line("  in", f"{placing['s']:.1f} s", f"{placing['shelf']:.1%} shelf", ""),
        Line("  nested tighter", f"{packed['use']:.1%}" if packed["use"] else "not installed",
             f"{packed['spyrrow']:.1%} spyrrow", f"{packed['s']:.0f} s"),
    ]  # fmt: skip
    sys.stdout.write(f"{table(lines)}\n\n{__doc__}")
    return int(any(line.reached is False for line in lines))


def _part(name: str) -> Any:
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command = (sys.executable, "-m", "tests.bench.printing", name)
    return json.loads(subprocess.run(command, check=True, env=environment, capture_output=True, timeout=600).stdout)


def contours() -> dict[str, float]:
    stickers = _stickers(0)
    times = []
    for sticker in stickers:
        begun = time.process_time()
        cut_contour(sticker.shape, sticker.border_mm)
        times.append(time.process_time() - begun)
    return {"ms": statistics.median(times) * 1000}


def pdf() -> dict[str, float]:
    return _written(write_pdf)


def png() -> dict[str, float]:
    return _written(lambda layout: write_png(layout, layout.pages[0]))


def _written(write: Callable[[Layout], bytes]) -> dict[str, float]:
    layout = lay_out([Item(sticker) for sticker in _stickers(0, size_mm=45)], PageOptions())
    begun = time.process_time()
    write(layout)
    seconds = time.process_time() - begun
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"s": seconds, "mb": peak_mb, "placed": len(layout.pages[0].placed)}


def placing() -> dict[str, float]:
    found: dict[str, list[float]] = {"ours": [], "shelf": [], "rectpack": [], "s": []}
    for index in range(len(SETS)):
        stickers = _stickers(index)
        begun = time.process_time()
        layout = lay_out([Item(sticker) for sticker in stickers], PageOptions())
        found["s"].append(time.process_time() - begun)
        found["ours"].append(layout.page_use_of(layout.pages[0]))
        found["shelf"].append(_use(stickers, _shelf(stickers)))
        found["rectpack"].append(_use(stickers, _rectpack(stickers)))
    return {name: statistics.mean(values) for name, values in found.items()}


def packed() -> dict[str, float]:
    if not spyrrow_nesting.is_available():
        return {"use": 0, "spyrrow": 0, "s": 0}
    uses, alone, seconds = [], [], 0.0
    for index in range(len(SETS)):
        stickers = _stickers(index)
        begun = time.monotonic()
        layout = spyrrow_nesting.lay_out_tighter(
            [Item(sticker) for sticker in stickers], PageOptions(), seconds=TIGHTER_SECONDS
        )
        seconds += time.monotonic() - begun
        uses.append(layout.page_use_of(layout.pages[0]))
        # What the engine itself fills in the same time, without the studio's own nesting to fall back on.
        placed, _ = spyrrow_nesting.fullest(stickers, PageOptions(), COUNT * 3 // 4, TIGHTER_SECONDS)
        alone.append(layout.page_use_of(Page(1, placed)))
    return {"use": statistics.mean(uses), "spyrrow": statistics.mean(alone), "s": seconds / len(SETS)}


PARTS: Final[dict[str, Callable[[], dict[str, float]]]] = {
    "contours": contours,
    "pdf": pdf,
    "png": png,
    "placing": placing,
    "packed": packed,
}


@cache
def _stickers(index: int, size_mm: float = 50) -> tuple[DieCut, ...]:
    sheets = tuple(zip(PROMPTS, SETS[index], strict=True))
    order = PrintOptions(size_mm=size_mm, as_drawn=True)  # `tests.bench.enlarger` measures what redrawing costs
    return tuple(die_cut(picture, order, name=name) for name, picture in cut_outs(COUNT, sheets))


def _use(stickers: tuple[DieCut, ...], placed: list[int]) -> float:
    live = PageOptions().live
    return sum(stickers[index].path.area_mm2 for index in placed) / (live.width_mm * live.height_mm)


def _shelf(stickers: tuple[DieCut, ...]) -> list[int]:
    """Rows of boxes that lie on their longer side, the highest first, each in the first row with room."""
    live = PageOptions().live
    sides = [sorted((sticker.width_mm, sticker.height_mm)) for sticker in stickers]
    rows: list[list[float]] = []
    used, placed = 0.0, []
    for index in sorted(range(len(stickers)), key=lambda index: -sides[index][0]):
        high, wide = sides[index]
        row = next((row for row in rows if row[1] + wide <= live.width_mm and high <= row[0]), None)
        if row is None:
            if used + high > live.height_mm:
                continue
            row = [high, 0.0]
            rows.append(row)
            used += high + GAP_MM
        row[1] += wide + GAP_MM
        placed.append(index)
    return placed


def _rectpack(stickers: tuple[DieCut, ...]) -> list[int]:
    if importlib.util.find_spec("rectpack") is None:
        return []
    rectpack = importlib.import_module("rectpack")
    live = PageOptions().live
    packer = rectpack.newPacker(rotation=True)
    packer.add_bin(round((live.width_mm + GAP_MM) * 100), round((live.height_mm + GAP_MM) * 100))
    for index, sticker in enumerate(stickers):
        wide, high = (int(np.ceil((side + GAP_MM) * 100)) for side in (sticker.width_mm, sticker.height_mm))
        packer.add_rect(wide, high, index)
    packer.pack()
    return [one[5] for one in packer.rect_list()]


if __name__ == "__main__":
    sys.exit(main())
