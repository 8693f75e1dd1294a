"""A single sticker's PNG, measured from its bytes as a shop's checks do, and mutants that the checks must catch."""

from __future__ import annotations

import io
import math
import struct
import tracemalloc
import zlib
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw

from stickers.printing.artwork import drawing
from stickers.printing.artwork.die_cut import die_cut
from stickers.printing.errors import ArtError, OptionsError
from stickers.printing.options import PrintOptions
from stickers.printing.writers import png
from stickers.printing.writers.png import Bytes, single_px, write_single
from tests.support.print_art import hair
from tests.support.print_checks import chunks, joined

PER_METRE = {300: 11811, 600: 23622}


def drawn(side_px: int, draw: Callable[[ImageDraw.ImageDraw, float], None]) -> Bytes:
    """A square picture, drawn eight times too large (`draw` gets the factor) and averaged down."""
    fine = Image.new("RGBA", (side_px * 8, side_px * 8))
    draw(ImageDraw.Draw(fine), 8)
    return np.asarray(fine.resize((side_px, side_px), Image.Resampling.BOX))


def star(side_px: int = 170, colour: tuple[int, int, int] = (0, 0, 0)) -> Bytes:
    def draw(pen: ImageDraw.ImageDraw, k: float) -> None:
        points = []
        for corner in range(10):
            radius = (0.48 if corner % 2 == 0 else 0.22) * side_px * k
            turn = math.pi * corner / 5 - math.pi / 2
            points.append((side_px * k / 2 + radius * math.cos(turn), side_px * k / 2 + radius * math.sin(turn)))
        pen.polygon(points, fill=(*colour, 255))

    return drawn(side_px, draw)


def single(rgba: Bytes, options: PrintOptions) -> bytes:
    return write_single(die_cut(rgba, options), dpi=options.dpi)


def pixels_of(data: bytes) -> Bytes:
    return np.asarray(Image.open(io.BytesIO(data)))


def faults(data: bytes, *, size_mm: float, dpi: int) -> list[str]:
    """What a shop would find wrong with the file; empty when it is print-ready."""
    found = []
    by_name = dict(chunks(data))
    if by_name.get(b"pHYs") != struct.pack(">IIB", PER_METRE[dpi], PER_METRE[dpi], 1):
        found.append("resolution")
    profile = by_name.get(b"iCCP", b"")
    if not profile or zlib.decompress(profile.split(b"\0", 1)[1][1:])[8] != 2:
        found.append("profile")
    image = Image.open(io.BytesIO(data))
    if image.mode != "RGBA":
        return [*found, "mode"]
    pixels = np.asarray(image)
    alpha = pixels[..., 3]
    for threshold in (1, 128):
        rows, columns = np.nonzero(alpha >= threshold)
        longest_px = 1 + max(int(np.ptp(rows)), int(np.ptp(columns)))
        if abs(longest_px / PER_METRE[dpi] * 1000 - size_mm) > 0.15:
            found.append("size")
    if max(alpha[0].max(), alpha[-1].max(), alpha[:, 0].max(), alpha[:, -1].max()) > 0:
        found.append("edge")
    if (pixels[alpha == 0][:, :3] == 0).all(axis=1).any():
        found.append("black under transparency")
    return found


@pytest.mark.parametrize("dpi", [300, 600])
@pytest.mark.parametrize("border_mm", [0, 2])
@pytest.mark.parametrize("size_mm", [25.4, 50])
def test_it_works(size_mm: float, border_mm: float, dpi: int) -> None:
    sticker = die_cut(star(), PrintOptions(size_mm=size_mm, dpi=dpi, border_mm=border_mm))
    data = write_single(sticker, dpi=dpi)
    assert faults(data, size_mm=size_mm, dpi=dpi) == []
    height_px, width_px = pixels_of(data).shape[:2]
    assert single_px(sticker, dpi) == (width_px, height_px)
    # One transparent pixel on each side of the cut line.
    assert (width_px - 2) * 25.4 / dpi == pytest.approx(sticker.width_mm, abs=1.31 * 25.4 / dpi)
    assert (height_px - 2) * 25.4 / dpi == pytest.approx(sticker.height_mm, abs=1.31 * 25.4 / dpi)


