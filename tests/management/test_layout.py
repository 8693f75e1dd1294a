"""`manage.py layout`: a folder of PNGs in, print files and JSON out, and nothing left behind after a refusal."""

from __future__ import annotations

import io
import json
import shutil
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import cv2
import numpy as np
import pikepdf
import pytest
from django.core.management import CommandError, call_command
from PIL import Image, ImageFile

from tests.support.pdf_x4_checks import pdf_x4_faults
from tests.support.print_art import cut_outs, disc, press
from tests.support.print_checks import pdf_faults
from tests.support.running_studio import ROOT


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("kept")
    for index, (_, picture) in enumerate(cut_outs()[:4]):
        Image.fromarray(picture).save(made / f"{index} cat & dog.png")
    (made / "notes.txt").write_text("not a picture")
    return made


@pytest.fixture
def folder(kept: Path, tmp_path: Path) -> Path:
    """A copy, because some tests add to it."""
    return shutil.copytree(kept, tmp_path / "my stickers")


def layout(*arguments: Any) -> Any:
    out = io.StringIO()
    call_command("layout", *map(str, arguments), stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue())


def test_it_works(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    said = layout(
        folder, "--format", "pdf,png,svg,dxf,zip", "--page", "A5", "--size", "40mm", "--border", "2mm", "--gap", "3mm",
        "--dpi", 300, "--profile", "home", "--out", out,
    )  # fmt: skip
    assert (said["pages"], said["placed"]) == (1, 4)
    assert set(said) == {"pages", "placed", "page_use", "files", "stickers"}
    assert 0.1 < said["page_use"] < 0.9
    assert [sticker["name"] for sticker in said["stickers"]] == [f"{index}-cat-dog" for index in range(4)]
    for sticker in said["stickers"]:
        assert max(sticker["cut_mm"]) == pytest.approx(40, abs=0.01)
        assert sticker["effective_ppi"] > 0
    assert [file["format"] for file in said["files"]] == ["pdf", "png", "svg", "dxf", "dxf", "zip"]
    for file in said["files"]:
        assert Path(file["path"]).stat().st_size > 0
        assert Path(file["path"]).parent == out
    pdf = next(Path(file["path"]) for file in said["files"] if file["format"] == "pdf")
    assert pdf_faults(pdf.read_bytes(), size_mm=(148, 210), counts=[4]) == []
    assert sorted(path.name for path in out.iterdir()) == sorted(Path(file["path"]).name for file in said["files"])


def test_pdf_x_for_a_press_of_one_s_own(folder: Path, tmp_path: Path) -> None:
    icc = tmp_path / "Label Press.icc"
    icc.write_bytes(press().icc)
    said = layout(folder, "--format", "pdfx,zip", "--cmyk", icc, "--page", "A5", "--out", tmp_path / "out")
    [file, archive] = [Path(file["path"]) for file in said["files"]]
    assert file.name == "my-stickers-x4.pdf"
    assert pdf_x4_faults(file.read_bytes()) == []
    with ZipFile(archive) as zipped:
        assert "Artifex CMYK SWOP Profile" in zipped.read("README.txt").decode()
        assert json.loads(zipped.read("manifest.json"))["cmyk"] == "Artifex CMYK SWOP Profile"


def test_a_press_that_is_not_there_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"^--cmyk: The CMYK profile “Gravure” is not installed here"):
        layout(folder, "--format", "pdfx", "--cmyk", "Gravure", "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


HEAVY = {"celery", "ezdxf", "scipy", "stickers.models", "django.db.models"}


def loaded(*arguments: Any) -> set[str]:
    """The modules that a command of its own process loads."""
    command = [sys.executable, "-X", "importtime", "manage.py", *map(str, arguments)]
    ended = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=600)
    return {line.rpartition("|")[2].strip() for line in ended.stderr.splitlines() if line.startswith("import time:")}


