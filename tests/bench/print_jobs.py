"""The bench of whole print jobs: `python -m tests.bench.print_jobs --against DIR` times `manage.py layout`.

24 and 200 distinct stickers of 50 mm become an A4 PDF, turned as the nesting likes and printed as drawn. The builds
take turns; figures are the least processor seconds of all rounds, of the process and its children, and the largest
peak of memory. Page use is the share of the pages' live area inside cut lines.

The last line compares with boxes: rectpack places the same 24 pictures, and reportlab writes them with a rectangle
around each. It needs both packages in the Python that `--boxes-python` names; without them it is left out, in words.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PIL import Image

from tests.bench.__main__ import Line, table
from tests.support.print_art import cut_outs
from tests.support.running_studio import ROOT

SHEETS: Final = tuple(
    (prompt, seed)
    for seed in range(20, 24)
    for prompt in ("kawaii space cats and rockets", "forest animals", "food with faces", "sea creatures")
)
COUNTS: Final = {24: 0.25, 200: 0.2}  # with the most processor time wanted, in shares of the build before
MOST_MEMORY: Final = 0.6
MOST_BOXES: Final = 2.0
BOXES: Final = Path(__file__).with_name("boxes.py")
SECONDS: Final = 3600


@dataclass(frozen=True)
class Ran:
    """One run: processor seconds, peak of memory, and the JSON that it printed."""

    seconds: float
    mb: float
    said: dict[str, Any]


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m tests.bench.print_jobs", description=__doc__)
    arguments.add_argument("--against", type=Path, required=True, metavar="DIR", help="a checkout of the build before")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--boxes-python", default=sys.executable, help="a Python with rectpack and reportlab")
    given = arguments.parse_args()
    lines = []
    with tempfile.TemporaryDirectory(prefix="sticker-studio-bench-") as name:
        for count, wanted in COUNTS.items():
            pictures = drawn(Path(name) / str(count), count)
            runs: dict[Path, list[Ran]] = {given.against.resolve(): [], ROOT: []}
            for _ in range(given.rounds):
                for checkout, found in runs.items():
                    found.append(layout(checkout, pictures))
            lines += compared(f"{count} stickers", *runs.values(), wanted=wanted)
            if count == min(COUNTS):
                lines.append(boxes(given.boxes_python, pictures, runs[ROOT], given.rounds))
    sys.stdout.write(f"{table(lines)}\n\n{__doc__}")
    return int(any(line.reached is False for line in lines))


def drawn(folder: Path, count: int) -> Path:
    """A folder with `count` pictures of the stand-in's artist, large and small ones."""
    folder.mkdir()
    every = cut_outs(200, SHEETS)
    for index, (name, picture) in enumerate(every[:: len(every) // count][:count]):
        Image.fromarray(picture).save(folder / f"{index:03}-{name}.png")
    return folder


def layout(checkout: Path, pictures: Path) -> Ran:
    own = checkout / ".venv/bin/python"
    python = str(own if own.exists() else sys.executable)
    options = subprocess.run(
        [python, "manage.py", "layout", "--help"], cwd=checkout, check=True, capture_output=True, text=True
    ).stdout
    switches = [switch for switch in ("--no-upright", "--as-drawn") if switch in options]
    with tempfile.TemporaryDirectory(prefix="sticker-studio-bench-") as out:
        return run([python, "manage.py", "layout", str(pictures), "--format", "pdf", "--size", "50mm", "--out", out,
                    *switches], checkout)  # fmt: skip


def run(command: list[str], folder: Path) -> Ran:
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, cwd=folder, stdout=said, stderr=subprocess.DEVNULL, env=os.environ)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{command} ended with {process.returncode}.")
        said.seek(0)
        return Ran(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, json.loads(said.read()))


def compared(what: str, before: list[Ran], now: list[Ran], *, wanted: float) -> list[Line]:
    seconds = [min(one.seconds for one in runs) for runs in (now, before)]
    memory = [max(one.mb for one in runs) for runs in (now, before)]
    said = [runs[0].said for runs in (now, before)]
    time, space = seconds[0] / seconds[1], memory[0] / memory[1]
    use = said[0]["page_use"] / said[1]["page_use"]
    return [
        Line(f"{what}, processor", f"{seconds[0]:.2f} s", f"{seconds[1]:.2f} s", f"{time:.2f} ×", f"≤ {wanted} ×",
             time <= wanted),
        Line("  memory", f"{memory[0]:.0f} MB", f"{memory[1]:.0f} MB", f"{space:.2f} ×", f"≤ {MOST_MEMORY} ×",
             space <= MOST_MEMORY),
        Line(f"  page use, {said[0]['pages']} and {said[1]['pages']} pages", f"{said[0]['page_use']:.1%}",
             f"{said[1]['page_use']:.1%}", f"{use:.2f} ×", "no more pages", said[0]["pages"] <= said[1]["pages"]),
    ]  # fmt: skip


def boxes(python: str, pictures: Path, now: list[Ran], rounds: int) -> Line:
    found = subprocess.run([python, "-c", "import rectpack, reportlab"], capture_output=True, check=False)
    if found.returncode:
        return Line("rectpack and reportlab", "", f"not installed in {python}", "")
    peers = [run([python, str(BOXES), str(pictures)], ROOT) for _ in range(rounds)]
    ours, theirs = (min(one.seconds for one in runs) for runs in (now, peers))
    ratio = ours / theirs
    what = f"rectpack and reportlab, {peers[0].said['pages']} pages"
    return Line(what, f"{ours:.2f} s", f"{theirs:.2f} s", f"{ratio:.2f} ×", f"≤ {MOST_BOXES} ×", ratio <= MOST_BOXES)


if __name__ == "__main__":
    sys.exit(main())