def test_each_mutant_is_caught() -> None:
    order = PrintOptions(size_mm=30, border_mm=0)
    data = single(star(), order)
    parts = chunks(data)
    image = Image.open(io.BytesIO(data))

    def saved(picture: Image.Image, **changed: object) -> bytes:
        file = io.BytesIO()
        kept = {"dpi": (300, 300), "icc_profile": image.info["icc_profile"]}
        picture.save(file, "PNG", **{**kept, **changed})
        return file.getvalue()

    mutants = {
        "resolution": [
            joined([part for part in parts if part[0] != b"pHYs"]),
            saved(image, dpi=(72, 72)),
            saved(image, dpi=(600, 600)),
            joined([(name, content[:8] + b"\0" if name == b"pHYs" else content) for name, content in parts]),
        ],
        "profile": [
            joined([part for part in parts if part[0] != b"iCCP"]),
            saved(image, icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()),
        ],
        "mode": [saved(image.convert("RGB"))],
        "edge": [saved(image.crop((5, 0, image.width, image.height)))],
        "size": [saved(image.resize((image.width - 4, image.height)))],
        "black under transparency": [saved(Image.fromarray(np.asarray(image) * (np.asarray(image)[..., 3:] > 0)))],
    }
    assert faults(saved(image), size_mm=30, dpi=300) == []
    for fault, files in mutants.items():
        for file in files:
            assert fault in faults(file, size_mm=30, dpi=300)


@pytest.mark.parametrize("dpi", [300, 600])
@pytest.mark.parametrize("border_mm", [1, 2, 3.2])
def test_the_border_is_as_wide_as_ordered(border_mm: float, dpi: int) -> None:
    pixels = pixels_of(single(star(), PrintOptions(size_mm=40, dpi=dpi, border_mm=border_mm)))
    border_px = border_mm / 25.4 * dpi
    art = (pixels[..., :3].max(axis=2) < 128) & (pixels[..., 3] == 255)
    to_edge_px = cv2.distanceTransform((pixels[..., 3] >= 128).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    assert border_px - 1 <= float(to_edge_px[art].min()) <= border_px + 1
    ring = (pixels[..., 3] == 255) & ~art
    assert np.median(pixels[..., :3][ring]) == 255
    outside = np.pad(pixels[..., 3] < 128, 1, constant_values=True).astype(np.uint8)
    assert cv2.connectedComponents(outside)[0] == 2  # background and the one sticker: no holes


def test_the_border_can_have_a_colour() -> None:
    pixels = pixels_of(single(star(), PrintOptions(size_mm=30, border_rgb=(250, 200, 0))))
    assert pixels[0, 0].tolist() == [250, 200, 0, 0]
    top = pixels[6, np.flatnonzero(pixels[6, :, 3] == 255)]
    assert np.unique(top, axis=0).tolist() == [[250, 200, 0, 255]]


def test_no_halo_of_the_old_background() -> None:
    rgba = star(colour=(200, 0, 0)).astype(float)
    opacity = rgba[..., 3:] / 255
    rgba[..., :3] = (200, 0, 0) * opacity + (0, 255, 0) * (1 - opacity)  # never decontaminated
    pixels = pixels_of(single(rgba.astype(np.uint8), PrintOptions(size_mm=40, border_mm=0)))
    assert pixels[pixels[..., 3] > 0][:, 1].max() <= 8
    with_border = pixels_of(single(rgba.astype(np.uint8), PrintOptions(size_mm=40)))
    red, green, blue = with_border[with_border[..., 3] > 0][:, :3].astype(int).T
    assert np.abs(green - blue).max() <= 8  # red over white only: green is never above blue
    assert red.min() >= 192


def test_the_outline_is_crisp_however_much_it_is_enlarged() -> None:
    alpha = pixels_of(single(star(60), PrintOptions(size_mm=60, dpi=600, border_mm=0)))[..., 3]
    soft = np.count_nonzero((alpha > 0) & (alpha < 255))
    outline = cv2.findContours((alpha >= 128).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0][0]
    assert soft < 2 * len(outline)


def test_the_same_order_gives_the_same_bytes() -> None:
    order = PrintOptions(size_mm=30)
    assert single(star(), order) == single(star(), order)


def ring() -> Bytes:
    def draw(pen: ImageDraw.ImageDraw, k: float) -> None:
        pen.ellipse((5 * k, 5 * k, 115 * k, 115 * k), fill=(0, 0, 200, 255))
        pen.ellipse((40 * k, 40 * k, 80 * k, 80 * k), fill=(0, 0, 0, 0))

    return drawn(120, draw)


@pytest.mark.parametrize("border_mm", [0, 2])
@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (1, 3), (300, 300), (40, 200)])
def test_art_that_fills_its_picture_to_the_edges(shape: tuple[int, int], border_mm: float) -> None:
    data = single(np.full((*shape, 4), 255, np.uint8), PrintOptions(size_mm=30, border_mm=border_mm))
    assert faults(data, size_mm=30, dpi=300) == []


