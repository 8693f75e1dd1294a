"""File names from prompts: safe on every system and in every ZIP tool, whatever the prompt holds."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

# Enough to recognise a prompt by; with a folder, a number and a suffix still far under the 255 bytes of ext4
# and the 143 of an encrypted home.
MAX_NAME_BYTES: Final = 80

_RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul", "conin", "conout", "clock"}
    | {f"{device}{number}" for device in ("com", "lpt") for number in range(10)}
)
# Letters and marks by their category, yet invisible
_INVISIBLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0") | {
    chr(code) for code in (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
}


def safe_name(text: str, fallback: str, *, max_bytes: int = MAX_NAME_BYTES) -> str:
    """A file's name without its suffix, made from `text`; `fallback` where nothing of it can be kept.

    Letters and digits of any script stay, everything else becomes a single `-`: no separators, no dots, nothing
    hidden, nothing that changes the direction of writing, no emoji. The name is NFC, at most `max_bytes` long in
    UTF-8, and none of Windows' reserved names. `fallback` must itself be such a name.
    """
    kept = ""
    for char in unicodedata.normalize("NFC", text):
        category = unicodedata.category(char)
        if char in _INVISIBLE or category == "Cf":
            continue  # joiners and the like: what they join stays together
        if category[0] == "L" or category == "Nd" or char == "_":
            kept += char
        elif category[0] == "M" and kept and kept[-1] != "-":
            kept += char  # a mark needs the letter that carries it
        elif kept and kept[-1] != "-":
            kept += "-"
    name = _shortened(unicodedata.normalize("NFC", kept).strip("-"), max_bytes)
    if name.casefold() in _RESERVED:
        name = _shortened(f"{fallback}-{name}", max_bytes)
    return name or fallback


def _shortened(name: str, max_bytes: int) -> str:
    """`name` within `max_bytes`, cut between words where that does not cost half of it."""
    if len(name.encode()) <= max_bytes:
        return name
    # cut the bytes, then drop what is left of a cut character
    cut = name.encode()[:max_bytes].decode(errors="ignore")
    whole_words = cut.rpartition("-")[0]
    return (whole_words if len(whole_words) > len(cut) // 2 else cut).strip("-")


class UniqueNames:
    """Gives each name out once: a second `cat.png` becomes `cat-2.png`.

    Names that differ by case or by compatible characters only count as equal, as they do on Windows and macOS.
    """

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._last: dict[str, int] = {}

    def take(self, stem: str, suffix: str = "") -> str:
        """`stem` + `suffix`, numbered when it was given out before; at most `MAX_NAME_BYTES` in UTF-8."""
        name = _shortened(stem, MAX_NAME_BYTES - len(suffix.encode())) + suffix
        wanted = _key(name)
        number = self._last.get(wanted, 1)
        while _key(name) in self._taken:
            number += 1
            ending = f"-{number}{suffix}"
            name = _shortened(stem, MAX_NAME_BYTES - len(ending.encode())) + ending
        self._last[wanted] = number
        self._taken.add(_key(name))
        return name


def _key(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def unique_names(stems: Iterable[str], suffix: str = "") -> list[str]:
    """File names for `stems`, in their order, each with `suffix` and none twice."""
    names = UniqueNames()
    return [names.take(stem, suffix) for stem in stems]
