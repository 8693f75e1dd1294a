"""A model as data: what its file says, and what follows from it for an order, its price and its words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from stickers.recipes.parameters import Kind, Parameter, Role, Value
from stickers.recipes.presets import PRESETS, Preset


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """One model at Segmind. `slug` is its name in the API's addresses.

    `prompt_tokens`: how much of a prompt the model reads. `price` is shown beside the form until an order has reported
    a cost, and `typical_seconds` until one has reported a time. A model that is not offered takes no new orders; its
    old sheets keep their words.
    """

    slug: str
    label: str
    parameters: tuple[Parameter, ...]
    trigger_word: str = ""
    suggested_negative: str = ""
    prompt_tokens: int | None = None
    price: str = ""
    typical_seconds: float | None = None
    presets: tuple[Preset, ...] = ()
    offered: bool = True

    @cached_property
    def by_name(self) -> Mapping[str, Parameter]:
        return {parameter.name: parameter for parameter in self.parameters}

    @cached_property
    def _by_role(self) -> Mapping[Role, Parameter]:
        return {parameter.role: parameter for parameter in self.parameters if parameter.role is not None}

    def of_role(self, role: Role) -> Parameter | None:
        """The parameter with this role; None if the model has none."""
        return self._by_role.get(role)

    @property
    def prompt(self) -> Parameter:
        return self._by_role[Role.PROMPT]

    @cached_property
    def priced(self) -> tuple[Parameter, ...]:
        """The parameters that decide cost and time."""
        by_role = {Role.SAMPLES, Role.WIDTH, Role.HEIGHT, Role.STEPS}
        return tuple(each for each in self.parameters if each.priced or each.role in by_role)

    @cached_property
    def styles(self) -> tuple[Preset, ...]:
        """The presets of the form: the model's own, or those that serve all. Advice that does not fit is left out."""
        return tuple(replace(each, advice=self._fitting(each.advice)) for each in self.presets or PRESETS)

    def _fitting(self, advice: Mapping[str, Value]) -> dict[str, Value]:
        known = ((name, value, self.by_name.get(name)) for name, value in advice.items())
        return {name: value for name, value, parameter in known if parameter and not parameter.problem(value)}

    def defaults(self) -> dict[str, Value | None]:
        """Every parameter's default, by name."""
        return {parameter.name: parameter.default for parameter in self.parameters}

    def problems(self, values: Mapping[str, object]) -> dict[str, str]:
        """What is wrong with `values`, by parameter name; empty if all can be sent."""
        found = {each.name: each.problem(values.get(each.name)) for each in self.parameters}
        return {name: problem for name, problem in found.items() if problem is not None}

    def value(self, values: Mapping[str, Any], role: Role) -> Any:
        """The value for `role` in `values`, or else its default; None if the model has no such parameter."""
        parameter = self.of_role(role)
        if parameter is None:
            return None
        value = values.get(parameter.name)
        return parameter.default if value is None else value

    def samples(self, values: Mapping[str, Any]) -> int:
        """How many sheets an order with these values makes."""
        samples = self.value(values, Role.SAMPLES)
        return 1 if samples is None else int(samples)

    def size_px(self, values: Mapping[str, Any]) -> tuple[int, int]:
        """Width and height of a sheet. If the model does not say it, 1024, for which SDXL is trained."""
        return int(self.value(values, Role.WIDTH) or 1024), int(self.value(values, Role.HEIGHT) or 1024)

    def work(self, values: Mapping[str, Any]) -> float:
        """How much work an order is for the graphics card, whose seconds are billed: sheets, steps and pixels."""
        width_px, height_px = self.size_px(values)
        return float(self.samples(values)) * float(self.value(values, Role.STEPS) or 1) * width_px * height_px

    def with_trigger(self, prompt: str) -> str:
        """The prompt with the model's trigger word, added in front if it is missing."""
        if not self.trigger_word or self.trigger_word.lower() in prompt.lower():
            return prompt
        return f"{self.trigger_word}, {prompt}"

    def payload(self, values: Mapping[str, Any]) -> dict[str, Value]:
        """The JSON body of a submission: each parameter once, without empty text."""
        return {each.name: values[each.name] for each in self.parameters if values.get(each.name) not in (None, "")}

    def adopt(self, values: Mapping[str, Any], of: ModelSpec) -> dict[str, Any]:
        """The part of another model's `values` that fits this one: by role, else by name. The rest is left out."""
        found = {}
        for parameter in self.parameters:
            source = of.of_role(parameter.role) if parameter.role else of.by_name.get(parameter.name)
            value = values.get(source.name) if source else None
            if isinstance(value, int) and not isinstance(value, bool) and parameter.kind is Kind.NUMBER:
                value = float(value)
            if value is not None and not parameter.problem(value):
                found[parameter.name] = value
        return found


def unlisted(slug: str) -> ModelSpec:
    """A stand-in for a model whose file is gone. Its orders keep what was written of them."""
    prompt = Parameter(name="prompt", kind=Kind.TEXT, role=Role.PROMPT, label="Prompt", required=True)
    return ModelSpec(slug=slug, label=slug, parameters=(prompt,), offered=False)


def offered(models: Iterable[ModelSpec]) -> list[ModelSpec]:
    """The models that new orders may use. The first one is the form's default."""
    return [spec for spec in models if spec.offered]
