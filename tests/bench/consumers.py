"""Open our print and cut files in the programs that people use: `python -m tests.bench.consumers`.

24 stickers on A4, grey so that the cut line is the only colour. Each program opens a file and says what it sees: the
page, the number of cut lines, whether they are closed, the unit and the spot colour. The last column is the largest
distance in mm between a box that it sees and the box of our cut line. It must be within 0.1 mm, or the table says why
it is not. What is not installed is said, too.

Python libraries are looked for in the Python of CONSUMERS_PYTHON, node's in the folder CONSUMERS_NODE, and the open
extension for Silhouettes in its folder CONSUMERS_SILHOUETTE. All other programs are looked for on the path.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
import svgelements
from PIL import Image
from shapely import LineString, Point

from stickers.printing.artwork.die_cut import die_cut
from stickers.printing.imposition.layout import Item, Layout, lay_out
from stickers.printing.imposition.pages import PageOptions
from stickers.printing.options import PrintOptions
from stickers.printing.writers.dxf import Dialect, write_dxf
from stickers.printing.writers.pdf import write_pdf
from stickers.printing.writers.svg import write_svg
from tests.support.print_art import cut_outs
from tests.support.print_checks import plates
from tests.support.print_outlines import dxf_shapes, read_dxf

MOST_MM: Final = 0.1
DPI: Final = 600
STROKE_MM: Final = 0.25 * 25.4 / 72
_LIBRECAD_LOW_MM: Final = 842 * 25.4 / 72 - 297  # its PDF has a page of whole points, and y counts from its foot
PATIENCE_S: Final = 240
_HERE: Final = Path(__file__).parent / "consumers_scripts"

Boxes = npt.NDArray[np.float64]  # left, top, right and bottom of each cut line in mm from the page's top left


class NotHereError(Exception):
    """The consumer is not installed; the message says what is missing."""


@dataclass(frozen=True)
class Seen:
    """What a consumer sees of a file. `boxes` are of single lines or one of all; `why` says why they may be off."""

    file: str
    page: str = ""
    count: int | None = None
    closed: str = ""
    unit: str = ""
    spot: str = ""
    boxes: Boxes = field(default_factory=lambda: np.empty((0, 4)))
    why: str = ""


@dataclass(frozen=True)
class Files:
    folder: Path
    layout: Layout

    def path(self, name: str) -> str:
        return str(self.folder / name)

    @property
    def boxes(self) -> Boxes:
        return np.array([one.path.bounds for one in self.layout.placed])


def made(folder: Path) -> Files:
    stickers = []
    for name, picture in cut_outs():
        grey = picture.copy()
        grey[..., :3] = np.uint8(picture[..., :3].mean(axis=2, keepdims=True))
        stickers.append(die_cut(grey, PrintOptions(size_mm=38), name=name))
    layout = lay_out([Item(sticker) for sticker in stickers], PageOptions())
    [page] = layout.pages
    (folder / "page.pdf").write_bytes(write_pdf(layout))
    (folder / "page.svg").write_bytes(write_svg(layout, page))
    (folder / "mm.dxf").write_bytes(write_dxf(layout, page, Dialect.R2000_MM))
    (folder / "inch.dxf").write_bytes(write_dxf(layout, page, Dialect.R12_INCH))
    return Files(folder, layout)


def ran(*command: str, cwd: Path | None = None, **environment: str) -> str:
    """What the program prints on both streams. Raises NotHereError if there is no such program."""
    if shutil.which(command[0]) is None:
        raise NotHereError(f"{command[0]} is not installed")
    env = os.environ | {"QT_QPA_PLATFORM": "offscreen"} | environment
    done = subprocess.run(
        command, capture_output=True, text=True, errors="replace", timeout=PATIENCE_S, check=False, cwd=cwd, env=env
    )
    if done.returncode not in {0, 3}:  # 3: qpdf warns
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {(done.stderr or done.stdout).strip()[-200:]}")
    return done.stdout + done.stderr


def version(*command: str) -> str:
    found = re.search(r"\d+(\.\d+)+", ran(*command))
    return found[0] if found else "?"


def coloured(picture: npt.NDArray[np.uint8], dpi: float = DPI) -> Boxes:
    """The boxes of the lines of colour in a grey picture (HxWx3), measured to the middle of their strokes."""
    wide = picture.astype(np.int16)
    return _lines((wide.max(axis=2) - wide.min(axis=2) > 60).astype(np.uint8), dpi)


def _lines(mask: npt.NDArray[np.uint8], dpi: float, stroke_mm: float = STROKE_MM) -> Boxes:
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    found = [stat[:4] for stat in stats[1:] if stat[2] > 100 and stat[3] > 100]
    boxes = np.array([[left, top, left + width, top + height] for left, top, width, height in found], np.float64)
    half = stroke_mm / 2
    return boxes.reshape(-1, 4) * 25.4 / dpi + (half, half, -half, -half)


def opened(path: Path) -> npt.NDArray[np.uint8]:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


# --- PDF -------------------------------------------------------------------------------------------------------------


def ghostscript(files: Files) -> list[Seen]:
    found = plates((files.folder / "page.pdf").read_bytes(), files.folder, dpi=DPI)
    spots = set(found) - {"Cyan", "Magenta", "Yellow", "Black"}
    boxes = _lines((found["CutContour"] < 128).astype(np.uint8), DPI)
    return [Seen("pdf", count=len(boxes), spot=", ".join(sorted(spots)), boxes=boxes)]


def poppler(files: Files) -> list[Seen]:
    info = ran("pdfinfo", files.path("page.pdf"))
    fonts = ran("pdffonts", files.path("page.pdf")).splitlines()[2:]
    ran("pdftoppm", "-r", str(DPI), "-singlefile", files.path("page.pdf"), files.path("poppler"))
    boxes = coloured(opened(files.folder / "poppler.ppm"))
    size = re.search(r"Page size: +([\d.]+) x ([\d.]+) pts", info)
    page = " × ".join(f"{float(side) * 25.4 / 72:.1f}" for side in size.groups()) if size else "?"
    return [Seen("pdf", page=page, count=len(boxes), spot=f"{len(fonts)} fonts to embed", boxes=boxes)]


def mupdf(files: Files) -> list[Seen]:
    ran("mutool", "draw", "-q", "-r", str(DPI), "-o", files.path("mupdf.png"), files.path("page.pdf"), "1")
    ran("mutool", "draw", "-q", "-r", str(DPI), "-o", files.path("mupdf-svg.png"), files.path("page.svg"), "1")
    seen = []
    for kind, name in (("pdf", "mupdf.png"), ("svg", "mupdf-svg.png")):
        boxes = coloured(opened(files.folder / name))
        seen.append(Seen(kind, count=len(boxes), boxes=boxes))
    return seen


def qpdf(files: Files) -> list[Seen]:
    said = ran("qpdf", "--check", files.path("page.pdf"))
    clean = "No syntax or stream encoding errors found" in said
    if not clean:
        raise RuntimeError(said.splitlines()[-1])
    return [Seen("pdf", page="clean", why="it measures nothing")]


def scribus(files: Files) -> list[Seen]:
    ran(
        "scribus",
        "-g",
        "-ns",
        "-py",
        str(_HERE / "scribus_open.py"),
        files.path("page.pdf"),
        files.path("scribus.json"),
    )
    said = json.loads((files.folder / "scribus.json").read_text())
    width, height = said["box"][2:]
    half = STROKE_MM / 2
    box = np.array([[half, half, width - half, height - half]])
    whole = _whole(files.boxes)
    box += np.tile(whole[0, :2] - box[0, :2], 2)  # it places what it imports where it was told to
    return [Seen("pdf", spot=", ".join(said["spots"]), boxes=box, why="")]


# --- SVG and DXF -----------------------------------------------------------------------------------------------------


def inkscape(files: Files) -> list[Seen]:
    seen = []
    said = ran("inkscape", "--query-all", files.path("page.svg"))
    [line] = [line for line in said.splitlines() if line.startswith("CutContour,")]
    left, top, width, height = (float(value) * 25.4 / 96 for value in line.split(",")[1:])
    half = STROKE_MM / 2
    box = np.array([[left + half, top + half, left + width - half, top + height - half]])
    count = sum(line.startswith("path") for line in said.splitlines())
    seen.append(Seen("svg", count=count, unit="mm", spot="layer CutContour", boxes=box))
    out = files.folder / "inkscape.svg"
    # its import needs a display
    ran("xvfb-run", "-a", "inkscape", files.path("page.pdf"), "--export-type=svg", f"--export-filename={out}")
    boxes = _svg_boxes(out)
    seen.append(Seen("pdf", count=len(boxes), boxes=boxes))
    # Inkscape asks how to scale a DXF, so its own importer is run with the answer.
    importer = "/usr/share/inkscape/extensions/dxf_input.py"
    for name, how in (("mm.dxf", "file"), ("inch.dxf", "file"), ("mm.dxf", "auto"), ("inch.dxf", "auto")):
        command = (_python("lxml"), importer, f"--scalemethod={how}", files.path(name))
        said = ran(*command, PYTHONPATH=str(Path(importer).parent))
        out.write_text(said[: said.index("</svg>") + 6])  # what follows are warnings
        boxes = _svg_boxes(out)
        seen.append(Seen(f"dxf {name[:-4]}, scaled by {how}", count=len(boxes), boxes=boxes))
    return seen


def _svg_boxes(path: Path) -> Boxes:
    """The boxes of the stroked shapes in an SVG, in mm."""
    found = []
    for shape in svgelements.SVG.parse(str(path)).elements():
        if isinstance(shape, svgelements.Shape) and shape.stroke.value is not None:
            box = shape.bbox()
            if box is not None and box[2] - box[0] > 10:
                found.append(box)
    return np.array(found).reshape(-1, 4) * 25.4 / 96


def ezdxf(files: Files) -> list[Seen]:
    seen = []
    for name, mm in (("mm.dxf", 1.0), ("inch.dxf", 25.4)):
        drawing = read_dxf((files.folder / name).read_bytes())
        shapes = dxf_shapes(drawing, files.layout, mm)
        unit = {4: "mm", None: "none"}[drawing.header.get("$INSUNITS")]
        closed = all(entity.is_closed for entity in drawing.modelspace())
        seen.append(
            Seen(
                f"dxf {name[:-4]}",
                page=f"{len(drawing.audit().errors)} errors",
                count=len(shapes),
                closed="yes" if closed else "no",
                unit=unit,
                spot=", ".join(sorted({f"layer {layer}" for layer, _ in shapes})),
                boxes=np.array([shape.bounds for _, shape in shapes]),
            )
        )
    return seen


def libreoffice(files: Files) -> list[Seen]:
    seen = []
    home = f"-env:UserInstallation=file://{files.folder}/office"
    for name in ("mm.dxf", "inch.dxf"):
        out = files.folder / name[:-4]
        ran("soffice", home, "--headless", "--convert-to", "pdf", "--outdir", str(out), files.path(name))
        ran("pdftoppm", "-r", str(DPI), "-singlefile", str(out / name.replace(".dxf", ".pdf")), str(out / "page"))
        boxes = _lines((opened(out / "page.ppm").min(axis=2) < 250).astype(np.uint8), DPI)
        why = "it places a DXF as a picture that fits its page, not at true size"
        seen.append(Seen(f"dxf {name[:-4]}", count=len(boxes), boxes=boxes, why=why))
    return seen


def librecad(files: Files) -> list[Seen]:
    seen = []
    for name in ("mm.dxf", "inch.dxf"):
        out = files.folder / f"{name[:-4]}.pdf"  # it writes beside the drawing, whatever it is told
        ran("librecad", "dxf2pdf", files.path(name))
        ran("pdftoppm", "-r", str(DPI), "-singlefile", str(out), str(out.with_suffix("")))
        inked = (opened(out.with_suffix(".ppm")).min(axis=2) < 160).astype(np.uint8)
        boxes = _lines(inked, DPI, 0) - (0, _LIBRECAD_LOW_MM, 0, _LIBRECAD_LOW_MM)  # lines without a width
        why = "R12 names no unit: LibreCAD takes an inch for a millimetre" if name == "inch.dxf" else ""
        seen.append(Seen(f"dxf {name[:-4]}", count=None if why else len(boxes), boxes=boxes, why=why))
    return seen


def resvg(files: Files) -> list[Seen]:
    ran("node", str(_HERE / "resvg_open.cjs"), str(_node("@resvg/resvg-js")), str(files.folder), str(DPI))
    boxes = coloured(opened(files.folder / "resvg.png"))
    return [Seen("svg", count=len(boxes), boxes=boxes)]


def _node(package: str) -> Path:
    """The folder of node's packages. Raises NotHereError if it has no such package."""
    folder = Path(os.environ.get("CONSUMERS_NODE", ".")).resolve()
    if not (folder / "node_modules" / package).is_dir():
        raise NotHereError(f"no {package} in the folder CONSUMERS_NODE")
    return folder