def test_a_pdf_loads_no_library_that_it_does_not_need(folder: Path, tmp_path: Path) -> None:
    """Start-up is most of a small job's processor time."""
    for_pdf = loaded("layout", folder, "--format", "pdf", "--out", tmp_path / "pdf")
    assert {"numpy", "pikepdf"} <= for_pdf
    assert for_pdf & HEAVY == set()
    for_dxf = loaded("layout", folder, "--format", "dxf", "--out", tmp_path / "dxf")
    assert for_dxf & HEAVY == {"ezdxf"}


def test_coarse_art_is_redrawn_unless_it_is_wanted_as_drawn(folder: Path, tmp_path: Path) -> None:
    def made(name: str, *arguments: str) -> tuple[list[str], bytes]:
        said = layout(folder, "--page", "A4", "--size", "60mm", "--out", tmp_path / name, *arguments)
        return said["stickers"][0]["warnings"], Path(said["files"][0]["path"]).read_bytes()

    warnings, redrawn = made("redrawn")
    assert any("Outlines redrawn" in words for words in warnings)
    warnings, as_drawn = made("as-drawn", "--as-drawn")
    assert not any("redrawn" in words for words in warnings)
    assert redrawn != as_drawn


def test_a_pack_s_words_can_be_set(folder: Path, tmp_path: Path) -> None:
    layout(
        folder, "--format", "signal", "--pack-title", "Pets", "--pack-author", "Ada", "--pack-emoji", "🐶", "--cover",
        "2-cat-dog", "--out", tmp_path / "out",
    )  # fmt: skip
    manifest = json.loads((tmp_path / "out" / "signal" / "manifest.json").read_text())
    assert (manifest["title"], manifest["author"], manifest["cover"]["emoji"]) == ("Pets", "Ada", "🐶")
    with pytest.raises(CommandError, match=r"--pack-emoji: .*no words"):
        layout(folder, "--format", "signal", "--pack-emoji", "dog", "--out", tmp_path / "again")


def test_packs_have_a_folder_of_their_own(folder: Path, tmp_path: Path) -> None:
    said = layout(folder, "--format", "whatsapp", "--out", tmp_path / "out")
    assert len([file for file in said["files"] if file["path"].endswith((".webp", ".png"))]) == 5
    assert {Path(file["path"]).parent for file in said["files"]} == {tmp_path / "out" / "whatsapp"}


@pytest.mark.parametrize(("bleed", "wanted_mm"), [((), 3.2), (("--bleed", "1mm"), 1.0)])
def test_the_bleed_is_the_profile_s_or_what_is_said(
    folder: Path, tmp_path: Path, bleed: tuple[str, ...], wanted_mm: float
) -> None:
    layout(folder, "--format", "zip", "--profile", "stickergiant", *bleed, "--out", tmp_path / "out")
    [archive] = (tmp_path / "out").glob("*.zip")
    with ZipFile(archive) as made:
        assert json.loads(made.read("manifest.json"))["bleed_mm"] == wanted_mm


@pytest.mark.parametrize("upright", ["--upright", "--no-upright"])
def test_copies_and_upright(folder: Path, tmp_path: Path, upright: str) -> None:
    said = layout(folder, "--format", "svg", "--size", "1in", "--copies", 6, upright, "--out", tmp_path / "out")
    assert said["placed"] == 24


def test_sizes_fit_the_art(folder: Path, tmp_path: Path) -> None:
    """The folder counts as one sheet. A picture that is refused does not change its scale."""
    Image.new("RGBA", (900, 900)).save(folder / "empty.png")
    with pytest.raises(CommandError, match="1 picture could not be printed"):
        layout(folder, "--format", "zip", "--out", tmp_path / "out")
    [archive] = (tmp_path / "out").glob("*.zip")
    with ZipFile(archive) as made:
        said = json.loads(made.read("manifest.json"))["stickers"]
    assert [sticker["effective_ppi"] for sticker in said] == pytest.approx([200] * 4, abs=2)
    assert len({max(sticker["cut_mm"]) for sticker in said}) == 4


