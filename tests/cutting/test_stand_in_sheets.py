"""Tests the segmentation on the stand-in's own sheets: it finds every drawn sticker, and little else."""

from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from stickers.cutting import cut_sheet
from stickers.pictures.opening import open_image
from stickers.recipes.presets import PRESETS
from stickers.sandbox.artist import Drawing, draw_sheet, jpeg

SUBJECTS = ("happy cats", "space rockets", "forest animals", "bakery treats", "ocean party", "love hearts", "dinosaurs")
STYLES = ("", *(preset.prompt_suffix for preset in PRESETS))


def overlaps(drawing: Drawing) -> NDArray[np.float64]:
    """How well each cut-out (rows) covers each drawn sticker (columns): intersection over union."""
    height, width = drawing.labels.shape
    count = int(drawing.labels.max())
    areas = np.bincount(drawing.labels.ravel(), minlength=count + 1)
    rows = []
    for cutout in cut_sheet(open_image(jpeg(drawing))):
        x, y, w, h = cutout.box
        seen = np.zeros((height, width), bool)
        top, left, bottom, right = max(y, 0), max(x, 0), min(y + h, height), min(x + w, width)
        seen[top:bottom, left:right] = cutout.rgba[top - y : bottom - y, left - x : right - x, 3] >= 128
        common = np.bincount(drawing.labels[seen], minlength=count + 1)
        rows.append((common / (areas + np.count_nonzero(seen) - common))[1:])
    return np.array(rows).reshape(-1, count)


@pytest.mark.parametrize("number", range(len(STYLES)))
def test_every_sticker_is_found(number: int) -> None:
    prompt = f"{SUBJECTS[number % len(SUBJECTS)]}, {STYLES[number]}"
    drawing = draw_sheet(prompt, seed=number + 1, width_px=1024, height_px=768)
    found = overlaps(drawing)
    missed = [name for name, best in zip(drawing.names, found.max(axis=0, initial=0), strict=True) if best < 0.5]
    assert missed == [], f"{prompt} on {drawing.background}"
    assert np.count_nonzero(found.max(axis=1) < 0.5) <= 1, "cut-outs that are no sticker"


def test_a_blank_sheet_has_none() -> None:
    out = io.BytesIO()
    Image.new("RGB", (512, 512), "lavender").save(out, "PNG")
    assert cut_sheet(open_image(out.getvalue())) == []
