"""Run by Scribus: import a PDF, and say which spot colours it finds and how large the import is."""

import json
import sys
from pathlib import Path

import scribus

source, target = sys.argv[1:3]
scribus.newDocument((210, 297), (0, 0, 0, 0), scribus.PORTRAIT, 1, scribus.UNIT_MILLIMETERS, scribus.PAGE_1, 0, 1)
scribus.placeVectorFile(source, 0, 0)
names = scribus.getAllObjects()
group = names[0]
width, height = scribus.getSize(group)
spots = [name for name in scribus.getColorNames() if scribus.isSpotColor(name)]
said = {"box": [*scribus.getPosition(group), width, height], "spots": spots, "objects": len(names)}
Path(target).write_text(json.dumps(said))
