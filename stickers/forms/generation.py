"""The form of the studio page: a field for each parameter of the chosen model, and the studio's own fields."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.forms import BoundField

from stickers.models import Generation
from stickers.models.generation import columns
from stickers.recipes import clip_tokens
from stickers.recipes.parameters import RANDOM_SEED, Kind, Parameter, Role
from stickers.recipes.presets import Preset
from stickers.recipes.specs import ModelSpec, offered

_YES: Final = frozenset({"on", "true", "1", "yes"})
# These have a place of their own on the page; all others are in the folded group.
_IN_FRONT: Final = frozenset({Role.PROMPT, Role.NEGATIVE, Role.SAMPLES, Role.WIDTH, Role.HEIGHT, Role.SEED})
_MOST_BUTTONS: Final = 6  # side by side; more choices become a list
_MOST_SLIDER_STEPS: Final = 5000


def models_on_offer() -> list[ModelSpec]:
    """The models that can be ordered, the default one first."""
    return offered(settings.MODELS.values())


def model_named(slug: str) -> ModelSpec:
    """The offered model with this slug, or else the default one."""
    choices = models_on_offer()
    return next((spec for spec in choices if spec.slug == slug), choices[0])


class ParameterField(forms.Field):
    """A field without rules of its own: type, range and words come from its parameter.

    If it is empty or not sent at all, it means the parameter's default.
    """

    def __init__(self, parameter: Parameter) -> None:
        self.parameter = parameter
        # The parameter judges the value. A field "required" by the form would object first.
        super().__init__(
            required=False, label=parameter.label, help_text=parameter.hint, initial=self._shown(parameter.default)
        )

    @property
    def look(self) -> str:
        """The control that fits: `select`, `text`, `slider` or `number`."""
        parameter = self.parameter
        if parameter.choices:
            return "select"
        if parameter.kind is Kind.TEXT:
            return "text"
        if parameter.low is None or parameter.high is None:
            return "number"
        return "slider" if (parameter.high - parameter.low) / self.step <= _MOST_SLIDER_STEPS else "number"

    @property
    def step(self) -> float:
        return self.parameter.step or (1 if self.parameter.kind is Kind.WHOLE else 0.01)

    @property
    def buttons(self) -> Sequence[object]:
        """The values as a row of buttons, if they are few; else none."""
        parameter = self.parameter
        if parameter.choices:
            values: Sequence[object] = parameter.choices
        elif parameter.kind is Kind.WHOLE and parameter.low is not None and parameter.high is not None:
            values = range(int(parameter.low), int(parameter.high) + 1)
        else:
            values = ()
        return values if len(values) <= _MOST_BUTTONS else ()

    @property
    def options(self) -> list[tuple[object, str]]:
        """Each choice with its hint."""
        return [(choice, self.parameter.choice_hints.get(choice, "")) for choice in self.parameter.choices]

    def to_python(self, value: object) -> object:
        text = str(value).strip().replace("\r\n", "\n") if value is not None else ""
        return self.parameter.read(text) if text else self.parameter.default

    def validate(self, value: object) -> None:
        problem = self.parameter.problem(value)
        if problem:
            raise ValidationError(problem, code="parameter")
        if isinstance(value, str):
            ProhibitNullCharactersValidator()(value)

    def prepare_value(self, value: object) -> object:
        return self._shown(self.parameter.default if value in (None, "") else value)

    def _shown(self, value: object) -> object:
        """What the box shows. A random seed is an empty box, but −1 steps are a mistake that must be visible."""
        is_random = self.parameter.role is Role.SEED and str(value) == str(RANDOM_SEED)
        return "" if value is None or is_random else value


class SwitchField(forms.Field):
    """A switch with a hidden "off", so that "switched off" differs from "not on this page", which means the default."""

    look: Final = "switch"

    def __init__(self, *, label: str, default: bool, help_text: str = "", parameter: Parameter | None = None) -> None:
        self.default = default
        self.parameter = parameter
        super().__init__(required=False, label=label, help_text=help_text, initial=default)

    def to_python(self, value: object) -> bool:
        if value in (None, ""):
            return self.default
        return str(value).lower() in _YES

    def prepare_value(self, value: object) -> bool:
        return self.to_python(value)


class GenerationForm(forms.Form):
    add_trigger = SwitchField(label="Add the trigger word", default=True)

    def __init__(self, *args: Any, spec: ModelSpec, **kwargs: Any) -> None:
        self.spec = spec
        super().__init__(*args, **kwargs)
        styles = [("", "No style"), *((style.name, style.label) for style in spec.styles)]
        self.fields["preset"] = forms.ChoiceField(choices=styles, required=False)
        for parameter in spec.parameters:
            self.fields[parameter.field_name] = _field(parameter)

    def clean(self) -> dict[str, Any]:
        """Add the style's words to the prompts. Together, and with the trigger word, they have to fit, too."""
        cleaned = self.cleaned_data
        if self.data.get("model") not in (None, "", self.spec.slug):
            self.add_error(None, "The studio does not offer this model any more.")
        preset = self._style_named(cleaned.get("preset", ""))
        if preset is not None:
            self._add_style(preset)
        self._check_with_trigger()
        return cleaned

    def _add_style(self, preset: Preset) -> None:
        cleaned = self.cleaned_data
        for role, words in ((Role.PROMPT, preset.prompt_suffix), (Role.NEGATIVE, preset.negative_prompt)):
            parameter = self.spec.of_role(role)
            if parameter is None or parameter.field_name not in cleaned:
                continue
            name = parameter.field_name
            cleaned[name] = joined(cleaned[name], words)
            problem = parameter.problem(cleaned[name])
            if problem:
                self.add_error(name, f"{problem[:-1]}, the style's words included.")

    def _check_with_trigger(self) -> None:
        """The trigger word is added when the prompt is sent."""
        prompt = self.spec.prompt
        typed = self.cleaned_data.get(prompt.field_name)
        if not typed or not self.cleaned_data.get("add_trigger"):
            return
        problem = prompt.problem(self.spec.with_trigger(typed))
        if problem:
            self.add_error(prompt.field_name, f"{problem[:-1]}, the trigger word included.")

    def columns(self) -> dict[str, Any]:
        """The columns of a new row. The seed is a number from here on."""
        values = {each.name: self.cleaned_data[each.field_name] for each in self.spec.parameters}
        return columns(self.spec, values) | {"add_trigger": self.cleaned_data["add_trigger"]}

    def priced_values(self) -> dict[str, Any]:
        """The values that decide time and money. A field with a senseless value counts as its default."""
        self.is_valid()
        return {each.name: self.cleaned_data.get(each.field_name, each.default) for each in self.spec.priced}

    def carried_to(self, other: ModelSpec) -> dict[str, Any]:
        """The values changed in this bound form that fit the form of another model, as its first values."""
        values = {each.name: self._sent(each.field_name) for each in self.spec.parameters}
        changed = {each.name: values[each.name] for each in self.spec.parameters if values[each.name] != each.default}
        kept = {"add_trigger": self._sent("add_trigger"), "preset": self.data.get("preset", "")}
        return _named(other, changed, self.spec) | kept

    def _sent(self, name: str) -> Any:
        return self.fields[name].to_python(self.data.get(name))

    def _style_named(self, name: object) -> Preset | None:
        return next((style for style in self.spec.styles if style.name == name), None)

    # --- what the page shows -----------------------------------------------------------------------------------------

    def _of_role(self, role: Role) -> BoundField | None:
        parameter = self.spec.of_role(role)
        return self[parameter.field_name] if parameter else None

    @property
    def prompt_field(self) -> BoundField:
        return self[self.spec.prompt.field_name]

    @property
    def negative_field(self) -> BoundField | None:
        return self._of_role(Role.NEGATIVE)

    @property
    def samples_field(self) -> BoundField | None:
        return self._of_role(Role.SAMPLES)

    @property
    def seed_field(self) -> BoundField | None:
        return self._of_role(Role.SEED)

    @property
    def sides(self) -> list[BoundField]:
        """Width and height, if the model has them."""
        return [side for role in (Role.WIDTH, Role.HEIGHT) if (side := self._of_role(role))]

    @property
    def folded(self) -> list[BoundField]:
        """The fields of the folded group."""
        return [self[each.field_name] for each in self.spec.parameters if each.role not in _IN_FRONT]

    @property
    def folded_errors(self) -> bool:
        """Whether a field of the folded group has an error, so that the group has to be open."""
        return any(field.errors for field in self.folded)

    @property
    def prompt_tokens(self) -> int:
        """How many of CLIP's tokens the prompt is as it will be sent; 0 if nothing is typed."""
        typed = str(self.prompt_field.value() or "").strip()
        if not typed:
            return 0
        words = joined(typed, self.chosen_preset.prompt_suffix if self.chosen_preset else "")
        if self["add_trigger"].value():
            words = self.spec.with_trigger(words)
        return clip_tokens.count(words[: self.spec.prompt.max_length])

    @property
    def priced_names(self) -> str:
        """The fields that the estimate asks for, in htmx's form."""
        return ",".join(["model", *(each.field_name for each in self.spec.priced)])

    @property
    def models(self) -> list[ModelSpec]:
        """The models to choose from; empty if there is no choice."""
        choices = models_on_offer()
        return choices if len(choices) > 1 else []

    @property
    def styles(self) -> list[tuple[Preset, str]]:
        """Each style with its advice: values by the names of the fields, as JSON."""
        names = self.spec.by_name
        advice = [{names[name].field_name: value for name, value in each.advice.items()} for each in self.spec.styles]
        return [(style, json.dumps(values)) for style, values in zip(self.spec.styles, advice, strict=True)]

    @property
    def chosen_preset(self) -> Preset | None:
        return self._style_named(self["preset"].value() or "")


