from __future__ import annotations

import tomllib

import pytest

from stickers.sandbox.artist.figures import FIGURES
from stickers.sandbox.artist.figures.trinkets import TRINKETS
from stickers.sandbox.artist.figures.wardrobe import WARDROBE
from stickers.sandbox.artist.lexicon import FILE, LEXICON, Theme, read_lexicon

SMALL = """
[mix]
figures = ["cat", "star"]
sayings = ["hello"]
trinkets = ["dot"]

[themes.space]
words = "space galaxy"
figures = ["star", "moon"]
sayings = ["WOW"]

[synonyms]
cat = "kitten"
moon = "lunar"

[phrases]
"shooting star" = "star"

[companions]
cat = ["moon"]

[variants]
cat = ["cat", "calico"]

[sayings]
cat = ["MEOW"]

[wear]
crown = "king queen"
"""


def test_it_works() -> None:
    lexicon = read_lexicon(SMALL)
    assert lexicon.mix == Theme(figures=("cat", "star"), sayings=("hello",), trinkets=("dot",))
    assert lexicon.themes == {"space": Theme(figures=("star", "moon"), sayings=("WOW",), trinkets=("dot",))}
    assert lexicon.theme_words == {"space": "space", "galaxy": "space"}
    assert lexicon.synonyms == {"kitten": "cat", "lunar": "moon"}
    assert lexicon.phrases == {"shooting star": "star"}
    assert (lexicon.companions, lexicon.variants) == ({"cat": ("moon",)}, {"cat": ("cat", "calico")})
    assert (lexicon.sayings, lexicon.wear) == ({"cat": ("MEOW",)}, {"king": "crown", "queen": "crown"})


def test_the_file_is_read_whole() -> None:
    """Nothing is left out, and everything keeps its place, since seeded draws depend on it."""
    tables = tomllib.loads(FILE.read_text(encoding="utf-8"))
    mix, themes = tables.pop("mix"), tables.pop("themes")
    assert LEXICON.mix == Theme(**{key: tuple(values) for key, values in mix.items()})
    assert [*LEXICON.themes] == [*themes]
    for name, theme in LEXICON.themes.items():
        expected = mix | themes[name]
        assert [*theme.figures] == expected["figures"], name
        assert [*theme.sayings] == expected["sayings"], name
        assert [*theme.trinkets] == expected["trinkets"], name
    theme_words = {name: theme["words"] for name, theme in themes.items()}
    for read, table in (
        (LEXICON.theme_words, theme_words),
        (LEXICON.synonyms, tables.pop("synonyms")),
        (LEXICON.wear, tables.pop("wear")),
    ):
        assert [*read.items()] == [(word, name) for name, words in table.items() for word in words.split()]
    assert [*LEXICON.phrases.items()] == [*tables.pop("phrases").items()]
    for name, table in tables.items():
        assert [(key, [*values]) for key, values in getattr(LEXICON, name).items()] == [*table.items()], name


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('moon = "lunar"', 'moon = "lunar kitten"', "'kitten' stands in two places: for 'cat' and for 'moon'"),
        ('cat = "kitten"', 'cat = "kitten kitten"', "'kitten' stands in two places: for 'cat' and for 'cat'"),
        ("[wear]", '[wear]\nbow = "queen"', "'queen' stands in two places: for 'bow' and for 'crown'"),
        (
            "[synonyms]",
            '[themes.sky]\nwords = "galaxy"\nfigures = ["moon"]\nsayings = ["hi"]\n[synonyms]',
            "'galaxy' stands in two places: for 'space' and for 'sky'",
        ),
    ],
)
def test_a_word_in_two_places_is_refused(old: str, new: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_lexicon(SMALL.replace(old, new))


def test_one_word_may_name_a_figure_open_a_theme_and_dress() -> None:
    lexicon = read_lexicon(SMALL.replace('"space galaxy"', '"space king"').replace('"lunar"', '"lunar king"'))
    assert (lexicon.theme_words["king"], lexicon.synonyms["king"], lexicon.wear["king"]) == ("space", "moon", "crown")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[wear]", '[hats]\ncap = ["cap"]\n[wear]'),
        ('words = "space galaxy"', 'words = "space"\ncolours = ["blue"]'),
        ("[companions]\n", ""),
        ('sayings = ["WOW"]', ""),
        ('trinkets = ["dot"]', ""),
    ],
)
def test_a_key_that_is_unknown_or_missing_is_refused(old: str, new: str) -> None:
    assert old in SMALL
    with pytest.raises((KeyError, TypeError, ValueError)):
        read_lexicon(SMALL.replace(old, new))


def test_it_names_only_what_exists() -> None:
    themes = [*LEXICON.themes.values(), LEXICON.mix]
    named = {*LEXICON.synonyms.values(), *LEXICON.phrases.values()}
    for table in (LEXICON.companions, LEXICON.variants):
        named |= {*table, *(name for names in table.values() for name in names)}
    named |= {*LEXICON.sayings, *(name for theme in themes for name in theme.figures)}
    assert named <= {*FIGURES}
    assert {trinket for theme in themes for trinket in theme.trinkets} <= {*TRINKETS}
    assert {*LEXICON.wear.values()} <= {*WARDROBE}


def test_no_figure_is_another_name_of_another() -> None:
    assert not {*LEXICON.synonyms} & {*FIGURES}
