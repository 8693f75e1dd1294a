"""File names, whatever the prompt holds."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stickers.printing.filenames import MAX_NAME_BYTES, UniqueNames, safe_name, unique_names


def test_it_works() -> None:
    assert safe_name("A happy cat, 3 stars!", "sticker") == "A-happy-cat-3-stars"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", "sticker"),
        ("   ", "sticker"),
        ("../../etc/passwd", "etc-passwd"),
        ("..\\..\\windows", "windows"),
        ("C:\\cats", "C-cats"),
        ("/", "sticker"),
        (".", "sticker"),
        ("..", "sticker"),
        (".hidden", "hidden"),
        ("-rf", "rf"),
        ("cat.png", "cat-png"),
        ("cat.exe ", "cat-exe"),
        ("CON", "sticker-CON"),
        ("nul", "sticker-nul"),
        ("com1", "sticker-com1"),
        ("Lpt9", "sticker-Lpt9"),
        ("CONIN$", "sticker-CONIN"),
        ("com¹", "com"),
        ("a\x00b\x1fc\x7fd", "a-b-c-d"),
        ("line\nbreak\ttab", "line-break-tab"),
        ("gpj\u202egnp.tac", "gpjgnp-tac"),
        ("\u2066cat\u2069", "cat"),
        ("ca\u200bt\ufeff", "cat"),
        ("\u3164\u115f\ufe0f", "sticker"),
        ("🐱🎉", "sticker"),
        ("cat 👩‍🚀 star", "cat-star"),
        ("\u0301cat", "cat"),
        ("🐱\u0301cat", "cat"),
        ("cafe\u0301", "café"),
        ("ねこ と ほし", "ねこ-と-ほし"),
        ("हिन्दी", "हिन्दी"),
        ("snake_case", "snake_case"),
        ("a<b>|c?*\"'`$(d)", "a-b-c-d"),
        ("\ud800cat", "cat"),
    ],
)
def test_it_keeps_what_is_safe(text: str, name: str) -> None:
    assert safe_name(text, "sticker") == unicodedata.normalize("NFC", name)


def test_long_prompts_end_between_words() -> None:
    name = safe_name("a very long prompt about cats " * 10, "sticker")
    assert len(name.encode()) <= MAX_NAME_BYTES
    assert name.split("-")[-1] in {"a", "very", "long", "prompt", "about", "cats"}
    assert len(safe_name("x" * 300, "sticker")) == MAX_NAME_BYTES
    assert len(safe_name("猫" * 300, "sticker").encode()) == 78


@given(st.text(max_size=400))
def test_any_prompt_gives_a_safe_name(text: str) -> None:
    name = safe_name(text, "sticker")
    assert 1 <= len(name.encode()) <= MAX_NAME_BYTES
    assert unicodedata.is_normalized("NFC", name)
    assert not name.startswith("-")
    assert all(char in "-_" or unicodedata.category(char)[0] in "LM" or char.isdigit() for char in name)
    assert safe_name(name, "sticker") == name


def test_equal_names_are_numbered() -> None:
    assert unique_names(["cat", "cat", "Cat", "dog", "cat-2", "cat"], ".png") == [
        "cat.png",
        "cat-2.png",
        "Cat-3.png",
        "dog.png",
        "cat-2-2.png",
        "cat-4.png",
    ]


def test_names_that_differ_by_compatible_characters_only_count_as_equal() -> None:
    assert unique_names(["straße", "STRASSE", "ﬁsh", "fish"]) == ["straße", "STRASSE-2", "ﬁsh", "fish-2"]


@given(st.lists(st.sampled_from(["a", "A", "a-2", "a-3", "b" * 90, "b" * 80, "猫" * 40]), max_size=40))
def test_no_name_is_given_twice(stems: list[str]) -> None:
    names = unique_names(stems, ".png")
    assert len({name.casefold() for name in names}) == len(stems)
    assert all(len(name.encode()) <= MAX_NAME_BYTES and name.endswith(".png") for name in names)


def test_thousands_of_equal_names_are_quick() -> None:
    names = UniqueNames()
    assert [names.take("cat", ".png") for _ in range(5000)][-1] == "cat-5000.png"
