"""`manage.py export`: real rows in, files of exact size out, and nothing left behind after a refusal."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from PIL import Image, ImageDraw

from stickers.models import Sheet
from tests.support.jobs import cut


@pytest.fixture
def sheet(designer: User) -> Sheet:
    """Two discs of different size, segmented."""
    image = Image.new("RGB", (512, 512), (180, 220, 250))
    pen = ImageDraw.Draw(image)
    pen.ellipse((30, 150, 230, 350), fill=(200, 40, 60))
    pen.ellipse((300, 200, 460, 280), fill=(40, 120, 60))
    out = io.BytesIO()
    image.save(out, "PNG")
    row = Sheet.objects.import_picture(
        owner_pk=designer.pk,
        data=out.getvalue(),
        picture_format="PNG",
        width_px=512,
        height_px=512,
        source_name="../../two discs.png",
    )
    assert cut(row)
    return row


def export(*arguments: Any) -> Any:
    out = io.StringIO()
    call_command("export", *map(str, arguments), stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue())


def test_it_works(sheet: Sheet, tmp_path: Path) -> None:
    said = export("--sheet", sheet.pk, "--size", "50mm", "--dpi", 300, "--border", "2mm", "--out", tmp_path / "new")
    assert len(said["files"]) == 2
    for file in said["files"]:
        assert max(file["width_mm"], file["height_mm"]) == pytest.approx(50, abs=0.15)
        assert file["effective_ppi"] > 0
        path = Path(file["path"])
        assert path.parent == tmp_path / "new"
        with Image.open(path) as image:
            assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
            left, top, right, bottom = image.getchannel("A").getbbox() or (0, 0, 0, 0)
            assert max(right - left, bottom - top) * 25.4 / 300 == pytest.approx(50, abs=0.15)
    assert json.loads((tmp_path / "new" / "manifest.json").read_text())["refused"] == []


def test_sizes_fit_the_art(sheet: Sheet, tmp_path: Path) -> None:
    files = export("--sheet", sheet.pk, "--out", tmp_path)["files"]
    assert [file["effective_ppi"] for file in files] == pytest.approx([200, 200], abs=2)
    sharp = export("--sheet", sheet.pk, "--size", "sharp", "--out", tmp_path)["files"]
    assert all(file["effective_ppi"] >= 300 for file in sharp)


def test_one_sticker_in_inches_without_a_border(sheet: Sheet, tmp_path: Path) -> None:
    sticker = sheet.stickers.all()[0]
    said = export("--sticker", sticker.pk, "--size", "2in", "--border", "none", "--dpi", 600, "--out", tmp_path)
    [file] = said["files"]
    assert max(file["width_mm"], file["height_mm"]) == pytest.approx(50.8, abs=0.1)
    assert (file["dpi"], file["border_mm"]) == (600, 0)


def test_a_sheet_and_its_own_sticker_are_written_once(sheet: Sheet, tmp_path: Path) -> None:
    sticker = sheet.stickers.all()[0]
    assert len(export("--sheet", sheet.pk, "--sticker", sticker.pk, "--out", tmp_path)["files"]) == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--size", "0mm"], "above zero"),
        (["--size", "2m"], "not a unit"),
        (["--size", "9999mm"], "too long"),
        (["--size", "abc"], "not a length"),
        (["--size", "2mm"], "too small to cut"),
        (["--size", "20mm", "--border", "15mm"], "no room"),
        (["--dpi", "72"], "invalid choice"),
        (["--format", "bmp"], "invalid choice"),
    ],
)
def test_nonsense_is_refused_and_leaves_nothing(sheet: Sheet, tmp_path: Path, arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        export("--sheet", sheet.pk, *arguments, "--out", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_ids_that_do_not_exist(sheet: Sheet, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="sheet 9999, sticker 8888"):
        export("--sheet", sheet.pk, 9999, "--sticker", 8888, "--out", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_nothing_asked_for(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="--sheet ID or --sticker ID"):
        export("--out", tmp_path)


def test_a_damaged_file_is_named_and_the_others_are_written(sheet: Sheet, tmp_path: Path, media: Path) -> None:
    broken, whole = sheet.stickers.all()
    (media / broken.file.name).write_bytes(b"no picture")
    with pytest.raises(CommandError, match="1 of 2"):
        export("--sheet", sheet.pk, "--out", tmp_path)
    listed = json.loads((tmp_path / "manifest.json").read_text())
    assert [file["source"]["sticker"] for file in listed["files"]] == [whole.pk]
    assert [item["source"]["sticker"] for item in listed["refused"]] == [broken.pk]


@pytest.mark.parametrize("argument", ["--sheet", "--sticker"])
def test_a_number_that_no_row_can_have_is_not_found(argument: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Not found"):
        call_command("export", argument, str(10**22), "--out", str(tmp_path))
