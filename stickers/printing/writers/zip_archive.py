"""Stream one ZIP of many files: each file is made after the reader has taken the one before it."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from stream_zip import NO_COMPRESSION_32, NO_COMPRESSION_64, MemberFile, stream_zip

_MODE: Final = 0o100644
# Old unzippers do not know ZIP64, so its members begin only near the 4 GiB where the old format ends.
_ZIP64_FROM: Final = 3 * 2**30


def zip_stream(members: Iterable[tuple[str, bytes]], *, made_at: datetime) -> Iterator[bytes]:
    """The ZIP of `members` (name and data each), in pieces of at most 64 KiB. Only one member at a time is in memory.

    Members are stored, not deflated. Pictures and PDFs are already compressed, and a stored member has its size and
    checksum in front, so every unzipper can stream it. Equal members and an equal `made_at` (aware) give equal bytes.
    """
    yield from stream_zip(_stored(members, made_at))


def _stored(members: Iterable[tuple[str, bytes]], made_at: datetime) -> Iterator[MemberFile]:
    written = 0
    for name, data in members:
        written += len(data)
        method = NO_COMPRESSION_64 if written > _ZIP64_FROM else NO_COMPRESSION_32
        yield name, made_at, _MODE, method(len(data), zlib.crc32(data)), (data,)
        del data  # else it stays in memory while the next one is made
