"""A job's files as a whole: every format, the ZIP with its manifest and README, and what is refused beforehand."""

from __future__ import annotations

import io
import json
import zipfile
from functools import cache
from typing import Any

import pytest

from stickers.printing.delivery.job import PrintJob
from stickers.printing.delivery.manifest import readme, summary
from stickers.printing.delivery.package import write_files, write_zip
from stickers.printing.errors import OptionsError
from stickers.printing.imposition.layout import Item, Layout, clashes, lay_out
from stickers.printing.imposition.pages import PageOptions, parse_page
from stickers.printing.preflight.rules import examine
from stickers.printing.profiles import PROFILES
from tests.support.print_art import die_cuts
from tests.support.print_checks import pdf_faults


@cache
def layout() -> Layout:
    job = PrintJob(formats=("cricut", "silhouette"))
    return lay_out([Item(sticker, 2) for sticker in die_cuts()[:8]], job.pages(PageOptions(size=parse_page("A5"))))


def test_it_works() -> None:
    job = PrintJob(formats=("png", "pdf", "svg", "dxf", "cricut", "silhouette", "telegram"), stem="cats")
    files = list(write_files(layout(), job))
    assert {file.format for file in files} == set(job.formats)
    assert len({file.name for file in files}) == len(files)
    pages = len(layout().pages)
    assert pages > 1
    for kind, per_page in {"png": 1, "svg": 1, "dxf": 2, "cricut": 1}.items():
        assert [file.page for file in files if file.format == kind] == [
            page for page in range(1, pages + 1) for _ in range(per_page)
        ]
    for kind in ("pdf", "silhouette"):
        assert [file.page for file in files if file.format == kind] == [None]
    assert clashes(layout()) == []


def test_the_summary_says_what_a_script_needs() -> None:
    said = summary(layout(), [{"format": "pdf", "path": "/x.pdf", "page": None}])
    assert set(said) == {"pages", "placed", "page_use", "files", "stickers"}
    assert (said["pages"], said["placed"]) == (len(layout().pages), 16)
    assert 0.1 < said["page_use"] < 0.9
    first = said["stickers"][0]
    assert set(first) == {"name", "page", "cut_mm", "effective_ppi", "warnings"}
    assert max(first["cut_mm"]) == pytest.approx(45, abs=0.01)


def test_the_zip_holds_it_all_and_explains_it() -> None:
    job = PrintJob(
        formats=("zip", "telegram"), profile=PROFILES["stickerninja"], recipes={"cat": {"recipe": {"seed": 7}}}
    )
    data = write_zip(layout(), job)
    assert data == write_zip(layout(), job)
    with zipfile.ZipFile(io.BytesIO(data)) as folder:
        names = folder.namelist()
        assert folder.testzip() is None
        manifest: dict[str, Any] = json.loads(folder.read("manifest.json"))
        words = folder.read("README.txt").decode()
        pdf = folder.read("stickers.pdf")
    assert sum(name.startswith("telegram/") and name.endswith(".webp") for name in names) == 8
    assert [file["path"] for file in manifest["files"]] == names[:-2]
    assert manifest["spots"] == {"kiss": "CutContour", "through": "PerfCutContour", "white": None}
    assert manifest["dpi"] == 300
    assert manifest["page"]["width_mm"] == 148
    assert manifest["recipes"] == {"cat": {"recipe": {"seed": 7}}}
    assert len(manifest["stickers"]) == 16
    assert {"x_mm", "y_mm", "rotation_deg", "effective_ppi"} <= set(manifest["stickers"][0])
    assert any(found["rule"] == "gap" for found in manifest["warnings"])  # 3 mm, but the profile demands 6.35
    assert "100 %" in words
    assert "CutContour" in words
    counts = [len(page.placed) for page in layout().pages]
    assert "count" not in pdf_faults(pdf, size_mm=(148, 210), counts=counts)


@pytest.mark.parametrize(("count", "words"), [(1, "1 sticker on 1 page of"), (2, "2 stickers on 1 page of")])
def test_the_readme_counts_in_words(count: int, words: str) -> None:
    pages = lay_out([Item(sticker) for sticker in die_cuts()[:count]], PageOptions())
    assert readme(pages, PrintJob(formats=("zip",)), []).startswith(words)


def test_a_home_cutter_s_zip_has_a_calibration_page() -> None:
    with zipfile.ZipFile(io.BytesIO(write_zip(layout(), PrintJob(formats=("zip", "silhouette"))))) as folder:
        assert {"calibration.pdf", "stickers-silhouette.pdf"} <= set(folder.namelist())
        assert "square 5 mm, inset 10 mm" in folder.read("README.txt").decode()


def test_what_the_preflight_finds_reaches_its_sticker() -> None:
    findings = examine(layout(), PROFILES["stickergiant"])
    said = summary(layout(), [], findings)
    assert any("gap" in warning for sticker in said["stickers"] for warning in sticker["warnings"])


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("format", {"formats": ("bmp",)}),
        ("format", {"formats": ()}),
        ("dpi", {"formats": ("pdf",), "dpi": 72}),
        ("bleed_mm", {"formats": ("pdf",), "bleed_mm": 9}),
        ("bleed_mm", {"formats": ("pdf",), "bleed_mm": float("nan")}),
    ],
)
def test_nonsense_is_refused(field: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(OptionsError) as caught:
        PrintJob(**wrong)
    assert caught.value.field == field


def test_what_cannot_be_made_is_known_before_the_first_file() -> None:
    files = write_files(layout(), PrintJob(formats=("pdf", "line", "whatsapp")))
    assert next(files).format == "pdf"
    three = lay_out([Item(sticker) for sticker in die_cuts()[:3]], PageOptions())
    with pytest.raises(OptionsError, match="LINE pack holds"):
        next(write_files(three, PrintJob(formats=("pdf", "line"))))
    with pytest.raises(OptionsError, match="None of the stickers fits"):
        next(write_files(Layout(options=PageOptions(), pages=()), PrintJob(formats=("pdf",))))