@pytest.mark.parametrize(
    ("rgba", "words"),
    [
        (np.zeros((50, 50, 4), np.uint8), "every pixel is fully transparent"),
        (np.zeros((0, 0, 4), np.uint8), "every pixel is fully transparent"),
        (np.full((50, 50, 4), 90, np.uint8), "almost fully transparent"),
        (np.full((1, 3000, 4), 255, np.uint8), "only 0.0. mm thin"),
        (np.full((3000, 1, 4), 255, np.uint8), "only 0.0. mm thin"),
        (np.broadcast_to(np.uint8(255), (7000, 7000, 4)), "more than 36 million pixels"),
    ],
)
def test_what_cannot_be_printed_is_refused_in_words(rgba: Bytes, words: str) -> None:
    with pytest.raises(ArtError, match=words):
        single(rgba, PrintOptions(size_mm=50))


def test_holes_are_cut_only_where_they_are_kept() -> None:
    options = PrintOptions(size_mm=30, border_mm=0)
    kept, filled = (
        pixels_of(write_single(die_cut(ring(), options, keep_holes=keep_holes))) for keep_holes in (True, False)
    )
    middle = kept.shape[0] // 2
    assert kept[middle, middle, 3] == 0
    assert filled[middle, middle, 3] == 255
    bordered = pixels_of(single(ring(), PrintOptions(size_mm=30)))
    assert bordered[middle, middle].tolist() == [255, 255, 255, 255]


def test_loose_parts_are_joined() -> None:
    rgba = np.zeros((120, 200, 4), np.uint8)
    rgba[20:100, 10:90] = rgba[50:70, 170:190] = (0, 90, 0, 255)
    alpha = pixels_of(single(rgba, PrintOptions(size_mm=60)))[..., 3]
    assert cv2.connectedComponents((alpha >= 128).astype(np.uint8))[0] == 2


def test_specks_too_small_to_print_do_not_count() -> None:
    rgba = np.pad(star(), ((0, 0), (0, 60), (0, 0)))
    rgba[10, 220] = (0, 0, 0, 255)
    height_px, width_px = pixels_of(single(rgba, PrintOptions(size_mm=30, border_mm=0))).shape[:2]
    assert width_px < height_px * 1.1


