"""Names files and stores them. Names are made of row ids and content hashes, never of user text."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import PurePosixPath
from typing import Final

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

SUFFIXES: Final = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
THUMB_SIDES_PX: Final = (256, 512)
# The studio writes only into these folders. What lies beside them belongs to someone else.
FOLDERS: Final = ("exports", "generations", "imports", "prints")
LEAST_FREE_BYTES: Final = 100_000_000  # a few sheets with all their stickers
_AT_ONCE: Final = 8


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def generated_sheet(generation_pk: int, index: int, data: bytes, picture_format: str) -> str:
    """The name of a generated sheet. The same picture, collected twice, gets the same name."""
    return f"generations/{generation_pk}/{index}/{digest(data)[:16]}.{SUFFIXES[picture_format]}"


def imported_sheet(data: bytes, picture_format: str) -> str:
    """A new name for each import, so that removing one never removes another's file."""
    return f"imports/{uuid.uuid4().hex}/{digest(data)[:16]}.{SUFFIXES[picture_format]}"


def sticker(sheet_file: str, number: int, data: bytes) -> str:
    return str(PurePosixPath(sheet_file).parent / "stickers" / f"{number:03d}-{digest(data)[:16]}.png")


def plane(sheet_file: str, data: bytes) -> str:
    """The name of a sheet's label plane."""
    return str(PurePosixPath(sheet_file).parent / "planes" / f"{digest(data)[:16]}.png")


def thumb(file: str, side_px: int) -> str:
    path = PurePosixPath(file)
    return str(path.parent / "thumbs" / f"{path.stem}-{side_px}.webp")


def put(name: str, data: bytes) -> str:
    """Store `data` under `name` and return the name. A file of this name is replaced whole."""
    return default_storage.save(name, ContentFile(data))


def put_all(files: Mapping[str, bytes]) -> None:
    """Store several files, a few at once, because most of the time goes into flushes or round trips."""
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="storing") as pool:
        for stored in [pool.submit(put, name, data) for name, data in files.items()]:
            stored.result()


def get(name: str) -> bytes:
    with default_storage.open(name, "rb") as file:
        data: bytes = file.read()
    return data


def size_bytes(names: Iterable[str]) -> int:
    """What the files take together. One that is not there takes nothing."""
    total = 0
    for name in names:
        with suppress(OSError):
            total += int(default_storage.size(name))
    return total


def remove(names: list[str]) -> None:
    """Delete files that no row names any more. A file that is already gone is no error."""
    for name in names:
        if name:
            default_storage.delete(name)


def free_bytes() -> int | None:
    """How much more can be stored. None if the storage sets no limit, as a bucket doesn't."""
    ask: Callable[[], int] | None = getattr(default_storage, "free_bytes", None)
    return ask() if ask else None


def signed_url(name: str, *, disposition: str, content_type: str, method: str) -> str | None:
    """A link straight to the file, for a few minutes.

    None if the storage signs no links; the studio then serves the file.
    """
    sign = getattr(default_storage, "signed_url", None)
    return sign(name, disposition=disposition, content_type=content_type, method=method) if sign else None