def _field(parameter: Parameter) -> forms.Field:
    if parameter.kind is not Kind.SWITCH:
        return ParameterField(parameter)
    return SwitchField(
        label=parameter.label, default=bool(parameter.default), help_text=parameter.hint, parameter=parameter
    )


def initial_from(generation: Generation, spec: ModelSpec, *, with_seed: bool) -> dict[str, Any]:
    """The form of `spec` as it was when `generation` was ordered. A style among its words is chosen again."""
    values = generation.values
    preset = _unstyled(values, generation.spec)
    seed = spec.of_role(Role.SEED)
    again = _named(spec, values, generation.spec) | {"add_trigger": generation.add_trigger, "preset": preset}
    return again | ({seed.field_name: RANDOM_SEED} if seed and not with_seed else {})


def _named(spec: ModelSpec, values: Mapping[str, Any], of: ModelSpec) -> dict[str, Any]:
    """`values` of one model as first values of another's form, or of its own."""
    fitting = values if spec == of else spec.adopt(values, of)
    return {each.field_name: fitting[each.name] for each in spec.parameters if each.name in fitting}


def _unstyled(values: dict[str, Any], spec: ModelSpec) -> str:
    """The name of the style whose words end the prompts of `values`; empty if there is none. The words are removed."""
    prompt, negative = spec.prompt, spec.of_role(Role.NEGATIVE)
    for style in spec.styles:
        # Both prompts must end with its words. If the style were chosen for one only, the next order would add the
        # other.
        if not values[prompt.name].endswith(f", {style.prompt_suffix}"):
            continue
        if negative is not None and not values.get(negative.name, "").endswith(style.negative_prompt):
            continue
        values[prompt.name] = values[prompt.name].removesuffix(f", {style.prompt_suffix}")
        if negative is not None:
            kept_out = values.get(negative.name, "").removesuffix(style.negative_prompt)
            values[negative.name] = kept_out.removesuffix(", ")
        return style.name
    return ""


def joined(text: str, words: str) -> str:
    """`words` after `text`, unless they are already there."""
    if not words or words.lower() in (text or "").lower():
        return text or ""
    return f"{text}, {words}" if text else words
