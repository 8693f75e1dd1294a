"""Presses are found by name, by path or as a usual one; what is missing or no press is said in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from stickers.printing.artwork import conditions
from stickers.printing.artwork.icc import SRGB_V2
from stickers.printing.errors import OptionsError
from tests.support.print_art import press


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two presses, one of them deeper, beside a screen and a file that is no profile."""
    (tmp_path / "shops").mkdir()
    (tmp_path / "Label Press.icc").write_bytes(press().icc)
    (tmp_path / "shops" / "ISOcoated_v2_300_bas.ICM").write_bytes(press().icc)
    (tmp_path / "screen.icc").write_bytes(SRGB_V2)
    (tmp_path / "notes.icc").write_text("nothing")
    (tmp_path / "press.txt").write_bytes(press().icc)
    return tmp_path


def test_it_works(folder: Path) -> None:
    assert [one.name for one in conditions.installed([folder])] == ["ISOcoated_v2_300_bas", "Label Press"]
    assert conditions.named("label press", [folder]).icc == press().icc
    assert conditions.named("Label Press.icc", [folder]).name == "Label Press"


def test_of_two_with_one_name_the_first_folder_s_counts(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "Label Press.icc").write_bytes(press().icc + b"\0")
    both = [other, folder]
    assert conditions.named("Label Press", both).icc == press().icc + b"\0"
    assert len(conditions.installed(both)) == 2


def test_a_usual_one_comes_before_others(folder: Path) -> None:
    assert conditions.usual([folder]).name == "ISOcoated_v2_300_bas"
    (folder / "shops" / "ISOcoated_v2_300_bas.ICM").unlink()
    assert conditions.usual([folder]).name == "Label Press"


def test_a_usual_one_that_is_damaged_is_passed_over(folder: Path) -> None:
    (folder / "shops" / "ISOcoated_v2_300_bas.ICM").write_bytes(press().icc[:3000])
    assert conditions.usual([folder]).name == "Label Press"


def test_a_changed_file_is_read_again(folder: Path) -> None:
    assert len(conditions.named("Label Press", [folder]).icc) == len(press().icc)
    (folder / "Label Press.icc").write_bytes(press().icc + b"\0")
    assert len(conditions.named("Label Press", [folder]).icc) == len(press().icc) + 1


@pytest.mark.parametrize("name", ["screen", "notes"])
def test_what_is_no_press_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(OptionsError, match=f"“{name}.icc” is no ICC profile of a CMYK press") as caught:
        conditions.named(name, [folder])
    assert caught.value.field == "cmyk"


def test_one_that_is_not_there_is_refused(folder: Path) -> None:
    with pytest.raises(OptionsError, match="“Gravure” is not installed here") as caught:
        conditions.named("Gravure", [folder])
    assert caught.value.field == "cmyk"


def test_none_at_all_is_said(folder: Path) -> None:
    with pytest.raises(OptionsError, match="No CMYK profile of a press is installed") as caught:
        conditions.usual([folder / "missing"])
    assert caught.value.field == "cmyk"
