"""`manage.py export --page`: stickers of sheets laid out on pages, beside the single PNGs it has always written."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError
from PIL import Image

from stickers.models import Sheet
from tests.print_checks import pdf_faults
from tests.test_command_export import export, sheet

__all__ = ["sheet"]


def test_it_works(sheet: Sheet, tmp_path: Path) -> None:
    said = export(
        "--sheet", sheet.pk, "--format", "pdf,zip,dxf", "--page", "A4", "--size", "50mm", "--border", "2mm",
        "--gap", "3mm", "--dpi", 300, "--profile", "stickerapp", "--out", tmp_path / "out",
    )  # fmt: skip
    assert (said["pages"], said["placed"]) == (1, 2)
    assert set(said) == {"pages", "placed", "page_use", "files", "stickers"}
    assert {file["format"] for file in said["files"]} == {"pdf", "zip", "dxf"}
    [pdf] = [Path(file["path"]) for file in said["files"] if file["format"] == "pdf"]
    assert pdf_faults(pdf.read_bytes(), size_mm=(210, 297), counts=[2]) == []
    [archive] = [Path(file["path"]) for file in said["files"] if file["format"] == "zip"]
    with zipfile.ZipFile(archive) as folder:
        manifest = json.loads(folder.read("manifest.json"))
    names = [sticker["name"] for sticker in said["stickers"]]
    assert list(manifest["recipes"]) == names
    assert manifest["recipes"][names[0]]["source"]["sheet"] == sheet.pk


def test_png_with_a_page_is_the_page(sheet: Sheet, tmp_path: Path) -> None:
    said = export("--sheet", sheet.pk, "--format", "png", "--page", "A5", "--out", tmp_path)
    [file] = said["files"]
    assert file["page"] == 1
    with Image.open(file["path"]) as image:
        assert image.size == (1748, 2480)


def test_other_formats_need_no_page(sheet: Sheet, tmp_path: Path) -> None:
    assert export("--sheet", sheet.pk, "--format", "svg", "--out", tmp_path)["placed"] == 2


def test_a_damaged_file_is_named_and_the_others_are_placed(sheet: Sheet, tmp_path: Path, media: Path) -> None:
    broken, _ = sheet.stickers.all()
    (media / broken.file.name).write_bytes(b"no picture")
    with pytest.raises(CommandError, match="1 stickers could not be printed"):
        export("--sheet", sheet.pk, "--format", "svg", "--out", tmp_path / "out")
    assert len(list((tmp_path / "out").iterdir())) == 1


def test_nonsense_leaves_nothing(sheet: Sheet, tmp_path: Path) -> None:
    for arguments in (["--page", "A9"], ["--format", "whatsapp"], ["--format", "pdf", "--copies", "500"]):
        with pytest.raises(CommandError):
            export("--sheet", sheet.pk, *arguments, "--out", tmp_path / "new")
        assert not (tmp_path / "new").exists()
