"""Draw one PDF page in the page description's operators. Lengths come in as mm from the top left."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import shapely

from stickers.printing.geometry.curves import CutPath, Loop, turn
from stickers.printing.geometry.lengths import MM_PER_INCH
from stickers.printing.imposition.pages import Box, PageSize
from stickers.printing.writers import typeface

POINTS_PER_MM: Final = 72 / MM_PER_INCH
OVERPRINT: Final = "/Overprint"
FONT: Final = "/Words"

_NOTE_PT: Final = 6.0
_FOOT_MM: Final = 4.0  # of the note above the page's foot, within reach of home printers

__all__ = ["FONT", "OVERPRINT", "POINTS_PER_MM", "Content", "resource_name", "turn"]


def resource_name(name: str) -> str:
    """The name of an ink or a layer in a page's resources, whatever characters it has."""
    return "/R" + re.sub(r"[^A-Za-z0-9]", lambda sign: f"_{ord(sign[0]):x}", name)


class Content:
    """The operators of one page."""

    def __init__(self, size: PageSize) -> None:
        self._size = size
        self._lines: list[str] = []

    def bytes(self) -> bytes:
        return "\n".join(self._lines).encode("cp1252", errors="replace")

    @contextmanager
    def layer(self, name: str) -> Iterator[None]:
        self._lines.append(f"/OC {resource_name(name)} BDC q")
        yield
        self._lines.append("Q EMC")

    @contextmanager
    def overprinting(self) -> Iterator[None]:
        self._lines.append(f"q {OVERPRINT} gs")
        yield
        self._lines.append("Q")

    def picture(self, name: str, matrix: Sequence[float], clip: CutPath | shapely.Geometry) -> None:
        """Draw a picture, visible only inside `clip`.

        `matrix`: the picture's vector across, its vector upwards and its corner, in mm with y downwards.
        """
        self._lines.append("q")
        if isinstance(clip, CutPath):
            for loop in clip.loops:
                self._trace(loop)
        else:
            self._outline(clip)
        self._lines.append("W* n")
        a, b, c, d = (value * POINTS_PER_MM * sign for value, sign in zip(matrix[:4], (1, -1, 1, -1), strict=True))
        self._lines.append(f"{_numbers(a, b, c, d)} {self._point(*matrix[4:])} cm /{name} Do Q")

    def stroke_ink(self, name: str, tint: float, width_pt: float) -> None:
        self._lines.append(f"{resource_name(name)} CS {_numbers(tint)} SCN {_numbers(width_pt)} w 1 j 1 J")

    def fill_ink(self, name: str, tint: float) -> None:
        self._lines.append(f"{resource_name(name)} cs {_numbers(tint)} scn")

    def stroke(self, loop: Loop) -> None:
        """Stroke one closed path, centred on its line."""
        self._trace(loop)
        self._lines.append("S")

    def _trace(self, loop: Loop) -> None:
        points = loop.curves * (POINTS_PER_MM, -POINTS_PER_MM) + (0, self._size.height_mm * POINTS_PER_MM)
        self._lines.append(f"{_numbers(*points[0, 0].tolist())} m")
        self._lines += [f"{_numbers(*curve)} c" for curve in points[:, 1:].reshape(-1, 6).tolist()]
        self._lines.append("h")

    def fill(self, shape: shapely.Geometry) -> None:
        """Fill a polygon or several, without their holes."""
        self._outline(shape)
        self._lines.append("f*")

    def _outline(self, shape: shapely.Geometry) -> None:
        for polygon in shapely.get_parts(shape):
            for ring in (polygon.exterior, *polygon.interiors):
                points = shapely.get_coordinates(ring.simplify(0.005))
                self._lines.append(f"{self._point(*points[0])} m")
                self._lines += [f"{self._point(*point)} l" for point in points[1:-1]]
                self._lines.append("h")

    def black_boxes(self, boxes: Iterable[Box]) -> None:
        self._lines.append("0 g")
        for box in boxes:
            corner = self._point(box.left_mm, box.bottom_mm)
            self._lines.append(f"{corner} {_numbers(box.width_mm * POINTS_PER_MM, box.height_mm * POINTS_PER_MM)} re f")

    def lines(self, ends: Iterable[tuple[float, float, float, float]], width_mm: float) -> None:
        """Draw black lines: x, y, x, y each."""
        self._lines.append(f"0 G {_numbers(width_mm * POINTS_PER_MM)} w 0 J")
        self._lines += [f"{self._point(x, y)} m {self._point(u, v)} l S" for x, y, u, v in ends]

    def words(self, text: str, x_mm: float, y_mm: float, height_pt: float) -> None:
        safe = re.sub(r"([\\()])", r"\\\1", text)
        self._lines.append(f"BT 0 g {FONT} {_numbers(height_pt)} Tf {self._point(x_mm, y_mm)} Td ({safe}) Tj ET")

    def foot_note(self, text: str) -> None:
        room_pt = (self._size.width_mm - 2 * _FOOT_MM) * POINTS_PER_MM
        height_pt = min(_NOTE_PT, room_pt * typeface.PER_EM / typeface.width(text))  # smaller words on a narrow page
        self.words(text, _FOOT_MM, self._size.height_mm - _FOOT_MM, height_pt)

    def _point(self, x_mm: float, y_mm: float) -> str:
        return _numbers(x_mm * POINTS_PER_MM, (self._size.height_mm - y_mm) * POINTS_PER_MM)


def _numbers(*values: float) -> str:
    # Four places are a thirtieth of a micrometre. There are no exponents, which PDF does not know.
    return " ".join(f"{value:.4f}".rstrip("0").rstrip(".") for value in values)
