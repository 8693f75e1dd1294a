"""Make file names from prompts: safe on every system and in every ZIP tool, whatever the prompt holds."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

# Long enough to recognise a prompt. With folder, number and suffix still far below the 255 bytes of ext4 and the 143 of
# an encrypted home.
MAX_NAME_BYTES: Final = 80

_RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul", "conin", "conout", "clock"}
    | {f"{device}{number}" for device in ("com", "lpt") for number in range(10)}
)
# By their category these are letters and marks, but they are invisible.
_INVISIBLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0") | {
    chr(code) for code in (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
}


def safe_name(text: str, fallback: str, *, max_bytes: int = MAX_NAME_BYTES) -> str:
    """A file's name without its suffix, made from `text`; `fallback` if nothing of it can be kept.

    Letters and digits of any script stay; everything else becomes a single `-`. So the name has no separators, no dots,
    nothing hidden, nothing that changes the direction of writing, and no emoji. It is NFC, at most `max_bytes` long in
    UTF-8, and none of Windows' reserved names. `fallback` must be such a name, too.
    """
    kept = ""
    for char in unicodedata.normalize("NFC", text):
        category = unicodedata.category(char)
        if char in _INVISIBLE or category == "Cf":
            continue  # joiners and similar: the letters that they join stay together
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
    """`name` within `max_bytes`, cut between words unless that would lose half of it."""
    if len(name.encode()) <= max_bytes:
        return name
    # Cut the bytes, then drop the rest of a character that was cut.
    cut = name.encode()[:max_bytes].decode(errors="ignore")
    whole_words = cut.rpartition("-")[0]
    return (whole_words if len(whole_words) > len(cut) // 2 else cut).strip("-")


class UniqueNames:
    """Gives out each name once: a second `cat.png` becomes `cat-2.png`.

    Names that differ only by case or by compatible characters count as equal, as on Windows and macOS.
    """

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._last: dict[str, int] = {}

    def take(self, stem: str, suffix: str = "") -> str:
        """`stem` + `suffix`, numbered if it was given out before; at most `MAX_NAME_BYTES` in UTF-8."""
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
    """File names for `stems` in their order, each with `suffix` and none twice."""
    names = UniqueNames()
    return [names.take(stem, suffix) for stem in stems]
