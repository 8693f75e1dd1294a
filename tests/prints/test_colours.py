"""Which press a print is made for: the profile's, else the operator's, else a usual one; and what to do without one."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from stickers.printing.artwork import conditions
from stickers.printing.errors import OptionsError
from stickers.printing.profiles import DEFAULT_PROFILE, PROFILES
from stickers.prints import colours
from tests.support.print_art import press


@pytest.fixture
def folder(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The operator's folder with two presses; nothing else is installed."""
    for name in ("Labels", "Foils"):
        (tmp_path / f"{name}.icc").write_bytes(press().icc)
    settings.STUDIO_ICC, settings.STUDIO_CMYK = tmp_path, ""
    monkeypatch.setattr(conditions, "SYSTEM_FOLDERS", ())
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_the_profile_says_it() -> None:
    assert colours.condition_of(DEFAULT_PROFILE.edited({"cmyk": "Labels"})).name == "Labels"
    assert [one.name for one in colours.installed()] == ["Foils", "Labels"]


def test_else_the_operator_by_name_or_path(folder: Path, settings: Settings) -> None:
    settings.STUDIO_CMYK = "labels"
    assert colours.condition_of(DEFAULT_PROFILE).name == "Labels"
    settings.STUDIO_CMYK = str(folder / "Foils.icc")
    assert colours.condition_of(DEFAULT_PROFILE).name == "Foils"


@pytest.mark.usefixtures("folder")
def test_else_any() -> None:
    assert colours.condition_of(DEFAULT_PROFILE).name == "Foils"


@pytest.mark.usefixtures("folder")
def test_one_that_is_not_there(settings: Settings) -> None:
    with pytest.raises(OptionsError, match="“Gravure” is not installed here"):
        colours.condition_of(DEFAULT_PROFILE.edited({"cmyk": "Gravure"}))
    settings.STUDIO_CMYK = "/nowhere/Gravure.icc"
    with pytest.raises(OptionsError, match="is not installed here"):
        colours.condition_of(DEFAULT_PROFILE)


def test_without_a_press_the_other_formats_are_left(folder: Path) -> None:
    shop = PROFILES["stickerapp"]
    assert colours.makeable(shop.formats, shop) == shop.formats
    for path in folder.iterdir():
        path.unlink()
    assert colours.makeable(shop.formats, shop) == ("pdf", "png", "svg")
    with pytest.raises(OptionsError, match="No CMYK profile"):
        colours.check(shop.formats, shop)
    colours.check(("pdf", "zip"), shop)