def test_see_through_art_stays_so() -> None:
    rgba = np.zeros((80, 80, 4), np.uint8)
    rgba[5:75, 5:75] = (0, 0, 0, 255)
    rgba[20:60, 20:60, 3] = 150
    bare = pixels_of(single(rgba, PrintOptions(size_mm=30, border_mm=0)))
    assert bare[bare.shape[0] // 2, bare.shape[1] // 2, 3] == pytest.approx(150, abs=2)
    bordered = pixels_of(single(rgba, PrintOptions(size_mm=30)))
    assert bordered[bordered.shape[0] // 2, bordered.shape[1] // 2].tolist() == [105, 105, 105, 255]


def test_a_hair_is_printed() -> None:
    pixels = pixels_of(single(hair(), PrintOptions(size_mm=50, border_mm=1)))
    dark = (pixels[..., 3] == 255) & (pixels[..., :3].max(axis=2) < 110)
    columns = np.flatnonzero(dark.any(axis=0))
    assert np.ptp(columns) / 300 * 25.4 == pytest.approx(48, abs=0.6)
    assert (np.diff(columns) == 1).all()


def test_a_source_much_finer_than_the_print_is_averaged() -> None:
    fine = np.zeros((2000, 2000, 4), np.uint8)
    fine[200:1800:2, 200:1800] = (255, 0, 0, 255)
    fine[201:1800:2, 200:1800] = (0, 0, 255, 255)
    data = single(fine, PrintOptions(size_mm=12, border_mm=0))
    pixels = pixels_of(data)
    middle = pixels[pixels.shape[0] // 2, pixels.shape[1] // 2]
    assert np.abs(middle.astype(int) - (128, 0, 128, 255)).max() <= 4
    assert faults(data, size_mm=12, dpi=300) == []


@pytest.mark.parametrize("border_mm", [0, 2, 8])
@pytest.mark.parametrize("shape", [(100, 100), (30, 100)])
def test_a_file_too_large_names_the_largest_size(
    monkeypatch: pytest.MonkeyPatch, shape: tuple[int, int], border_mm: float
) -> None:
    monkeypatch.setattr(png, "MAX_PX", 250_000)
    rgba = np.full((*shape, 4), 255, np.uint8)
    with pytest.raises(OptionsError, match="can be at most") as caught:
        single(rgba, PrintOptions(size_mm=120, border_mm=border_mm))
    assert caught.value.field == "size_mm"
    named_mm = int(caught.value.message.split(" at most ")[1].split(" mm")[0])
    pixels = pixels_of(single(rgba, PrintOptions(size_mm=named_mm, border_mm=border_mm)))
    assert pixels.shape[0] * pixels.shape[1] <= 250_000
    with pytest.raises(OptionsError, match="can be at most"):
        single(rgba, PrintOptions(size_mm=named_mm + 3, border_mm=border_mm))


def test_the_largest_order_is_refused_before_anything_is_drawn() -> None:
    with pytest.raises(OptionsError, match=r"at most 3\d\d mm: a larger file would have more than 70 million"):
        single(star(), PrintOptions(size_mm=1000, dpi=600))


def test_bands_leave_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    order = PrintOptions(size_mm=50)
    whole = pixels_of(single(star(), order)).astype(int)
    monkeypatch.setattr(drawing, "_BAND_PX", 50_000)
    away = np.abs(pixels_of(single(star(), order)) - whole)
    # OpenCV follows a clipped edge from another start, which gives a sixteenth of a pixel here and there.
    assert away.max() <= 64
    assert np.count_nonzero(away > 1) < 1e-3 * away.size


def test_memory_stays_that_of_the_file_and_a_band() -> None:
    """9 megapixels are 36 MB of pixels. Drawn at once, they would take about 500 MB."""
    sticker = die_cut(star(), PrintOptions(size_mm=127, dpi=600))
    tracemalloc.start()
    try:
        data = write_single(sticker, dpi=600)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    width_px, height_px = Image.open(io.BytesIO(data)).size
    assert width_px * height_px > 8_000_000
    assert peak < 4 * width_px * height_px + 200_000_000


@settings(max_examples=20, deadline=None)
@given(
    shapes=st.lists(
        st.tuples(st.booleans(), st.integers(0, 90), st.integers(0, 90), st.integers(2, 60), st.integers(2, 60)),
        min_size=1,
        max_size=5,
    ),
    size_mm=st.floats(6, 40),
    dpi=st.sampled_from([300, 600]),
    border_mm=st.sampled_from([0.0, 0.3, 1.6, 2.0]),
    hard=st.booleans(),
)
def test_every_shape_comes_out_at_its_ordered_size(
    shapes: list[tuple[bool, int, int, int, int]], size_mm: float, dpi: int, border_mm: float, hard: bool
) -> None:
    def draw(pen: ImageDraw.ImageDraw, k: float) -> None:
        for is_round, x, y, width, height in shapes:
            box = (x * k, y * k, (x + width) * k - 1, (y + height) * k - 1)
            (pen.ellipse if is_round else pen.rectangle)(box, fill=(0, 0, 0, 255))

    rgba = drawn(150, draw)
    if hard:
        rgba = np.where(rgba >= 128, 255, 0).astype(np.uint8)
    assume((rgba[..., 3] > 200).sum() > 4)
    try:
        data = single(rgba, PrintOptions(size_mm=size_mm, dpi=dpi, border_mm=border_mm))
    except ArtError:  # bare art may be too slim for a blade
        assume(border_mm >= 1)
        raise
    assert faults(data, size_mm=size_mm, dpi=dpi) == []
    if border_mm:
        seen = (pixels_of(data)[..., 3] >= 128).astype(np.uint8)
        assert cv2.connectedComponents(seen)[0] == 2
