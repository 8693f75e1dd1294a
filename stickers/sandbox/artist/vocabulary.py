"""From the words of a prompt to the figures on the sheet: synonyms, themes, companions, sayings, clothes."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from stickers.sandbox.artist.figures import FIGURES
from stickers.sandbox.artist.figures.critters import CRITTERS
from stickers.sandbox.artist.figures.lettering import LETTERING
from stickers.sandbox.artist.figures.mammals import MAMMALS
from stickers.sandbox.artist.lexicon import LEXICON, Theme


@dataclass(frozen=True)
class Subject:
    """One sticker's motif: a figure by name, or, when `text` is set, a kind of lettering."""

    name: str
    text: str = ""


# the vocabulary of style and quality, taken out before subjects are looked for
_NOT_SUBJECTS: Final = re.compile(
    r"high quality|sharp image|very detailed|sticker ?sheets?|stickers?|colou?ring book|video game|item icons?|"
    r"rainbow (?:sheen|gradient)|clean ink drawing|soft light(?:ing)?|(?:orange|rose|peach|rainbow) colou?rs?"
)
_NO_WORDS: Final = re.compile(r"\b(?:no|without) (?:text|words|letters|lettering|writing)\b|\btextless\b")

_ANIMAL_HOMES: Final = {"ocean", "forest", "farm", "jungle", "winter", "bugs", "birds"}
_LIVELY: Final = frozenset([*MAMMALS, *CRITTERS])
_AMBIGUOUS: Final = {"orange"}  # more often a colour; "oranges" is the fruit
_BY_WORD: Final = {**LEXICON.synonyms, **{name: name for name in FIGURES if name not in _AMBIGUOUS}}


@dataclass(frozen=True)
class Reading:
    """What a prompt asks for: figures by name in its order, themes, clothes, sayings; `words` allows lettering."""

    figures: tuple[str, ...]
    themes: tuple[str, ...]
    wear: tuple[str, ...]
    quotes: tuple[str, ...]
    words: bool


def read(prompt: str) -> Reading:
    """Look up every word of the prompt."""
    quotes = tuple(
        quote.strip() for quote in re.findall(r"[\"“]([^\"”]{1,16})[\"”]", prompt) if quote.strip() and quote.isascii()
    )
    text = _NOT_SUBJECTS.sub(" ", re.sub(r"[\"“][^\"”]*[\"”]", " ", prompt.lower()))
    figures: list[str] = []
    for phrase, name in LEXICON.phrases.items():
        if re.search(rf"\b{phrase}s?\b", text):
            figures.append(name)
            text = re.sub(rf"\b{phrase}s?\b", " ", text)
    words = re.findall(r"[a-z0-9]+(?:-[a-z]+)*", text)
    figures += [name for word in words if (name := _figure(word))]
    themes = [LEXICON.theme_words[word] for word in words if word in LEXICON.theme_words]
    if _ANIMAL_HOMES & set(themes):
        themes = [name for name in themes if name != "animals"]  # "sea animals" are not foxes
    wear = [LEXICON.wear[word] for word in words if word in LEXICON.wear]
    return Reading(
        figures=tuple(dict.fromkeys(figures)),
        themes=tuple(dict.fromkeys(themes)),
        wear=tuple(dict.fromkeys(wear)),
        quotes=quotes,
        words=not _NO_WORDS.search(prompt.lower()),
    )


def _figure(word: str) -> str:
    """The figure that a word names, in the plural too; empty when it names none."""
    # the lexicon lists the odd plurals, and those of words that mean something else without the ending
    forms = (word, word.removesuffix("s"), word.removesuffix("es"), f"{word[:-3]}y" if word.endswith("ies") else "")
    return next((_BY_WORD[form] for form in forms if form in _BY_WORD), "")


def choose(reading: Reading, rng: random.Random, count: int, spare: int) -> tuple[list[Subject], tuple[str, ...]]:
    """`count` motifs for a sheet, the most wanted ones first, then `spare` more; and the trinkets that suit them."""
    themes = [LEXICON.themes[name] for name in reading.themes] or [_home_of(name) for name in reading.figures[:2]]
    company = _deal([theme.figures for theme in themes] or [LEXICON.mix.figures], rng)
    if reading.figures and not reading.themes:
        friends = [friend for name in reading.figures for friend in LEXICON.companions.get(name, ())]
        rng.shuffle(friends)
        company = friends[:3] + company
    lettered = min(max(1, count // 6), 3) if reading.words else 0
    room = count - lettered
    wanted = [name for name in reading.figures for name in LEXICON.variants.get(name, (name,))]
    # animals differ from one to the next, things repeat themselves: a few of them will do
    lively = any(name in _LIVELY for name in wanted)
    portion = min(0.85, (0.42 if lively else 0.24) - 0.1 * bool(reading.themes) + 0.1 * len(wanted))
    share = round(room * portion)
    chosen = [wanted[k % len(wanted)] for k in range(max(share, min(len(wanted), room)))] if wanted else []
    fresh = [name for name in company if name not in chosen]
    while len(chosen) < room + spare:
        chosen.append(fresh.pop(0) if fresh else rng.choice(company))
    subjects = [Subject(name) for name in chosen]
    said = [text for name in reading.figures for text in LEXICON.sayings.get(name, ())]
    said += [text for theme in themes or [LEXICON.mix] for text in theme.sayings]
    rng.shuffle(said)
    kinds = rng.sample(tuple(LETTERING), k=len(LETTERING))
    texts = [*reading.quotes, *dict.fromkeys(said)]
    lettering = [Subject(kinds[k % len(kinds)], texts[k % len(texts)]) for k in range(lettered)]
    subjects[room:room] = lettering
    trinkets = [trinket for theme in themes or [LEXICON.mix] for trinket in theme.trinkets]
    return subjects, (*trinkets, "dashes")


def _deal(decks: Sequence[Sequence[str]], rng: random.Random) -> list[str]:
    """The cards of several shuffled decks, in turns, each once."""
    shuffled = [rng.sample(deck, k=len(deck)) for deck in decks]
    longest = max(len(deck) for deck in shuffled)
    dealt = [deck[k] for k in range(longest) for deck in shuffled if k < len(deck)]
    return list(dict.fromkeys(dealt))


def _home_of(figure: str) -> Theme:
    """The first theme that knows the figure."""
    return next((theme for theme in LEXICON.themes.values() if figure in theme.figures), LEXICON.mix)