def by_node(script: str, needed: str) -> Callable[[Files], list[Seen]]:
    return lambda files: _told(ran("node", str(_HERE / script), str(_node(needed)), str(files.folder)))


def by_python(script: str, needed: str) -> Callable[[Files], list[Seen]]:
    def read(files: Files) -> list[Seen]:
        return _told(ran(_python(needed), str(_HERE / script), str(files.folder)))

    return read


def _python(needed: str) -> str:
    python = os.environ.get("CONSUMERS_PYTHON", sys.executable)
    if subprocess.run((python, "-c", f"import {needed}"), capture_output=True, check=False).returncode:
        raise NotHereError(f"no {needed} in the Python of CONSUMERS_PYTHON")
    return python


def _told(said: str) -> list[Seen]:
    """What a script printed as JSON on its last line."""
    lines = json.loads(said.strip().splitlines()[-1])
    return [Seen(**line | {"boxes": np.array(line.get("boxes", []), np.float64).reshape(-1, 4)}) for line in lines]


def silhouette(files: Files) -> list[Seen]:
    folder = _silhouette()
    log = files.folder / "silhouette.log"
    inkex = "/usr/share/inkscape/extensions"
    ran(
        *(_python("lxml"), str(Path(folder) / "sendto_silhouette.py"), "--dry_run=True", "--log_paths=False"),
        *(f"--cmdfile={log}", "--preview=False", files.path("page.svg")),
        PYTHONPATH=f"{inkex}:{folder}",
    )
    moves = re.findall(r"([MD])(-?[\d.]+),(-?[\d.]+)", log.read_text(errors="replace"))
    lines: list[list[tuple[float, float]]] = []
    for kind, down, across in moves:
        point = (float(across) / 20, float(down) / 20)
        if kind == "M":
            lines.append([point])
        elif lines:
            lines[-1].append(point)
    drawn = [np.array(line) for line in lines if len(line) > 10]
    boxes = np.array([[*line.min(axis=0), *line.max(axis=0)] for line in drawn]).reshape(-1, 4)
    # it cuts on a little past the start
    closed = all(LineString(line[:20]).distance(Point(line[-1])) < MOST_MM for line in drawn)
    return [Seen("svg", count=len(drawn), closed="yes" if closed else "no", unit="1/20 mm", boxes=boxes)]


