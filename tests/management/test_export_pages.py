"""`manage.py export --page`: stickers of sheets laid out on pages, beside the single PNGs."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError
from PIL import Image
from pytest_django import Settings

from stickers.models import PrintProfile, Sheet
from stickers.printing.profiles import PROFILES
from stickers.prints.profiles import data_of
from tests.management.test_export import export, sheet
from tests.support.print_checks import pdf_faults

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


def test_sizes_fit_the_art(sheet: Sheet, tmp_path: Path) -> None:
    """The stickers keep the relation that they have on the sheet. `sharp` gives each what it has pixels for."""
    longest_px = [sticker.art_px for sticker in sheet.stickers.all()]
    said = export("--sheet", sheet.pk, "--format", "svg", "--page", "4x6in", "--out", tmp_path)["stickers"]
    arts = [max(sticker["cut_mm"]) - 4 for sticker in said]
    assert arts[0] / arts[1] == pytest.approx(longest_px[0] / longest_px[1], abs=0.01)
    assert min(sticker["effective_ppi"] for sticker in said) == pytest.approx(200, abs=2)
    said = export("--sheet", sheet.pk, "--format", "svg", "--size", "sharp", "--out", tmp_path)["stickers"]
    assert all(sticker["effective_ppi"] >= 300 for sticker in said)


def test_a_pack_s_stickers_have_one_size(sheet: Sheet, tmp_path: Path) -> None:
    """Each picture of a pack is filled by its sticker. At one size the borders have one width."""
    said = export("--sheet", sheet.pk, "--format", "telegram", "--out", tmp_path)
    assert {max(sticker["cut_mm"]) for sticker in said["stickers"]} == {50}


def test_a_damaged_file_is_named_and_the_others_are_placed(sheet: Sheet, tmp_path: Path, media: Path) -> None:
    broken, _ = sheet.stickers.all()
    (media / broken.file.name).write_bytes(b"no picture")
    with pytest.raises(CommandError, match="1 sticker could not be printed"):
        export("--sheet", sheet.pk, "--format", "svg", "--out", tmp_path / "out")
    assert len(list((tmp_path / "out").iterdir())) == 1


def test_nonsense_leaves_nothing(sheet: Sheet, tmp_path: Path) -> None:
    for arguments in (["--page", "A9"], ["--format", "whatsapp"], ["--format", "pdf", "--copies", "500"]):
        with pytest.raises(CommandError):
            export("--sheet", sheet.pk, *arguments, "--out", tmp_path / "new")
        assert not (tmp_path / "new").exists()


def test_a_profile_of_ones_own(sheet: Sheet, tmp_path: Path, designer: User) -> None:
    mine = PROFILES["stickerapp"].edited({"size_mm": 25, "spot_name": "KnifeLine", "border_mm": 3})
    PrintProfile.objects.create(owner=designer, name="Corner shop", data=data_of(mine))
    said = export("--sheet", sheet.pk, "--format", "pdf", "--profile", "corner shop", "--out", tmp_path)
    sizes = [max(sticker["cut_mm"]) for sticker in said["stickers"]]
    assert sum(sizes) / 2 == pytest.approx(25, abs=0.1)  # the size of a usual sticker
    data = Path(said["files"][0]["path"]).read_bytes()
    faults = pdf_faults(data, size_mm=(210, 297), counts=[2], spot="KnifeLine", gap_mm=mine.gap_mm)
    assert faults == []


def test_with_accounts_the_profiles_owner_is_named(
    sheet: Sheet, tmp_path: Path, designer: User, settings: Settings
) -> None:
    row = PrintProfile.objects.create(owner=designer, name="Corner shop", data=data_of(PROFILES["home"]))
    settings.STUDIO_ACCOUNTS = True
    arguments = ("--sheet", sheet.pk, "--format", "svg", "--profile", row.name, "--out", tmp_path / "out")
    with pytest.raises(CommandError, match="--owner"):
        export(*arguments)
    other = User.objects.create(username="other")
    with pytest.raises(CommandError, match="--profile: “Corner shop” is no profile known here"):
        export(*arguments, "--owner", other.username)
    assert not (tmp_path / "out").exists()
    assert export(*arguments, "--owner", designer.username)["placed"] == 2