@pytest.mark.parametrize("text", ["cricut", "silhouette"])
def test_home_cutters_get_room_for_their_marks(folder: Path, tmp_path: Path, text: str) -> None:
    said = layout(folder, "--format", text, "--page", "Letter", "--size", "60mm", "--out", tmp_path / "out")
    assert {file["format"] for file in said["files"]} == {text}


def test_all_marks_can_be_set(folder: Path, tmp_path: Path) -> None:
    layout(
        folder, "--format", "silhouette", "--size", "30mm", "--marks-square", "6mm", "--marks-inset", "16mm",
        "--marks-arm", "18mm", "--marks-line", "0.4mm", "--marks-clearance", "25mm", "--out", tmp_path / "three",
    )  # fmt: skip
    layout(folder, "--format", "silhouette", "--marks-count", 4, "--marks-centred", "--out", tmp_path / "four")
    for name, words in (
        ("three", "square 6 mm, inset 16 mm, length 18 mm, line 0.4 mm"),
        ("four", "Four registration marks: inset 10 mm, length 15 mm, line 0.5 mm"),
    ):
        [file] = (tmp_path / name).glob("*.pdf")
        with pikepdf.open(file) as pdf:
            assert words in pdf.pages[0].Contents.read_bytes().decode("cp1252")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--marks-arm", "50mm"], "--marks-arm: .*8 to 20"),
        (["--marks-inset", "1mm"], "--marks-inset: .*5 to 50"),
        (["--marks-count", "5"], "invalid choice"),
        (["--size", "0mm"], "above zero"),
        (["--size", "-5mm"], "“-5mm” is below zero"),
        (["--size", "-5"], "“-5” is below zero"),
        (["--size", "2000mm"], "too long"),
        (["--size", "330mm"], "--size: None of the stickers fits"),
        (["--size", "40mm", "--border", "300mm"], "--border: .*no room"),
        (["--page", "A4", "--margin", "200mm"], "--margin: .*no room"),
        (["--page", "A9"], "--page: .*no page"),
        (["--page", "5x5mm"], "--page: .*sides"),
        (["--copies", "500"], "--copies: .*1 to 200"),
        (["--copies", "0"], "--copies: .*1 to 200"),
        (["--gap", "900mm"], "--gap: .*0 to 100"),
        (["--bleed", "9mm"], "--bleed: .*3.2"),
        (["--profile", "nobody"], "--profile: .*use home"),
        (["--format", "pdf,bmp"], "invalid choice"),
        (["--format", ","], "invalid choice"),
        (["--format", "line"], "LINE pack holds 8 to 40 stickers in steps of 8"),
        (["--dpi", "72"], "invalid choice"),
    ],
)
def test_nonsense_is_refused_and_leaves_nothing(folder: Path, tmp_path: Path, arguments: list[str], words: str) -> None:
    if "--format" not in arguments:
        arguments = [*arguments, "--format", "pdf"]
    with pytest.raises(CommandError, match=words):
        layout(folder, *arguments, "--out", tmp_path / "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["my stickers"]


def test_pictures_that_cannot_be_cut_are_named_and_the_others_come(folder: Path, tmp_path: Path) -> None:
    Image.fromarray(np.zeros((50, 50, 4), np.uint8)).save(folder / "empty.png")
    Image.new("RGB", (50, 50), (9, 9, 9)).save(folder / "opaque.png")
    (folder / "torn.png").write_bytes(b"no picture")
    with pytest.raises(CommandError, match="3 pictures could not be printed"):
        layout(folder, "--format", "svg", "--out", tmp_path / "out")
    assert len(list((tmp_path / "out").iterdir())) == 1


def test_colours_come_in_as_srgb(tmp_path: Path) -> None:
    (made := tmp_path / "in").mkdir()
    picture = disc(colour=(200, 100, 100))
    packed = io.BytesIO()
    Image.fromarray(picture).save(packed, "PNG")
    p3 = b"cICP" + bytes([12, 13, 0, 1])
    marked = struct.pack(">I", 4) + p3 + struct.pack(">I", zlib.crc32(p3))
    (made / "p3.png").write_bytes(packed.getvalue()[:33] + marked + packed.getvalue()[33:])
    layout(made, "--format", "png", "--page", "A5", "--border", "none", "--out", tmp_path / "out")
    [page] = (tmp_path / "out").glob("*.png")
    pixels = np.asarray(Image.open(page))
    solid = pixels[pixels[..., 3] == 255][:, :3]
    assert np.abs(np.median(solid, axis=0) - (215, 93, 97)).max() <= 1


def test_a_flat_base_at_the_picture_s_edge_is_no_fault(tmp_path: Path) -> None:
    (made := tmp_path / "in").mkdir()
    Image.fromarray(disc()[:120]).save(made / "penguin.png")
    [sticker] = layout(made, "--format", "svg", "--size", "15mm", "--out", tmp_path / "out")["stickers"]
    assert not [words for words in sticker["warnings"] if "cut off" in words]


def test_too_many_pixels_are_refused_before_they_are_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (made := tmp_path / "in").mkdir()
    Image.new("RGBA", (8000, 8000)).save(made / "poster.png")

    def decoded(*_: Any, **__: Any) -> None:
        raise AssertionError("It was decoded.")

    monkeypatch.setattr(ImageFile.ImageFile, "load", decoded)
    with pytest.raises(CommandError, match="8000 × 8000 pixels; at most 36 megapixels"):
        layout(made, "--out", tmp_path / "out")


def test_only_pictures_that_cannot_be_cut(tmp_path: Path) -> None:
    (made := tmp_path / "in").mkdir()
    with pytest.raises(CommandError, match="no PNG"):
        layout(made, "--out", tmp_path / "out")
    Image.fromarray(np.zeros((50, 50, 4), np.uint8)).save(made / "empty.png")
    with pytest.raises(CommandError, match="fully transparent"):
        layout(made, "--out", tmp_path / "out")
    with pytest.raises(CommandError, match="no folder"):
        layout(tmp_path / "nowhere", "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_pixels_to_the_edge_and_single_ones(tmp_path: Path) -> None:
    (made := tmp_path / "in").mkdir()
    Image.fromarray(np.full((60, 60, 4), 200, np.uint8) | np.uint8(255)).save(made / "full.png")
    Image.fromarray(np.full((1, 1, 4), 255, np.uint8)).save(made / "one.png")
    Image.fromarray(disc()).save(made / "disc.png")
    assert layout(made, "--format", "pdf", "--out", tmp_path / "out")["placed"] == 3


def test_palettes_grey_and_sixteen_bits_are_read(tmp_path: Path) -> None:
    (made := tmp_path / "in").mkdir()
    picture = disc()
    whole = Image.fromarray(picture)
    whole.quantize(16).save(made / "palette.png")
    on_green = Image.composite(whole, Image.new("RGBA", whole.size, (0, 255, 0, 255)), whole.getchannel("A"))
    keyed = on_green.convert("RGB").quantize(16)
    keyed.save(made / "palette key.png", transparency=keyed.getpixel((0, 0)))
    whole.convert("LA").save(made / "grey.png")
    cv2.imwrite(str(made / "sixteen.png"), picture[..., [2, 1, 0, 3]].astype(np.uint16) * 257)
    dots = np.zeros((200, 200, 4), np.uint8)
    dots[::2, ::2] = 255
    Image.fromarray(dots).save(made / "chequered.png")
    said = layout(made, "--format", "svg", "--size", "50mm", "--out", tmp_path / "out")
    assert said["placed"] == 5
    assert {max(sticker["cut_mm"]) for sticker in said["stickers"]} == {50.0}
