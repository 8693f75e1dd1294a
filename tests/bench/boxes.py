"""A print file as other tools make it: boxes by rectpack, an A4 PDF by reportlab. `print_jobs.py` runs it.

It prints as JSON how many pages and pictures there are. The pictures keep their own pixels.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import rectpack
from PIL import Image
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

A4_MM, MARGIN_MM, GAP_MM, SIZE_MM, BORDER_MM = (210, 297), 10, 3, 50, 2


def main() -> None:
    sides: dict[Path, tuple[float, float]] = {}
    packer = rectpack.newPacker(rotation=True)
    for path in sorted(Path(sys.argv[1]).glob("*.png")):
        with Image.open(path) as picture:
            scale = (SIZE_MM - 2 * BORDER_MM) / max(picture.size)
            sides[path] = picture.width * scale, picture.height * scale
        packer.add_rect(*(round((side + 2 * BORDER_MM + GAP_MM) * 100) for side in sides[path]), path)
    packer.add_bin(*(round((side - 2 * MARGIN_MM + GAP_MM) * 100) for side in A4_MM), count=50)
    packer.pack()
    with tempfile.NamedTemporaryFile(suffix=".pdf") as out:
        canvas = Canvas(out.name, pagesize=tuple(side * mm for side in A4_MM))
        for page in packer:
            for box in page:
                draw(canvas, box, sides[box.rid])
            canvas.showPage()
        canvas.save()
    sys.stdout.write(json.dumps({"pages": len(packer), "placed": len(packer.rect_list())}))


def draw(canvas: Canvas, box: rectpack.geometry.Rectangle, sides_mm: tuple[float, float]) -> None:
    """One picture in its box, with a rectangle as its cut line."""
    wide_mm, high_mm = sides_mm
    canvas.saveState()
    canvas.translate((MARGIN_MM + box.x / 100) * mm, (MARGIN_MM + box.y / 100) * mm)
    if round((wide_mm + 2 * BORDER_MM + GAP_MM) * 100) != box.width:
        canvas.translate((high_mm + 2 * BORDER_MM) * mm, 0)
        canvas.rotate(90)
    canvas.rect(0, 0, (wide_mm + 2 * BORDER_MM) * mm, (high_mm + 2 * BORDER_MM) * mm)
    canvas.drawImage(str(box.rid), BORDER_MM * mm, BORDER_MM * mm, wide_mm * mm, high_mm * mm, mask="auto")
    canvas.restoreState()


if __name__ == "__main__":
    main()
