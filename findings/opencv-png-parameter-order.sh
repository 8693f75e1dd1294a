#!/bin/sh
# opencv-python-headless 5.0.0.93: the order of the parameters of a PNG decides how it is packed.
#
# imencode and imwrite take a flat list of parameters and their values, and each names one thing. Yet a compression level
# sets the strategy back to its default, so a strategy that stands before the level is lost, without a word. The picture
# is the same to the pixel; only its size and the time for it differ. The filter is not lost either way.
# Seen, 400 x 400 px, level 1, run-length strategy, Paeth filter:
#   level before strategy:  267236 bytes
#   strategy before level:  299663 bytes
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check opencv-python-headless==5.0.0.93 numpy==2.3.5
"$folder/venv/bin/python" - <<'PYTHON'
from itertools import permutations

import cv2
import numpy as np

small = np.random.default_rng(0).integers(0, 255, (40, 40, 3), np.uint8)
picture = cv2.resize(small, (400, 400), interpolation=cv2.INTER_CUBIC)
given = {
    "level": (cv2.IMWRITE_PNG_COMPRESSION, 1),
    "strategy": (cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE),
    "filter": (cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_PAETH),
}
print("OpenCV", cv2.__version__)
sizes = {}
for order in permutations(given):
    data = cv2.imencode(".png", picture, [number for name in order for number in given[name]])[1]
    assert np.array_equal(cv2.imdecode(data, cv2.IMREAD_COLOR), picture)
    sizes[order] = len(data)
    print(" ".join(order), len(data), "bytes")
first = {size for order, size in sizes.items() if order.index("level") < order.index("strategy")}
last = {size for order, size in sizes.items() if order.index("level") > order.index("strategy")}
assert len(first) == len(last) == 1, sizes
assert min(last) > 1.1 * max(first), sizes
PYTHON
