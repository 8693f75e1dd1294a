"""PDF/X-4: its structure, mutants that must each fail, the inks of its pictures, and its plates by Ghostscript."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pytest
from PIL import Image

from stickers.printing.artwork.die_cut import die_cut
from stickers.printing.imposition.layout import Item, Layout, lay_out
from stickers.printing.imposition.marks import RegistrationMarks
from stickers.printing.imposition.pages import PageOptions, parse_page
from stickers.printing.options import PrintOptions
from stickers.printing.writers.pdf import PdfOptions, write_pdf
from stickers.printing.writers.spots import THROUGH, WHITE, Spot, Spots
from tests.support.pdf_x4_checks import pdf_x4_faults
from tests.support.print_art import cut_outs, disc, press
from tests.support.print_checks import changed, joined, plates, read_pdf, with_content


@cache
def postcard(border_mm: float = 2) -> Layout:
    order = PrintOptions(size_mm=40, border_mm=border_mm)
    items = [Item(die_cut(picture, order, name=name)) for name, picture in cut_outs()[:2]]
    return lay_out(items, PageOptions(size=parse_page("4x6in"), gap_mm=6))


def see_through() -> Layout:
    """Two discs without a border, each with a half of 60 %."""
    picture = disc()
    picture[:, 100:, 3] = picture[:, 100:, 3] * 0.6
    return lay_out(
        [Item(die_cut(picture, PrintOptions(size_mm=40, border_mm=0)), 2)], PageOptions(size=parse_page("4x6in"))
    )


@cache
def whole() -> bytes:
    return write_pdf(postcard(), PdfOptions(condition=press(), title="Cats & <dogs>"))


def test_it_works() -> None:
    assert pdf_x4_faults(whole()) == []
    assert whole().startswith(b"%PDF-1.6")
    with pikepdf.open(io.BytesIO(whole())) as pdf:
        intent = pdf.Root.OutputIntents[0]
        assert intent.DestOutputProfile.read_bytes() == press().icc
        assert (str(intent.OutputConditionIdentifier), str(intent.Info)) == ("Custom", "Artifex CMYK SWOP Profile")


def test_the_same_layout_gives_the_same_bytes() -> None:
    assert write_pdf(postcard(), PdfOptions(condition=press(), title="Cats & <dogs>")) == whole()


@pytest.mark.parametrize(
    "options",
    [
        PdfOptions(spots=Spots(kiss=Spot("KissCut"), through=THROUGH, white=WHITE), bleed_mm=2),
        PdfOptions(marks=RegistrationMarks(), note="Ask for matt foil"),
        PdfOptions(cut_lines=False),
    ],
)
@pytest.mark.parametrize("layout", [postcard, see_through])
def test_every_kind_of_page_keeps_to_the_standard(layout: Callable[[], Layout], options: PdfOptions) -> None:
    assert pdf_x4_faults(write_pdf(layout(), replace(options, condition=press()))) == []


def test_a_registered_press_is_named_as_in_the_registry() -> None:
    known = press()
    known.__dict__["description"] = "ISO Coated v2 300% (basICColor)"
    try:
        data = write_pdf(postcard(), PdfOptions(condition=known))
    finally:
        del known.__dict__["description"]
    assert pdf_x4_faults(data) == []
    with pikepdf.open(io.BytesIO(data)) as pdf:
        intent = pdf.Root.OutputIntents[0]
        assert (str(intent.OutputConditionIdentifier), str(intent.RegistryName)) == ("FOGRA39", "http://www.color.org")


def test_a_plain_pdf_is_none() -> None:
    assert {"output intent", "no XMP", "Trapped"} <= set(pdf_x4_faults(write_pdf(postcard())))


def _drop(*path: str) -> Callable[[pikepdf.Pdf], None]:
    def drop(pdf: pikepdf.Pdf) -> None:
        holder = pdf.Root
        for name in path[:-1]:
            holder = holder[int(name)] if name.isdigit() else holder[name]
        del holder[path[-1]]

    return drop


def _xmp(old: bytes, new: bytes) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        before = pdf.Root.Metadata.read_bytes()
        assert old in before
        pdf.Root.Metadata.write(before.replace(old, new))

    return change


def _unknown_trapping(pdf: pikepdf.Pdf) -> None:
    pdf.trailer.Info.Trapped = pikepdf.Name.Unknown


def _screen_profile(pdf: pikepdf.Pdf) -> None:
    stream = pdf.Root.OutputIntents[0].DestOutputProfile
    stream.write(stream.read_bytes().replace(b"prtr", b"mntr", 1))


def _rgb_pictures(pdf: pikepdf.Pdf) -> None:
    for picture in pdf.pages[0].Resources.XObject.values():
        picture.ColorSpace = pikepdf.Name.DeviceRGB


def _twice(pdf: pikepdf.Pdf) -> None:
    profile = pdf.Root.OutputIntents[0].DestOutputProfile
    for picture in pdf.pages[0].Resources.XObject.values():
        picture.ColorSpace = pikepdf.Array([pikepdf.Name.ICCBased, profile])


def _switching(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OCProperties.D.AS = pikepdf.Array([pikepdf.Dictionary(Event=pikepdf.Name.Print)])


def _unlisted(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OCProperties.D.Order = pikepdf.Array([pdf.Root.OCProperties.OCGs[0]])


def _both_boxes(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].ArtBox = pdf.pages[0].TrimBox


def _larger_bleed(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].BleedBox = pikepdf.Array([-9, -9, 900, 900])


def _note(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].Annots = pikepdf.Array([pikepdf.Dictionary(Subtype=pikepdf.Name.Text)])


def _script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


@pytest.mark.parametrize(
    ("fault", "change"),
    [
        ("output intent", _drop("/OutputIntents")),
        ("no press profile", _drop("/OutputIntents", "0", "/DestOutputProfile")),
        ("no press profile", _screen_profile),
        ("no condition", _drop("/OutputIntents", "0", "/OutputConditionIdentifier")),
        ("no info", _drop("/OutputIntents", "0", "/Info")),
        ("no XMP", _drop("/Metadata")),
        ("XMP version", _xmp(b"PDF/X-4", b"PDF/X-3")),
        ("XMP rendition", _xmp(b"xmpMM:RenditionClass", b"xmpMM:Rendition")),
        ("titles differ", _xmp(b"Cats", b"Cows")),
        ("trapped differs", _xmp(b"<pdf:Trapped>False", b"<pdf:Trapped>True")),
        ("Trapped", _unknown_trapping),
        ("RGB", _rgb_pictures),
        ("the press's inks twice", _twice),
        ("layers switch themselves", _switching),
        ("layers not listed", _unlisted),
        ("trim box", _both_boxes),
        ("boxes do not nest", _larger_bleed),
        ("annotation", _note),
        ("action or form", _script),
    ],
)
def test_each_mutant_is_caught(fault: str, change: Callable[[pikepdf.Pdf], None]) -> None:
    assert fault in pdf_x4_faults(changed(whole(), change))


def test_a_line_in_rgb_is_caught() -> None:
    assert "RGB" in pdf_x4_faults(with_content(whole(), lambda content: content + b"\n1 0 0 RG"))


def test_see_through_art_blends_in_the_press_s_inks() -> None:
    data = write_pdf(see_through(), PdfOptions(condition=press()))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert all("/SMask" in picture for picture in pdf.pages[0].Resources.XObject.values())
    assert "blends in no press's inks" in pdf_x4_faults(changed(data, lambda pdf: pdf.pages[0].__delitem__("/Group")))


def _inks(data: bytes) -> np.ndarray:
    """The samples of the only picture, HxWx4 uint8. They are unpacked as the rows of a PNG, which they are."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        [picture] = pdf.pages[0].Resources.XObject.values()
        rows = picture.read_raw_bytes()
        header = struct.pack(">IIBBBBB", int(picture.Width), int(picture.Height), 8, 6, 0, 0, 0)
    png = joined([(b"IHDR", header), (b"IDAT", rows), (b"IEND", b"")])
    return np.asarray(Image.open(io.BytesIO(png)))


