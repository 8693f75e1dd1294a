"""Finds printing conditions: the ICC profiles of CMYK presses that are installed on this machine, by name or path.

The studio brings no such profile along, since their licences are their makers'. Their names are their files' names
without suffix.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Final

from stickers.printing.artwork.cmyk import NO_PROFILE, PrintingCondition, is_press
from stickers.printing.errors import OptionsError

# Where systems and programs keep profiles: Linux (Ghostscript's lie there, too), Scribus, macOS.
SYSTEM_FOLDERS: Final = tuple(
    Path(folder)
    for folder in (
        "/usr/local/share/color/icc",
        "/usr/share/color/icc",
        "/usr/share/scribus/profiles",
        "/Library/ColorSync/Profiles",
        "/System/Library/ColorSync/Profiles",
    )
)
# Taken in this order if nobody names one: coated paper as European shops print on it, then Ghostscript's, then Apple's.
USUAL: Final = (
    *("PSOcoated_v3", "ISOcoated_v2_300_eci", "ISOcoated_v2_300_bas", "FOGRA39L_coated"),
    *("default_cmyk", "Generic CMYK Profile"),
)
_SUFFIXES: Final = (".icc", ".icm")
_HEADER_BYTES: Final = 128
_LARGEST_BYTES: Final = 20_000_000  # the largest in use have 3 MB


def installed(folders: Sequence[Path]) -> list[PrintingCondition]:
    """All conditions in `folders` and below, by name. Of two files with one name the first one counts."""
    found: dict[str, PrintingCondition] = {}
    for path in _files(folders):
        if path.stem not in found and (condition := _read(path)) is not None:
            found[path.stem] = condition
    return [found[name] for name in sorted(found, key=str.casefold)]


def named(name: str, folders: Sequence[Path]) -> PrintingCondition:
    """The condition of that name in `folders`. Raises OptionsError (field `cmyk`) in words if it is not there."""
    plain = name.casefold()
    for path in _files(folders):
        if plain in {path.stem.casefold(), path.name.casefold()}:
            return at(path)
    raise OptionsError(
        NO_PROFILE,
        f"The CMYK profile “{name[:80]}” is not installed here. Put its .icc file into the studio's folder for"
        " profiles, or name another one.",
    )


def at(path: Path) -> PrintingCondition:
    """The condition in this file. Raises OptionsError (field `cmyk`)."""
    found = _read(path)
    if found is None:
        raise OptionsError(NO_PROFILE, f"“{path.name[:80]}” is no ICC profile of a CMYK press.")
    return found.proven()


def usual(folders: Sequence[Path]) -> PrintingCondition:
    """The first of the `USUAL` ones in `folders`, else any. Raises OptionsError (field `cmyk`) if there is none."""
    there = list(_files(folders))
    for path in sorted(there, key=lambda path: USUAL.index(path.stem) if path.stem in USUAL else len(USUAL)):
        if (found := _read(path)) is not None:
            with suppress(OptionsError):
                return found.proven()
    raise OptionsError(
        NO_PROFILE,
        "No CMYK profile of a press is installed here, so colours cannot be converted. Put the .icc file that the"
        " print shop offers into the studio's folder for profiles.",
    )


def _files(folders: Sequence[Path]) -> Iterator[Path]:
    for folder in folders:
        if folder.is_dir():
            yield from sorted(path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES)


def _read(path: Path) -> PrintingCondition | None:
    """The condition in a file; None if the file holds none or cannot be read."""
    try:
        with path.open("rb") as file:
            about = os.fstat(file.fileno())
            if is_press(file.read(_HEADER_BYTES)) and about.st_size <= _LARGEST_BYTES:
                return _kept(path, about.st_size, about.st_mtime_ns)
    except OSError:
        return None
    return None


@lru_cache(maxsize=8)
def _kept(path: Path, size_bytes: int, changed_ns: int) -> PrintingCondition:
    """Read again only when the file has changed, so that equal profiles are one object with one pair of transforms."""
    del size_bytes, changed_ns
    return PrintingCondition(path.stem, path.read_bytes())
