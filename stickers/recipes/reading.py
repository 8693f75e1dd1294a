"""Read models from TOML files, and refuse a wrong one with a reason: which file, which key, what is allowed."""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from stickers.recipes.parameters import RANDOM_SEED, Kind, Parameter, Role
from stickers.recipes.presets import Preset
from stickers.recipes.specs import ModelSpec, offered

BUILT_IN: Final = Path(__file__).parent / "models"

MODEL_KEYS: Final = tuple(each.name for each in fields(ModelSpec))
PARAMETER_KEYS: Final = tuple(each.name for each in fields(Parameter) if each.name != "choice_hints")
PRESET_KEYS: Final = tuple(each.name for each in fields(Preset) if each.name != "picture")
CHOICE_KEYS: Final = ("value", "hint")

_SLUG: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_ROLE_KINDS: Final[Mapping[Role, Kind]] = {
    Role.PROMPT: Kind.TEXT,
    Role.NEGATIVE: Kind.TEXT,
    Role.SEED: Kind.WHOLE,
    Role.SAMPLES: Kind.WHOLE,
    Role.WIDTH: Kind.WHOLE,
    Role.HEIGHT: Kind.WHOLE,
    Role.STEPS: Kind.WHOLE,
    Role.BASE64: Kind.SWITCH,
}
# What the studio's columns, the stand-in and the page can hold, for each role that is a number.
_ROLE_LIMITS: Final[Mapping[Role, tuple[int, int]]] = {
    Role.SEED: (RANDOM_SEED, 2**63 - 1),
    Role.SAMPLES: (1, 100),
    Role.WIDTH: (64, 4096),  # the client takes pictures of up to 32 megapixels
    Role.HEIGHT: (64, 4096),
    Role.STEPS: (1, 10_000),
}
_WORDS: Final[Mapping[type, str]] = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
_LONGEST_TEXT: Final = 2000


class BadModelError(ValueError):
    """A model's file that cannot be used. The message names the file, the key and what is allowed."""


def read_models(folder: Path | None = None) -> dict[str, ModelSpec]:
    """The built-in models and then those of `folder`, each by its slug, in the order of their files' names.

    A file in `folder` with the slug of a built-in model replaces it. Raises BadModelError.
    """
    built_in = [read_model(path) for path in sorted(BUILT_IN.glob("*.toml"))]
    try:
        paths = sorted(folder.glob("*.toml")) if folder else []
    except OSError as error:
        raise BadModelError(f"{folder} cannot be read: {error.strerror or error}.") from None
    added = [(path, read_model(path)) for path in paths]
    for slug, times in Counter(spec.slug for _, spec in added).items():
        if times > 1:
            twice = ", ".join(path.name for path, spec in added if spec.slug == slug)
            raise BadModelError(f"{folder}: slug {slug!r} stands in more than one file: {twice}.")
    models = {spec.slug: spec for spec in built_in} | {spec.slug: spec for _, spec in added}
    if not offered(models.values()):
        raise BadModelError(f"{folder}: no model is left to order with; set offered = true in one of the files.")
    return models


