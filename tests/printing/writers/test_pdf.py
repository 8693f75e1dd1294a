"""The PDF, read back by operators, separated by Ghostscript and shown by poppler; and mutants that must each fail."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pytest
from scipy.spatial import KDTree

from stickers.printing.artwork.die_cut import die_cut
from stickers.printing.errors import OptionsError
from stickers.printing.imposition.layout import Item, Layout, Page, lay_out
from stickers.printing.imposition.marks import RegistrationMarks
from stickers.printing.imposition.pages import PageOptions, parse_page
from stickers.printing.options import PrintOptions
from stickers.printing.writers.pdf import PdfOptions, write_pdf
from stickers.printing.writers.spots import THROUGH, WHITE, Spot, Spots
from tests.support.print_art import a4, cut_outs, die_cuts, disc
from tests.support.print_checks import changed, pdf_faults, plates, read_pdf, rendered, with_content

A4 = (210.0, 297.0)


@cache
def whole() -> bytes:
    return write_pdf(a4())


def faults(data: bytes, **expected: object) -> list[str]:
    counts = [len(page.placed) for page in a4().pages]
    return pdf_faults(data, size_mm=A4, counts=counts, **expected)  # type: ignore[arg-type]


def test_it_works() -> None:
    assert faults(whole()) == []
    assert whole().startswith(b"%PDF-1.6")


def test_the_lines_are_the_layout_s_own() -> None:
    for page, read in zip(a4().pages, read_pdf(whole()), strict=True):
        for one, line in zip(page.placed, read.strokes, strict=True):
            assert line.polygon().hausdorff_distance(one.path.polygon(0.002)) < 0.02
            assert line.polygon().area == pytest.approx(one.sticker.path.area_mm2, rel=1e-3)


def test_the_same_layout_gives_the_same_bytes() -> None:
    few = Layout(options=a4().options, pages=(Page(1, a4().pages[0].placed[:2]),))
    assert write_pdf(few) == write_pdf(few)


def _without_overprint(pdf: pikepdf.Pdf) -> None:
    for page in pdf.pages:
        for state in page.Resources.ExtGState.values():
            state.OP = state.op = False


def _hidden(pdf: pikepdf.Pdf) -> None:
    layer = next(layer for layer in pdf.Root.OCProperties.OCGs if str(layer.Name) == "CutContour")
    layer.Usage.Print.PrintState = pikepdf.Name.OFF


def _without_profile(pdf: pikepdf.Pdf) -> None:
    for picture in pdf.pages[0].Resources.XObject.values():
        picture.ColorSpace = pikepdf.Name.DeviceRGB


def _other_page(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].MediaBox = pikepdf.Array([0, 0, 612, 792])


def _moved_path(content: bytes) -> bytes:
    """The first stroked path, 2 mm to the right."""
    head, mark, tail = content.partition(b" SCN ")
    first, end, rest = tail.partition(b"h\nS")
    return head + mark + first.replace(b"J\n", b"J\nq 1 0 0 1 5.669 0 cm ", 1) + end + b" Q" + rest


def _stacked_path(content: bytes) -> bytes:
    head, mark, tail = content.partition(b" SCN ")
    settings, line_end, rest = tail.partition(b"\n")
    first, end, rest = rest.partition(b"h\nS")
    return head + mark + settings + line_end + first + end + b"\n" + first + end + rest


def _coarser(pdf: pikepdf.Pdf) -> None:
    for picture in pdf.pages[0].Resources.XObject.values():
        picture.Width = int(picture.Width) // 2


@pytest.mark.parametrize(
    ("fault", "mutant"),
    [
        ("count", lambda data: changed(data, _renamed)),
        ("knockout", lambda data: changed(data, _without_overprint)),
        ("layer", lambda data: changed(data, _hidden)),
        ("profile", lambda data: changed(data, _without_profile)),
        ("page size", lambda data: changed(data, _other_page)),
        ("apart from its picture", lambda data: with_content(data, _moved_path)),
        ("count", lambda data: with_content(data, _stacked_path)),
        ("too near", lambda data: with_content(data, _stacked_path)),
        ("coarse", lambda data: changed(data, _coarser)),
        ("tint", lambda data: with_content(data, lambda content: content.replace(b" 1 SCN", b" 0.5 SCN"))),
        ("stroke", lambda data: with_content(data, lambda content: content.replace(b"0.25 w", b"3 w"))),
        ("open", lambda data: with_content(data, lambda content: content.replace(b"h\nS", b"S"))),
        ("fill", lambda data: with_content(data, lambda content: content.replace(b"h\nS", b"h\nS f", 1))),
        ("unclipped", lambda data: with_content(data, lambda content: content.replace(b"W* n", b"n", 1))),
    ],
)
def test_each_mutant_is_caught(fault: str, mutant: Callable[[bytes], bytes]) -> None:
    data = mutant(whole())
    assert data != whole()
    assert fault in faults(data)


def _renamed(pdf: pikepdf.Pdf) -> None:
    for page in pdf.pages:
        for space in page.Resources.ColorSpace.values():
            space[1] = pikepdf.Name("/Cutcontour")


def test_a_coarse_file_is_told_from_a_fine_one() -> None:
    few = Layout(options=a4().options, pages=(Page(1, a4().pages[0].placed[:1]),))
    fine = write_pdf(few, PdfOptions(dpi=600))
    assert pdf_faults(fine, size_mm=A4, counts=[1], dpi=600) == []
    assert "coarse" in pdf_faults(write_pdf(few), size_mm=A4, counts=[1], dpi=600)


@cache
def coloured() -> Layout:
    """Three stickers with a border that shows on paper, one of them turned askew."""
    order = PrintOptions(size_mm=40, border_rgb=(0, 120, 200))
    items = [Item(die_cut(picture, order, name=name)) for name, picture in cut_outs()[:3]]
    layout = lay_out(items, PageOptions(size=parse_page("4x6in"), gap_mm=6))
    first, *others = layout.pages[0].placed
    askew = first.moved(x_mm=first.x_mm, y_mm=first.y_mm, rotation_deg=first.rotation_deg + 7)
    return replace(layout, pages=(Page(1, (askew, *others)),))


@cache
def painted() -> Layout:
    """All the stickers of the A4 page, each with a border that shows on paper."""
    placed = tuple(replace(one, sticker=replace(one.sticker, border_rgb=(0, 120, 200))) for one in a4().pages[0].placed)
    return Layout(options=a4().options, pages=(Page(1, placed),))


@pytest.mark.thorough
def test_ghostscript_finds_one_plate_for_the_knife_and_nothing_knocked_out(tmp_path: Path) -> None:
    found = plates(write_pdf(painted()), tmp_path)
    assert set(found) == {"Cyan", "Magenta", "Yellow", "Black", "CutContour"}
    assert (found["CutContour"] < 255).any()
    without = plates(write_pdf(painted(), PdfOptions(cut_lines=False)), tmp_path)
    assert set(without) == {"Cyan", "Magenta", "Yellow", "Black"}
    for name, plate in without.items():
        assert np.array_equal(plate, found[name]), name
    knocked = plates(changed(write_pdf(painted()), _without_overprint), tmp_path)
    assert any(not np.array_equal(plate, knocked[name]) for name, plate in without.items())


def test_kiss_cut_through_cut_and_white_are_plates_of_their_own(tmp_path: Path) -> None:
    spots = Spots(kiss=Spot("KissCut"), through=THROUGH, white=WHITE)
    found = plates(write_pdf(coloured(), PdfOptions(spots=spots)), tmp_path)
    assert set(found) == {"Cyan", "Magenta", "Yellow", "Black", "KissCut", "PerfCutContour", "White"}
    for name in ("KissCut", "PerfCutContour", "White"):
        assert (found[name] < 255).any(), name
    shared = (found["White"] < 128).mean()
    area = sum(one.sticker.path.area_mm2 for one in coloured().placed)
    assert shared == pytest.approx(area / (101.6 * 152.4), rel=0.03)


def half_see_through() -> np.ndarray:
    """A disc whose right half has 60 % of the full alpha."""
    picture = disc()
    picture[:, 100:, 3] = picture[:, 100:, 3] * 0.6
    return picture


@pytest.mark.parametrize("border_mm", [0, 2])
@pytest.mark.parametrize("picture", [disc, half_see_through])
def test_the_white_plate_is_full_under_every_sticker(
    picture: Callable[[], np.ndarray], border_mm: float, tmp_path: Path
) -> None:
    sticker = die_cut(picture(), PrintOptions(size_mm=40, border_mm=border_mm))
    layout = lay_out([Item(sticker, 2)], PageOptions(size=parse_page("4x6in")))
    data = write_pdf(layout, PdfOptions(spots=Spots(white=WHITE)))
    found = plates(data, tmp_path)
    within = np.zeros(found["White"].shape, np.uint8)
    for one in layout.placed:
        ring = np.asarray(one.polygon.buffer(-0.6).exterior.coords) * 100 / 25.4
        cv2.fillPoly(within, [np.round(ring).astype(np.int32)], 1)
    assert within.sum() > 10_000
    assert found["White"][within == 1].max() == 0
    assert pdf_faults(data, size_mm=(101.6, 152.4), counts=[2]) == ["other spot"]  # which is the white


def test_see_through_art_on_a_white_underlay_prints_as_on_white(tmp_path: Path) -> None:
    layout = lay_out([Item(die_cut(half_see_through(), PrintOptions(size_mm=40, border_mm=0)))], PageOptions())
    shown = rendered(write_pdf(layout, PdfOptions(spots=Spots(white=WHITE), cut_lines=False)), tmp_path, 100)
    [one] = layout.placed
    row, column = round(one.y_mm / 25.4 * 100), round(one.x_mm / 25.4 * 100)
    reach = round(10 / 25.4 * 100)
    inks = [shown[row, column - reach], shown[row, column + reach]]
    if one.rotation_deg:
        inks = [shown[row - reach, column], shown[row + reach, column]]
    darker, paler = sorted(inks, key=lambda colour: int(colour[1]))
    assert np.abs(darker.astype(int) - (200, 40, 60)).max() <= 3
    assert np.abs(paler.astype(int) - (222, 126, 138)).max() <= 3


@pytest.mark.thorough
@pytest.mark.parametrize("layout", [coloured, painted])
def test_print_and_cut_agree(layout: Callable[[], Layout], tmp_path: Path) -> None:
    dpi = 600
    shown = rendered(write_pdf(layout(), PdfOptions(cut_lines=False)), tmp_path, dpi)
    placed = list(layout().placed)
    inked = 255 - shown.min(axis=2)
    edges = [one.path.polygon(0.002).segmentize(0.02) for one in placed]
    outline = np.concatenate([np.asarray(edge.exterior.coords) for edge in edges])
    rings, _ = cv2.findContours((inked >= 128).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    rings = [ring for ring in rings if len(ring) > 200]
    assert len(rings) == len(placed)
    drawn = np.concatenate([ring[:, 0, :] for ring in rings]) + 0.5
    away, _ = KDTree(outline).query(drawn / dpi * 25.4)
    # The ring runs through the centres of the outermost pixels, so half a pixel inside.
    assert np.percentile(away, 99.9) <= 0.10
    assert away.mean() < 0.04
    back, _ = KDTree(drawn / dpi * 25.4).query(outline)
    assert back.max() <= 0.10


def test_boxes_layers_and_print_scaling() -> None:
    spots = Spots(through=THROUGH)
    with pikepdf.open(io.BytesIO(write_pdf(coloured(), PdfOptions(spots=spots, bleed_mm=2)))) as pdf:
        page = pdf.pages[0]
        media, bleed, trim = (
            np.array([float(side) for side in box]) for box in (page.MediaBox, page.BleedBox, page.TrimBox)
        )
        assert (media[:2] <= bleed[:2]).all()
        assert (bleed[:2] < trim[:2]).all()
        assert trim[0] - bleed[0] == pytest.approx(2 / 25.4 * 72, abs=0.01)
        names = [str(layer.Name) for layer in pdf.Root.OCProperties.OCGs]
        assert names == ["Artwork", "CutContour", "PerfCutContour"]
        assert pdf.Root.ViewerPreferences.PrintScaling == "/None"
        assert len(page.Resources.XObject) == 3


def test_copies_share_one_picture() -> None:
    layout = lay_out([Item(die_cuts()[0], 5)], PageOptions())
    with pikepdf.open(io.BytesIO(write_pdf(layout))) as pdf:
        assert len(pdf.pages[0].Resources.XObject) == 1
    assert pdf_faults(write_pdf(layout), size_mm=A4, counts=[5]) == []


def test_marks_and_their_values_are_on_the_page() -> None:
    data = write_pdf(coloured(), PdfOptions(marks=RegistrationMarks(arm_mm=12), cut_lines=False))
    [page] = read_pdf(data)
    assert [layer for _, layer in page.fills].count("Marks") == 5
    assert page.strokes == []
    with pikepdf.open(io.BytesIO(data)) as pdf:
        content = pdf.pages[0].Contents.read_bytes().decode("cp1252")
    assert re.search(r"square 5 mm, inset 10 mm, length 12 mm, line 0.5 mm.*100 %", content)


def test_a_through_cut_needs_a_margin() -> None:
    layout = replace(coloured(), options=PageOptions(size=parse_page("4x6in"), margin_mm=2, gap_mm=3))
    with pytest.raises(OptionsError) as caught:
        write_pdf(layout, PdfOptions(spots=Spots(through=THROUGH)))
    assert caught.value.field == "margin_mm"


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("spot_name", {"name": ""}),
        ("spot_name", {"name": "All"}),
        ("spot_name", {"name": " Cut"}),
        ("spot_name", {"name": "Cut\n"}),
        ("spot_name", {"name": "C" * 65}),
        ("spot_name", {"name": "Schnitt✂"}),
        ("spot_tint", {"tint": 0}),
        ("spot_tint", {"tint": float("nan")}),
        ("stroke_pt", {"stroke_pt": 0}),
        ("stroke_pt", {"stroke_pt": 5}),
        ("spot_cmyk", {"cmyk": (0, 2, 0, 0)}),
    ],
)
def test_spots_that_no_rip_would_know_are_refused(field: str, wrong: dict[str, object]) -> None:
    with pytest.raises(OptionsError) as caught:
        Spot(**wrong)  # type: ignore[arg-type]
    assert caught.value.field == field


def test_two_inks_of_one_name_are_refused() -> None:
    with pytest.raises(OptionsError, match="different names"):
        Spots(kiss=Spot("Cut"), through=Spot("cut"))


def test_a_name_with_spaces_and_signs_survives() -> None:
    few = Layout(options=a4().options, pages=(Page(1, a4().pages[0].placed[:2]),))
    data = write_pdf(few, PdfOptions(spots=Spots(kiss=Spot("Kiss Cut #1/(a)"))))
    assert pdf_faults(data, size_mm=A4, counts=[2], spot="Kiss Cut #1/(a)") == []
