"""One parameter of a model: its kind, range and choices, and what is wrong with a value, in words."""

from __future__ import annotations

import math
import random
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

RANDOM_SEED: Final = -1

Value = str | int | float | bool

# Names that the studio's form, its page or the `generate` command use themselves. A parameter with such a name gets
# another field and another option. Segmind still gets it under its own name.
TAKEN_NAMES: Final = frozenset(
    {
        *("preset", "add_trigger", "trigger", "model", "model_was", "token", "csrfmiddlewaretoken"),
        *("owner", "wait", "timeout", "help", "version", "verbosity", "settings", "pythonpath", "traceback"),
        *("no_color", "force_color", "skip_checks", "stdout", "stderr"),
        *("queue", "parameters", "negative", "advanced", "estimate", "generate", "alerts", "announcer", "shortcuts"),
        # An input with such a name hides the attribute of its form from scripts.
        *("action", "children", "dir", "elements", "hidden", "id", "lang", "length", "method", "name", "remove"),
        *("reset", "style", "submit", "target", "title"),
    }
)
_YES: Final = frozenset({"on", "true", "1", "yes"})
_NO: Final = frozenset({"off", "false", "0", "no"})


class Kind(StrEnum):
    """The JSON type that the API gets."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    SWITCH = "switch"

    @property
    def type(self) -> type[str] | type[int] | type[float] | type[bool]:
        return _TYPES[self]


_TYPES: Final[Mapping[Kind, type[str] | type[int] | type[float] | type[bool]]] = {
    Kind.TEXT: str,
    Kind.WHOLE: int,
    Kind.NUMBER: float,
    Kind.SWITCH: bool,
}
_KIND_WORDS: Final[Mapping[Kind, str]] = {
    Kind.TEXT: "text",
    Kind.WHOLE: "a whole number",
    Kind.NUMBER: "a number",
    Kind.SWITCH: "yes or no",
}


class Role(StrEnum):
    """What a parameter means to the studio, whatever the model calls it."""

    PROMPT = "prompt"
    NEGATIVE = "negative_prompt"
    SEED = "seed"
    SAMPLES = "samples"  # how many sheets one order makes
    WIDTH = "width"  # of a sheet, in pixels
    HEIGHT = "height"
    STEPS = "steps"  # time and cost grow with it
    BASE64 = "base64"  # the picture comes inside the answer


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter as the API knows it.

    `low` and `high` are inclusive. `choices` lists every allowed value of a closed set; `choice_hints` says something
    about each. `step` is the form's granularity, not a rule of the API. `priced` says that cost and time depend on it.
    """

    name: str
    kind: Kind
    label: str
    default: Value | None = None
    role: Role | None = None
    hint: str = ""
    low: float | None = None
    high: float | None = None
    step: float | None = None
    choices: tuple[Value, ...] = ()
    choice_hints: Mapping[Value, str] = field(default_factory=dict)
    max_length: int | None = None
    required: bool = False
    priced: bool = False

    @property
    def field_name(self) -> str:
        """Its name in the form and in the `generate` command."""
        return f"model_{self.name}" if self.name in TAKEN_NAMES else self.name

    def read(self, text: str) -> Value:
        """The value that `text` stands for. If it stands for none, the text itself, so that `problem` says why."""
        if self.kind is Kind.SWITCH:
            word = text.lower()
            return True if word in _YES else False if word in _NO else text
        try:
            return self.kind.type(text)
        except ValueError:
            return text

    def problem(self, value: object) -> str | None:
        """Why `value` cannot be sent, in words for the person who typed it; None if it can."""
        if value is None or value == "":
            return f"{self.label} is required." if self.required else None
        if self.kind is Kind.NUMBER and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if type(value) is not self.kind.type:
            return f"{self.label} must be {_KIND_WORDS[self.kind]}."
        if self.choices and value not in self.choices:
            return f"{self.label} must be one of {', '.join(str(choice) for choice in self.choices)}."
        if isinstance(value, str) and self.max_length is not None and len(value) > self.max_length:
            return f"{self.label} may have at most {self.max_length} characters."
        if isinstance(value, str) and self.required and not _is_visible(value):
            return f"{self.label} is required."
        return self._out_of_range(value) if isinstance(value, int | float) else None

    def _out_of_range(self, value: float) -> str | None:
        # "not low <= value" rather than "value < low": the former also refuses NaN
        if self.low is not None and not self.low <= value:
            return f"{self.label} must be at least {self.low:.15g}."
        if self.high is not None and not value <= self.high:
            return f"{self.label} must be at most {self.high:.15g}."
        # JSON knows neither NaN nor infinity.
        return None if math.isfinite(value) else f"{self.label} must be a finite number."

    def concrete_seed(self, seed: int | None) -> int:
        """A concrete seed: none and -1 become a random one of this range, any other stays.

        Random seeds stay below 2**31, so that they are short enough to read out and to type.
        """
        if seed is None or seed == RANDOM_SEED:
            highest = 2**31 - 1 if self.high is None else min(2**31 - 1, int(self.high))
            return random.randint(max(1, int(self.low or 1)), highest)
        return seed


def _is_visible(text: str) -> bool:
    """Whether a text has any sign that is seen: no white space, no control, nothing of width zero."""
    return any(unicodedata.category(sign)[0] not in "ZC" for sign in text)
