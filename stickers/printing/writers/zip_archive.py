"""Stream one ZIP of many files: each file is made after the reader has taken the one before it."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final
from zipfile import ZipFile, ZipInfo

_MODE: Final = 0o100644
_UNIX: Final = 3  # the system whose file modes the ZIP gives
_PIECE: Final = 65_536


class _Window(io.RawIOBase):
    """A file that forgets what was taken from it. `ZipFile` goes back only to the head of its newest member."""

    def __init__(self) -> None:
        super().__init__()
        self._begin = 0
        self._kept = io.BytesIO()

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        return self._kept.write(data)

    def tell(self) -> int:
        return self._begin + self._kept.tell()

    def seek(self, place: int, whence: int = io.SEEK_SET, /) -> int:
        if whence != io.SEEK_SET:
            raise io.UnsupportedOperation("Only places from the beginning are known here.")
        return self._begin + self._kept.seek(place - self._begin)

    def take(self) -> Iterator[bytes]:
        """Everything since the last time, in pieces of at most 64 KiB."""
        taken, self._kept = self._kept, io.BytesIO()
        self._begin += taken.seek(0, io.SEEK_END)
        taken.seek(0)
        while piece := taken.read(_PIECE):
            yield piece


def zip_stream(members: Iterable[tuple[str, bytes]], *, made_at: datetime) -> Iterator[bytes]:
    """The ZIP of `members` (name and data each), in pieces of at most 64 KiB. Only one member at a time is in memory.

    Members are stored, not deflated. Pictures and PDFs are already compressed, and a stored member has its size and
    checksum in front, so every unzipper can stream it. Equal members and an equal `made_at` give equal bytes.
    """
    window = _Window()
    with ZipFile(window, "w") as archive:
        for name, data in members:
            member = ZipInfo(name, made_at.timetuple()[:6])
            member.create_system, member.external_attr = _UNIX, _MODE << 16
            archive.writestr(member, data)
            del data  # else it stays in memory while the next one is made
            yield from window.take()
    yield from window.take()
