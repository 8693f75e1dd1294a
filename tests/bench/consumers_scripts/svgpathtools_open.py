"""Read the SVG with svgpathtools."""

import json
import sys
from pathlib import Path

import svgpathtools

paths, attributes, about = svgpathtools.svg2paths2(str(Path(sys.argv[1]) / "page.svg"))
mm = 25.4 / 72  # its numbers are those of the view box, which are points
boxes = [[left * mm, top * mm, right * mm, bottom * mm] for left, right, top, bottom in (path.bbox() for path in paths)]
closed = "yes" if all(path.isclosed() for path in paths) else "no"
page = f"{about['width']} × {about['height']}"
said = {"file": "svg", "page": page, "count": len(paths), "closed": closed, "unit": "mm", "boxes": boxes}
sys.stdout.write(json.dumps([said]))