@dataclass(frozen=True)
class Consumer:
    name: str
    version: Callable[[], str]
    read: Callable[[Files], list[Seen]]


def _of_program(*command: str) -> Callable[[], str]:
    return lambda: version(*command)


def _of_node(package: str) -> Callable[[], str]:
    return lambda: str(json.loads((_node(package) / "node_modules" / package / "package.json").read_text())["version"])


def _of_python(package: str) -> Callable[[], str]:
    code = f"import importlib.metadata as about; print(about.version({package!r}))"
    return lambda: ran(_python(package), "-c", code).strip()


def _of_silhouette() -> str:
    found = re.search(r"__version__ = ['\"](.+?)['\"]", Path(_silhouette(), "sendto_silhouette.py").read_text())
    return found[1] if found else "?"


def _silhouette() -> str:
    folder = os.environ.get("CONSUMERS_SILHOUETTE")
    if not folder:
        raise NotHereError("CONSUMERS_SILHOUETTE names no folder")
    return folder


CONSUMERS: Final = (
    Consumer("Ghostscript, separations", _of_program("gs", "--version"), ghostscript),
    Consumer("poppler", _of_program("pdfinfo", "-v"), poppler),
    Consumer("mupdf", _of_program("mutool", "-v"), mupdf),
    Consumer("qpdf", _of_program("qpdf", "--version"), qpdf),
    Consumer("pdf.js", _of_node("pdfjs-dist"), by_node("pdfjs_open.mjs", "pdfjs-dist")),
    Consumer("Inkscape", _of_program("inkscape", "--version"), inkscape),
    Consumer("Scribus", _of_program("scribus", "--version"), scribus),
    Consumer("LibreOffice Draw", _of_program("soffice", "--version"), libreoffice),
    Consumer("LibreCAD", lambda: "", librecad),
    Consumer("ezdxf", _of_python("ezdxf"), ezdxf),
    Consumer("dxf-parser (npm)", _of_node("dxf-parser"), by_node("dxf_parser_open.cjs", "dxf-parser")),
    Consumer("dxf (npm)", _of_node("dxf"), by_node("dxf_open.cjs", "dxf")),
    Consumer("svgpathtools", _of_python("svgpathtools"), by_python("svgpathtools_open.py", "svgpathtools")),
    Consumer("vpype", _of_python("vpype"), by_python("vpype_open.py", "vpype")),
    Consumer("resvg (npm)", _of_node("@resvg/resvg-js"), resvg),
    Consumer("inkscape-silhouette, dry run", _of_silhouette, silhouette),
)


