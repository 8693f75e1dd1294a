"""Files for home cutters, measured as their software does: Cricut's area, Silhouette's marks, a true ruler."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pikepdf
import pytest
import shapely
from PIL import Image

from stickers.printing.artwork.die_cut import die_cut
from stickers.printing.delivery.job import PrintJob
from stickers.printing.errors import OptionsError
from stickers.printing.imposition.layout import Item, Layout, Page, clashes, lay_out
from stickers.printing.imposition.marks import RegistrationMarks
from stickers.printing.imposition.pages import PageOptions, parse_page
from stickers.printing.options import PrintOptions
from stickers.printing.writers.cutters import (
    calibration,
    cricut_area_mm,
    cricut_margin_mm,
    write_cricut,
    write_silhouette,
)
from tests.support.print_art import cut_outs, die_cuts
from tests.support.print_checks import read_pdf, rendered


@cache
def for_cricut() -> Layout:
    options = PrintJob(formats=("cricut",)).pages(PageOptions())
    return lay_out([Item(sticker) for sticker in die_cuts()[:14]], options)


@pytest.mark.parametrize("name", ["A4", "Letter", "A4 landscape", "4x6in"])
def test_cricut_s_margin_leaves_its_area(name: str) -> None:
    size = parse_page(name)
    wide, high = cricut_area_mm(size)
    margin = cricut_margin_mm(size)
    assert size.width_mm - 2 * margin <= wide + 1e-9
    assert size.height_mm - 2 * margin <= high + 1e-9


def test_the_cricut_picture_is_within_its_area_and_unmarked() -> None:
    for page in for_cricut().pages:
        image = Image.open(io.BytesIO(write_cricut(for_cricut(), page)))
        assert image.mode == "RGBA"
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.01)
        assert image.width * 25.4 / 300 <= 183 + 0.5
        assert image.height * 25.4 / 300 <= 269.8 + 0.5
        alpha = np.asarray(image)[..., 3]
        count = cv2.connectedComponents((alpha >= 128).astype(np.uint8))[0] - 1
        assert count == len(page.placed)
        assert max(alpha[0].max(), alpha[-1].max(), alpha[:, 0].max(), alpha[:, -1].max()) == 0


def test_more_than_cricut_prints_is_refused() -> None:
    page = lay_out([Item(die_cuts()[0], 30)], PageOptions(margin_mm=5)).pages[0]
    with pytest.raises(OptionsError, match="Cricut prints at most 183") as caught:
        write_cricut(Layout(options=PageOptions(margin_mm=5), pages=(page,)), page)
    assert caught.value.field == "margin_mm"
    with pytest.raises(OptionsError, match="nothing"):
        write_cricut(for_cricut(), Page(1, ()))


@cache
def for_silhouette() -> Layout:
    order = PrintOptions(size_mm=40, border_rgb=(0, 120, 200))
    items = [Item(die_cut(picture, order, name=name), 4) for name, picture in cut_outs()[:2]]
    return lay_out(items, PrintJob(formats=("silhouette",)).pages(PageOptions(size=parse_page("A5"))))


def test_silhouette_s_marks_are_where_its_software_looks(tmp_path: Path) -> None:
    marks = RegistrationMarks()
    data = write_silhouette(for_silhouette(), marks)
    assert clashes(for_silhouette()) == []
    [page] = read_pdf(data)
    assert page.strokes == []
    shown = rendered(data, tmp_path, 300)
    black = shown.max(axis=2) < 40

    def filled(left: float, top: float, right: float, bottom: float) -> float:
        box = np.s_[round(top * 11.811) : round(bottom * 11.811), round(left * 11.811) : round(right * 11.811)]
        return float(black[box].mean())

    assert filled(10.1, 10.1, 14.9, 14.9) == 1
    assert filled(8.5, 8.5, 9.8, 16) == 0
    assert filled(148 - 10 - 14.8, 10.1, 148 - 10.1, 10.4) == 1
    assert filled(148 - 10.4, 10.1, 148 - 10.1, 24.8) == 1
    assert filled(10.1, 210 - 10.4, 24.8, 210 - 10.1) == 1
    assert filled(10.1, 210 - 24.8, 10.4, 210 - 10.1) == 1
    # And none at the lower right, by which the cutter knows which way up the page is.
    assert filled(148 - 20, 210 - 20, 148 - 5, 210 - 9) == 0


def test_stickers_keep_clear_of_the_marks() -> None:
    for box in RegistrationMarks().boxes(for_silhouette().options.size):
        for one in for_silhouette().placed:
            left, top, right, bottom = one.path.bounds
            apart = max(box.left_mm - right, left - box.right_mm, box.top_mm - bottom, top - box.bottom_mm)
            assert apart >= 0.9 or one.polygon.distance(_shape(box)) >= 0.9


def _shape(box: Any) -> Any:
    return shapely.box(box.left_mm, box.top_mm, box.right_mm, box.bottom_mm)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("marks.inset_mm", {"inset_mm": 0}),
        ("marks.arm_mm", {"arm_mm": 7}),
        ("marks.arm_mm", {"arm_mm": 21}),
        ("marks.line_mm", {"line_mm": 2}),
        ("marks.square_mm", {"square_mm": float("nan")}),
    ],
)
def test_marks_that_no_cutter_would_find_are_refused(field: str, wrong: dict[str, float]) -> None:
    with pytest.raises(OptionsError) as caught:
        RegistrationMarks(**wrong)
    assert caught.value.field == field


def test_the_calibration_page_measures_what_it_says(tmp_path: Path) -> None:
    data = calibration(parse_page("A4"), RegistrationMarks())
    [page] = read_pdf(data)
    [line] = [stroke for stroke in page.strokes if stroke.ink == "CutContour"]
    left, top, right, bottom = line.polygon().bounds
    assert (right - left, bottom - top) == pytest.approx((50, 50), abs=0.01)
    rulers = [stroke for stroke in page.strokes if stroke.ink == "G"]
    lengths = [max(np.ptp(np.concatenate(stroke.curves), axis=0)) for stroke in rulers]
    assert sum(length == pytest.approx(100, abs=0.01) for length in lengths) == 2
    assert (rendered(data, tmp_path, 60).min(axis=2) < 128).any()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert b"100 mm" in pdf.pages[0].Contents.read_bytes()
    with pytest.raises(OptionsError):
        calibration(parse_page("50x50mm"))
