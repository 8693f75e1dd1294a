"""The form of the studio page: a field for each of the model's parameters, and what the studio adds to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator

from stickers.models import Generation
from stickers.orders.estimate import SHAPE
from stickers.recipes.parameters import (
    PARAMETERS,
    RANDOM_SEED,
    SCHEDULERS,
    SUGGESTED_NEGATIVE,
    TRIGGER_WORD,
    Parameter,
    concrete_seed,
    defaults,
)
from stickers.recipes.presets import PRESETS, Preset

PRESET_NAMES: Final[Mapping[str, Preset]] = {preset.name: preset for preset in PRESETS}
_YES: Final = frozenset({"on", "true", "1", "yes"})


class ParameterField(forms.Field):
    """A field that knows no rule of its own: type, range and words come from its parameter.

    Left empty, or not sent at all, it stands for the parameter's default.
    """

    def __init__(self, parameter: Parameter) -> None:
        self.parameter = parameter
        # Judged by the parameter; a field "required" by the form would object before it is asked.
        super().__init__(
            required=False, label=parameter.label, help_text=parameter.hint, initial=self._shown(parameter.default)
        )

    def to_python(self, value: object) -> object:
        text = str(value).strip().replace("\r\n", "\n") if value is not None else ""
        if not text:
            return self.parameter.default
        if self.parameter.kind is str:
            return text
        try:
            return self.parameter.kind(text)
        except ValueError:
            return text  # so that the parameter says what it expected

    def validate(self, value: object) -> None:
        problem = self.parameter.problem(value)
        if problem:
            raise ValidationError(problem, code="parameter")
        if isinstance(value, str):
            ProhibitNullCharactersValidator()(value)

    def prepare_value(self, value: object) -> object:
        return self._shown(self.parameter.default if value in (None, "") else value)

    def _shown(self, value: object) -> object:
        """What the box shows: a random seed is an empty one, but −1 steps are a mistake to be seen."""
        is_random = self.parameter.default == RANDOM_SEED and str(value) == str(RANDOM_SEED)
        return "" if value is None or is_random else value


class SwitchField(forms.Field):
    """A switch beside a hidden "off": so "switched off" differs from "not on this page", which is the default."""

    def __init__(self, *, label: str, default: bool, help_text: str = "") -> None:
        self.default = default
        super().__init__(required=False, label=label, help_text=help_text, initial=default)

    def to_python(self, value: object) -> bool:
        if value in (None, ""):
            return self.default
        return str(value).lower() in _YES

    def prepare_value(self, value: object) -> bool:
        return self.to_python(value)


class GenerationForm(forms.Form):
    preset = forms.ChoiceField(
        choices=[("", "No style"), *((preset.name, preset.label) for preset in PRESETS)], required=False
    )
    add_trigger = SwitchField(label="Add the trigger word", default=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, parameter in PARAMETERS.items():
            if parameter.kind is bool:
                self.fields[name] = SwitchField(
                    label=parameter.label, default=bool(parameter.default), help_text=parameter.hint
                )
            else:
                self.fields[name] = ParameterField(parameter)

    def clean(self) -> dict[str, Any]:
        """Adds the style's words to the prompts; together they have to fit, too."""
        cleaned = self.cleaned_data
        preset = PRESET_NAMES.get(cleaned.get("preset", ""))
        if preset is None:
            return cleaned
        for name, words in (("prompt", preset.prompt_suffix), ("negative_prompt", preset.negative_prompt)):
            if name not in cleaned:
                continue
            cleaned[name] = joined(cleaned[name], words)
            problem = PARAMETERS[name].problem(cleaned[name])
            if problem:
                self.add_error(name, f"{problem[:-1]}, the style's words included.")
        return cleaned

    def recipe(self) -> dict[str, Any]:
        """The values of a new row; the seed is a number from here on."""
        values = {name: self.cleaned_data[name] for name in (*PARAMETERS, "add_trigger")}
        return values | {"seed": concrete_seed(values["seed"])}

    def shape(self) -> dict[str, Any]:
        """What decides over time and money; a field that makes no sense counts as its default."""
        self.is_valid()
        usual = defaults()
        return {name: self.cleaned_data.get(name, usual[name]) for name in SHAPE}

    @property
    def suggested_negative(self) -> str:
        return SUGGESTED_NEGATIVE

    @property
    def trigger_word(self) -> str:
        return TRIGGER_WORD

    @property
    def sample_numbers(self) -> range:
        samples = PARAMETERS["samples"]
        return range(int(samples.low or 1), int(samples.high or 1) + 1)

    @property
    def schedulers(self) -> Mapping[str, str]:
        return SCHEDULERS

    @property
    def presets(self) -> Sequence[Preset]:
        return PRESETS

    @property
    def chosen_preset(self) -> Preset | None:
        return PRESET_NAMES.get(str(self["preset"].value() or ""))

    @property
    def advanced_errors(self) -> bool:
        """Whether a field of the folded group has an error, so that the group has to be open."""
        return any(
            name in self.errors
            for name in ("scheduler", "num_inference_steps", "guidance_scale", "lora_scale", "base64")
        )


def initial_from(generation: Generation, *, with_seed: bool) -> dict[str, Any]:
    """The form as it was when `generation` was ordered; a style among its words is chosen again."""
    values = generation.recipe
    if not with_seed:
        values["seed"] = RANDOM_SEED
    for preset in PRESETS:
        negative = values["negative_prompt"]
        # Both of its words: chosen for one of them alone, the style would add the other to the next order.
        if values["prompt"].endswith(f", {preset.prompt_suffix}") and negative.endswith(preset.negative_prompt):
            values["prompt"] = values["prompt"].removesuffix(f", {preset.prompt_suffix}")
            values["negative_prompt"] = negative.removesuffix(preset.negative_prompt).removesuffix(", ")
            values["preset"] = preset.name
            break
    return values


def joined(text: str, words: str) -> str:
    """`words` after `text`, unless they are there already."""
    if not words or words.lower() in text.lower():
        return text
    return f"{text}, {words}" if text else words