def _whole(boxes: Boxes) -> Boxes:
    return np.array([[*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)]])


def worst_mm(seen: Boxes, wanted: Boxes) -> float | None:
    """The largest distance between a side that was seen and the same side of the nearest of ours."""
    if not len(seen):
        return None
    if len(seen) == 1:
        wanted = _whole(wanted)
    away = np.abs(seen[:, None, :] - wanted[None, :, :]).max(axis=2)
    return float(away.min(axis=1).max())


def rows(consumer: Consumer, files: Files) -> tuple[list[Sequence[str]], bool]:
    """The rows of a consumer, and whether all is as it should be."""
    try:
        number, seen = consumer.version(), consumer.read(files)
    except NotHereError as missing:
        return [(consumer.name, "", f"not tried: {missing}")], True
    except (RuntimeError, subprocess.TimeoutExpired, ValueError, KeyError, OSError) as error:
        return [(consumer.name, "", f"failed: {str(error)[:160]}")], False
    found: list[Sequence[str]] = []
    good = True
    for one in seen:
        away = worst_mm(one.boxes, files.boxes)
        is_whole = one.count in {None, len(files.boxes)} and one.closed != "no"
        is_right = is_whole and away is not None and away <= MOST_MM
        # A reason excuses where the lines lie, never that some are missing or open.
        good &= is_right or (is_whole and bool(one.why))
        said = "" if away is None else f"{away:.3f}"
        count = "" if one.count is None else str(one.count)
        verdict = "right" if is_right else (one.why if is_whole else "") or "WRONG"
        found.append((consumer.name, number, one.file, one.page, count, one.closed, one.unit, one.spot, said, verdict))
    return found, good


def main() -> int:
    titles = (
        "consumer",
        "version",
        "file",
        "page",
        "lines",
        "closed",
        "unit",
        "spot, layer, fonts",
        "worst mm",
        "verdict",
    )
    sys.stdout.write(f"| {' | '.join(titles)} |\n|{'---|' * len(titles)}\n")
    good = True
    wanted = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="consumers-") as folder:
        files = made(Path(folder))
        for consumer in CONSUMERS:
            if wanted and not any(word.casefold() in consumer.name.casefold() for word in wanted):
                continue
            lines, is_good = rows(consumer, files)
            good &= is_good
            for line in lines:
                cells = [*line, *[""] * (len(titles) - len(line))]
                sys.stdout.write(f"| {' | '.join(cells)} |\n")
            sys.stdout.flush()
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
