"""Many print files as one ZIP, streamed: each file is made when the reader has taken the one before it.

The last member is `manifest.json`, which says of every file what it measures, where it comes from and what the
printer should know. A sticker that cannot be printed as ordered is listed there with its reason; the others come.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from stream_zip import NO_COMPRESSION_32, NO_COMPRESSION_64, MemberFile, Method, stream_zip

from stickers.printing.artwork.ppi import ppi_verdict
from stickers.printing.artwork.sticker_png import PrintedPng
from stickers.printing.errors import PrintError
from stickers.printing.filenames import UniqueNames

MANIFEST_NAME: Final = "manifest.json"

_MODE: Final = 0o100644
# Old unzippers know no ZIP64, so its members come only near the 4 GiB where the old format ends
_ZIP64_FROM: Final = 3 * 2**30


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A file to be made. `stem` is its name without suffix, safe already (`safe_name`); `make` makes it.

    `source` (which sheet, which sticker) and `recipe` (prompt, seed and all) are JSON values, passed on as they are.
    """

    stem: str
    make: Callable[[], PrintedPng]
    source: Mapping[str, Any] = field(default_factory=dict)
    recipe: Mapping[str, Any] = field(default_factory=dict)


def describe(name: str, printed: PrintedPng, entry: Entry) -> dict[str, Any]:
    """What the manifest says of one file: JSON values."""
    verdict = ppi_verdict(printed.effective_ppi)
    return {
        "file": name,
        "width_mm": printed.width_mm,
        "height_mm": printed.height_mm,
        "border_mm": printed.border_mm,
        "dpi": printed.dpi,
        "width_px": printed.width_px,
        "height_px": printed.height_px,
        "effective_ppi": printed.effective_ppi,
        "sharpness": verdict.level,
        "warnings": list(printed.warnings),
        "source": dict(entry.source),
        "recipe": dict(entry.recipe),
    }


def manifest(files: Sequence[Mapping[str, Any]], refused: Sequence[Mapping[str, Any]], made_at: datetime) -> bytes:
    """`manifest.json`: UTF-8 JSON of the files (as `describe` says them) and of the stickers that were refused.

    Millimetres are of the cut line, art and border together; pixels are of the file, with its transparent edge.
    """
    content = {
        "made_at": made_at.isoformat(timespec="seconds"),
        "files": list(files),
        "refused": list(refused),
    }
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def zip_stream(entries: Iterable[Entry], *, made_at: datetime | None = None) -> Iterator[bytes]:
    """The ZIP of all `entries`, in pieces of at most 64 KiB; one file at a time is held in memory.

    `entries` may be lazy itself. PrintError of one entry goes into the manifest, any other error ends the stream.
    With `made_at` given (aware), equal entries give equal bytes.
    """
    yield from stream_zip(_members(entries, made_at or datetime.now(UTC)))


def _members(entries: Iterable[Entry], made_at: datetime) -> Iterator[MemberFile]:
    names = UniqueNames()
    names.take(MANIFEST_NAME)
    files: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    written = 0
    for entry in entries:
        try:
            printed = entry.make()
        except PrintError as error:
            refused.append({"name": entry.stem, "reason": error.message, "source": dict(entry.source)})
            continue
        name = names.take(entry.stem, printed.suffix)
        files.append(describe(name, printed, entry))
        data = printed.data
        del printed  # or it would still be held while the next one is made
        written += len(data)
        yield name, made_at, _MODE, _stored(data, written), (data,)
        del data
    content = manifest(files, refused, made_at)
    yield MANIFEST_NAME, made_at, _MODE, _stored(content, written), (content,)


def _stored(data: bytes, written: int) -> Method:
    """PNG is compressed already: stored, with size and sum in front, so that every unzipper can stream it."""
    method = NO_COMPRESSION_64 if written > _ZIP64_FROM else NO_COMPRESSION_32
    return method(len(data), zlib.crc32(data))
