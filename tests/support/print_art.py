"""Real cut-outs for the tests of print files: stickers of the stand-in's artist, cut along their exact masks."""

from __future__ import annotations

import os
import shutil
import zlib
from functools import cache
from pathlib import Path
from typing import NoReturn

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from stickers.printing.artwork import conditions
from stickers.printing.artwork.cmyk import PrintingCondition
from stickers.printing.artwork.die_cut import DieCut, die_cut
from stickers.printing.imposition.layout import Item, Layout, lay_out
from stickers.printing.imposition.pages import PageOptions
from stickers.printing.options import PrintOptions
from stickers.sandbox.artist import draw_sheet
from tests.support.once import made_once

Bytes = npt.NDArray[np.uint8]

SIZE_MM = 45.0
BORDER_MM = 2.0
_SHEETS = (("kawaii space cats and rockets", 1), ("forest animals", 5), ("food with faces", 9))
_COUNT = 24
_PAD_PX = 4


@cache
def cut_outs(count: int = _COUNT, sheets: tuple[tuple[str, int], ...] = _SHEETS) -> tuple[tuple[str, Bytes], ...]:
    """Names and pictures (HxWx4 uint8) of the largest stickers of some sheets. A sheet is a prompt and a seed."""
    found = made_once(f"cut-outs-{zlib.crc32(repr(sheets).encode())}", lambda: _lifted(sheets))
    assert len(found) >= count
    return found[:count]


def _lifted(sheets: tuple[tuple[str, int], ...]) -> tuple[tuple[str, Bytes], ...]:
    """All stickers of the sheets, the largest first."""
    found: list[tuple[int, str, Bytes]] = []
    for prompt, seed in sheets:
        drawing = draw_sheet(prompt, seed=seed, width_px=1024, height_px=1024)
        rgb = np.asarray(drawing.image)
        for label, name in enumerate(drawing.names, 1):
            whole = drawing.labels == label
            rows, columns = np.flatnonzero(whole.any(axis=1)), np.flatnonzero(whole.any(axis=0))
            if not rows.size:
                continue
            box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
            mask = cv2.dilate(whole[box].astype(np.uint8), np.ones((3, 3), np.uint8))
            alpha = np.where(mask > 0, drawing.coverage[box], 0).astype(np.uint8)
            alpha[(drawing.labels[box] > 0) & ~whole[box]] = 0
            picture = np.pad(np.dstack([rgb[box], alpha]), ((_PAD_PX,) * 2, (_PAD_PX,) * 2, (0, 0)))
            found.append((-int(whole.sum()), f"{name}-{seed}-{label}", picture))
    found.sort(key=lambda one: one[:2])
    return tuple((name, picture) for _, name, picture in found)


@cache
def die_cuts() -> tuple[DieCut, ...]:
    order = PrintOptions(size_mm=SIZE_MM, border_mm=BORDER_MM)
    return made_once("die-cuts", lambda: tuple(die_cut(picture, order, name=name) for name, picture in cut_outs()))


@cache
def a4() -> Layout:
    """The 24 on A4, 3 mm apart."""
    return made_once("a4", lambda: lay_out([Item(sticker) for sticker in die_cuts()], PageOptions()))


def disc(side_px: int = 200, radius_px: float = 80, colour: tuple[int, int, int] = (200, 40, 60)) -> Bytes:
    """A coloured disc with a soft edge on a transparent ground."""
    rows, columns = np.mgrid[0:side_px, 0:side_px] + 0.5
    inside = np.clip(radius_px + 0.5 - np.hypot(rows - side_px / 2, columns - side_px / 2), 0, 1)
    picture = np.empty((side_px, side_px, 4), np.uint8)
    picture[..., :3] = colour
    picture[..., 3] = np.round(inside * 255)
    return picture


def hair() -> np.ndarray:
    """A square with a line of one pixel that leads away from it."""
    picture = np.zeros((100, 200, 4), np.uint8)
    picture[20:80, 20:80] = (0, 0, 0, 255)
    picture[50, 80:190] = (0, 0, 0, 200)
    return picture


def press() -> PrintingCondition:
    """Ghostscript's press for four inks, which every test machine has beside Ghostscript."""
    path = Path("/usr/share/color/icc/ghostscript/default_cmyk.icc")
    if not path.is_file():
        _missing("Ghostscript's default_cmyk.icc")
    return conditions.at(path)


def program(name: str) -> str:
    """The path of a program of the system's packages. Without it the test is skipped; in CI it fails."""
    found = shutil.which(name)
    return found or _missing(name)


def _missing(name: str) -> NoReturn:
    reason = f"{name} is not installed and could not be."
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
