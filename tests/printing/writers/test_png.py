"""Pages and patches as pixels: true size, crisp alpha, colours without a halo, and mutants that must fail."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache

import cv2
import numpy as np
import pytest
from PIL import Image
from scipy.spatial import KDTree

from stickers.printing.artwork.die_cut import die_cut
from stickers.printing.artwork.drawing import draw
from stickers.printing.errors import OptionsError
from stickers.printing.imposition.layout import Item, Layout, Page, PlacedSticker, lay_out
from stickers.printing.imposition.pages import PageOptions, PageSize, parse_page
from stickers.printing.options import PrintOptions
from stickers.printing.writers.png import write_png
from tests.support.print_art import a4, cut_outs, die_cuts, disc
from tests.support.print_checks import chunks, joined

PX_PER_MM = 300 / 25.4


@cache
def whole() -> bytes:
    return write_png(a4(), a4().pages[0])


def faults(data: bytes, layout: Layout, dpi: int = 300) -> list[str]:
    """What a shop would find wrong with the first page's picture."""
    found = []
    by_name = dict(chunks(data))
    per_metre = {300: 11811, 600: 23622}[dpi]
    if by_name.get(b"pHYs") != struct.pack(">IIB", per_metre, per_metre, 1):
        found.append("resolution")
    profile = by_name.get(b"iCCP", b"")
    if not profile or zlib.decompress(profile.split(b"\0", 1)[1][1:])[8] != 2:
        found.append("profile")
    image = Image.open(io.BytesIO(data))
    if image.mode != "RGBA":
        return [*found, "mode"]
    size = layout.options.size
    if max(abs(image.width - size.width_mm * dpi / 25.4), abs(image.height - size.height_mm * dpi / 25.4)) > 1:
        found.append("page size")
    pixels = np.asarray(image)
    alpha = pixels[..., 3]
    if max(alpha[0].max(), alpha[-1].max(), alpha[:, 0].max(), alpha[:, -1].max()) > 0:
        found.append("edge")
    if (pixels[alpha == 0][:, :3] == 0).all(axis=1).any():
        found.append("black under transparency")
    for one in layout.pages[0].placed:
        left, top, right, bottom = one.polygon.bounds
        # Neighbours lie in the same box, but farther away than half a gap.
        around = np.zeros(alpha.shape, np.uint8)
        cv2.fillPoly(around, [np.int32(np.asarray(one.polygon.buffer(1.4).exterior.coords) * dpi / 25.4)], 1)
        rows, columns = (np.flatnonzero(((alpha >= 128) & (around > 0)).any(axis=axis)) for axis in (1, 0))
        if not rows.size:
            found.append("missing")
            continue
        measured = np.array([columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1]) * 25.4 / dpi
        if np.abs(measured - (right - left, bottom - top)).max() > 0.15:
            found.append("size")
    return found


def test_it_works() -> None:
    assert faults(whole(), a4()) == []


def test_mutants_are_caught() -> None:
    few = lay_out([Item(sticker) for sticker in die_cuts()[:2]], PageOptions(size=parse_page("4x6in")))
    data = write_png(few, few.pages[0])
    assert faults(data, few) == []
    parts = chunks(data)
    image = Image.open(io.BytesIO(data))

    def saved(picture: Image.Image, dpi: int = 300) -> bytes:
        file = io.BytesIO()
        picture.save(file, "PNG", dpi=(dpi, dpi), icc_profile=image.info["icc_profile"], compress_level=1)
        return file.getvalue()

    mutants = {
        "resolution": [joined([part for part in parts if part[0] != b"pHYs"]), saved(image, dpi=72)],
        "profile": [joined([part for part in parts if part[0] != b"iCCP"])],
        "mode": [saved(image.convert("RGB"))],
        "page size": [saved(image.crop((0, 0, image.width - 30, image.height)))],
        "black under transparency": [saved(Image.fromarray(np.asarray(image) * (np.asarray(image)[..., 3:] > 0)))],
        "size": [saved(image.transform(image.size, Image.Transform.AFFINE, (0.98, 0, 0, 0, 0.98, 0)))],
    }
    for fault, files in mutants.items():
        for file in files:
            assert fault in faults(file, few), fault


