"""Single stickers as files of their own: what each holds, what the manifest says, and one at a time."""

from __future__ import annotations

import io
import json
import weakref
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from stickers.printing.artwork.die_cut import DieCut, die_cut
from stickers.printing.delivery.singles import Single, Singles, zip_singles
from stickers.printing.errors import ArtError
from stickers.printing.options import PrintOptions
from stickers.printing.writers.png import write_single
from tests.support.print_art import disc

AT = datetime(2025, 3, 4, 5, 6, 8, tzinfo=UTC)


def cat() -> DieCut:
    return die_cut(disc(120, 50), PrintOptions(size_mm=20))


def refused() -> DieCut:
    raise ArtError("This sticker is empty.")


def opened(pieces: Iterator[bytes]) -> zipfile.ZipFile:
    file = zipfile.ZipFile(io.BytesIO(b"".join(pieces)))
    assert file.testzip() is None
    return file


def test_it_works() -> None:
    single = Single(stem="猫", cut=cat, source={"sheet": 7, "sticker": 12}, recipe={"prompt": "猫 & stars", "seed": 42})
    file = opened(zip_singles([single], dpi=300, made_at=AT))
    assert file.namelist() == ["猫.png", "manifest.json"]
    assert file.read("猫.png") == write_single(cat(), dpi=300)
    content = json.loads(file.read("manifest.json"))
    assert content["made_at"] == "2025-03-04T05:06:08+00:00"
    assert content["refused"] == []
    (said,) = content["files"]
    assert said["file"] == "猫.png"
    assert max(said["width_mm"], said["height_mm"]) == pytest.approx(20, abs=0.01)
    assert (said["dpi"], said["border_mm"], said["sharpness"]) == (300, 2.0, "note")
    assert (said["width_px"], said["height_px"]) == pytest.approx((239, 239), abs=1)
    assert said["recipe"] == {"prompt": "猫 & stars", "seed": 42}
    assert said["source"] == {"sheet": 7, "sticker": 12}
    assert said["warnings"]


def test_stickers_are_made_one_at_a_time() -> None:
    held: list[weakref.ref[DieCut]] = []

    def watched() -> DieCut:
        assert all(earlier() is None for earlier in held)
        sticker = cat()
        held.append(weakref.ref(sticker))
        return sticker

    made = Singles((Single(stem="cat", cut=watched) for _ in range(3)), dpi=300)
    for file in made:
        assert len(held) == len(made.files)
        del file
    assert len(held) == 3


def test_equal_names_are_numbered() -> None:
    singles = [Single(stem=stem, cut=cat) for stem in ("cat", "cat", "Cat", "manifest")]
    names = opened(zip_singles(singles, dpi=300)).namelist()
    assert names == ["cat.png", "cat-2.png", "Cat-3.png", "manifest.png", "manifest.json"]


def test_a_sticker_that_cannot_be_printed_is_listed_and_the_others_come() -> None:
    singles = [
        Single(stem="first", cut=cat),
        Single(stem="empty", cut=refused, source={"sticker": 3}),
        Single(stem="last", cut=cat),
    ]
    file = opened(zip_singles(singles, dpi=300))
    assert file.namelist() == ["first.png", "last.png", "manifest.json"]
    assert json.loads(file.read("manifest.json"))["refused"] == [
        {"name": "empty", "reason": "This sticker is empty.", "source": {"sticker": 3}}
    ]


def test_any_other_error_ends_the_stream() -> None:
    def fail() -> DieCut:
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="disk is gone"):
        b"".join(zip_singles([Single(stem="cat", cut=fail)], dpi=300))


def test_nothing_to_print_is_a_zip_with_a_manifest() -> None:
    assert opened(zip_singles([], dpi=300)).namelist() == ["manifest.json"]
