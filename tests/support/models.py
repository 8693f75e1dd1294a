"""The built-in model, for tests that name its parameters, and a second one as an operator would add it."""

from __future__ import annotations

from typing import Any, Final

from stickers.models.generation import columns
from stickers.recipes.reading import read_models
from stickers.recipes.specs import ModelSpec

SPEC: Final[ModelSpec] = next(iter(read_models().values()))
PARAMETERS: Final = SPEC.by_name


def recipe(**changed: Any) -> dict[str, Any]:
    """The recipe of an order of the built-in model, with what differs from its defaults."""
    assert changed.keys() <= PARAMETERS.keys()
    made: dict[str, Any] = columns(SPEC, changed)["recipe"]
    return made


SECOND_SLUG: Final = "made-up-sticker-forge"
SECOND: Final = """
slug = "made-up-sticker-forge"
label = "Sticker Forge"
trigger_word = "FORGED"
price = "about $0.03 a sheet"

[[parameters]]
name = "text"
kind = "text"
role = "prompt"
label = "Words"
required = true
max_length = 300

[[parameters]]
name = "num_images"
kind = "whole"
role = "samples"
label = "Pictures"
default = 1
low = 1
high = 8

[[parameters]]
name = "cfg"
kind = "number"
label = "Strictness"
default = 3.5
low = 1
high = 10

[[parameters]]
name = "random_seed"
kind = "whole"
role = "seed"
low = 0
high = 65535

[[parameters]]
name = "mood"
kind = "text"
label = "Mood"
default = "calm"
priced = true
choices = ["calm", { value = "wild", hint = "Anything goes" }]

[[parameters]]
name = "style"
kind = "text"
label = "Note to the artist"

[[parameters]]
name = "glossy"
kind = "switch"
label = "Glossy"
default = true

[[presets]]
name = "ink"
label = "Ink"
prompt_suffix = "black ink on white"
advice = { cfg = 6, glossy = false }
"""
