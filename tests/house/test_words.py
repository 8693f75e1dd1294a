"""One word for each thing: the glossary has it once and says where it lives, and given-up words stay away."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", (ROOT / "docs/glossary.md").read_text(), re.MULTILINE)
TERMS = [(word, where) for word, _, where in ROWS if word not in {"word", "---"}]
# What each was called, and what it is called now.
GIVEN_UP = {
    "bin": "trash",
    "binned": "trash",
    "clock": "scheduler",
    "doctor": "preflight",
    "gate": "hold",
    "homecut": "cutter",
    "keyset": "paging",
    "looked": "polled",
    "looking": "polling",
    "mend": "fixup",
    "mending": "fixup",
    "packing": "nesting",
    "placer": "nesting",
    "pulse": "heartbeat",
    "scissors": "segmentation",
}


def words_of(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def names_in(path: Path) -> set[str]:
    """The names of a module, and of every class and function in it."""
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {path.stem, *(node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, kinds))}


@cache
def words_by_name() -> dict[str, set[str]]:
    """The words of every name in the studio. Not at import: each of a run's workers imports this."""
    return {
        f"{path.relative_to(ROOT)}: {name}": words_of(name)
        for path in (ROOT / "stickers").rglob("*.py")
        if "migrations" not in path.parts
        for name in names_in(path)
    }


def test_words_of_a_name() -> None:
    assert words_of("PDFWriter_of_scissors") == {"pdf", "writer", "of", "scissors"}


def test_each_word_stands_once() -> None:
    words = [word for word, _ in TERMS]
    assert len(words) > 50
    assert sorted(words) == sorted(set(words))


@pytest.mark.parametrize(("word", "where"), TERMS)
def test_each_word_says_where_it_lives(word: str, where: str) -> None:
    paths = re.findall(r"`([^`]+)`", where)
    assert paths
    assert not [path for path in paths if not (ROOT / path).exists()]


@pytest.mark.parametrize("word", GIVEN_UP)
def test_words_that_were_given_up_stay_away(word: str) -> None:
    assert not [name for name, words in words_by_name().items() if word in words], f"call it {GIVEN_UP[word]}"
