"""`manage.py cut`: folders of stickers from files, without database or worker."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from PIL import Image, ImageDraw


def make_sheet(path: Path, figures: int = 2) -> Path:
    image = Image.new("RGB", (120 * figures, 140), (246, 150, 170))
    pen = ImageDraw.Draw(image)
    for index in range(figures):
        pen.ellipse((20 + 120 * index, 20, 100 + 120 * index, 120), "white")
        pen.ellipse((28 + 120 * index, 28, 92 + 120 * index, 112), "navy")
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)
    return path


def run(*arguments: object) -> tuple[dict[str, Any], str]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("cut", *map(str, arguments), stdout=out, stderr=err)
    except CommandError as error:
        err.write(str(error))
    return json.loads(out.getvalue()), err.getvalue()


def test_it_works(tmp_path: Path) -> None:
    answer, errors = run(make_sheet(tmp_path / "two.png"), "--out", tmp_path / "out")
    assert errors == ""
    assert answer["images"][0]["stickers"] == 2
    listed = json.loads((tmp_path / "out/two/stickers.json").read_text())["stickers"]
    assert [sticker["file"] for sticker in listed] == ["000.png", "001.png"]
    for sticker in listed:
        with Image.open(tmp_path / "out/two" / sticker["file"]) as image:
            assert image.mode == "RGBA"
            assert image.size == (sticker["w"], sticker["h"])
        assert set(sticker) >= {"x", "y", "label", "confidence", "reason", "contour"}


def test_one_stem_twice_keeps_both(tmp_path: Path) -> None:
    first, second = make_sheet(tmp_path / "a/sheet.png", 1), make_sheet(tmp_path / "b/sheet.png", 3)
    answer, _ = run(first, second, "--out", tmp_path / "out")
    folders = [Path(image["folder"]).name for image in answer["images"]]
    assert folders == ["sheet", "sheet-2"]
    assert len(list((tmp_path / "out/sheet-2").glob("*.png"))) == 3


def test_an_error_ends_only_its_own_image(tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    answer, errors = run(broken, make_sheet(tmp_path / "good.png"), "--out", tmp_path / "out")
    assert answer["images"][0]["error"]
    assert answer["images"][1]["stickers"] == 2
    assert "broken.png" in errors
    assert "1 of 2" in errors


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (("--seed", "240,70"), "The seed 240,70 lies outside the picture, which has 240 × 140 pixels."),
        (("--seed", "60,-1"), "The seed 60,-1 lies outside"),
        (("--seed", "-1,60"), "The seed -1,60 lies outside"),
        (("--box", "240,0,20,20"), "The box 240,0,20,20 lies outside"),
        (("--box", "-20,0,20,20"), "The box -20,0,20,20 lies outside"),
        (("--box", "0,140,20,20"), "The box 0,140,20,20 lies outside"),
    ],
)
def test_a_place_outside_the_picture_is_named(tmp_path: Path, place: tuple[str, ...], words: str) -> None:
    answer, errors = run(make_sheet(tmp_path / "s.png"), "--out", tmp_path / "out", *place)
    assert words in answer["images"][0]["error"]
    assert words in errors
    assert "Could not be cut: 1 of 1 image." in errors


def test_a_box_may_reach_out_of_the_picture(tmp_path: Path) -> None:
    answer, _ = run(make_sheet(tmp_path / "s.png"), "--out", tmp_path / "out", "--box", "-10,-10,130,200")
    assert answer["images"][0]["stickers"] == 1


def test_a_second_cut_leaves_nothing_of_the_first(tmp_path: Path) -> None:
    run(make_sheet(tmp_path / "s.png", 3), "--out", tmp_path / "out")
    run(make_sheet(tmp_path / "s.png", 1), "--out", tmp_path / "out")
    assert len(list((tmp_path / "out/s").glob("*.png"))) == 1


def test_options_reach_the_cut(tmp_path: Path) -> None:
    path = make_sheet(tmp_path / "s.png", 3)
    answer, _ = run(path, "--out", tmp_path / "out", "--box", "0,0,120,140", "--background", "#F696AA")
    assert answer["images"][0]["stickers"] == 1
    answer, _ = run(path, "--out", tmp_path / "out", "--seed", "60,70", "--seed", "180,70")
    assert answer["images"][0]["stickers"] == 2


@pytest.mark.parametrize(
    "wrong",
    [("--tolerance", "7"), ("--background", "pinkish"), ("--seed", "1"), ("--box", "a,b,c,d"), ("--count", "0")],
)
def test_nonsense_is_refused_in_words(tmp_path: Path, wrong: tuple[str, str]) -> None:
    path = make_sheet(tmp_path / "s.png", 1)
    with pytest.raises(CommandError, match=r"\w+ \w+"):
        call_command("cut", str(path), "--out", str(tmp_path / "out"), *wrong)
    assert not (tmp_path / "out").exists()


def edits(path: Path, *operations: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"operations": list(operations)}))
    return path


def test_edits_are_played_and_numbered_in_reading_order(tmp_path: Path) -> None:
    file = edits(
        tmp_path / "edits.json",
        {"op": "split", "point": [60, 70], "line": [[60, 0], [60, 140]]},
        {"op": "delete", "point": [180, 70]},
    )
    answer, errors = run(make_sheet(tmp_path / "two.png"), "--edits", file, "--out", tmp_path / "out")
    assert errors == ""
    assert answer["images"][0]["stickers"] == 2
    listed = json.loads((tmp_path / "out/two/stickers.json").read_text())["stickers"]
    assert [sticker["label"] for sticker in listed] == [1, 2]
    assert listed[0]["x"] < listed[1]["x"] < 70


def test_edits_that_fit_nothing_write_no_file(tmp_path: Path) -> None:
    file = edits(tmp_path / "edits.json", {"op": "delete", "point": [60, 70]}, {"op": "delete", "point": [2, 2]})
    answer, errors = run(make_sheet(tmp_path / "two.png"), "--edits", file, "--out", tmp_path / "out")
    assert answer["images"][0]["error"] == "Operation 2, delete: no sticker lies at 2, 2."
    assert "Could not be cut: 1 of 1 image." in errors
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", ['{"operations": [{"op": "melt"}]}', "{", None])
def test_edits_that_cannot_be_read_are_refused(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "edits.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(CommandError, match=r"edits\.json"):
        call_command("cut", str(make_sheet(tmp_path / "a.png")), "--edits", str(file), "--out", str(tmp_path / "out"))


def test_edits_belong_to_one_image(tmp_path: Path) -> None:
    file = edits(tmp_path / "edits.json")
    two = [str(make_sheet(tmp_path / name)) for name in ("a.png", "b.png")]
    with pytest.raises(CommandError, match="give one image"):
        call_command("cut", *two, "--edits", str(file), "--out", str(tmp_path / "out"))
