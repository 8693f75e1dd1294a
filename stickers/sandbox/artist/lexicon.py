"""Reads the artist's lexicon, `lexicon.toml`: which words stand for which figure, theme or piece of clothing."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Theme:
    """A field that a word opens: its figures, what is lettered there, and what floats around."""

    figures: tuple[str, ...]
    sayings: tuple[str, ...]
    trinkets: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """The tables of the file, each in the file's order, since seeded draws depend on it.

    `mix` serves a prompt of which no word is known. `theme_words`, `synonyms`, `wear` and `phrases` lead from a word
    or a phrase to the name that it stands for; the others are kept by the name of the theme or the figure.
    """

    mix: Theme
    themes: Mapping[str, Theme]
    theme_words: Mapping[str, str]
    synonyms: Mapping[str, str]
    phrases: Mapping[str, str]
    companions: Mapping[str, tuple[str, ...]]
    variants: Mapping[str, tuple[str, ...]]
    sayings: Mapping[str, tuple[str, ...]]
    wear: Mapping[str, str]


def read_lexicon(text: str) -> Lexicon:
    """The lexicon in a TOML text.

    Raises ValueError for a text that is no TOML or has a word in two places of one kind, KeyError and TypeError for a
    table or a key that is missing or unknown.
    """
    data = tomllib.loads(text)
    mix, themes = _tuples(data.pop("mix")), data.pop("themes")
    theme_words = _names_by_word({name: theme.pop("words") for name, theme in themes.items()})
    return Lexicon(
        mix=Theme(**mix),
        themes={name: Theme(**({"trinkets": mix["trinkets"]} | _tuples(theme))) for name, theme in themes.items()},
        theme_words=theme_words,
        synonyms=_names_by_word(data.pop("synonyms")),
        wear=_names_by_word(data.pop("wear")),
        phrases=data.pop("phrases"),
        **{name: _tuples(table) for name, table in data.items()},
    )


def _tuples(table: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(values) for key, values in table.items()}


def _names_by_word(table: Mapping[str, str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for name, words in table.items():
        for word in words.split():
            if word in names:
                raise ValueError(f"{word!r} stands in two places: for {names[word]!r} and for {name!r}.")
            names[word] = name
    return names


LEXICON: Final = read_lexicon(FILE.read_text(encoding="utf-8"))
