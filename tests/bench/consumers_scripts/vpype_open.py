"""Read the SVG with vpype."""

import json
import sys
from pathlib import Path

import vpype

drawing = vpype.read_multilayer_svg(str(Path(sys.argv[1]) / "page.svg"), quantization=0.05)
mm = 25.4 / 96
lines = [line for layer in drawing.layers.values() for line in layer]
boxes = [[line.real.min() * mm, line.imag.min() * mm, line.real.max() * mm, line.imag.max() * mm] for line in lines]
closed = "yes" if all(abs(line[0] - line[-1]) < 0.1 for line in lines) else "no"
width, height = (side * mm for side in drawing.page_size)
names = [layer.metadata.get("vp_name", "") for layer in drawing.layers.values()]
said = {"file": "svg", "page": f"{width:.1f} × {height:.1f}", "count": len(lines), "closed": closed, "unit": "mm"}
sys.stdout.write(json.dumps([{**said, "spot": f"layer {', '.join(names)}", "boxes": boxes}]))
