"""Messenger packs measured from their bytes against the rules, and files that must each be refused."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from PIL import Image

from stickers.printing.errors import ArtError, OptionsError
from stickers.printing.writers.messengers import MESSENGERS, PackFile, pack_faults, split, write_pack
from tests.support.print_art import die_cuts


def pictures(files: list[PackFile]) -> list[PackFile]:
    return [file for file in files if file.name.endswith((".webp", ".png"))]


@cache
def pack(name: str) -> list[PackFile]:
    return pictures(write_pack(die_cuts()[:8], MESSENGERS[name]))


@pytest.mark.parametrize("name", MESSENGERS)
def test_it_works(name: str) -> None:
    rules, files = MESSENGERS[name], pack(name)
    assert [file.sticker for file in files] == [*range(8), *[None] * len(rules.extras)]
    assert len({file.name for file in files}) == len(files)
    assert pack_faults(files, rules) == []
    for file in files[:8]:
        assert len(file.data) <= rules.most_bytes
        width, height = Image.open(io.BytesIO(file.data)).size
        assert max(width / rules.canvas_px[0], height / rules.canvas_px[1]) == pytest.approx(1, abs=0.02)


def test_each_messenger_s_own_rules() -> None:
    sizes = {name: [Image.open(io.BytesIO(file.data)).size for file in pack(name)] for name in MESSENGERS}
    assert set(sizes["whatsapp"][:8]) == {(512, 512)}
    assert sizes["whatsapp"][8] == (96, 96)
    assert all(512 in size for size in sizes["telegram"])
    assert all(width % 2 == 0 and height % 2 == 0 for width, height in sizes["line"])
    assert sizes["line"][8:] == [(240, 240), (96, 74)]
    assert set(sizes["imessage"]) == {(408, 408)}


@pytest.mark.parametrize(
    ("name", "count"), [("whatsapp", 2), ("whatsapp", 31), ("line", 9), ("telegram", 0), ("telegram", 121)]
)
def test_a_wrong_number_is_refused(name: str, count: int) -> None:
    with pytest.raises(OptionsError, match="pack holds") as caught:
        write_pack([die_cuts()[0]] * count, MESSENGERS[name])
    assert caught.value.field == "format"


@pytest.mark.parametrize(
    ("name", "count", "sizes"),
    [
        ("whatsapp", 30, [30]),
        ("whatsapp", 31, [16, 15]),
        ("whatsapp", 91, [23, 23, 23, 22]),
        ("telegram", 121, [61, 60]),
        ("line", 48, [24, 24]),
        ("line", 88, [32, 32, 24]),
    ],
)
def test_more_than_one_pack_holds_become_several(name: str, count: int, sizes: list[int]) -> None:
    stickers = [replace(die_cuts()[0], name=str(number)) for number in range(count)]
    packs = split(stickers, MESSENGERS[name])
    assert [len(one) for one in packs] == sizes
    assert [one.name for part in packs for one in part] == [str(number) for number in range(count)]


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (12, "holds 8 to 40 stickers in steps of 8, not 12. Add 4 or take 4 away."),
        (44, "not 44. Add 4 or take 4 away."),
        (3, "not 3. Add 5."),
    ],
)
def test_a_wrong_number_says_how_many_are_missing(count: int, words: str) -> None:
    with pytest.raises(OptionsError, match=re.escape(words)):
        split([die_cuts()[0]] * count, MESSENGERS["line"])


@pytest.mark.parametrize(("name", "count"), [("whatsapp", 2), ("telegram", 0), ("line", 9), ("line", 41)])
def test_a_number_that_no_packs_hold_is_refused(name: str, count: int) -> None:
    with pytest.raises(OptionsError, match="pack holds") as caught:
        split([die_cuts()[0]] * count, MESSENGERS[name])
    assert caught.value.field == "format"


def test_the_cover_is_the_chosen_sticker() -> None:
    rules = MESSENGERS["whatsapp"]
    trays = [
        next(file.data for file in write_pack(die_cuts()[:3], rules, cover=cover) if file.name == "tray.png")
        for cover in (None, die_cuts()[0], die_cuts()[2])
    ]
    assert trays[0] == trays[1] != trays[2]


def test_too_many_bytes_are_squeezed_or_refused() -> None:
    tight = replace(MESSENGERS["whatsapp"], most_bytes=9_000)
    files = write_pack(die_cuts()[:3], tight)
    assert max(len(file.data) for file in files[:3]) <= 9_000
    with pytest.raises(ArtError, match="cannot be made smaller"):
        write_pack(die_cuts()[:3], replace(tight, most_bytes=100))


def test_mutants_are_caught() -> None:
    rules = MESSENGERS["whatsapp"]
    good = pictures(write_pack(die_cuts()[:3], rules))

    def saved(picture: Image.Image, kind: str = "WEBP") -> bytes:
        file = io.BytesIO()
        picture.save(file, kind)
        return file.getvalue()

    first = Image.open(io.BytesIO(good[0].data))
    flooded = Image.fromarray(np.full((512, 512, 4), 255, np.uint8))
    mutants = {
        "measures": saved(first.resize((500, 512))),
        "is PNG": saved(first, "PNG"),
        "margin": saved(first.resize((600, 600)).crop((44, 44, 556, 556))),
        "no transparent ground": saved(flooded),
        "bytes": good[0].data + bytes(200_000),
    }
    for words, data in mutants.items():
        found = pack_faults([PackFile(good[0].name, data, 0), *good[1:]], rules)
        assert any(words in fault for fault in found), words
    assert "tray.png is missing." in pack_faults(good[:3], rules)
    assert any("does not take 2" in fault for fault in pack_faults(good[1:], rules))
