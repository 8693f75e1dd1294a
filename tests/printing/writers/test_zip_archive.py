"""The streamed ZIP: made as it is read, one member at a time."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from stickers.printing.writers.zip_archive import zip_stream

AT = datetime(2025, 3, 4, 5, 6, 8, tzinfo=UTC)


def opened(pieces: Iterator[bytes]) -> zipfile.ZipFile:
    file = zipfile.ZipFile(io.BytesIO(b"".join(pieces)))
    assert file.testzip() is None
    return file


def test_it_works() -> None:
    file = opened(zip_stream([("猫.png", b"cat"), ("a/b.svg", b"<svg/>")], made_at=AT))
    assert {name: file.read(name) for name in file.namelist()} == {"猫.png": b"cat", "a/b.svg": b"<svg/>"}
    assert {entry.compress_type for entry in file.infolist()} == {zipfile.ZIP_STORED}


def test_members_are_made_one_at_a_time_as_they_are_read() -> None:
    made: list[int] = []

    def members() -> Iterator[tuple[str, bytes]]:
        for number in range(3):
            made.append(number)
            yield f"{number}.png", bytes([number]) * 200_000

    stream = zip_stream(members(), made_at=AT)
    assert made == []
    read = next(stream)
    assert made == [0]
    while len(read) < 190_000:
        read += next(stream)
    assert made == [0]
    for _ in stream:
        pass
    assert made == [0, 1, 2]


def test_memory_stays_that_of_one_member() -> None:
    members = ((f"{number}.png", bytes(2_000_000)) for number in range(20))
    tracemalloc.start()
    try:
        total = sum(len(piece) for piece in zip_stream(members, made_at=AT))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert total > 40_000_000
    assert peak < 8_000_000


def test_equal_members_give_equal_bytes() -> None:
    first, second = (b"".join(zip_stream([("cat.png", b"png")], made_at=AT)) for _ in range(2))
    assert first == second


def test_beyond_the_old_format_s_limit_the_directory_is_zip64(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 100)
    file = opened(zip_stream(((f"{number}.png", b"png") for number in range(4)), made_at=AT))
    assert [file.read(name) for name in file.namelist()] == [b"png"] * 4


def test_a_reader_needs_nothing_from_behind_a_member() -> None:
    """Size and checksum stand in front of each, so that an unzipper can stream them."""
    whole = b"".join(zip_stream([("cat.png", b"png"), ("dog.png", b"PNG")], made_at=AT))
    for entry in opened(iter([whole])).infolist():
        assert entry.flag_bits & 8 == 0
        checksum, size = struct.unpack_from("<II", whole, entry.header_offset + 14)
        assert (checksum, size) == (entry.CRC, 3)
        assert entry.external_attr >> 16 == 0o100644