def read_model(path: Path) -> ModelSpec:
    """The model in one file. Raises BadModelError."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadModelError(f"{path} cannot be read: {error.strerror or error}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadModelError(f"{path} is no TOML: {error}.") from None
    try:
        return _model(_Table(data, MODEL_KEYS))
    except BadModelError as error:
        raise BadModelError(f"{path}: {error}") from None


class _Table:
    """One table of the file. Its keys are read one by one, each with its required type."""

    def __init__(self, data: Mapping[str, Any], keys: Iterable[str], where: str = "") -> None:
        self.where = where
        self._data = data
        if unknown := [key for key in data if key not in (allowed := tuple(keys))]:
            raise self.refusal(unknown[0], f"is no key here. Allowed are {', '.join(allowed)}.")

    def refusal(self, key: str, words: str) -> BadModelError:
        return BadModelError(f"{self.where}{key} {words}")

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def any(self, key: str) -> Any:
        return self._data.get(key)

    def get(self, key: str, kind: type, default: Any = None) -> Any:
        if key not in self._data:
            return default
        value = self._data[key]
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is not kind or (isinstance(value, float) and not math.isfinite(value)):
            raise self.refusal(key, f"must be {_WORDS[kind]}, not {self._data[key]!r}.")
        return value

    def text(self, key: str, pattern: re.Pattern[str], example: str) -> str:
        value = self.get(key, str, "")
        if not pattern.fullmatch(value):
            raise self.refusal(key, f"must be a name such as {example}, not {value!r}.")
        return str(value)

    def words(self, key: str) -> str:
        value = str(self.get(key, str, "")).strip()
        if not value:
            raise self.refusal(key, "must say something.")
        return value

    def tables(self, key: str, keys: Iterable[str]) -> list[_Table]:
        rows = self._data.get(key, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self.refusal(key, f"must be a list of tables: [[{key}]].")
        return [_Table(row, keys, f"{key}[{number}] {_named(row)}") for number, row in enumerate(rows, 1)]


def _named(row: Mapping[str, Any]) -> str:
    return f"({row['name']}): " if isinstance(row.get("name"), str) else ": "


def _model(table: _Table) -> ModelSpec:
    slug = table.text("slug", _SLUG, "Norod78-SDXL-StickerSheet-Lora")
    if slug == "requests":
        raise table.refusal("slug", "must not be 'requests': the API has its requests at that address.")
    parameters = tuple(_parameter(each) for each in table.tables("parameters", PARAMETER_KEYS))
    _check_together(table, parameters)
    spec = ModelSpec(
        slug=slug,
        label=table.words("label"),
        parameters=parameters,
        trigger_word=table.get("trigger_word", str, "").strip(),
        suggested_negative=table.get("suggested_negative", str, "").strip(),
        prompt_tokens=table.get("prompt_tokens", int),
        price=table.get("price", str, "").strip(),
        typical_seconds=table.get("typical_seconds", float),
        offered=table.get("offered", bool, default=True),
        presets=tuple(_preset(each, parameters) for each in table.tables("presets", PRESET_KEYS)),
    )
    if (twice := _twice(preset.name for preset in spec.presets)) is not None:
        raise table.refusal("presets", f"name {twice!r} more than once.")
    return spec


def _check_together(table: _Table, parameters: tuple[Parameter, ...]) -> None:
    if (twice := _twice(each.field_name for each in parameters)) is not None:
        raise table.refusal("parameters", f"name {twice!r} more than once.")
    if (twice := _twice(each.role for each in parameters if each.role)) is not None:
        raise table.refusal("parameters", f"give role {str(twice)!r} more than once.")
    if not any(each.role is Role.PROMPT and each.required for each in parameters):
        raise table.refusal("parameters", "must hold one with role = 'prompt' and required = true.")


def _twice(names: Iterable[str]) -> str | None:
    return next((name for name, times in Counter(names).items() if times > 1), None)


def _parameter(table: _Table) -> Parameter:
    kind = _one_of(table, "kind", Kind)
    if kind is None:
        raise table.refusal("kind", f"is missing. Allowed are {', '.join(Kind)}.")
    name = table.text("name", _NAME, "guidance_scale")
    role = _one_of(table, "role", Role)
    choices, hints = _choices(table, kind)
    longest = table.get("max_length", int, None if kind is not Kind.TEXT or choices else _LONGEST_TEXT)
    parameter = Parameter(
        name=name,
        kind=kind,
        role=role,
        label=str(table.get("label", str, "")).strip() or name.replace("_", " ").capitalize(),
        default=_value(table, "default", kind, table.any("default")) if "default" in table else _no_value(kind, role),
        hint=table.get("hint", str, "").strip(),
        low=table.get("low", float),
        high=table.get("high", float),
        step=table.get("step", float),
        choices=choices,
        choice_hints=hints,
        max_length=longest,
        required=table.get("required", bool, default=False),
        priced=table.get("priced", bool, default=False),
    )
    _check_numbers(table, parameter)
    if role is not None:
        _check_role(table, parameter, role)
    if parameter.default not in (None, "") and (problem := parameter.problem(parameter.default)):
        raise table.refusal("default", f"cannot be sent: {problem}")
    return parameter


def _no_value(kind: Kind, role: Role | None) -> Any:
    """The default of a parameter whose file names none: a random seed, off, empty, or not sent at all."""
    if role is Role.SEED:
        return None
    return {Kind.SWITCH: False, Kind.TEXT: "" if role is Role.NEGATIVE else None}.get(kind)


def _one_of(table: _Table, key: str, names: type[Kind] | type[Role]) -> Any:
    word = table.get(key, str)
    if word is None:
        return None
    if word not in tuple(names):
        raise table.refusal(key, f"must be one of {', '.join(names)}, not {word!r}.")
    return names(word)


def _value(table: _Table, key: str, kind: Kind, value: Any) -> Any:
    if kind is Kind.NUMBER and type(value) is int:
        value = float(value)
    if type(value) is not kind.type:
        raise table.refusal(key, f"must be {_WORDS[kind.type]}, not {value!r}.")
    return value


def _choices(table: _Table, kind: Kind) -> tuple[tuple[Any, ...], dict[Any, str]]:
    given = table.any("choices") if "choices" in table else []
    if not isinstance(given, list) or ("choices" in table and not given):
        raise table.refusal("choices", "must be a list of values, or of { value = …, hint = … }.")
    if given and kind is Kind.SWITCH:
        raise table.refusal("choices", "are not for a switch.")
    values, hints = [], {}
    for number, each in enumerate(given, 1):
        row = _Table(
            each if isinstance(each, dict) else {"value": each}, CHOICE_KEYS, f"{table.where}choices[{number}] "
        )
        value = _value(row, "value", kind, row.any("value"))
        if value == "":
            raise row.refusal("value", "must say something.")
        values.append(value)
        if hint := row.get("hint", str, "").strip():
            hints[value] = hint
    if (twice := _twice(map(str, values))) is not None:
        raise table.refusal("choices", f"name {twice} more than once.")
    return tuple(values), hints


def _check_numbers(table: _Table, parameter: Parameter) -> None:
    for key in ("low", "high", "step"):
        if key in table and parameter.kind not in {Kind.WHOLE, Kind.NUMBER}:
            raise table.refusal(key, "is for numbers only.")
        if key in table and parameter.choices:
            raise table.refusal(key, "and choices exclude each other.")
    if parameter.low is not None and parameter.high is not None and not parameter.low <= parameter.high:
        raise table.refusal("low", f"must not be more than high: {parameter.low:g} > {parameter.high:g}.")
    if parameter.step is not None and not parameter.step > 0:
        raise table.refusal("step", "must be more than 0.")
    if parameter.max_length is not None and not (parameter.kind is Kind.TEXT and 0 < parameter.max_length <= 100_000):
        raise table.refusal("max_length", "must be from 1 to 100000, and is for text only.")


def _check_role(table: _Table, parameter: Parameter, role: Role) -> None:
    if parameter.kind is not _ROLE_KINDS[role]:
        raise table.refusal("kind", f"must be {_ROLE_KINDS[role]} for role = '{role}'.")
    if role in {Role.PROMPT, Role.NEGATIVE, Role.SEED} and parameter.choices:
        raise table.refusal("choices", f"are not for role = '{role}'.")
    if role not in _ROLE_LIMITS:
        return
    least, most = _ROLE_LIMITS[role]
    numbers: list[object] = [*parameter.choices] or [parameter.low, parameter.high]
    if not all(isinstance(number, int | float) and least <= number <= most for number in numbers):
        raise table.refusal("role", f"'{role}' needs choices, or low and high, from {least} to {most}.")
    if role is Role.SEED and (parameter.high or 0) < 1:
        raise table.refusal("high", "of a seed must be at least 1.")


def _preset(table: _Table, parameters: tuple[Parameter, ...]) -> Preset:
    advice = table.any("advice") if "advice" in table else {}
    if not isinstance(advice, dict):
        raise table.refusal("advice", "must be a table of parameters and their values.")
    known = {parameter.name: parameter for parameter in parameters}
    row = _Table(advice, known, f"{table.where}advice.")
    given = {name: _value(row, name, known[name].kind, value) for name, value in advice.items()}
    for name, value in given.items():
        if problem := known[name].problem(value):
            raise row.refusal(name, f"cannot be sent: {problem}")
    return Preset(
        name=table.text("name", _SLUG, "watercolour"),
        label=table.words("label"),
        prompt_suffix=table.words("prompt_suffix"),
        negative_prompt=str(table.get("negative_prompt", str, "")).strip(),
        advice=given,
    )
