"""Redraw art at four times its pixels, by a small net of the studio's own, so that its edges are sharp in print.

The net is `enlarger.onnx`, trained by `tests/fitting/enlarger` on openly licensed art (see `enlarger-NOTICE.txt`). Its
large picture is the small one with every pixel repeated 4 x 4 times, plus what the net adds to each of these 48 values
(Du et al. 2021, "Anchor-based plain net for mobile image super-resolution"). It brings back edges and flat colour. It
brings back nothing that is smaller than a pixel of the source.
"""

from __future__ import annotations

import hashlib
import threading
from functools import cache
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from stickers.pictures.recent import Recent

Bytes = npt.NDArray[np.uint8]

SCALE: Final = 4
TILE_PX: Final = 256  # a tile needs 60 MB while it is worked out
SEEN_PX: Final = 16  # the net sees 15 px around a pixel; tiles begin at even pixels, where its half resolution begins
KEPT_BYTES: Final = 32_000_000  # in one process: some sixty stickers of a generated sheet, as PNG
_NET: Final = Path(__file__).with_name("enlarger.onnx")

_kept: Final = Recent[tuple[str, tuple[int, ...], bytes], Bytes](KEPT_BYTES, lambda png: png.nbytes)
_one_at_a_time: Final = threading.Lock()  # a net of OpenCV keeps its input between two calls


def redrawn(rgb: Bytes) -> Bytes:
    """`rgb` (uint8 HxWx3, sRGB) at 4 times its size: uint8 4Hx4Wx3. Equal pictures are worked out once."""
    key = version(), rgb.shape, hashlib.sha256(rgb.tobytes()).digest()
    # A PNG has a tenth of the bytes, and is read in a tenth of the time that the net takes.
    png = _kept.get(key, lambda: _encoded(enlarged(rgb)))
    return np.ascontiguousarray(np.asarray(cv2.imdecode(png, cv2.IMREAD_COLOR), np.uint8)[..., ::-1])


def enlarged(rgb: Bytes, *, tile_px: int = TILE_PX) -> Bytes:
    """What the net makes of `rgb` (uint8 HxWx3): uint8 4Hx4Wx3, the same for every even `tile_px`."""
    height, width = rgb.shape[:2]
    around = ((SEEN_PX, SEEN_PX + height % 2), (SEEN_PX, SEEN_PX + width % 2), (0, 0))
    padded = np.pad(rgb, around, mode="edge")
    large = np.empty((SCALE * height, SCALE * width, 3), np.uint8)
    for top in range(0, height, tile_px):
        for left in range(0, width, tile_px):
            rows, columns = min(tile_px, height - top), min(tile_px, width - left)
            tile = padded[top : top + rows + rows % 2 + 2 * SEEN_PX, left : left + columns + columns % 2 + 2 * SEEN_PX]
            place = np.s_[SCALE * top : SCALE * (top + rows), SCALE * left : SCALE * (left + columns)]
            large[place] = _tile(tile)[: SCALE * rows, : SCALE * columns]
    return large


def version() -> str:
    """The name of the net in manifests: it changes with every weight."""
    return f"enlarger-{hashlib.sha256(_weights()).hexdigest()[:12]}"


def forget() -> None:
    """Forget the pictures that are kept for the next file."""
    _kept.clear()


def _tile(small: Bytes) -> Bytes:
    """The inner part of `small` (even height and width, SEEN_PX around it) at 4 times its size."""
    inner = np.s_[SEEN_PX:-SEEN_PX, SEEN_PX:-SEEN_PX]
    planes = small.transpose(2, 0, 1).astype(np.float32)
    with _one_at_a_time:
        net = _net()
        net.setInput(planes[np.newaxis] / np.float32(255))
        values = net.forward()[(0, slice(None), *inner)] * np.float32(255)
    values.reshape(3, SCALE * SCALE, *values.shape[1:])[...] += planes[(slice(None), *inner)][:, np.newaxis]
    np.rint(values, out=values)
    np.clip(values, 0, 255, out=values)
    return _shuffled(values.astype(np.uint8))


def _shuffled(planes: Bytes) -> Bytes:
    """48 planes HxW in the order colour, row, column as 4Hx4Wx3. OpenCV 4.10 runs ONNX's own shuffle at one size only.

    OpenCV's merges are five times as fast as a transpose of single bytes.
    """
    _, height, width = planes.shape
    large = np.empty((3, height, SCALE, width * SCALE), np.uint8)
    for place, row in enumerate(planes.reshape(3 * SCALE, SCALE, height, width)):
        large[place // SCALE, :, place % SCALE] = cv2.merge(list(row)).reshape(height, width * SCALE)
    return np.asarray(cv2.merge(list(large.reshape(3, height * SCALE, width * SCALE))), np.uint8)


def _encoded(rgb: Bytes) -> Bytes:
    done, png = cv2.imencode(".png", rgb[..., ::-1], (cv2.IMWRITE_PNG_COMPRESSION, 1))
    if not done:
        raise ValueError("A redrawn picture could not be kept as PNG.")
    return np.asarray(png, np.uint8)


@cache
def _weights() -> bytes:
    return _NET.read_bytes()


@cache
def _net() -> Any:
    return cv2.dnn.readNetFromONNX(np.frombuffer(_weights(), np.uint8))