@pytest.mark.parametrize("rotation_deg", [0, 90, 180, 270, 33.0])
@pytest.mark.parametrize("index", [0, 7, 15])
def test_the_alpha_ends_at_the_cut_line(index: int, rotation_deg: float) -> None:
    sticker = die_cuts()[index]
    placed = PlacedSticker(sticker=sticker, x_mm=31.7, y_mm=29.3, rotation_deg=rotation_deg)
    patch = draw(sticker, PX_PER_MM, x_mm=31.7, y_mm=29.3, rotation_deg=rotation_deg)
    outside = np.pad(patch.pixels[..., 3] < 128, 1, constant_values=True)
    inside = ~outside
    rim = inside & (np.roll(outside, 1, 0) | np.roll(outside, -1, 0) | np.roll(outside, 1, 1) | np.roll(outside, -1, 1))
    rows, columns = np.nonzero(rim)
    drawn = np.stack([columns - 0.5 + patch.left_px, rows - 0.5 + patch.top_px], axis=1) / PX_PER_MM
    line = np.asarray(placed.polygon.segmentize(0.02).exterior.coords)
    away, _ = KDTree(line).query(drawn)
    assert away.max() <= 0.10
    assert np.asarray(patch.pixels[..., 3]).sum() / 255 / PX_PER_MM**2 == pytest.approx(sticker.path.area_mm2, rel=2e-3)


def test_turned_art_stays_in_its_outline() -> None:
    """Art and cut line turn together: at every turn, what is not white keeps its border on every side."""
    sticker = die_cut(disc(), PrintOptions(size_mm=30))
    for rotation_deg in (0, 90, 180, 270, 45.0):
        pixels = draw(sticker, PX_PER_MM, rotation_deg=rotation_deg).pixels
        art = pixels[..., 1] < 128
        rows, columns = np.nonzero(art)
        middle = np.array([columns.mean(), rows.mean()])
        whole_rows, whole_columns = np.nonzero(pixels[..., 3] >= 128)
        assert middle == pytest.approx([whole_columns.mean(), whole_rows.mean()], abs=0.5)
        assert np.ptp(columns) / PX_PER_MM == pytest.approx(26, abs=0.3)


def test_no_foreign_colour_at_the_edges() -> None:
    sticker = die_cut(disc(colour=(200, 40, 60)), PrintOptions(size_mm=40, border_rgb=(20, 200, 90)))
    pixels = draw(sticker, PX_PER_MM).pixels.astype(float)
    seen = pixels[pixels[..., 3] > 0][:, :3]
    # Every colour lies on the straight line between art and border.
    start, end = np.array([200, 40, 60.0]), np.array([20, 200, 90.0])
    along = np.clip((seen - start) @ (end - start) / ((end - start) @ (end - start)), 0, 1)
    assert np.abs(seen - (start + along[:, None] * (end - start))).max() <= 3


def test_the_bleed_carries_the_colour_past_the_cut() -> None:
    sticker = die_cut(cut_outs()[0][1], PrintOptions(size_mm=30, border_rgb=(0, 0, 200)))
    plain, bled = draw(sticker, PX_PER_MM), draw(sticker, PX_PER_MM, bleed_mm=2)
    wider = (np.array(bled.pixels.shape[:2]) - plain.pixels.shape[:2]) / PX_PER_MM
    assert wider == pytest.approx([4, 4], abs=0.2)
    assert (bled.pixels[bled.pixels[..., 3] == 255][:, 2] >= 20).any()


def test_art_without_a_border_bleeds_its_own_colours() -> None:
    sticker = die_cut(disc(colour=(10, 180, 20)), PrintOptions(size_mm=30, border_mm=0))
    pixels = draw(sticker, PX_PER_MM, bleed_mm=2).pixels
    inked = pixels[pixels[..., 3] == 255][:, :3]
    assert np.abs(inked.astype(int) - (10, 180, 20)).max() <= 2


def test_a_page_too_large_for_one_picture_is_refused() -> None:
    layout = Layout(options=PageOptions(size=PageSize("poster", 900, 900)), pages=(Page(1, ()),))
    with pytest.raises(OptionsError) as caught:
        write_png(layout, layout.pages[0], dpi=600)
    assert caught.value.field == "dpi"


def test_six_hundred_dpi() -> None:
    sticker = die_cuts()[0]
    page = Page(1, (PlacedSticker(sticker=sticker, x_mm=50, y_mm=70),))
    layout = Layout(options=PageOptions(size=parse_page("4x6in")), pages=(page,))
    assert faults(write_png(layout, page, dpi=600), layout, dpi=600) == []
