"""Make the little pictures of the style presets: `python -m stickers.sandbox.preset_pictures static/presets`.

The stand-in's artist draws the same words in each preset's style. The picture shows the largest cat on that sheet with
its surroundings, scaled down, as WebP. Run it again when a preset's words or the artist change.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from stickers.recipes.presets import PRESETS, Preset
from stickers.sandbox.artist import draw_sheet

_SIZE_PX: Final = (192, 128)  # twice the size at which it is shown
_SUBJECT: Final = "cat, strawberry, mushroom, no text"
_SHEET_PX: Final = 640
_SEED: Final = 9
_MARGIN: Final = 1.12  # the shown part is this much larger than the cat


def picture(preset: Preset) -> Image.Image:
    """The preset's picture, RGB."""
    prompt = f"{_SUBJECT}, {preset.prompt_suffix}"
    drawing = draw_sheet(prompt, seed=_SEED, width_px=_SHEET_PX, height_px=_SHEET_PX)
    cats = [label for label, name in enumerate(drawing.names, 1) if name in {"cat", "calico"}]
    largest = max(cats, key=lambda label: np.count_nonzero(drawing.labels == label))
    rows, columns = np.nonzero(drawing.labels == largest)
    high = float(np.ptp(rows)) * _MARGIN
    wide = max(high * _SIZE_PX[0] / _SIZE_PX[1], float(np.ptp(columns)) * _MARGIN)
    high = wide * _SIZE_PX[1] / _SIZE_PX[0]
    left = min(max(float(columns.min() + columns.max() - wide) / 2, 0), _SHEET_PX - wide)
    top = min(max(float(rows.min() + rows.max() - high) / 2, 0), _SHEET_PX - high)
    box = (left, top, left + wide, top + high)
    return drawing.image.resize(_SIZE_PX, Image.Resampling.LANCZOS, box=box)


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw the pictures of the style presets.")
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for preset in PRESETS:
        picture(preset).save(folder / Path(preset.picture).name, "WEBP", quality=82, method=6)


if __name__ == "__main__":
    main()