def test_the_pictures_hold_the_inks_of_the_press() -> None:
    sticker = die_cut(disc(), PrintOptions(size_mm=30))
    layout = lay_out([Item(sticker)], PageOptions(size=parse_page("4x6in")))
    inks = _inks(write_pdf(layout, PdfOptions(condition=press())))
    middle = inks[inks.shape[0] // 2, inks.shape[1] // 2]
    assert middle.tolist() == press().plain_inks(np.array([[(200, 40, 60)]], np.uint8))[0, 0].tolist()
    assert inks[0, 0].max() == 0  # paper


def test_spot_plates_and_overprint_are_as_in_the_plain_pdf(tmp_path: Path) -> None:
    spots = Spots(kiss=Spot("KissCut"), through=THROUGH, white=WHITE)
    plain, press_ready = (
        write_pdf(postcard(), PdfOptions(spots=spots, condition=condition)) for condition in (None, press())
    )
    [before], [after] = read_pdf(plain), read_pdf(press_ready)
    assert [(one.ink, one.tint, one.width_pt, one.overprint, one.layer) for one in before.strokes] == [
        (one.ink, one.tint, one.width_pt, one.overprint, one.layer) for one in after.strokes
    ]
    there, here = plates(plain, tmp_path), plates(press_ready, tmp_path)
    assert set(here) == set(there) == {"Cyan", "Magenta", "Yellow", "Black", "KissCut", "PerfCutContour", "White"}
    for name in ("KissCut", "PerfCutContour", "White"):
        assert np.array_equal(here[name], there[name]), name


@pytest.mark.parametrize(("layout", "rounding"), [(postcard, 0), (see_through, 1)])
def test_the_cut_line_changes_no_process_plate(layout: Callable[[], Layout], rounding: int, tmp_path: Path) -> None:
    with_lines = plates(write_pdf(layout(), PdfOptions(condition=press())), tmp_path)
    without = plates(write_pdf(layout(), PdfOptions(condition=press(), cut_lines=False)), tmp_path)
    assert set(with_lines) - set(without) == {"CutContour"}
    for name, plate in without.items():
        assert np.abs(plate.astype(int) - with_lines[name]).max() <= rounding, name


def test_plates_hold_the_inks_of_the_pictures_and_black_is_clean(tmp_path: Path) -> None:
    """Ghostscript converts nothing: plates are the file's own inks, and a black line is on the black plate alone."""
    picture = disc(colour=(250, 230, 120))
    cv2.circle(picture, (100, 100), 57, (0, 0, 0, 255), 6)
    cv2.circle(picture, (100, 100), 40, (200, 40, 60, 255), -1)
    layout = lay_out([Item(die_cut(picture, PrintOptions(size_mm=40)))], PageOptions(size=parse_page("4x6in")))
    found = plates(write_pdf(layout, PdfOptions(condition=press(), cut_lines=False)), tmp_path)
    [one] = layout.placed
    row, column = round(one.y_mm / 25.4 * 100), round(one.x_mm / 25.4 * 100)
    mm = one.sticker.mm_per_px / 25.4 * 100
    inks = [255 - found[name].astype(int) for name in ("Cyan", "Magenta", "Yellow", "Black")]
    middle = [int(plate[row, column]) for plate in inks]
    assert np.abs(np.array(middle) - press().plain_inks(np.array([[(200, 40, 60)]], np.uint8))[0, 0]).max() <= 1
    ring = [int(plate[row, column + round(57 * mm)]) for plate in inks]
    assert ring == [0, 0, 0, 255]


def test_the_white_underlay_stays_full(tmp_path: Path) -> None:
    data = write_pdf(see_through(), PdfOptions(spots=Spots(white=WHITE), condition=press()))
    found = plates(data, tmp_path)
    within = np.zeros(found["White"].shape, np.uint8)
    for one in see_through().placed:
        ring = np.asarray(one.polygon.buffer(-0.6).exterior.coords) * 100 / 25.4
        cv2.fillPoly(within, [np.round(ring).astype(np.int32)], 1)
    assert within.sum() > 10_000
    assert found["White"][within == 1].max() == 0
