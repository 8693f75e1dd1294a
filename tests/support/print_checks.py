"""Read print files back as a shop's preflight would. None of this uses the code that wrote them."""

from __future__ import annotations

import io
import math
import struct
import subprocess
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pikepdf
from PIL import Image
from shapely import Polygon

from tests.support.print_art import program

MM_PER_POINT = 25.4 / 72


@dataclass
class Stroke:
    """One stroked path: its points in mm from the top left of the page, and how it is stroked."""

    curves: list[npt.NDArray[np.float64]]
    closed: bool
    ink: str
    tint: float
    width_pt: float
    overprint: bool
    layer: str

    def polygon(self) -> Polygon:
        times = np.linspace(0, 1, 17)[:-1, None]
        points = [
            (1 - times) ** 3 * a + 3 * (1 - times) ** 2 * times * b + 3 * (1 - times) * times**2 * c + times**3 * d
            for a, b, c, d in self.curves
        ]
        return Polygon(np.concatenate(points))


@dataclass
class Picture:
    """One placed picture: its box in mm from the top left, its resolution there, its colour space."""

    box_mm: tuple[float, float, float, float]
    ppi: float
    space: str
    clipped: bool


@dataclass
class PdfPage:
    width_mm: float
    height_mm: float
    strokes: list[Stroke] = field(default_factory=list)
    fills: list[tuple[str, str]] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    inks: dict[str, str] = field(default_factory=dict)
    off: set[str] = field(default_factory=set)


