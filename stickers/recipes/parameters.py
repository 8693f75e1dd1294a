"""The eleven parameters of the model, with their ranges, choices and defaults: the only place they are written.

The form, the row's validators, the `generate` command and the stand-in all read `PARAMETERS`; nothing else
names a range. Source: Segmind's page of the model; where that page is silent, the comment says what stands in.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

MODEL_SLUG: Final = "Norod78-SDXL-StickerSheet-Lora"
TRIGGER_WORD: Final = "StickerSheet"
RANDOM_SEED: Final = -1

Value = str | int | float | bool


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter as the API knows it.

    `kind` is the JSON type sent to the API. `low` and `high` are inclusive. `choices` lists every allowed value
    where the model has a closed set. `step` is the form's granularity, not a rule of the API.
    """

    name: str
    kind: type[str] | type[int] | type[float] | type[bool]
    label: str
    default: Value | None
    hint: str = ""
    low: float | None = None
    high: float | None = None
    step: float | None = None
    choices: tuple[Value, ...] = ()
    max_length: int | None = None
    required: bool = False

    def problem(self, value: object) -> str | None:
        """Why `value` cannot be sent, in words for the person who typed it; None when it can."""
        if value is None or value == "":
            return f"{self.label} is required." if self.required else None
        if self.kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if type(value) is not self.kind:
            return f"{self.label} must be {_KIND_WORDS[self.kind]}."
        if self.choices and value not in self.choices:
            return f"{self.label} must be one of {', '.join(str(choice) for choice in self.choices)}."
        if isinstance(value, str) and self.max_length is not None and len(value) > self.max_length:
            return f"{self.label} may have at most {self.max_length} characters."
        if isinstance(value, str) and self.required and not value.strip():
            return f"{self.label} is required."
        # "not low <= value" rather than "value < low": the former also refuses NaN
        if isinstance(value, int | float) and self.low is not None and not self.low <= value:
            return f"{self.label} must be at least {self.low:g}."
        if isinstance(value, int | float) and self.high is not None and not value <= self.high:
            return f"{self.label} must be at most {self.high:.15g}."
        return None


_KIND_WORDS: Final[Mapping[type, str]] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "yes or no",
}

# The page lists ten and "+2 more"; the last two are in public clients of sibling models, in this order.
SCHEDULERS: Final[Mapping[str, str]] = {
    "DDIM": "Steady and soft, likes 30 steps or more",
    "DPM Multi": "Crisp in few steps",
    "DPM Single": "Like DPM Multi, slower and finer",
    "Euler a": "Lively, changes with every step count",
    "Euler": "Simple and predictable",
    "Heun": "Precise, takes twice the time",
    "DPM2 a Karras": "Rich detail, varied",
    "DPM2 Karras": "Rich detail, stable",
    "LMS": "Smooth, classic look",
    "PNDM": "Smooth gradients, likes 30 steps or more",
    "DDPM": "Slow and thorough, likes many steps",
    "UniPC": "Fast and balanced, the model's default",
}
SIDES_PX: Final = (512, 768, 1024)

# A start that suits sheets which are to be cut: the page's own negative asks against a simple background,
# against duplicates and against crowding, which is just what makes a sheet cut cleanly.
SUGGESTED_NEGATIVE: Final = "blurry, poorly drawn, bad anatomy, watermark, text artifacts, cropped, low contrast"

PARAMETERS: Final[Mapping[str, Parameter]] = {
    parameter.name: parameter
    for parameter in (
        Parameter(
            name="prompt",
            kind=str,
            label="Prompt",
            default=None,
            required=True,
            max_length=2000,
            hint="Who or what is on the stickers, and in which mood",
        ),
        Parameter(
            name="negative_prompt",
            kind=str,
            label="Negative prompt",
            default="",
            max_length=2000,
            hint="What to keep out of the picture",
        ),
        Parameter(
            name="scheduler",
            kind=str,
            label="Scheduler",
            default="UniPC",
            choices=tuple(SCHEDULERS),
            hint="How noise becomes a picture",
        ),
        Parameter(
            name="num_inference_steps",
            kind=int,
            label="Steps",
            default=20,
            low=20,
            high=100,
            step=1,
            hint="More steps, finer detail, longer wait",
        ),
        Parameter(
            name="guidance_scale",
            kind=float,
            label="Guidance",
            default=7.5,
            low=0.1,
            high=25,
            step=0.1,
            hint="How closely the picture follows the prompt",
        ),
        Parameter(
            name="samples",
            kind=int,
            label="Sheets",
            default=1,
            low=1,
            high=4,
            step=1,
            hint="How many sheets from one prompt",
        ),
        Parameter(
            name="seed",
            kind=int,
            label="Seed",
            default=RANDOM_SEED,
            low=-1,
            high=999_999_999_999_999,  # from a sibling model's page; this one's example is above 2**31
            hint="The same seed and settings give the same sheet",
        ),
        Parameter(
            name="img_width",
            kind=int,
            label="Width",
            default=1024,
            choices=SIDES_PX,
        ),
        Parameter(
            name="img_height",
            kind=int,
            label="Height",
            default=1024,
            choices=SIDES_PX,
        ),
        Parameter(
            name="base64",
            kind=bool,
            label="Send the picture inside the answer",
            default=False,
            hint="Base64 instead of a link; slower, but needs no second download",
        ),
        Parameter(
            name="lora_scale",
            kind=float,
            label="Sticker style strength",
            default=1.0,  # the page's example; its range is unpublished, 0–2 is what the LoRA stays sane in
            low=0,
            high=2,
            step=0.05,
            hint="0 is plain SDXL, 1 is the sticker style, above 1.3 it gets wild",
        ),
    )
}


def defaults() -> dict[str, Value | None]:
    """Every parameter's default, by name."""
    return {name: parameter.default for name, parameter in PARAMETERS.items()}


def problems(values: Mapping[str, object]) -> dict[str, str]:
    """What is wrong with `values`, by parameter name; empty when all can be sent."""
    found = {name: parameter.problem(values.get(name)) for name, parameter in PARAMETERS.items()}
    return {name: problem for name, problem in found.items() if problem is not None}


def with_trigger(prompt: str) -> str:
    """The prompt with the LoRA's trigger word, added in front when it is missing."""
    if TRIGGER_WORD.lower() in prompt.lower():
        return prompt
    return f"{TRIGGER_WORD}, {prompt}"


def concrete_seed(seed: int | None) -> int:
    """A seed that can be named again: -1 becomes a random one, any other stays.

    Random seeds stay below 2**31 so that they are also short enough to read out and to type.
    """
    if seed is None or seed == RANDOM_SEED:
        return random.randrange(1, 2**31)
    return seed


def payload(values: Mapping[str, Any]) -> dict[str, Value]:
    """The JSON body of a submission: each parameter once, empty text left out."""
    return {name: values[name] for name in PARAMETERS if values.get(name) not in (None, "")}
