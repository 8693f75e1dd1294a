"""Counts a text's tokens as CLIP does, the text encoder of SDXL and its kin: it reads no more than 75 of them.

The method is the byte pair encoding of openai/CLIP (clip/simple_tokenizer.py), with its own merges. Text is prepared as
today's tokenizers of diffusers do it: NFC, one space for any white space, small letters. `.ci/clip-merges` makes the
file of the merges.
"""

from __future__ import annotations

import gzip
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Final

_MERGES: Final = Path(__file__).with_name("clip_merges.txt.gz")
_ENDINGS: Final = ("'s", "'t", "'re", "'ve", "'m", "'ll", "'d")
_MARKS: Final = ("<|startoftext|>", "<|endoftext|>")


def count(text: str) -> int:
    """How many tokens `text` is, the marks of start and end not included."""
    plain = " ".join(unicodedata.normalize("NFC", text).split()).lower()
    return sum(_pieces(word) for word in _words(plain))


def _words(text: str) -> Iterator[str]:
    """Runs of letters, single digits, and runs of other signs. No token reaches over their ends."""
    start = 0
    while start < len(text):
        whole = next((each for each in (*_MARKS, *_ENDINGS) if text.startswith(each, start)), "")
        end = start + max(len(whole), 1)
        kind = _kind(text[start])
        if not whole and kind in {"letter", "sign"}:
            while end < len(text) and _kind(text[end]) == kind:
                end += 1
        if kind != "space":
            yield text[start:end]
        start = end


def _kind(char: str) -> str:
    if char.isspace():
        return "space"
    return {"L": "letter", "N": "number"}.get(unicodedata.category(char)[0], "sign")


@lru_cache(maxsize=4096)
def _pieces(word: str) -> int:
    """How many tokens a word becomes. Of all neighbours, those that come first among the merges are joined first."""
    if word in _MARKS:
        return 1
    signs, ranks = _signs(), _ranks()
    parts = [signs[byte] for byte in word.encode()]
    parts[-1] += "</w>"
    none = len(ranks)
    found = [ranks.get(f"{left} {right}", none) for left, right in pairwise(parts)]
    while found and (best := min(found)) < none:
        at = found.index(best)
        parts[at] += parts.pop(at + 1)
        found.pop(at)
        for place in range(max(at - 1, 0), min(at + 1, len(found))):
            found[place] = ranks.get(f"{parts[place]} {parts[place + 1]}", none)
    return len(parts)


@cache
def _ranks() -> dict[str, int]:
    """Each pair with its place among the merges. They are read with the first prompt, since they take 7 MB."""
    lines = gzip.decompress(_MERGES.read_bytes()).decode().split("\n")
    return {pair: rank for rank, pair in enumerate(lines)}


@cache
def _signs() -> list[str]:
    """For each byte the sign that stands for it in the merges: its own if it can be seen, else one from 256 on."""
    seen = {*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)}
    others = iter(range(256, 512))
    return [chr(byte if byte in seen else next(others)) for byte in range(256)]