def read_pdf(data: bytes) -> list[PdfPage]:
    """What is on each page, found by walking its operators."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        off = _hidden_layers(pdf)
        return [_read_page(page, off) for page in pdf.pages]


def _hidden_layers(pdf: pikepdf.Pdf) -> set[str]:
    """Layers that a viewer hides or a printer leaves out."""
    properties = pdf.Root.get("/OCProperties")
    if properties is None:
        return set()
    shown = {str(layer.Name) for layer in properties.D.get("/ON", [])}
    hidden = {str(layer.Name) for layer in properties.D.get("/OFF", [])}
    for layer in properties.OCGs:
        usage = layer.get("/Usage", {})
        if usage.get("/Print", {}).get("/PrintState") != "/ON" or usage.get("/View", {}).get("/ViewState") != "/ON":
            hidden.add(str(layer.Name))
        if str(layer.Name) not in shown:
            hidden.add(str(layer.Name))
    return hidden


def _read_page(page: Any, off: set[str]) -> PdfPage:
    left, low, right, high = map(float, page.mediabox)
    read = PdfPage((right - left) * MM_PER_POINT, (high - low) * MM_PER_POINT, off=off)
    resources = page.Resources
    matrix = np.eye(3)
    state: dict[str, Any] = {"stroke": ("gray", 1.0), "fill": ("gray", 1.0), "width": 1.0, "overprint": False}
    stack: list[tuple[np.ndarray, dict[str, Any]]] = []
    layers: list[str] = []
    curves: list[np.ndarray] = []
    at = np.zeros(2)
    closed = False

    clips = 0

    def mm(x: float, y: float) -> np.ndarray:
        there = np.array([x, y, 1.0]) @ matrix
        return np.array([(there[0] - left) * MM_PER_POINT, (high - there[1]) * MM_PER_POINT])

    def ink(name: str) -> str:
        space = resources.get("/ColorSpace", {}).get(name)
        if space is not None and space[0] == "/Separation":
            read.inks[str(space[1])[1:]] = str(space[2])
            return str(space[1])[1:]
        return str(name)

    for operands, operator in pikepdf.parse_content_stream(page):
        values = list(operands)
        match str(operator):
            case "q":
                stack.append((matrix.copy(), dict(state) | {"clips": clips}))
            case "Q":
                matrix, state = stack.pop()
                clips = state["clips"]
            case "cm":
                a, b, c, d, e, f = map(float, values)
                matrix = np.array([[a, b, 0], [c, d, 0], [e, f, 1]]) @ matrix
            case "BDC":
                layers.append(str(resources.Properties[values[1]].Name) if values[0] == "/OC" else "")
            case "EMC":
                layers.pop()
            case "gs":
                change = resources.ExtGState[values[0]]
                state["overprint"] = bool(change.get("/OP", False)) and int(change.get("/OPM", 0)) == 1
            case "CS":
                state["stroke"] = (ink(str(values[0])), 1.0)
            case "cs":
                state["fill"] = (ink(str(values[0])), 1.0)
            case "SCN":
                state["stroke"] = (state["stroke"][0], float(values[0]))
            case "scn":
                state["fill"] = (state["fill"][0], float(values[0]))
            case "G" | "K":
                state["stroke"] = (str(operator), 1.0)
            case "g" | "k":
                state["fill"] = (str(operator), 1.0)
            case "w":
                state["width"] = float(values[0])
            case "m":
                at, curves, closed = mm(*map(float, values)), [], False
            case "c":
                points = [mm(float(values[i]), float(values[i + 1])) for i in (0, 2, 4)]
                curves.append(np.array([at, *points]))
                at = points[-1]
            case "l":
                end = mm(*map(float, values))
                curves.append(np.array([at, at + (end - at) / 3, at + (end - at) * 2 / 3, end]))
                at = end
            case "h":
                closed = True
            case "S":
                name, tint = state["stroke"]
                layer = layers[-1] if layers else ""
                read.strokes.append(Stroke(curves, closed, name, tint, state["width"], state["overprint"], layer))
            case "f" | "f*":
                read.fills.append((state["fill"][0], layers[-1] if layers else ""))
            case "W" | "W*":
                clips += int(closed)
            case "Do":
                placed = _placed(resources.XObject[values[0]], matrix, mm)
                placed.clipped = placed.clipped or clips > 0
                read.pictures.append(placed)
            case _:
                pass
    return read


def _placed(picture: Any, matrix: np.ndarray, mm: Any) -> Picture:
    corners = np.array([mm(x, y) for x, y in ((0, 0), (1, 0), (0, 1), (1, 1))])
    across, upward = np.hypot(*(corners[1] - corners[0])), np.hypot(*(corners[2] - corners[0]))
    ppi = min(int(picture.Width) / across, int(picture.Height) / upward) * 25.4
    space = picture.ColorSpace
    name = str(space[0]) if isinstance(space, pikepdf.Array) else str(space)
    low, high = corners.min(axis=0), corners.max(axis=0)
    return Picture((low[0], low[1], high[0], high[1]), float(ppi), name, "/SMask" in picture)


def pdf_faults(
    data: bytes,
    *,
    size_mm: tuple[float, float],
    counts: list[int],
    spot: str = "CutContour",
    dpi: int = 300,
    gap_mm: float = 3,
) -> list[str]:
    """What a shop would refuse: a wrong page, lines that no knife can follow or too near, pictures too coarse."""
    found = []
    pages = read_pdf(data)
    if len(pages) != len(counts):
        found.append("pages")
    for page, count in zip(pages, counts, strict=False):
        if max(abs(page.width_mm - size_mm[0]), abs(page.height_mm - size_mm[1])) > 0.1:
            found.append("page size")
        lines = [stroke for stroke in page.strokes if stroke.ink == spot]
        if len(lines) != count:
            found.append("count")
        for line in lines:
            if not line.closed or np.abs(line.curves[0][0] - line.curves[-1][3]).max() > 0.001:
                found.append("open")
            if line.tint != 1:
                found.append("tint")
            if not 0.05 <= line.width_pt <= 1:
                found.append("stroke")
            if not line.overprint:
                found.append("knockout")
            if line.layer != spot or spot in page.off:
                found.append("layer")
        if any(spot in fill for fill in page.fills):
            found.append("fill")
        if set(page.inks) - {spot} and counts:
            found.append("other spot")
        if page.inks.get(spot, "/DeviceCMYK") != "/DeviceCMYK":
            found.append("alternate")
        shapes = [line.polygon() for line in lines]
        for index, shape in enumerate(shapes):
            if any(shape.distance(other) < gap_mm - 0.03 for other in shapes[:index]):
                found.append("too near")
            left, top, right, bottom = shape.bounds
            if min(left, top) < 0 or right > page.width_mm or bottom > page.height_mm:
                found.append("off the page")
            middle = shape.envelope.centroid
            boxes = [np.array(one.box_mm) for one in page.pictures]
            away = [math.hypot((b[0] + b[2]) / 2 - middle.x, (b[1] + b[3]) / 2 - middle.y) for b in boxes]
            if boxes and min(away) > 0.3:
                found.append("apart from its picture")
        for picture in page.pictures:
            if picture.ppi < dpi - 0.5:
                found.append("coarse")
            if picture.space != "/ICCBased":
                found.append("profile")
            if not picture.clipped:
                found.append("unclipped")
    return found


def plates(data: bytes, folder: Path, dpi: int = 100) -> dict[str, npt.NDArray[np.uint8]]:
    """The plates of the first page as Ghostscript's separation device makes them: HxW uint8, 255 without ink."""
    source = folder / "plates.pdf"
    source.write_bytes(data)
    for old in folder.glob("plate*.tif"):
        old.unlink()
    command = (
        program("gs"),
        "-q",
        "-dNOPAUSE",
        "-dBATCH",
        "-dSAFER",
        "-dLastPage=1",
        "-dMaxBitmap=0",  # version 10.0 loses spot plates of small pages that it holds whole in memory
        "-sDEVICE=tiffsep",
        f"-r{dpi}",
        f"-sOutputFile={folder}/plate.tif",
        str(source),
    )
    subprocess.run(command, check=True, timeout=120)
    found = {}
    for path in folder.glob("plate*(*).tif"):
        with Image.open(path) as picture:
            found[path.name.partition("(")[2].removesuffix(").tif")] = np.asarray(picture.convert("L"))
    return found


def rendered(data: bytes, folder: Path, dpi: int) -> npt.NDArray[np.uint8]:
    """The first page as poppler shows it: HxWx3 uint8."""
    source = folder / "rendered.pdf"
    source.write_bytes(data)
    command = (program("pdftoppm"), "-r", str(dpi), "-f", "1", "-l", "1", "-singlefile", str(source), f"{folder}/shown")
    subprocess.run(command, check=True, timeout=120)
    with Image.open(folder / "shown.ppm") as picture:
        return np.asarray(picture.convert("RGB"))


def changed(data: bytes, change: Any) -> bytes:
    """A mutant: the file, opened and changed by `change`."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        change(pdf)
        file = io.BytesIO()
        pdf.save(file)
        return file.getvalue()


def with_content(data: bytes, change: Any) -> bytes:
    """A mutant: the file with the first page's operators changed by `change`."""

    def rewrite(pdf: pikepdf.Pdf) -> None:
        page = pdf.pages[0]
        page.Contents = pdf.make_stream(change(page.Contents.read_bytes()))

    return changed(data, rewrite)


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Name and content of every chunk of a PNG."""
    found, at = [], 8
    while at < len(data):
        length = struct.unpack(">I", data[at : at + 4])[0]
        found.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


def joined(parts: list[tuple[bytes, bytes]]) -> bytes:
    """A PNG of these chunks."""
    body = b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in parts
    )
    return b"\x89PNG\r\n\x1a\n" + body
