"""Tokens are counted as CLIP counts them. The numbers are those of the tokenizers of openai/CLIP and diffusers."""

from __future__ import annotations

import pytest

from stickers.recipes import clip_tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("happy forest animals drinking tea, it's 2024!!", 13),
        ("StickerSheet, cats", 5),
        ("森の動物たちがお茶を飲んでいる、秋の色", 40),
        ("счастливые лесные животные пьют чай, осенние цвета, уютный стиль", 68),
        ("हिन्दी में बिल्ली", 15),
        ("👩\u200d👩\u200d👧 cat 😀", 6),
        ("İstanbul ß ẞ", 7),
        ("naïve cafe\u0301", 4),
        ("a\u200bb\u00a0c\u3000d", 5),
        ("ﬁne “quotes” ’s", 12),
        ("", 0),
        (" \n ", 0),
    ],
)
def test_as_clip_counts(text: str, tokens: int) -> None:
    assert clip_tokens.count(text) == tokens


def test_where_words_end() -> None:
    """An ending such as 's is a word where one begins, digits stand alone, and signs stay together."""
    assert list(clip_tokens._words("it's !!'s 12ab ½\tx")) == ["it", "'s", "!!'", "s", "1", "2", "ab", "½", "x"]
    assert clip_tokens.count("it's they're !!'s 'sabc a'll 12ab ½ ⅷ") == 18


def test_a_prompt_of_one_long_word() -> None:
    assert clip_tokens.count("猫" * 2000) > 75


def test_all_merges_are_there() -> None:
    assert len(clip_tokens._ranks()) == 48_894
    assert clip_tokens._ranks()["i n"] == 0
