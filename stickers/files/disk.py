"""Store files in the data folder, whole or not at all. A power cut loses no file that a row names."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

from stickers.files.storage import LEAST_FREE_BYTES


class Disk(FileSystemStorage):
    """Writes a draft, flushes it, renames it. It replaces a file of the same name: names hold a hash of the content."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_overwrite": True} | options)

    def check(self) -> None:
        """Raise OSError if no picture can be stored."""
        if not os.access(self._folder(), os.W_OK):
            raise PermissionError(errno.EACCES, "The folder of pictures cannot be written.")
        if self.free_bytes() < LEAST_FREE_BYTES:
            raise OSError(errno.ENOSPC, "There is hardly any space left for pictures.")

    def free_bytes(self) -> int:
        """How much space the disk has left."""
        return shutil.disk_usage(self._folder()).free

    def _folder(self) -> Path:
        """The folder of pictures, or the one above it in which it will be made."""
        folder = Path(self.location)
        while not folder.exists():
            folder = folder.parent
        return folder

    def _save(self, name: str, content: File[bytes]) -> str:
        place = Path(self.path(name))
        made = _make_folders(place.parent)
        # The draft's name is hidden and random: two workers may store the same picture at once.
        draft = place.with_name(f".{place.name}.{secrets.token_hex(8)}")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(place)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        for folder in (place.parent, *(folder.parent for folder in made)):
            _flush_folder(folder)
        return name


def _make_folders(folder: Path) -> list[Path]:
    """Make `folder` and those above it. Returns the ones that were missing, the lowest first."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)
    return missing


def _flush_folder(folder: Path) -> None:
    """Flush a folder to the disk. A file's name is an entry in its folder, and would be lost with it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
