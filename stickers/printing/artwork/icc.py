"""Build the sRGB profile that every print file embeds: ICC version 2, from the published primaries.

It is version 2, because RIPs in use still refuse or ignore version 4, which Pillow would make. It is built here and not
shipped as a file, so its licence is this project's own. The numbers are from IEC 61966-2-1, the layout from
ICC.1:2001-04 (version 2.4), and the adaptation to D50 is Bradford's, as ICC prescribes.
"""

from __future__ import annotations

import struct
from typing import Final

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]

# CIE xy of red, green, blue and white (D65) in IEC 61966-2-1; XYZ of ICC's connection space (D50).
_PRIMARIES_XY: Final = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
_WHITE_XY: Final = (0.3127, 0.3290)
_D50_XYZ: Final = (0.9642, 1.0, 0.8249)
_BRADFORD: Final = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))
_CURVE_POINTS: Final = 1024  # the usual table; linear steps between its points stay within 1/4 of an 8-bit level
_CREATED: Final = (2024, 1, 1, 0, 0, 0)  # fixed, so that equal orders give equal files


def _xyz(xy: tuple[float, float]) -> Matrix:
    x, y = xy
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _adaptation() -> Matrix:
    """The 3x3 matrix from XYZ under D65 to XYZ under D50, float64."""
    bradford = np.array(_BRADFORD)
    cones = (bradford @ np.array(_D50_XYZ)) / (bradford @ _xyz(_WHITE_XY))
    adapted: Matrix = np.linalg.inv(bradford) @ np.diag(cones) @ bradford
    return adapted


def _colorants() -> Matrix:
    """XYZ under D50 of full red, green and blue: 3x3 float64, one column per colour."""
    directions = np.stack([_xyz(xy) for xy in _PRIMARIES_XY], axis=1)
    amounts = np.linalg.solve(directions, _xyz(_WHITE_XY))
    adapted: Matrix = _adaptation() @ (directions * amounts)
    return adapted


def _fixed(values: Matrix) -> bytes:
    numbers = np.round(values.reshape(-1) * 65536).astype(int)
    return struct.pack(f">{numbers.size}i", *numbers.tolist())


def _curve() -> bytes:
    encoded = np.linspace(0, 1, _CURVE_POINTS)
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    levels = np.round(linear * 65535).astype(int).tolist()
    return struct.pack(f">4sII{_CURVE_POINTS}H", b"curv", 0, _CURVE_POINTS, *levels)


def _description(text: str) -> bytes:
    ascii_text = text.encode("ascii") + b"\0"
    # No Unicode and no Macintosh name: their lengths are 0, and the latter has a field of 67 bytes.
    return b"desc" + struct.pack(">II", 0, len(ascii_text)) + ascii_text + bytes(8 + 3 + 67)


def _build() -> bytes:
    red, green, blue = _colorants().T
    curve = _curve()
    tags = {
        b"desc": _description("sRGB IEC61966-2.1"),
        b"cprt": b"text" + bytes(4) + b"No copyright, use freely\0",
        b"wtpt": b"XYZ " + bytes(4) + _fixed(np.array(_D50_XYZ)),
        b"chad": b"sf32" + bytes(4) + _fixed(_adaptation()),
        b"rXYZ": b"XYZ " + bytes(4) + _fixed(red),
        b"gXYZ": b"XYZ " + bytes(4) + _fixed(green),
        b"bXYZ": b"XYZ " + bytes(4) + _fixed(blue),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    start = 128 + 4 + 12 * len(tags)
    placed: dict[bytes, int] = {}
    body = b""
    directory = struct.pack(">I", len(tags))
    for name, data in tags.items():
        if data not in placed:  # the three curves share one table
            placed[data] = start + len(body)
            body += data + bytes(-len(data) % 4)
        directory += struct.pack(">4sII", name, placed[data], len(data))
    header = struct.pack(
        ">I4sI4s4s4s6H4s",
        start + len(body),
        bytes(4),
        0x02400000,
        b"mntr",
        b"RGB ",
        b"XYZ ",
        *_CREATED,
        b"acsp",
    ).ljust(68, b"\0") + _fixed(np.array(_D50_XYZ))
    return header.ljust(128, b"\0") + directory + body


SRGB_V2: Final[bytes] = _build()
