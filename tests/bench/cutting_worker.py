"""Cuts the sheets that it is told, one after the other, with the engine of the folder it runs in.

It is a script, started with another checkout's folder as the working directory, so it may import nothing of this one.
Each line of standard input is the path of a picture, and each line of output is JSON about its cut: CPU milliseconds of
one thread and the peak of memory. The cut-outs go into a file beside the picture. Every sheet is cut in a fork, so that
a peak is the sheet's own.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from importlib import import_module
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, os.getcwd())  # noqa: PTH109  (the checkout to measure, not this file's)

from stickers.pictures.opening import open_image

ENGINE = import_module(sys.argv[1] if len(sys.argv) > 1 else "stickers.cutting")


def cut(path: Path) -> dict[str, float]:
    """Cut one picture, and store what came out."""
    image = open_image(path.read_bytes())
    started = time.process_time()
    cutouts = ENGINE.cut_sheet(image)
    spent = time.process_time() - started
    arrays = {f"alpha{number}": cutout.rgba[..., 3] for number, cutout in enumerate(cutouts)}
    boxes = np.array([cutout.box for cutout in cutouts], np.int64).reshape(-1, 4)
    confidence = np.array([cutout.confidence for cutout in cutouts], np.float64)
    reasons = np.array([cutout.reason for cutout in cutouts], np.str_)
    np.savez(path.with_suffix(".npz"), boxes=boxes, confidence=confidence, reasons=reasons, **arrays)
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"ms": 1000 * spent, "peak_mb": peak_kb / 1024}


def main() -> None:
    cv2.setNumThreads(1)
    for line in sys.stdin:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writer, json.dumps(cut(Path(line.rstrip("\n")))).encode())
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as answer:
            said = answer.read()
        _, status = os.waitpid(child, 0)
        sys.stdout.write((said if status == 0 and said else '{"failed": true}') + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
