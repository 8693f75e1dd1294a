"""Make single stickers as PNG files, one at a time, and a manifest of them.

A sticker that cannot be printed as ordered is listed in the manifest with the reason. The others are still made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from stickers.printing.artwork.die_cut import DieCut
from stickers.printing.delivery.manifest import MANIFEST, as_json, describe, sharpness
from stickers.printing.errors import PrintError
from stickers.printing.filenames import UniqueNames
from stickers.printing.writers.formats import File, named
from stickers.printing.writers.png import single_px, write_single
from stickers.printing.writers.zip_archive import zip_stream


@dataclass(frozen=True, kw_only=True)
class Single:
    """A file to make. `stem` is its name without suffix, already safe (`safe_name`). `cut` returns the sticker.

    `source` (which sheet, which sticker) and `recipe` (prompt, seed and so on) are JSON values for the manifest.
    """

    stem: str
    cut: Callable[[], DieCut]
    source: Mapping[str, Any] = field(default_factory=dict)
    recipe: Mapping[str, Any] = field(default_factory=dict)


class Singles:
    """The files of some stickers. Iterate once, then read what was made (`files`) and refused (`refused`).

    `singles` may be lazy. A PrintError of one sticker goes into `refused`; any other error ends the iteration.
    """

    def __init__(self, singles: Iterable[Single], *, dpi: int) -> None:
        self._singles = singles
        self._dpi = dpi
        self.files: list[dict[str, Any]] = []
        self.refused: list[dict[str, Any]] = []

    def __iter__(self) -> Iterator[File]:
        png = named("png")
        names = UniqueNames()
        names.take(MANIFEST)
        for single in self._singles:
            try:
                sticker = single.cut()
                data = write_single(sticker, dpi=self._dpi)
            except PrintError as error:
                refused = {"name": single.stem, "reason": error.message, "source": dict(single.source)}
                self.refused.append(refused)
                continue
            name = names.take(single.stem, png.suffix)
            self.files.append(self._described(name, sticker, single))
            del sticker
            yield File(name, data, format=png.name)
            del data  # else it stays in memory while the next one is made

    def manifest(self, made_at: datetime) -> bytes:
        """`manifest.json`. Millimetres describe the cut line; pixels describe the file, with its transparent edge."""
        made = made_at.isoformat(timespec="seconds")
        return as_json({"made_at": made, "files": self.files, "refused": self.refused})

    def _described(self, name: str, sticker: DieCut, single: Single) -> dict[str, Any]:
        width_px, height_px = single_px(sticker, self._dpi)
        return {
            "file": name,
            "width_mm": round(sticker.width_mm, 3),
            "height_mm": round(sticker.height_mm, 3),
            "dpi": self._dpi,
            "width_px": width_px,
            "height_px": height_px,
            **describe(sticker),
            **sharpness(sticker),
            "source": dict(single.source),
            "recipe": dict(single.recipe),
        }


def zip_singles(singles: Iterable[Single], *, dpi: int, made_at: datetime | None = None) -> Iterator[bytes]:
    """The ZIP of all `singles` and their manifest, streamed. With `made_at` (aware), equal input gives equal bytes."""
    at = made_at or datetime.now(UTC)
    yield from zip_stream(_members(Singles(singles, dpi=dpi), at), made_at=at)


def _members(made: Singles, at: datetime) -> Iterator[tuple[str, bytes]]:
    for file in made:
        yield file.name, file.data
        del file
    yield MANIFEST, made.manifest(at)
