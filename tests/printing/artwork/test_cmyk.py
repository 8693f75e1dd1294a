"""The inks of a press: as Little CMS gives them elsewhere, black ink alone for black art, and colours that are lost."""

from __future__ import annotations

import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest

from stickers.printing.artwork import cmyk
from stickers.printing.artwork.cmyk import PrintingCondition
from stickers.printing.artwork.icc import SRGB_V2
from stickers.printing.errors import OptionsError
from tests.support.print_art import press, program

PATCHES = (
    *((255, 255, 255), (128, 128, 128), (200, 40, 60), (0, 120, 200), (250, 230, 120)),
    *((140, 90, 60), (0, 160, 90), (90, 40, 130), (255, 0, 0), (30, 60, 20)),
)


PX_PER_MM = 300 / 25.4


def flat(*colours: tuple[int, int, int], side_px: int = 80) -> np.ndarray:
    """Squares of these colours side by side: HxWx3 uint8."""
    return np.repeat(np.repeat(np.array([colours], np.uint8), side_px, 0), side_px, 1)


def of_transicc(colours: tuple[tuple[int, int, int], ...], icc: bytes, folder: Path) -> np.ndarray:
    """The inks in percent as Little CMS's own program gives them: relative colorimetric, black point compensated."""
    (folder / "srgb.icc").write_bytes(SRGB_V2)
    (folder / "press.icc").write_bytes(icc)
    command = [program("transicc"), f"-i{folder}/srgb.icc", f"-o{folder}/press.icc", "-t1", "-b", "-n"]
    said = "".join(f"{red} {green} {blue}\n" for red, green, blue in colours)
    done = subprocess.run(command, input=said, capture_output=True, text=True, check=True, timeout=60)
    rows = [line.split() for line in done.stdout.splitlines()]
    return np.array([row for row in rows if len(row) == 4], np.float64)


def test_ten_patches_are_those_of_little_cms(tmp_path: Path) -> None:
    inks = press().inks(flat(*PATCHES), PX_PER_MM)[40, 40::80] / 2.55
    assert np.abs(inks - of_transicc(PATCHES, press().icc, tmp_path)).max() < 1


def test_white_takes_no_ink() -> None:
    assert press().inks(flat((255, 255, 255)), PX_PER_MM).max() == 0


@pytest.mark.parametrize("black", [(0, 0, 0), (12, 10, 14), (20, 20, 20)])
def test_a_black_line_takes_black_ink_alone(black: tuple[int, int, int]) -> None:
    page = np.full((120, 300, 3), 255, np.uint8)
    cv2.putText(page, "WOW", (10, 90), cv2.FONT_HERSHEY_DUPLEX, 3, black, 8, cv2.LINE_AA)
    assert np.unique(page).size > 20  # its edge has greys
    inks = press().inks(page, PX_PER_MM)
    assert inks[..., :3].max() == 0
    assert inks[page[..., 1] == black[1]].min(axis=0)[3] > 245


def test_a_wide_black_area_has_all_inks_but_at_its_edge(tmp_path: Path) -> None:
    page = np.full((200, 200, 3), 255, np.uint8)
    page[20:180, 20:180] = 0
    inks = press().inks(page, PX_PER_MM)
    middle = inks[100, 100] / 2.55
    assert np.abs(middle - of_transicc(((0, 0, 0),), press().icc, tmp_path)[0]).max() < 1
    assert inks[100, 20:22].tolist() == [[0, 0, 0, 255]] * 2
    across = press().screen(inks)[100, 20:101].astype(int)
    assert np.abs(np.diff(across, axis=0)).max() <= 12  # no step shows


def test_bands_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    page = np.full((90, 200, 3), (250, 230, 120), np.uint8)
    page[5:60, 120:190] = 0
    cv2.putText(page, "WOW", (10, 70), cv2.FONT_HERSHEY_DUPLEX, 2, (0, 0, 0), 4, cv2.LINE_AA)
    whole = press().inks(page, PX_PER_MM)
    for rows in (1, 7):
        monkeypatch.setattr(cmyk, "_BAND_PX", rows * 200)
        assert np.array_equal(press().inks(page, PX_PER_MM), whole)


def test_the_greys_of_an_edge_look_as_those_of_all_inks() -> None:
    """So that an edge keeps its shape. Here each grey has a black line beside it."""
    page = np.repeat(np.repeat(np.arange(255, 60, -5, dtype=np.uint8), 6)[None, :, None], 3, axis=2).repeat(3, axis=0)
    page[:, ::6] = page[:, -1] = 0
    alone, mixed = press().inks(page, PX_PER_MM), press().plain_inks(page)
    assert alone[..., :3].max() == 0
    shown, meant = (press().screen(inks)[..., 1].astype(int) for inks in (alone, mixed))
    printable = meant > shown.min() + 2
    assert np.abs(shown - meant)[printable].max() <= 3


def test_grey_and_dark_colours_that_are_no_line_keep_all_inks() -> None:
    picture = flat((128, 128, 128), (40, 20, 70), (0, 0, 0))
    inks, plain = press().inks(picture, PX_PER_MM), press().plain_inks(picture)
    assert np.array_equal(inks[:, :160], plain[:, :160])
    assert inks[0, 5, :3].min() > 0


def test_no_step_shows_between_black_and_a_dark_colour() -> None:
    """A shadow that turns from black to blue: its inks change little by little."""
    blue = np.arange(0, 64, dtype=np.uint8)
    ramp = np.zeros((8, 64, 3), np.uint8)
    ramp[..., 2] = blue
    seen = press().screen(press().inks(ramp, PX_PER_MM))[0].astype(int)
    assert np.abs(np.diff(seen, axis=0)).max() <= 8


def test_what_can_be_printed_returns_as_it_was() -> None:
    picture = flat((200, 40, 60), (250, 230, 120), (140, 90, 60))
    assert np.abs(press().screen(press().inks(picture, PX_PER_MM)).astype(int) - picture).max() <= 6


def test_lost_colours() -> None:
    lost = press().lost(flat((0, 255, 0), (0, 0, 255), (200, 40, 60), (128, 128, 128), (0, 0, 0), (255, 255, 255)))
    assert lost[40, 40::80].tolist() == [True, True, False, False, False, False]


def test_it_calls_itself_by_its_profile() -> None:
    assert press().description == "Artifex CMYK SWOP Profile"
    assert press().registered == ""


@pytest.mark.parametrize(
    ("description", "registered"),
    [
        ("ISO Coated v2 300% (basICColor)", "FOGRA39"),
        ("PSO Coated v3", "FOGRA51"),
        ("PSO Uncoated v3 (FOGRA52)", "FOGRA52"),
        ("Coated FOGRA27 (ISO 12647-2:2004)", "FOGRA27"),
        ("FOGRA39L coated", "FOGRA39"),
        ("U.S. Web Coated (SWOP) v2", ""),
    ],
)
def test_registered_conditions_are_known_by_their_description(description: str, registered: str) -> None:
    known = PrintingCondition("any", press().icc)
    known.__dict__["description"] = description  # where the cached property keeps it
    assert known.registered == registered


def test_a_profile_of_a_screen_is_refused() -> None:
    with pytest.raises(OptionsError, match=r"“sRGB” is no ICC profile of a CMYK press") as caught:
        PrintingCondition("sRGB", SRGB_V2)
    assert caught.value.field == "cmyk"


def test_a_damaged_profile_is_refused() -> None:
    with pytest.raises(OptionsError, match="does not work") as caught:
        PrintingCondition("torn", press().icc[:4000]).proven()
    assert caught.value.field == "cmyk"
