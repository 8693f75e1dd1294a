"""`manage.py cut`: files in, folders of stickers out, without database and worker."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from PIL import Image, ImageDraw


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """Two figures with white borders on a plain ground."""
    image = Image.new("RGB", (320, 320), "#f696aa")
    draw = ImageDraw.Draw(image)
    for x, y, colour in ((90, 90, "navy"), (230, 210, "darkgreen")):
        draw.ellipse((x - 52, y - 52, x + 52, y + 52), "white")
        draw.ellipse((x - 42, y - 42, x + 42, y + 42), colour)
    image.save(tmp_path / "two.png")
    return tmp_path / "two.png"


def cut(*arguments: object) -> tuple[list[dict[str, Any]], str]:
    """What was printed for each image, and the error that ended the command."""
    out, said = io.StringIO(), ""
    try:
        call_command("cut", *map(str, arguments), stdout=out, stderr=io.StringIO())
    except CommandError as error:
        said = str(error)
    return (json.loads(out.getvalue())["images"] if out.getvalue() else []), said


def test_it_works(sheet: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    images, error = cut(sheet, "--out", out)
    assert images == [{"image": str(sheet), "folder": str(out / "two"), "stickers": 2, "error": None}]
    assert error == ""
    listed = json.loads((out / "two" / "stickers.json").read_text())["stickers"]
    assert [sticker["file"] for sticker in listed] == ["000.png", "001.png"]
    assert [sticker["label"] for sticker in listed] == [1, 2]
    for sticker in listed:
        assert set(sticker) == {"file", "x", "y", "w", "h", "label", "confidence", "reason", "contour"}
        assert 0 <= sticker["confidence"] <= 1
        assert len(sticker["contour"]) > 8
        with Image.open(out / "two" / sticker["file"]) as image:
            assert (image.mode, image.size) == ("RGBA", (sticker["w"], sticker["h"]))


def test_one_bad_image_spoils_none_of_the_others(sheet: Path, tmp_path: Path) -> None:
    broken, missing = tmp_path / "broken.png", tmp_path / "missing.png"
    broken.write_bytes(sheet.read_bytes()[:200])
    images, error = cut(broken, missing, sheet, "--out", tmp_path / "out")
    assert [image["stickers"] for image in images] == [0, 0, 2]
    assert [bool(image["error"]) for image in images] == [True, True, False]
    assert images[0]["folder"] is None
    assert error == "2 of 3 images could not be cut."
    assert not (tmp_path / "out" / "broken").exists()


def test_images_of_one_name_have_folders_of_their_own(sheet: Path, tmp_path: Path) -> None:
    with Image.open(sheet) as image:
        image.save(tmp_path / "two.jpg")
    images, _ = cut(sheet, tmp_path / "two.jpg", "--out", tmp_path / "out")
    assert [Path(image["folder"]).name for image in images] == ["two", "two-2"]


def test_stickers_of_an_earlier_cut_do_not_stay(sheet: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out" / "two"
    folder.mkdir(parents=True)
    (folder / "007.png").touch()
    (folder / "notes.txt").touch()
    cut(sheet, "--out", tmp_path / "out")
    assert sorted(path.name for path in folder.iterdir()) == ["000.png", "001.png", "notes.txt", "stickers.json"]


def test_a_blank_sheet_is_no_error(tmp_path: Path) -> None:
    Image.new("RGB", (300, 200), "white").save(tmp_path / "blank.png")
    [image], error = cut(tmp_path / "blank.png", "--out", tmp_path / "out")
    assert (image["stickers"], error) == (0, "")
    assert json.loads((tmp_path / "out" / "blank" / "stickers.json").read_text()) == {"stickers": []}


@pytest.mark.parametrize(
    "nonsense",
    [("--tolerance", "7"), ("--background", "pink"), ("--seed", "1"), ("--box", "1,2,x,4"), ("--join", "near")],
)
def test_nonsense_options(sheet: Path, tmp_path: Path, nonsense: tuple[str, str]) -> None:
    images, error = cut(sheet, "--out", tmp_path / "out", *nonsense)
    assert images == []
    assert error
    assert not (tmp_path / "out").exists()


def test_a_place_that_cannot_be_written(sheet: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    [image], error = cut(sheet, "--out", tmp_path / "file")
    assert "cannot be written" in image["error"]
    assert error == "1 of 1 images could not be cut."
