"""The streamed ZIP: what is in it, and that it is made as it is read."""

from __future__ import annotations

import io
import json
import tracemalloc
import weakref
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
import pytest

from stickers.printing.artwork.sticker_png import PrintedPng, print_png
from stickers.printing.delivery import archive
from stickers.printing.delivery.archive import Entry, zip_stream
from stickers.printing.errors import ArtError
from stickers.printing.options import PrintOptions

AT = datetime(2025, 3, 4, 5, 6, 8, tzinfo=UTC)


def printed(data: bytes = b"png") -> PrintedPng:
    return PrintedPng(
        data=data,
        width_px=595,
        height_px=400,
        width_mm=50.0,
        height_mm=33.4,
        dpi=300,
        border_mm=2.0,
        effective_ppi=181.0,
        warnings=("Soft, 181 ppi: …",),
    )


def opened(stream: Iterator[bytes]) -> zipfile.ZipFile:
    file = zipfile.ZipFile(io.BytesIO(b"".join(stream)))
    assert file.testzip() is None
    return file


def test_it_works() -> None:
    rgba = np.full((60, 40, 4), 255, np.uint8)
    order = PrintOptions(size_mm=30)
    entry = Entry(
        stem="猫",
        make=lambda: print_png(rgba, order),
        source={"sheet": 7, "sticker": 12},
        recipe={"prompt": "猫 & stars", "seed": 42},
    )
    file = opened(zip_stream([entry], made_at=AT))
    assert file.namelist() == ["猫.png", "manifest.json"]
    assert file.read("猫.png") == print_png(rgba, order).data
    content = json.loads(file.read("manifest.json"))
    assert content["made_at"] == "2025-03-04T05:06:08+00:00"
    assert content["refused"] == []
    (said,) = content["files"]
    assert said["file"] == "猫.png"
    assert said["height_mm"] == pytest.approx(30, abs=0.01)
    assert (said["dpi"], said["border_mm"], said["sharpness"]) == (300, 2.0, "ask")
    assert said["recipe"] == {"prompt": "猫 & stars", "seed": 42}
    assert said["source"] == {"sheet": 7, "sticker": 12}
    assert said["warnings"]


def test_members_are_made_one_at_a_time_as_they_are_read() -> None:
    made: list[int] = []
    held: list[weakref.ref[PrintedPng]] = []

    def entry(number: int) -> Entry:
        def make() -> PrintedPng:
            assert all(earlier() is None for earlier in held)
            made.append(number)
            file = printed(bytes([number]) * 200_000)
            held.append(weakref.ref(file))
            return file

        return Entry(stem="cat", make=make)

    stream = zip_stream(entry(number) for number in range(3))
    assert made == []
    next(stream)
    assert made == [0]
    read = b""
    while len(read) < 190_000:
        read += next(stream)
    assert made == [0]
    for _ in stream:
        pass
    assert made == [0, 1, 2]


def test_memory_stays_that_of_one_file() -> None:
    entries = (Entry(stem="cat", make=lambda: printed(bytes(2_000_000))) for _ in range(20))
    tracemalloc.start()
    try:
        total = sum(len(piece) for piece in zip_stream(entries))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert total > 40_000_000
    assert peak < 8_000_000


def test_equal_names_are_numbered() -> None:
    entries = [Entry(stem=stem, make=printed) for stem in ("cat", "cat", "Cat", "manifest")]
    names = opened(zip_stream(entries)).namelist()
    assert names == ["cat.png", "cat-2.png", "Cat-3.png", "manifest.png", "manifest.json"]


def test_a_sticker_that_cannot_be_printed_is_listed_and_the_others_come() -> None:
    def refuse() -> PrintedPng:
        raise ArtError("This sticker is empty.")

    entries = [
        Entry(stem="first", make=printed),
        Entry(stem="empty", make=refuse, source={"sticker": 3}),
        Entry(stem="last", make=printed),
    ]
    file = opened(zip_stream(entries))
    assert file.namelist() == ["first.png", "last.png", "manifest.json"]
    assert json.loads(file.read("manifest.json"))["refused"] == [
        {"name": "empty", "reason": "This sticker is empty.", "source": {"sticker": 3}}
    ]


def test_any_other_error_ends_the_stream() -> None:
    def fail() -> PrintedPng:
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="disk is gone"):
        b"".join(zip_stream([Entry(stem="cat", make=fail)]))


def test_nothing_to_print_is_a_zip_with_a_manifest() -> None:
    assert opened(zip_stream([])).namelist() == ["manifest.json"]


def test_equal_orders_give_equal_bytes() -> None:
    first, second = (b"".join(zip_stream([Entry(stem="cat", make=printed)], made_at=AT)) for _ in range(2))
    assert first == second


def test_beyond_the_old_format_s_limit_members_are_zip64(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_ZIP64_FROM", 4)
    file = opened(zip_stream(Entry(stem="cat", make=printed) for _ in range(4)))
    assert [file.read(name) for name in file.namelist()[:4]] == [b"png"] * 4
